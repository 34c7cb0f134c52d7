/* The calls that the filter sends to the supervisor, and who answers them: one table, from which filter.c builds its list and supervise.c dispatches. */
#ifndef NONO_CALLS_H
#define NONO_CALLS_H
#include <stddef.h>
#include <stdint.h>

#include "supervisor.h"

struct trapped_call {
	int nr;
	uint32_t unless, only; /* OPTIONS flags (plan.h): trapped when none of `unless` and all of `only` are set */
	void (*handle)(struct supervisor *s, const struct seccomp_notif *n);
};

extern const struct trapped_call trapped_calls[];
extern const size_t trapped_call_count;

/* NULL for a call that is in no row: then the answer is EACCES. */
const struct trapped_call *trapped_call(int nr);
#endif
