/* Copies of executables that policy lets the caller read but not write, in one directory that is on the floor for reading. */
#ifndef NONO_ANNEX_H
#define NONO_ANNEX_H
#include <stdbool.h>
#include <stdint.h>

#include "path/resolve.h"

/* A descriptor of a copy of the executable `t`, or -1. `once` 0: its name stays, for the next time; otherwise it is for the call with this notification alone, and goes
 * with its last user. ANNEX_SLOWLY: it is being made, by process *copy; to be asked again when that has ended. */
enum { ANNEX_SLOWLY = -2 };
int annex_copy(const struct target *t, uint64_t once, pid_t *copy);
/* A child has ended. True when it was one of these; `still_waits` tells whether the call with a notification does. */
bool annex_ended(pid_t pid, bool well, bool (*still_waits)(const void *arg, uint64_t notification), const void *arg);
#endif
