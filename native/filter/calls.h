/* The calls that the filter sends to the supervisor, and who answers them: one table, from which filter_arguments.c builds its list and supervise.c dispatches. */
#ifndef NONO_CALLS_H
#define NONO_CALLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop/supervisor.h"

enum { PLAN_CREDENTIALS = 1 << 29 }; /* in `only`: when the supervisor may take other identities (identity.c); no flag of a plan */
enum { PLAN_NEVER = 1 << 30 }; /* in `only`: not by number alone; filter_arguments.c looks at the arguments first */

/* Trapped when any of the tests holds, on the low 32 bits of an argument; else the call is answered by its number (call_table.c). The filter only sorts out
 * what need not be asked: a handler looks again. */
struct call_condition {
	int nr;
	unsigned count;
	struct {
		uint8_t arg;
		bool equal;
		uint32_t value;
	} any[4];
};

struct trapped_call {
	int nr;
	uint32_t unless, only; /* OPTIONS flags (plan.h): trapped when none of `unless` and all of `only` are set */
	void (*handle)(struct supervisor *s, const struct seccomp_notif *n);
};

extern const struct trapped_call trapped_calls[];
extern const size_t trapped_call_count;

/* NULL: trapped whatever its arguments are. */
const struct call_condition *trapped_when(int nr);
/* NULL for a call that is in no row: then the answer is EACCES. */
const struct trapped_call *trapped_call(int nr);
#endif
