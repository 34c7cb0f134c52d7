/* Reads /proc with the supervisor's privileges. A number may change hands after a look: who acts on a process found here pins it before. */
#include "lineage.h"

#include <stdint.h>
#include <unistd.h>

#include "caller.h"

/* Of a longer line only the lower part is remembered, and that is found the next time. LONGEST: half a second. */
enum { KNOWN = 32768, REMEMBERED = 4096, LONGEST = 1 << 16 };

struct ancestor {
	pid_t pid; /* 0: none */
	bool in_session;
	uint64_t start; /* a number is another process's when this differs */
};

static struct ancestor known[KNOWN];

static struct ancestor *place_of(pid_t pid)
{
	return &known[(unsigned)pid % KNOWN];
}

/* Follows the parents. NOT_TOLD: one went away, or its number changed hands meanwhile; it is not remembered. */
enum told { OUTSIDE, INSIDE, NOT_TOLD };
static enum told follow(pid_t pid, unsigned *left, struct ancestor way[REMEMBERED], unsigned *steps)
{
	const pid_t self = getpid();
	uint64_t below = UINT64_MAX;
	while (*left > 0) {
		struct ancestor a = {.pid = pid};
		pid_t parent;
		if (pid == 1)
			return OUTSIDE;
		if (pid <= 0 || caller_is_worker(pid))
			return *steps > 0 ? NOT_TOLD : OUTSIDE;
		--*left;
		/* No parent is younger than its child: whoever is has been given the number of one that ended. */
		if (!caller_origin(pid, &parent, &a.start) || a.start > below)
			return NOT_TOLD;
		const struct ancestor *seen = place_of(pid);
		if (seen->pid == pid && seen->start == a.start)
			return seen->in_session ? INSIDE : OUTSIDE;
		if (*steps < REMEMBERED)
			way[(*steps)++] = a;
		if (parent == self)
			return INSIDE;
		below = a.start;
		pid = parent;
	}
	return NOT_TOLD;
}

bool lineage_in_session_within(pid_t pid, unsigned *left)
{
	static struct ancestor way[REMEMBERED]; /* large; one thread */
	unsigned steps = 0;
	enum told told = follow(pid, left, way, &steps);
	while (told != NOT_TOLD && steps > 0) {
		way[--steps].in_session = told == INSIDE;
		*place_of(way[steps].pid) = way[steps];
	}
	return told == INSIDE;
}

bool lineage_in_session(pid_t pid)
{
	unsigned left = LONGEST;
	return lineage_in_session_within(pid, &left);
}
