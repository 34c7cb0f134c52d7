/* Reads /proc with the supervisor's privileges. A number may change hands after a look: who acts on a process found here pins it before. */
#include "caller/lineage.h"

#include <stdint.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/process_table.h"

/* Half a second. */
enum { LONGEST = 1 << 16 };

static struct process_known known[PROCESS_TABLE];

/* Follows the parents. NOT_TOLD: one went away, or its number changed hands meanwhile; it is not remembered. */
enum told { OUTSIDE, INSIDE, NOT_TOLD };
static enum told follow(pid_t pid, unsigned *left, struct process_way *way)
{
	const pid_t self = getpid();
	uint64_t below = UINT64_MAX;
	while (*left > 0) {
		pid_t parent;
		uint64_t start;
		if (pid == 1)
			return OUTSIDE;
		if (pid <= 0 || caller_is_worker(pid))
			return way->steps > 0 ? NOT_TOLD : OUTSIDE;
		--*left;
		/* No parent is younger than its child: whoever is has been given the number of one that ended. */
		if (!caller_origin(pid, &parent, &start) || start > below)
			return NOT_TOLD;
		const struct process_known *seen = process_known(known, pid, start);
		if (seen != NULL)
			return seen->answer ? INSIDE : OUTSIDE;
		process_step(way, pid, start);
		if (parent == self)
			return INSIDE;
		below = start;
		pid = parent;
	}
	return NOT_TOLD;
}

bool lineage_in_session_within(pid_t pid, unsigned *left)
{
	static struct process_way way; /* large; one thread */
	way.steps = 0;
	enum told told = follow(pid, left, &way);
	if (told != NOT_TOLD)
		process_learn(known, &way, told == INSIDE);
	return told == INSIDE;
}

bool lineage_in_session(pid_t pid)
{
	unsigned left = LONGEST;
	return lineage_in_session_within(pid, &left);
}

void lineage_outside(pid_t pid)
{
	static struct process_way way; /* large; one thread */
	way.steps = 0;
	process_step(&way, pid, caller_start_time(pid));
	process_learn(known, &way, false);
}
