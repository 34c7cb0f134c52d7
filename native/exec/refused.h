/* Commands that the user refused (`commands.deny`, --block-command): by the name they are called by, and by the file that is executed in the end. A guard
 * against accidents, for every execve in the session: whoever copies the file, or reads it with another program, gets around it. */
#ifndef NONO_REFUSED_H
#define NONO_REFUSED_H
#include <stdbool.h>

#include "path/resolve.h"
#include "plan/plan.h"

/* Before the start. The plan must outlive it. */
bool refused_load(const struct plan *plan);
bool refused_any(void);
/* `called`: the path in the call or in a #! line, "" for none. `t`: what it resolved to, or NULL. */
bool refused_command(const char *called, const struct target *t);
#endif
