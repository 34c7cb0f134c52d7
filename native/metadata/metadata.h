/* Calls on one object that are not opens: chmod, chown, utime, xattr and inode flags, by path and by descriptor; and truncate. Landlock does not decide metadata, so
 * these calls never CONTINUE: every one is decided as a write to the object, and performed on the object that was decided on. */
#ifndef NONO_METADATA_H
#define NONO_METADATA_H
#include <linux/fs.h>
#include <time.h>

#include "loop/supervisor.h"
#include "path/walk.h"

enum { XATTR_NAME_SIZE = 256, XATTR_VALUE_MAX = 65536 };

struct object_call {
	uint64_t id;
	struct calling calling;
	int nr;
	uint16_t verb;
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
	bool past_limit; /* not performed, because the caller may make no file as long: it gets SIGXFSZ with the errno */
	void *value;
	size_t size;
	int flags;
	unsigned command;
	struct fsxattr fsx;
	/* Large, and written before they are read: not cleared for each call. */
	struct target t; /* the object, O_PATH; t.real when `named` */
	char name[XATTR_NAME_SIZE];
};

void metadata_call(struct supervisor *s, const struct seccomp_notif *n);
/* Performs it as the caller (metadata_perform.c). 0, a negative errno, or METADATA_SLOWLY: a lease is in the way, a worker must wait for it. */
enum { METADATA_SLOWLY = 1 };
int metadata_perform(const struct supervisor *s, struct object_call *c);
/* In a process that may block. Who is past its limit has to be told after that. */
int metadata_perform_blocking(struct object_call *c);
/* As the kernel tells who writes past its limit. The thread is pinned first, and then asked for: if its call waits still, the descriptor is the caller's, whoever has the
 * number when the signal is sent. */
void metadata_tell_of_limit(const struct supervisor *s, uint64_t id, pid_t tid);
/* Ids as the caller wrote them, in its user namespace, to ours; false: not mapped. */
bool metadata_map_ids(struct object_call *c);
#endif
