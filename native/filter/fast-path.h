/* The fast path: calls that the floor decides completely, made by the preloaded library (preload/), go to the kernel without a stop at the supervisor. */
#ifndef NONO_FAST_PATH_H
#define NONO_FAST_PATH_H
#include "floor/floor.h"
#include "plan/plan.h"

/* The environment with the library preloaded, or NULL: the plan does not ask for the fast path, or something that it needs is missing here. Then every call is
 * trapped, which is slower and no less. */
char **fast_path_environment(const struct plan *plan, const struct floor *floor);
/* Is this what the loader of every program opens? */
bool fast_path_is_library(const char *path);
/* A descriptor of it where not everybody inside could open it themselves, else −1. */
int fast_path_open_library(void);
#endif
