/* What a call on names is about, as its caller wrote it: which argument is what, and what it says. */
#ifndef NONO_NAMES_READ_H
#define NONO_NAMES_READ_H
#include "names/names.h"

/* What must be true of the name for the call to get as far as the floor; otherwise the kernel has its own errno. */
enum expects { MUST_EXIST, MUST_BE_FREE, ANYTHING };

struct side {
	signed char dirfd, path; /* argument indexes; dirfd -1: the working directory */
	enum expects expects;
	uint32_t rights; /* on the directory above */
};

struct names_shape {
	int nr;
	uint16_t verb;
	signed char flags; /* argument index, or -1 */
	unsigned flags_known;
	struct side side[2];
	unsigned sides;
};

/* NULL: no call on names. */
const struct names_shape *names_shape_of(int nr);

/* What was read of one side before anything is looked up. */
struct written {
	int dirfd;
	char path[PLAN_MAX_PATH];
};

/* Reads what the call is about; false when the kernel should answer. */
bool names_read(const struct seccomp_notif *n, const struct names_shape *shape, struct name_call *c, struct written written[2]);
#endif
