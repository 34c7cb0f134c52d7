/* What a call on one object is about, as its caller wrote it: which argument is what, and what is to become of the object. */
#ifndef NONO_METADATA_READ_H
#define NONO_METADATA_READ_H
#include "metadata/metadata.h"

/* Where a call keeps its arguments: indexes, -1 for none. */
struct metadata_shape {
	int nr;
	uint16_t verb;
	signed char dirfd, path, flags; /* path -1: `dirfd` is the object */
	unsigned flags_known;
	bool follow; /* unless AT_SYMLINK_NOFOLLOW is among the flags */
	/* Fills what is to become of the object. 0, a negative errno, or NOTHING_TO_DO. */
	int (*read)(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c);
	signed char first; /* index of the first argument after the object */
};

enum { NOTHING_TO_DO = 1 };

/* NULL: no such call. */
const struct metadata_shape *metadata_shape_of(int nr);
#endif
