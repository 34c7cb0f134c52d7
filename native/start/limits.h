/* Resource limits of a session: a cgroup (v2) of its own where the user was delegated one, resource limits of each process otherwise. */
#ifndef NONO_LIMITS_H
#define NONO_LIMITS_H
#include <stdbool.h>
#include <stdint.h>

#include "plan/plan.h"

struct limits {
	const struct plan_limits *wanted;
	int procs_fd;      /* cgroup.procs of the session's cgroup; -1 without one */
	char cgroup[4096]; /* its directory; empty without one */
	uint64_t processes; /* RLIMIT_NPROC to set; 0: none */
	char notice[512];  /* what holds, and how; empty when nothing was asked for */
};

/* Before any fork: chooses and makes the cgroup. False when something asked for cannot be held and the plan does not allow that. */
bool limits_prepare(const struct plan *plan, struct limits *l, struct failure *f);
/* In the child, before it is confined. Hard and soft limits become the same, so none can be raised again. */
bool limits_enter(const struct limits *l, struct failure *f);
/* After everything inside has ended. */
void limits_remove(const struct limits *l);
#endif
