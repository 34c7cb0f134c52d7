/* Whether a caller is who this process is, remembered per thread: reading /proc/TID/status and the link of its user namespace costs as much as three opens. */
#ifndef NONO_IDENTITY_H
#define NONO_IDENTITY_H
#include <stdbool.h>
#include <sys/types.h>

#include "caller/caller.h"
#include "loop/supervisor.h"

/* True when this process may take other identities; only then are the calls trapped by which a caller gets another one (PLAN_CREDENTIALS). */
bool identity_privileged(void);
/* At the begin of a turn of the loop, before the next call is received. */
void identity_begin(void);
/* True when nothing has to be taken to act as the caller: its file-system ids, groups, file capabilities and user namespace are this process's. */
bool identity_same(pid_t tid);
/* The same; what had to be read for the answer is left in `status`, and `known` says whether anything was. */
bool identity_same_or_read(pid_t tid, struct caller_status *status, bool *known);
/* Handles setuid and its kin, capset, unshare and setns. */
void identity_call(struct supervisor *s, const struct seccomp_notif *n);
/* The thread is about to execute a program. */
void identity_executes(pid_t tid);
#endif
