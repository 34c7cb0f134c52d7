/* What the sandboxed child does between fork and execve, and what `wrap` does in place. */
#ifndef NONO_CHILD_H
#define NONO_CHILD_H
#include "floor/floor.h"
#include "plan/plan.h"
#include "start/limits.h"

/* Finds the program as execvp would, with the child's own PATH, before anything is confined. `out` holds PLAN_MAX_PATH bytes. */
bool child_find_program(const struct plan *plan, const char *name, char *out, struct failure *f);
/* Every signal as a program finds it by default, and none blocked: what the command inherits does not depend on who starts it. */
void child_default_signals(void);
/* In the child, never returns: confines itself, hands the listener to the supervisor over `sock`, executes. A failure is written to `sock` instead.
 * `fast_env`: the environment with the fast path's library, NULL without one. */
_Noreturn void child_run(const struct plan *plan, const struct limits *limits, const struct floor *floor, const char *program, char *const argv[], char *const *fast_env, int sock);
/* Reads what child_run sent: true with *listener (−1: an outer session listens) or false with `f`. */
bool child_receive(pid_t child, int sock, int *listener, bool *wait_killable, struct failure *f);
/* It waits, confined, and executes now. Where the socket is closed instead, it never does. */
void child_go(int sock);
/* `wrap`: confines the calling process and executes; returns only on failure. */
void child_wrap(const struct plan *plan, const struct limits *limits, const struct floor *floor, const char *program, char *const argv[], struct failure *f);
#endif
