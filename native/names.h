/* Creation, removal and renaming where policy allows them and the floor does not: inside carved directories, and under approved trees. */
#ifndef NONO_NAMES_H
#define NONO_NAMES_H
#include "supervisor.h"

/* One path argument of a call that works on names: the directory it is in, open, and the name. */
struct name {
	struct target t;   /* parent, leaf and real are set; st when `exists`; never an object */
	bool exists;
	bool slash;        /* written with a trailing slash: the name must be a directory's */
	bool on_floor;     /* the floor grants this side of the call */
};

/* Resolves the directory as the caller; false when the kernel should answer (missing directory, /proc, an odd last component). */
bool name_resolve(pid_t tid, int dirfd, const char *path, struct name *n);
void name_close(struct name *n);
/* Performs the call and answers it. The decision for every side was ALLOW. False when it cannot be performed safely; nothing was answered then. */
bool names_perform(struct supervisor *s, const struct seccomp_notif *call, uint16_t verb, struct name *names);
#endif
