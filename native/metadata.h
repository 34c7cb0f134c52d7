/* Calls on one object that are not opens: chmod, chown, utime, xattr and inode flags, by path and by descriptor; and truncate. Landlock does not decide metadata, so
 * these calls never CONTINUE: every one is decided as a write to the object, and performed on the object that was decided on. */
#ifndef NONO_METADATA_H
#define NONO_METADATA_H
#include <linux/fs.h>
#include <time.h>

#include "supervisor.h"
#include "walk.h"

enum { XATTR_NAME_SIZE = 256, XATTR_VALUE_MAX = 65536 };

struct object_call {
	uint64_t id;
	struct calling calling;
	int nr;
	uint16_t verb;
	struct target t; /* the object, O_PATH; t.real when `named` */
	int file;        /* a duplicate of the caller's own descriptor, where the call takes one; else -1 */
	bool named;      /* a path leads to the object */
	bool writable;   /* not named, but the caller holds it open for writing */
	/* what is to become of it */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	bool times_given;
	struct timespec times[2];
	off_t length;
	char name[XATTR_NAME_SIZE];
	void *value;
	size_t size;
	int flags;
	unsigned command;
	struct fsxattr fsx;
};

void metadata_call(struct supervisor *s, const struct seccomp_notif *n);
/* Performs it as the caller (metadata_perform.c). 0, a negative errno, or METADATA_SLOWLY: a lease is in the way, a worker must wait for it. */
enum { METADATA_SLOWLY = 1 };
int metadata_perform(const struct supervisor *s, struct object_call *c);
/* Only after METADATA_SLOWLY, in a process that may block. */
int metadata_perform_blocking(const struct supervisor *s, struct object_call *c);
/* Ids as the caller wrote them, in its user namespace, to ours; false: not mapped. */
bool metadata_map_ids(struct object_call *c);
#endif
