/* Paths without links, walked once from the supervisor's root by their real path. What such a walk opens needs no confirmation afterwards: it is one
 * (resolve_confirms does the same walk). Everything else is left to resolve.c and walk.c. */
#ifndef NONO_STRAIGHT_H
#define NONO_STRAIGHT_H
#include <stdbool.h>
#include <sys/types.h>

#include "path/resolve.h"

/* Only for a caller that is who this process is (identity_same): it is the walk that the caller would make.
 * RESOLVED: the object, no symlink; RESOLVED_PARENT: a free name; `walked` is set with both. RESOLVE_KERNEL: not this way.
 * `creates` says which of the two is to be expected, and changes the order of the looks only. */
enum resolve_status straight_target(pid_t tid, int dirfd, const char *path, bool creates, struct target *t);
/* The directory above the last component, open, or -1, and what it is in `st`; the component in `leaf`, its whole path in `real`. */
int straight_parent(pid_t tid, int dirfd, const char *path, char leaf[256], char real[PLAN_MAX_PATH], struct stat *st);
#endif
