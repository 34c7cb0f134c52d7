/* A path walked as the calling thread would walk it, with the errno it would get. Unlike resolve.c, which may leave what is odd to the kernel, nothing is
 * left over here: calls that Landlock does not decide (chmod and its kin) may never CONTINUE. Magic links of /proc lead where they lead for the caller. */
#ifndef NONO_WALK_H
#define NONO_WALK_H
#include <stdbool.h>
#include <sys/types.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "path/resolve.h"

/* The caller of one notification; what is expensive to learn is learnt once, when it is needed. */
struct calling {
	pid_t tid;
	bool known; /* `status` is filled */
	struct caller_status status;
};
bool calling_status(struct calling *c);
/* Acts as the caller until caller_identity_restore. False: impossible; nothing was taken. */
bool calling_identity_take(struct calling *c);
/* Nothing has to be taken. */
bool calling_is_us(struct calling *c);

/* The directory that `dirfd` or AT_FDCWD names for the caller, opened O_PATH; or a negative errno. AT_FDCWD for an absolute path. */
int walk_base(const struct calling *c, int dirfd, const char *path);
/* Opens the object of `path` (O_PATH) into t->object, and fills t->st. 0, or the negative errno that the caller's own walk would end with. */
int walk_object(struct calling *c, int base, const char *path, bool follow, struct target *t);
/* The same for the directory above the last component, which is copied to `leaf` with its trailing slash, if any. -EINVAL for ".", ".." and "/". */
int walk_parent(struct calling *c, int base, const char *path, int *parent, char leaf[258]);

/* Of a target that was resolved without the caller's identity, which is taken now: does the caller's own path lead there, through directories that it may search? The real path
 * alone would not tell of "closed/..", nor of what is looked up in a closed directory on the way. */
bool walk_reaches(int base, const struct path_request *r, const struct target *t);

/* Fills t->real when the object has a path that leads to it and to nothing else, by the supervisor's own view; false otherwise. */
bool walk_named(struct target *t);
#endif
