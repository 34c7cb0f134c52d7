#include "metadata/metadata_hold.h"

#include <stdlib.h>
#include <string.h>

#include "metadata/metadata_object.h"

static struct decision held_decide(const struct supervisor *s, const void *call)
{
	return metadata_decide(s, call);
}

static bool held_announce(struct supervisor *s, uint64_t hold_id, const void *call)
{
	const struct object_call *c = call;
	struct access_record r;
	struct record_names names;
	struct decision d = metadata_decide(s, c);
	fill_record(&r, &names, c->calling.tid, c->verb, ACCESS_WRITE, d.reason, NO_RULE, object_kind(&c->t), c->t.real);
	return wire_held(&s->wire, hold_id, &r);
}

static unsigned held_paths(const void *call, const char *path[2])
{
	path[0] = ((const struct object_call *)call)->t.real;
	return 1;
}

static enum performed held_perform(struct supervisor *s, void *call)
{
	struct object_call *c = call;
	if (!caller_still_waits(s, c->id))
		return PERFORM_FAILED;
	if (metadata_own_domain_decides(s, c) || !resolve_confirms(c->t.real, &c->t.st))
		return PERFORM_CHANGED;
	c->calling.known = false;
	return metadata_answer(s, c);
}

static void held_discard(void *call)
{
	struct object_call *c = call;
	metadata_close(c);
	free(c->value);
	free(c);
}

static const struct held_kind held_objects = {.decide = held_decide, .announce = held_announce, .paths = held_paths, .perform = held_perform, .discard = held_discard};

bool metadata_hold(struct supervisor *s, struct object_call *c)
{
	struct object_call *kept = malloc(sizeof *kept);
	if (kept == NULL)
		return false;
	*kept = *c;
	kept->value = NULL;
	if (c->verb == VERB_SETXATTR && (kept->value = malloc(c->size + 1)) != NULL)
		memcpy(kept->value, c->value, c->size);
	if ((c->verb == VERB_SETXATTR && kept->value == NULL) ||
	    !held_add(s, &held_objects, kept, c->id, c->calling.tid, held_subject(c->verb, ACCESS_WRITE, c->t.real))) {
		free(kept->value);
		free(kept); /* the descriptors are still in `c` */
		return false;
	}
	c->t.object = c->file = -1;
	return true;
}
