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

/* For every access bit, the deepest deny of it that nothing below has lifted so far: ancestors come first, and an OVERRIDE lifts its bits of every deny seen
 * before it, since those are at or above it. */
enum { ACCESS_BITS = 3 };

struct covering {
	uint8_t wanted;
	struct {
		bool present;
		size_t len;
		uint32_t id;
	} deny[ACCESS_BITS];
	uint8_t granted;
	bool any_allow;
	uint32_t allow_id;
	size_t allow_len;
};

static void deny(struct covering *c, const struct rule *rule, size_t len)
{
	for (unsigned bit = 0; bit < ACCESS_BITS; bit++) {
		if ((rule->access & c->wanted & (1U << bit)) == 0)
			continue;
		if (!c->deny[bit].present || len > c->deny[bit].len || rule->id < c->deny[bit].id) {
			c->deny[bit].present = true;
			c->deny[bit].len = len;
			c->deny[bit].id = rule->id;
		}
	}
}

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
		} else if (rule->verdict == VERDICT_DENY) {
			deny(c, rule, len);
		}
	}
	/* After the denies of the same path, which it lifts as well. */
	for (const struct rule *rule = value; rule != NULL; rule = rule->next)
		if (rule->verdict == VERDICT_OVERRIDE && (rule->kind == KIND_TREE || exact))
			for (unsigned bit = 0; bit < ACCESS_BITS; bit++)
				c->deny[bit].present = c->deny[bit].present && (rule->access & (1U << bit)) == 0;
}

struct decision rules_decide(const struct rules *r, const char *path, uint8_t wanted)
{
	struct covering c = {.wanted = wanted, .allow_id = NO_RULE};
	pathmap_walk(&r->map, path, collect, &c);
	unsigned deepest = ACCESS_BITS;
	for (unsigned bit = 0; bit < ACCESS_BITS; bit++) {
		if (!c.deny[bit].present)
			continue;
		if (deepest == ACCESS_BITS || c.deny[bit].len > c.deny[deepest].len ||
		    (c.deny[bit].len == c.deny[deepest].len && c.deny[bit].id < c.deny[deepest].id))
			deepest = bit;
	}
	if (deepest != ACCESS_BITS)
		return (struct decision){.reason = REASON_RULE, .rule_id = c.deny[deepest].id};
	if ((wanted & ~c.granted) == 0)
		return (struct decision){.allow = true, .rule_id = c.allow_id};
	return (struct decision){.reason = c.any_allow ? REASON_INSUFFICIENT : REASON_NOT_GRANTED, .rule_id = NO_RULE};
}
