/* Copies of executables that policy lets the caller read but not write, in one directory that is on the floor for reading. */
#ifndef NONO_ANNEX_H
#define NONO_ANNEX_H
#include <stdbool.h>

#include "resolve.h"

/* A descriptor of a copy of the executable `t`, or -1. `keep`: its name stays, for the next time; otherwise it goes with its last user. */
int annex_copy(const struct target *t, bool keep);
#endif
