/* A plan as it comes from a descriptor. */
#ifndef NONO_PLAN_READ_H
#define NONO_PLAN_READ_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/plan.h"

/* The bytes of a plan and where to free them, for whoever keeps a copy. */
struct plan_bytes {
	uint8_t *data;
	size_t size;
};
/* Reads a whole plan from a descriptor (until end of file) and parses it. `kept`: gets the bytes, to be freed; may be NULL, and then they stay as long as `self` needs them. */
bool plan_read(int fd, const char *name, struct plan *plan, struct plan_bytes *kept, struct failure *f);
#endif
