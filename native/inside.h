/* All processes inside the session: everything that descends from this one. It is their subreaper, so none can leave. */
#ifndef NONO_INSIDE_H
#define NONO_INSIDE_H
#include <stdbool.h>
#include <sys/types.h>

/* Sends a signal to every descendant. */
void inside_signal(int sig);
/* Kills and reaps until no child is left. */
void inside_kill_all(void);
/* True when all that is left inside was killed and only waits for a file system to let it go; it never runs again. */
bool inside_doomed(void);
bool inside_empty(void);
#endif
