/* An execve that waits: for a verdict, or for a copy of what it executes. */
#ifndef NONO_EXEC_HOLD_H
#define NONO_EXEC_HOLD_H
#include "exec/exec.h"

/* Keeps the call until a person has decided on the program `t`, of which it takes the descriptors when true. */
bool exec_hold(struct supervisor *s, const struct exec_call *c, struct target *t, uint8_t reason);
/* Keeps it until c->copy has ended. False: it has waited too often, or cannot. */
bool exec_wait(struct supervisor *s, const struct exec_call *c);

/* Has somebody said yes to this program, for this call, as it is now? */
bool exec_approved(const struct exec_call *c, const struct stat *program);

/* --- exec.c, for a call that has waited --- */
enum performed exec_perform(struct supervisor *s, struct exec_call *c);
#endif
