/* The look at the path (slow.c) was answered, and this may still take as long as the server likes. On an object that was resolved and decided on, so nothing that others
 * do meanwhile changes what it is done to. (Calls on names are not made here: who decides on one must be the only one that changes any, names_perform.c.)
 *
 * The process may sleep on when the session is over, where not even SIGKILL ends the sleep: it holds the object and nothing of the supervisor. What became of it is its
 * exit code. */
#include "metadata/metadata_slow.h"

#include <errno.h>

#include "loop/work.h"

/* PAST_LIMIT is no errno. */
enum { MAX_SLOW = 64, PAST_LIMIT = 254, LARGEST_CODE = 253 };

static struct {
	pid_t pid; /* 0: free */
	pid_t tid; /* of the caller */
	uint64_t call;
} slow[MAX_SLOW];

static const struct object_call *performed;

static int perform(void *arg)
{
	(void)arg;
	struct object_call call = *performed;
	int err = -metadata_perform_blocking(&call);
	return call.past_limit ? PAST_LIMIT : err <= LARGEST_CODE ? err : EIO;
}

enum performed metadata_begin_slowly(struct supervisor *s, const struct object_call *c)
{
	unsigned at = 0;
	while (at < MAX_SLOW && slow[at].pid != 0)
		at++;
	performed = c;
	pid_t pid = at < MAX_SLOW ? work_start(perform, NULL, (int[2]){c->t.object, c->file >= 0 ? c->file : c->t.object}) : -1;
	if (pid <= 0) {
		answer_error(s, c->id, EIO); /* so many wait for a server already */
		return PERFORM_FAILED;
	}
	slow[at].pid = pid;
	slow[at].tid = c->calling.tid;
	slow[at].call = c->id;
	held_add_worker(s, c->id, c->calling.tid, pid);
	return PERFORMED;
}

bool metadata_ended(struct supervisor *s, pid_t pid, int code)
{
	for (unsigned i = 0; i < MAX_SLOW; i++) {
		if (slow[i].pid != pid)
			continue;
		uint64_t call = slow[i].call;
		slow[i].pid = 0;
		if (!held_worker_ended(s, pid))
			return true; /* its caller was answered when a signal came, or is gone */
		if (code == PAST_LIMIT)
			metadata_tell_of_limit(s, call, slow[i].tid); /* which the process could not: it has no listener to ask whether the call waits still */
		if (code == 0)
			answer_value(s, call, 0);
		else
			answer_error(s, call, code == PAST_LIMIT ? EFBIG : code > 0 ? code : EIO);
		return true;
	}
	return false;
}
