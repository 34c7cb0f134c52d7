#include "rules.h"

#include <stdlib.h>
#include <string.h>

#include "pattern.h"

/* Directories of which the positions of every pattern are kept, since most paths lie beside one that was asked before. The positions follow from the path's text and the
 * patterns alone, so they hold until a pattern comes or goes. Only of directories at and above which no pattern matches: there is nothing to collect on the way. */
enum { KNOWN = 4 };
struct known_directories {
	struct {
		size_t len; /* 0: free */
		char path[PLAN_MAX_PATH];
	} at[KNOWN];
	unsigned next;
};

struct pattern_rule {
	struct rule rule; /* kind TREE: what it stands for at every path that it matches */
	struct pattern *pattern;
	pattern_state state; /* while a path is being decided on; one thread */
	pattern_state known[KNOWN];
};

/* Does the pattern's first "**" not stand for this directory? Only a guard's leaves any out. */
static bool passes_over(const struct pattern_rule *p, bool bulk, bool closed)
{
	return (p->rule.access & RULE_DEEP) != 0 ? closed : bulk && (p->rule.access & RULE_GUARD) != 0;
}

static void forget_directories(struct rules *r)
{
	for (unsigned i = 0; r->known != NULL && i < KNOWN; i++)
		r->known->at[i].len = 0;
}

static size_t directory_length(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? (size_t)(slash - path) : 0;
}

/* The place of the directory that `path` lies in, or -1. */
static int known_place(const struct rules *r, const char *path)
{
	size_t len = directory_length(path);
	for (int i = 0; r->known != NULL && len > 0 && i < KNOWN; i++)
		if (r->known->at[i].len == len && memcmp(r->known->at[i].path, path, len) == 0)
			return i;
	return -1;
}

static void keep_directory(const struct rules *r, const char *path, size_t len)
{
	if (r->known == NULL || len >= sizeof r->known->at[0].path)
		return;
	unsigned place = r->known->next++ % KNOWN;
	r->known->at[place].len = len;
	memcpy(r->known->at[place].path, path, len);
	for (size_t i = 0; i < r->pattern_count; i++)
		r->patterns[i].known[place] = r->patterns[i].state;
}

static bool add_pattern(struct rules *r, const struct rule *rule, const char *text)
{
	struct pattern_rule *grown = r->pattern_count < PATTERN_RULES_MAX ? realloc(r->patterns, (r->pattern_count + 1) * sizeof *grown) : NULL;
	if (grown == NULL)
		return false;
	r->patterns = grown;
	if (r->known == NULL)
		r->known = calloc(1, sizeof *r->known); /* without it everything is walked */
	forget_directories(r);
	struct pattern_rule *p = &grown[r->pattern_count];
	*p = (struct pattern_rule){.rule = *rule, .pattern = pattern_compile(text)};
	p->rule.kind = KIND_TREE;
	if (p->pattern == NULL)
		return false;
	r->pattern_count++;
	return true;
}

/* Lower case of ASCII. False: the path has other characters, whose folding is a file system's own matter. */
static bool fold(const char *path, char out[PLAN_MAX_PATH])
{
	bool ascii = true;
	size_t i = 0;
	for (; path[i] != 0 && i < PLAN_MAX_PATH - 1; i++) {
		ascii = ascii && (unsigned char)path[i] < 0x80;
		out[i] = path[i] >= 'A' && path[i] <= 'Z' ? (char)(path[i] + ('a' - 'A')) : path[i];
	}
	out[i] = 0;
	return ascii;
}

static bool add_folded(struct rules *r, uint32_t id, uint8_t verdict, uint8_t kind, uint16_t access, const char *path)
{
	char lower[PLAN_MAX_PATH];
	if (r->folded == NULL) {
		r->folded = calloc(1, sizeof *r->folded);
		if (r->folded == NULL || !rules_add(r->folded, NO_RULE, VERDICT_ALLOW, KIND_TREE, ACCESS_ALL, "/"))
			return false;
	}
	fold(path, lower);
	return verdict == VERDICT_ALLOW || rules_add(r->folded, id, verdict, kind, access, lower);
}

bool rules_add(struct rules *r, uint32_t id, uint8_t verdict, uint8_t kind, uint16_t access, const char *path)
{
	if (r->folds != NULL && !add_folded(r, id, verdict, kind, access, path))
		return false;
	struct rule made = {.id = id, .verdict = verdict, .kind = kind, .access = (uint8_t)access};
	if (kind == KIND_PATTERN)
		return add_pattern(r, &made, path);
	struct rule *rule = r->count < RULES_MAX ? malloc(sizeof *rule) : NULL;
	void **head = rule ? pathmap_put(&r->map, path) : NULL;
	if (head == NULL) {
		free(rule);
		return false;
	}
	made.next = *head;
	*rule = made;
	*head = rule;
	r->count++;
	return true;
}

void rules_remove(struct rules *r, uint32_t id)
{
	if (r->folded != NULL && id != NO_RULE)
		rules_remove(r->folded, id);
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
	forget_directories(r);
	for (size_t i = 0; i < r->pattern_count;) {
		struct pattern_rule *p = &r->patterns[i];
		if (p->rule.id == id && p->rule.verdict != VERDICT_DENY) {
			pattern_free(p->pattern);
			*p = r->patterns[--r->pattern_count];
		} else {
			i++;
		}
	}
}

/* For every access bit, the deepest deny of it that nothing below has lifted so far: ancestors come first, and an OVERRIDE lifts its bits of every deny seen
 * before it, since those are at or above it. */
enum { ACCESS_BITS = 3 };

struct covering {
	const struct rules *rules;
	const char *path;
	size_t last_len; /* of the prefix visited before */
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
	int place; /* of the directory above, where it is known */
	size_t directory; /* its length */
	bool matched; /* some pattern, so far */
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
	bool above = c->place >= 0 && len < c->directory;
	bool bulk = !above && r->bulk.count > 0 && bulk_ends(&r->bulk, c->path, len);
	bool closed = bulk && bulk_ends(&r->closed, c->path, len);
	for (size_t i = 0; i < r->pattern_count && !above; i++) {
		struct pattern_rule *p = &r->patterns[i];
		if (c->place >= 0 && len == c->directory)
			p->state = p->known[c->place];
		else if (len == 0)
			p->state = pattern_start(p->pattern);
		else if (p->state != 0)
			p->state = pattern_step(p->pattern, p->state, c->path + c->last_len + 1, len - c->last_len - 1, c->last_len == 0,
			                        passes_over(p, bulk, closed));
		if (!pattern_matches(p->pattern, p->state))
			continue;
		c->matched = true;
		deny_or_allow(c, &p->rule, len, exact);
	}
	if (c->place < 0 && len > 0 && len == c->directory && !c->matched)
		keep_directory(r, c->path, len);
	for (const struct rule *rule = value; rule != NULL; rule = rule->next)
		deny_or_allow(c, rule, len, exact);
	/* After the denies of the same path, which it lifts as well. */
	for (const struct rule *rule = value; rule != NULL; rule = rule->next)
		lift(c, rule, exact);
	for (size_t i = 0; i < r->pattern_count && c->matched; i++)
		if (pattern_matches(r->patterns[i].pattern, r->patterns[i].state))
			lift(c, &r->patterns[i].rule, exact);
	c->last_len = len;
}

static struct decision decide_bytewise(const struct rules *r, const char *path, uint8_t wanted)
{
	struct covering c = {.rules = r, .path = path, .wanted = wanted, .allow_id = NO_RULE, .place = known_place(r, path), .directory = directory_length(path)};
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
	if (!d.allow || r->folded == NULL)
		return d;
	/* The kernel prints such a name as it was asked for, so a denied one would come by in capitals. */
	char lower[PLAN_MAX_PATH];
	bool ascii = fold(path, lower);
	struct decision other = decide_bytewise(r->folded, lower, wanted);
	if ((ascii && other.allow) || !r->folds(path))
		return d;
	/* Not ASCII: whether it is a denied name there, only the file system could say. */
	return other.allow ? (struct decision){.reason = REASON_CANNOT, .rule_id = NO_RULE} : other;
}

struct decision rules_decide(const struct rules *r, const char *path, uint8_t wanted)
{
	return decide(r, path, wanted, false);
}

struct decision rules_decide_granted(const struct rules *r, const char *path, uint8_t wanted)
{
	return decide(r, path, wanted, true);
}

static bool below_bytewise(const struct rules *r, const char *path)
{
	size_t len = strcmp(path, "/") == 0 ? 0 : strlen(path);
	for (size_t i = 0; i < r->map.count; i++) {
		const struct pathmap_entry *e = &r->map.entries[i];
		if (e->value != NULL && e->len > len && e->path[len] == '/' && memcmp(e->path, path, len) == 0)
			return true;
	}
	return false;
}

bool rules_below(const struct rules *r, const char *path)
{
	char lower[PLAN_MAX_PATH];
	if (below_bytewise(r, path))
		return true;
	if (r->folded == NULL)
		return false;
	fold(path, lower);
	return below_bytewise(r->folded, lower) && r->folds(path);
}

bool rules_grant_at(const struct rules *r, const char *path)
{
	for (const struct rule *rule = pathmap_get(&r->map, path); rule != NULL; rule = rule->next)
		if (rule->verdict != VERDICT_DENY)
			return true;
	return false;
}

/* The pattern's positions at `path`, and at the directory above it; `place` of which is known_place. */
static pattern_state state_at(const struct rules *r, const struct pattern_rule *rule, const char *path, int place, pattern_state *above, const char **leaf)
{
	const struct pattern *p = rule->pattern;
	if (place >= 0) {
		size_t len = strlen(path);
		*above = rule->known[place];
		*leaf = path + directory_length(path) + 1;
		return *above == 0 ? 0 : pattern_step(p, *above, *leaf, len - (size_t)(*leaf - path), false,
		                                      passes_over(rule, bulk_ends(&r->bulk, path, len), bulk_ends(&r->closed, path, len)));
	}
	pattern_state state = pattern_start(p);
	*above = 0;
	*leaf = path;
	for (const char *at = path; state != 0 && at[0] == '/' && at[1] != 0;) {
		const char *name = at + 1;
		size_t n = strcspn(name, "/");
		*above = state;
		*leaf = name;
		size_t len = (size_t)(name + n - path);
		state = pattern_step(p, state, name, n, at == path, passes_over(rule, bulk_ends(&r->bulk, path, len), bulk_ends(&r->closed, path, len)));
		at = name + n;
		if (state == 0 && *at != 0)
			*above = 0;
	}
	return state;
}

static enum pattern_prefix prefix_bytewise(const struct rules *r, const char *path, uint32_t *id)
{
	enum pattern_prefix found = PREFIX_NONE;
	int place = known_place(r, path);
	for (size_t i = 0; i < r->pattern_count; i++) {
		const struct pattern_rule *p = &r->patterns[i];
		pattern_state above;
		const char *leaf;
		if (p->rule.verdict != VERDICT_DENY)
			continue;
		state_at(r, p, path, place, &above, &leaf);
		enum pattern_prefix here = above == 0 ? PREFIX_NONE : pattern_prefix(p->pattern, above, leaf, strlen(leaf), leaf == path + 1);
		if (here > found) {
			found = here;
			*id = p->rule.id;
		}
	}
	return found;
}

enum pattern_prefix rules_names_prefix(const struct rules *r, const char *path, uint32_t *id)
{
	char lower[PLAN_MAX_PATH];
	enum pattern_prefix found = prefix_bytewise(r, path, id);
	if (found != PREFIX_NONE || r->folded == NULL)
		return found;
	fold(path, lower);
	found = prefix_bytewise(r->folded, lower, id);
	return found != PREFIX_NONE && r->folds(path) ? found : PREFIX_NONE;
}

bool rules_patterns_differ(const struct rules *r, const char *a, const char *b)
{
	int at_a = known_place(r, a), at_b = known_place(r, b);
	for (size_t i = 0; i < r->pattern_count; i++) {
		const struct pattern_rule *p = &r->patterns[i];
		pattern_state above;
		const char *leaf;
		if (p->rule.verdict == VERDICT_DENY && state_at(r, p, a, at_a, &above, &leaf) != state_at(r, p, b, at_b, &above, &leaf))
			return true;
	}
	return bulk_begins_differ(&r->bulk, a, b);
}

bool rules_reach_below(const struct rules *r, const char *path)
{
	int place = known_place(r, path);
	for (size_t i = 0; i < r->pattern_count; i++) {
		const struct pattern_rule *p = &r->patterns[i];
		pattern_state above;
		const char *leaf;
		if (p->rule.verdict == VERDICT_DENY && pattern_reaches(p->pattern, state_at(r, p, path, place, &above, &leaf)))
			return true;
	}
	return false;
}

void rules_free_patterns(struct rules *r)
{
	for (size_t i = 0; i < r->pattern_count; i++)
		pattern_free(r->patterns[i].pattern);
	free(r->patterns);
	free(r->known);
	r->known = NULL;
	r->patterns = NULL;
	r->pattern_count = 0;
}
