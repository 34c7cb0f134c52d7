#define _GNU_SOURCE
#include "names/names_decide.h"

#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "floor/owned.h"

uint8_t names_access(const struct name_call *c)
{
	return c->verb == VERB_RENAME || c->verb == VERB_LINK ? ACCESS_READ | ACCESS_WRITE : ACCESS_WRITE;
}

/* A directory that changes its path takes along what lies in it: a rule for the directory by itself (to list it, to touch it) is none for that. */
static bool takes_along(const struct name_call *c, unsigned i)
{
	bool exchange = c->nr == SYS_renameat2 && (c->args[4] & RENAME_EXCHANGE) != 0;
	return c->verb == VERB_RENAME && (i == 0 || exchange) && c->side[i].exists && S_ISDIR(c->side[i].st.st_mode);
}

static struct decision decide_side(const struct supervisor *s, const struct name_call *c, unsigned i)
{
	const struct name *n = &c->side[i];
	char below[PLAN_MAX_PATH];
	struct decision d = owned_decide(&s->rules, n->real, names_access(c), n->exists);
	if (!d.allow || !takes_along(c, i))
		return d;
	/* Stands for any name: only rules for trees reach it. What is denied further down keeps the directory where it is (moves.c). */
	if (snprintf(below, sizeof below, "%s/nono-any", n->real) >= (int)sizeof below)
		return (struct decision){.reason = REASON_CANNOT, .rule_id = NO_RULE};
	return owned_decide(&s->rules, below, names_access(c), true);
}

struct decision names_decide(const struct supervisor *s, const struct name_call *c, unsigned *which)
{
	struct decision found = {.allow = true, .rule_id = NO_RULE};
	for (unsigned i = 0; i < c->sides; i++) {
		if (c->side[i].real[0] == 0)
			continue; /* a file without a name that the caller holds */
		struct decision d = decide_side(s, c, i);
		if (!d.allow && (found.allow || (d.reason == REASON_RULE && found.reason != REASON_RULE))) {
			found = d;
			*which = i;
		}
	}
	return found;
}

static uint8_t kind_of(const struct name *n)
{
	return !n->exists ? OBJECT_MISSING : S_ISREG(n->st.st_mode) ? OBJECT_FILE : S_ISDIR(n->st.st_mode) ? OBJECT_DIRECTORY : OBJECT_OTHER;
}

/* The record shows the side that is not allowed, and the other one beside it. */
void names_describe(const struct supervisor *s, const struct name_call *c, struct access_record *r, struct record_names *names, struct decision d, unsigned which)
{
	const struct name *n = &c->side[which];
	fill_record(r, names, c->calling.tid, c->verb, names_access(c), d.reason, d.rule_id, kind_of(n), n->real);
	if (c->sides == 2 && c->side[1 - which].real[0] != 0) {
		r->other = c->side[1 - which].real;
		r->other_first = which == 1;
		r->other_allowed = decide_side(s, c, 1 - which).allow;
	}
}
