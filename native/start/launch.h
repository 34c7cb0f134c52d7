/* One start, from the launcher's words to the end of what it started. */
#ifndef NONO_LAUNCH_H
#define NONO_LAUNCH_H
#include "cache/cache.h"
#include "loop/supervisor.h"
#include "start/front.h"
#include "start/limits.h"

struct launch {
	const char *plan_path;
	const char *plan_digest; /* of what its writer wrote there; NULL: nobody else can write there */
	int plan_fd, events_fd;
	bool notices, unlink_plan, probe, session;
	bool waits; /* started before its host: the command comes with the plan */
	struct front front;
	struct cache_key key; /* of such a start */
	bool remembered; /* its plan is a cached one, and parsed */
	const char *about; /* of its policy, for the host */
	struct request request;
	struct plan plan;
	struct plan_bytes bytes; /* of a plan that may be kept */
	char **command;
};

/* --- launch_plan.c --- */
/* `--front`: the launcher was started before its host, which is started here. Only the launcher comes back. False: other words. */
bool launch_front(int argc, char **argv, struct launch *o);
/* Has the plan, and the command with it where the launcher waits for both. */
bool launch_load_plan(struct launch *o, struct failure *f);
/* For the next start of the same. */
void launch_keep_plan(struct launch *o);

/* --- guardian.c --- */
/* Starts the supervisor and stays until nothing inside lives on; the exit code, or -1 with `f` when it could not be started. */
int guardian_run(struct launch *o, const struct limits *limits, const struct floor *floor, const char *program, struct failure *f);
#endif
