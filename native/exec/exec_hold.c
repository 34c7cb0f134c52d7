#include "exec/exec_hold.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "caller/caller.h"
#include "loop/work.h"

/* --- for a verdict -------------------------------------------------------------------------------------------------------------------------------- */

static struct decision held_decide(const struct supervisor *s, const void *call)
{
	return rules_decide(&s->rules, ((const struct exec_call *)call)->asked.real, ACCESS_READ);
}

static bool held_announce(struct supervisor *s, uint64_t hold_id, const void *call)
{
	const struct exec_call *c = call;
	struct access_record r;
	struct record_names names;
	fill_record(&r, &names, c->tid, c->verb, ACCESS_READ, c->reason, NO_RULE, object_kind(&c->asked), c->asked.real);
	return wire_held(&s->wire, hold_id, &r);
}

static unsigned held_paths(const void *call, const char *path[2])
{
	path[0] = ((const struct exec_call *)call)->asked.real;
	return 1;
}

bool exec_approved(const struct exec_call *c, const struct stat *program)
{
	for (unsigned i = 0; i < c->approved_count; i++) {
		const struct approved *a = &c->approved[i];
		if (a->dev == program->st_dev && a->ino == program->st_ino && a->changed.tv_sec == program->st_ctim.tv_sec && a->changed.tv_nsec == program->st_ctim.tv_nsec)
			return true;
	}
	return false;
}

/* Kept while the next one is asked about: without it, each yes would be forgotten with the next, and the questions went round for ever. */
static bool approve(struct exec_call *c)
{
	struct stat now; /* and not as it was when it was shown: the very file, held open since */
	if (c->approved_count == MAX_INTERPRETERS + 1 || fstat(c->asked.object, &now) != 0)
		return false;
	c->approved[c->approved_count++] = (struct approved){.dev = now.st_dev, .ino = now.st_ino, .changed = now.st_ctim};
	return true;
}

static enum performed held_perform(struct supervisor *s, void *call)
{
	struct exec_call *c = call;
	if (!caller_still_waits(s, c->id))
		return PERFORM_FAILED;
	if (!resolve_confirms(c->asked.real, &c->asked.st))
		return PERFORM_CHANGED;
	/* By a rule it is allowed as long as that is there. */
	if (!held_decide(s, c).allow && !approve(c))
		return PERFORM_CHANGED;
	return exec_perform(s, c);
}

static void held_discard(void *call)
{
	target_close(&((struct exec_call *)call)->asked);
	free(call);
}

static const struct held_kind held_exec = {.decide = held_decide, .announce = held_announce, .paths = held_paths, .perform = held_perform, .discard = held_discard, .executes = true};

bool exec_hold(struct supervisor *s, const struct exec_call *c, struct target *t, uint8_t reason)
{
	struct exec_call *kept = malloc(sizeof *kept);
	if (kept == NULL)
		return false;
	*kept = *c;
	kept->asked = *t;
	kept->reason = reason;
	if (!held_add(s, &held_exec, kept, c->id, c->tid, held_subject(c->verb, ACCESS_READ, t->real))) {
		free(kept);
		return false;
	}
	t->object = t->parent = -1;
	return true;
}

/* --- for a copy ------------------------------------------------------------------------------------------------------------------------------------ */

/* So often a call waits for a copy, its own or one of those that were begun before; what changes all the time is never copied. */
enum { ROUNDS = 32 };

struct waiting {
	struct waiting *next;
	pid_t pid; /* the process that stands for it */
	struct exec_call call;
};

static struct waiting *waiting;

bool exec_wait(struct supervisor *s, const struct exec_call *c)
{
	struct waiting *w = c->rounds < ROUNDS ? malloc(sizeof *w) : NULL;
	pid_t pid = w != NULL ? work_wait(c->copy) : -1;
	if (pid <= 0) {
		free(w);
		return false;
	}
	*w = (struct waiting){.next = waiting, .pid = pid, .call = *c};
	w->call.rounds++;
	w->call.asked.object = w->call.asked.parent = -1; /* those are the held call's */
	waiting = w;
	held_add_worker(s, c->id, c->tid, pid);
	return true;
}

bool exec_waited(struct supervisor *s, pid_t pid)
{
	for (struct waiting **link = &waiting; *link != NULL; link = &(*link)->next) {
		struct waiting *w = *link;
		if (w->pid != pid)
			continue;
		*link = w->next;
		if (held_worker_ended(s, pid) && caller_still_waits(s, w->call.id))
			exec_perform(s, &w->call);
		free(w);
		return true;
	}
	return false;
}
