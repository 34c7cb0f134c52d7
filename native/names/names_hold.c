#include "names/names_hold.h"

#include <errno.h>
#include <stdlib.h>

#include "loop/work.h"
#include "names/moves.h"
#include "names/names_decide.h"
#include "names/names_lookup.h"

enum { ROUNDS = 8 }; /* looks through what is moved: who keeps making names in it waits for no more */

static void keep_sides(struct name_call *c)
{
	for (unsigned i = 0; i < 2; i++)
		c->side[i].parent = c->side[i].object = -1;
}

/* --- waiting for a look through what is moved ---------------------------------------------------------------------------------------------------------- */

struct waiting {
	struct waiting *next;
	pid_t pid; /* the process that stands for it */
	bool verdict;
	struct name_call call;
};

static struct waiting *waiting;

bool names_wait(struct supervisor *s, struct name_call *c, pid_t work, bool verdict)
{
	struct waiting *w = c->rounds < ROUNDS ? malloc(sizeof *w) : NULL;
	pid_t pid = w != NULL ? work_wait(work) : -1;
	if (pid <= 0) {
		free(w);
		return false;
	}
	*w = (struct waiting){.next = waiting, .pid = pid, .verdict = verdict, .call = *c};
	w->call.rounds++;
	waiting = w;
	keep_sides(c);
	held_add_worker(s, w->call.id, w->call.calling.tid, pid);
	return true;
}

/* --- held ------------------------------------------------------------------------------------------------------------------------------------- */

static struct decision held_decide(const struct supervisor *s, const void *call)
{
	unsigned which = 0;
	struct decision d = names_decide(s, call, &which);
	/* A rule that came meanwhile may lie below a side. What lies below otherwise is looked at again when it is performed: this is asked of every held call. */
	if (names_refused(s, call, NULL) != 0)
		d = (struct decision){.allow = false, .reason = REASON_RULE, .rule_id = NO_RULE};
	return d;
}

static bool held_announce(struct supervisor *s, uint64_t hold_id, const void *call)
{
	struct access_record r;
	struct record_names names;
	unsigned which = 0;
	struct decision d = names_decide(s, call, &which);
	names_describe(s, call, &r, &names, d, which);
	return wire_held(&s->wire, hold_id, &r);
}

static unsigned held_paths(const void *call, const char *path[2])
{
	const struct name_call *c = call;
	unsigned count = 0;
	for (unsigned i = 0; i < c->sides; i++)
		if (c->side[i].real[0] != 0) /* a file without a name that the caller holds */
			path[count++] = c->side[i].real;
	return count;
}

static enum performed held_perform(struct supervisor *s, void *call)
{
	struct name_call *c = call;
	if (!caller_still_waits(s, c->id))
		return PERFORM_FAILED;
	if (narrowed_contains(s, c->calling.tid) || !names_unchanged(c))
		return PERFORM_CHANGED;
	c->calling.known = false; /* its umask and identity are those of now */
	pid_t work;
	int refused = names_refused(s, c, &work);
	if (refused == MOVES_SLOWLY && names_wait(s, c, work, true))
		return PERFORMED;
	return refused == 0 ? names_answer(s, c) : PERFORM_CHANGED;
}

static void held_discard(void *call)
{
	names_close(call);
	free(call);
}

static const struct held_kind held_names = {.decide = held_decide, .announce = held_announce, .paths = held_paths, .perform = held_perform, .discard = held_discard};

bool names_hold(struct supervisor *s, struct name_call *c)
{
	struct name_call *kept = malloc(sizeof *kept);
	if (kept == NULL)
		return false;
	*kept = *c;
	const char *other = c->sides == 2 ? c->side[1].real : "";
	if (!held_add(s, &held_names, kept, c->id, c->calling.tid, held_subject_of_two(c->verb, names_access(c), c->side[0].real, other))) {
		free(kept); /* the descriptors are still in `c` */
		return false;
	}
	keep_sides(c);
	return true;
}

bool names_waited(struct supervisor *s, pid_t pid)
{
	for (struct waiting **link = &waiting; *link != NULL; link = &(*link)->next) {
		struct waiting *w = *link;
		if (w->pid != pid)
			continue;
		*link = w->next;
		struct name_call *c = &w->call;
		bool waits = held_worker_ended(s, pid) && caller_still_waits(s, c->id);
		c->calling.known = false;
		if (waits && !w->verdict && names_unchanged(c))
			names_decide_and_act(s, c, names_shape_of(c->nr));
		else if (waits && (!w->verdict || held_perform(s, c) == PERFORM_CHANGED))
			answer_error(s, c->id, EACCES); /* somebody keeps swapping what is moved */
		names_close(c);
		free(w);
		return true;
	}
	return false;
}
