/* The file mode creation mask of a caller, remembered per thread: only /proc/TID/status tells it, and reading that costs as much as three opens. */
#ifndef NONO_MASKS_H
#define NONO_MASKS_H
#include <stdbool.h>
#include <sys/types.h>

#include "loop/supervisor.h"
#include "path/walk.h"

/* The mask of a thread that is blocked in a call. False: it cannot be read. */
bool mask_of(struct calling *c, mode_t *mask);
/* Handles umask(2). */
void masks_call(struct supervisor *s, const struct seccomp_notif *n);
/* The thread is about to execute a program. */
void masks_execute(pid_t tid);
#endif
