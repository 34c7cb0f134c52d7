#include "rules.h"

#include <stdlib.h>

bool rules_add(struct rules *r, uint32_t id, uint8_t verdict, uint8_t kind, uint16_t access, const char *path)
{
	struct rule *rule = r->count < RULES_MAX ? malloc(sizeof *rule) : NULL;
	void **head = rule ? pathmap_put(&r->map, path) : NULL;
	if (head == NULL) {
		free(rule);
		return false;
	}
	*rule = (struct rule){.next = *head, .id = id, .verdict = verdict, .kind = kind, .access = (uint8_t)access};
	*head = rule;
	r->count++;
	return true;
}

void rules_remove(struct rules *r, uint32_t id)
{
	for (size_t i = 0; i < r->map.count; i++) {
		struct rule **link = (struct rule **)&r->map.entries[i].value;
		while (*link != NULL) {
			struct rule *rule = *link;
			if (rule->id == id && rule->verdict != VERDICT_DENY) {
				*link = rule->next;
				free(rule);
				r->count--;
			} else {
				link = &rule->next;
			}
		}
	}
}

/* A path has at most 2,048 components; deny rules nested deeper than this on one path are folded into the last slot, which can only deny more. */
enum { MAX_DENIES = 64 };

struct covering {
	uint8_t wanted;
	struct {
		size_t len;
		uint32_t id;
		uint8_t access;
		uint8_t lifted;
	} deny[MAX_DENIES];
	unsigned deny_count;
	uint8_t granted;
	bool any_allow;
	uint32_t allow_id;
	size_t allow_len;
};

/* Ancestors come first, so an OVERRIDE lifts every deny seen so far: those are at or above it. One on the same path comes in the second pass. */
static void collect(void *value, size_t len, bool exact, void *arg)
{
	struct covering *c = arg;
	for (const struct rule *rule = value; rule != NULL; rule = rule->next) {
		if (rule->kind == KIND_EXACT && !exact)
			continue;
		if (rule->verdict == VERDICT_ALLOW) {
			c->any_allow = true;
			c->granted |= rule->access;
			bool better = c->allow_id == NO_RULE || len > c->allow_len || (len == c->allow_len && rule->id < c->allow_id);
			if ((rule->access & c->wanted) != 0 && better) {
				c->allow_id = rule->id;
				c->allow_len = len;
			}
		} else if (rule->verdict == VERDICT_DENY && (rule->access & c->wanted) != 0) {
			unsigned slot = c->deny_count < MAX_DENIES ? c->deny_count++ : MAX_DENIES - 1;
			c->deny[slot].len = len;
			c->deny[slot].id = rule->id;
			c->deny[slot].access = rule->access & c->wanted;
			c->deny[slot].lifted = 0;
		}
	}
	for (const struct rule *rule = value; rule != NULL; rule = rule->next)
		if (rule->verdict == VERDICT_OVERRIDE && (rule->kind == KIND_TREE || exact))
			for (unsigned i = 0; i < c->deny_count; i++)
				c->deny[i].lifted |= rule->access;
}

struct decision rules_decide(const struct rules *r, const char *path, uint8_t wanted)
{
	struct covering c = {.wanted = wanted, .allow_id = NO_RULE};
	pathmap_walk(&r->map, path, collect, &c);
	const size_t none = (size_t)-1;
	size_t deepest = none;
	for (unsigned i = 0; i < c.deny_count; i++) {
		if ((c.deny[i].access & ~c.deny[i].lifted) == 0)
			continue;
		if (deepest == none || c.deny[i].len > c.deny[deepest].len || (c.deny[i].len == c.deny[deepest].len && c.deny[i].id < c.deny[deepest].id))
			deepest = i;
	}
	if (deepest != none)
		return (struct decision){.reason = REASON_RULE, .rule_id = c.deny[deepest].id};
	if ((wanted & ~c.granted) == 0)
		return (struct decision){.allow = true, .rule_id = c.allow_id};
	return (struct decision){.reason = c.any_allow ? REASON_INSUFFICIENT : REASON_NOT_GRANTED, .rule_id = NO_RULE};
}
