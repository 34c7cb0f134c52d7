/* Runs for every call that the floor does not decide alone. The wording is in PROTOCOL.md ("decide"); src/policy/decide/decide.ts is the twin. */
#include "rules/rules_folded.h"
#include "rules/rules_patterns.h"

/* For every access bit, the deepest deny of it that nothing below has lifted so far: ancestors come first, and an OVERRIDE lifts its bits of every deny seen
 * before it, since those are at or above it. */
enum { ACCESS_BITS = 3 };

struct covering {
	const struct rules *rules;
	struct pattern_walk patterns;
	uint8_t wanted;
	struct {
		bool present;
		size_t len;
		uint32_t id;
	} deny[ACCESS_BITS];
	/* The deepest DENY that nothing lifts. */
	bool fixed;
	size_t fixed_len;
	uint32_t fixed_id;
	uint8_t granted;
	bool any_allow;
	uint32_t allow_id;
	size_t allow_len;
};

static void deny(struct covering *c, const struct rule *rule, size_t len)
{
	if ((rule->access & RULE_FIXED) != 0) {
		if ((rule->access & c->wanted) != 0 && (!c->fixed || len > c->fixed_len || rule->id < c->fixed_id)) {
			c->fixed = true;
			c->fixed_len = len;
			c->fixed_id = rule->id;
		}
		return;
	}
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

static void deny_or_allow(struct covering *c, const struct rule *rule, size_t len, bool exact)
{
	if (rule->kind == KIND_EXACT && !exact)
		return;
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

static void lift(struct covering *c, const struct rule *rule, bool exact)
{
	if (rule->verdict != VERDICT_OVERRIDE || (rule->kind == KIND_EXACT && !exact))
		return;
	for (unsigned bit = 0; bit < ACCESS_BITS; bit++)
		c->deny[bit].present = c->deny[bit].present && (rule->access & (1U << bit)) == 0;
}

static void collect(void *value, size_t len, bool exact, void *arg)
{
	struct covering *c = arg;
	const struct rules *r = c->rules;
	bool matched = rules_step_patterns(r, &c->patterns, len);
	for (size_t i = 0; i < r->pattern_count && matched; i++)
		if (pattern_matches(r->patterns[i].pattern, r->patterns[i].state))
			deny_or_allow(c, &r->patterns[i].rule, len, exact);
	for (const struct rule *rule = value; rule != NULL; rule = rule->next)
		deny_or_allow(c, rule, len, exact);
	/* After the denies of the same path, which it lifts as well. */
	for (const struct rule *rule = value; rule != NULL; rule = rule->next)
		lift(c, rule, exact);
	for (size_t i = 0; i < r->pattern_count && matched; i++)
		if (pattern_matches(r->patterns[i].pattern, r->patterns[i].state))
			lift(c, &r->patterns[i].rule, exact);
}

static struct decision decide_bytewise(const struct rules *r, const char *path, uint8_t wanted)
{
	struct covering c = {.rules = r, .patterns = rules_begin_patterns(r, path), .wanted = wanted, .allow_id = NO_RULE};
	(r->pattern_count > 0 ? pathmap_walk_all : pathmap_walk)(&r->map, path, collect, &c);
	unsigned deepest = ACCESS_BITS;
	for (unsigned bit = 0; bit < ACCESS_BITS; bit++) {
		if (!c.deny[bit].present)
			continue;
		if (deepest == ACCESS_BITS || c.deny[bit].len > c.deny[deepest].len ||
		    (c.deny[bit].len == c.deny[deepest].len && c.deny[bit].id < c.deny[deepest].id))
			deepest = bit;
	}
	bool fixed = c.fixed && (deepest == ACCESS_BITS || c.fixed_len > c.deny[deepest].len ||
	                         (c.fixed_len == c.deny[deepest].len && c.fixed_id < c.deny[deepest].id));
	if (fixed)
		return (struct decision){.reason = REASON_RULE, .rule_id = c.fixed_id};
	if (deepest != ACCESS_BITS)
		return (struct decision){.reason = REASON_RULE, .rule_id = c.deny[deepest].id};
	if ((wanted & ~c.granted) == 0)
		return (struct decision){.allow = true, .rule_id = c.allow_id};
	return (struct decision){.reason = c.any_allow ? REASON_INSUFFICIENT : REASON_NOT_GRANTED, .rule_id = NO_RULE};
}

static struct decision decide(const struct rules *r, const char *path, uint8_t wanted, bool granted)
{
	struct decision d = decide_bytewise(r, path, wanted);
	if (!d.allow && d.reason != REASON_RULE && (granted || (r->owned != NULL && r->owned(path))))
		d = (struct decision){.allow = true, .rule_id = NO_RULE};
	return d.allow && r->folded != NULL ? rules_folded_decide(r, path, wanted, d) : d;
}

struct decision rules_decide(const struct rules *r, const char *path, uint8_t wanted)
{
	return decide(r, path, wanted, false);
}

struct decision rules_decide_granted(const struct rules *r, const char *path, uint8_t wanted)
{
	return decide(r, path, wanted, true);
}
