/* The plan of a start that is like none before, made by nono-planner (native/planner/) in the time in which Node would boot. */
#ifndef NONO_PLANNER_RUN_H
#define NONO_PLANNER_RUN_H
#include "cache/cache_key.h"
#include "plan/plan_read.h"
#include "start/request.h"

/* True: a whole plan, checked as one of Node's would be, and what it rests on, both to be freed. False, whatever the reason: nothing happened, and Node makes it. `kind`: of the front. */
bool planner_run(const struct cache_key *key, const char *kind, struct request *request, struct plan_bytes *bytes);
#endif
