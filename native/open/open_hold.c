/* An open that waits for a verdict: the descriptors it was decided on are kept, so that what was shown is what will be opened. */
#include "loop/supervisor.h"

#include <stdlib.h>

struct held_open {
	struct open_call call;
	struct target target;
	uint8_t access, reason;
};

static struct decision decide(const struct supervisor *s, const void *call)
{
	const struct held_open *o = call;
	return rules_decide(&s->rules, o->target.real, o->access);
}

static bool announce(struct supervisor *s, uint64_t hold_id, const void *call)
{
	const struct held_open *o = call;
	struct access_record r;
	struct record_names names;
	fill_record(&r, &names, o->call.tid, o->call.verb, o->access, o->reason, NO_RULE, object_kind(&o->target), o->target.real);
	return wire_held(&s->wire, hold_id, &r);
}

static unsigned paths(const void *call, const char *path[2])
{
	path[0] = ((const struct held_open *)call)->target.real;
	return 1;
}

static enum performed perform(struct supervisor *s, void *call)
{
	struct held_open *o = call;
	return broker_perform(s, &o->call, &o->target);
}

static void discard(void *call)
{
	struct held_open *o = call;
	target_close(&o->target);
	free(o);
}

static const struct held_kind opens = {.decide = decide, .announce = announce, .paths = paths, .perform = perform, .discard = discard};

bool open_hold(struct supervisor *s, const struct open_call *call, struct target *t, uint8_t access, uint8_t reason)
{
	struct held_open *o = malloc(sizeof *o);
	if (o == NULL)
		return false;
	*o = (struct held_open){.call = *call, .target = *t, .access = access, .reason = reason};
	o->target.walked = false; /* that was before the wait */
	if (!held_add(s, &opens, o, call->id, call->tid, held_subject(call->verb, access, t->real))) {
		free(o); /* the descriptors are still in `t` */
		return false;
	}
	t->object = t->parent = -1;
	return true;
}
