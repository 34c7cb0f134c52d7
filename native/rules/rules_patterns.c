#include "rules/rules_patterns.h"

#include <stdlib.h>
#include <string.h>

#include "rules/rules_folded.h"

/* Directories of which the positions of every pattern are kept, since most paths lie beside one that was asked before. The positions follow from the path's text and the
 * patterns alone, so they hold until a pattern comes or goes. Only of directories at and above which no pattern matches: there is nothing to collect on the way. */
struct known_directories {
	struct {
		size_t len; /* 0: free */
		bool other_match, other_prefix; /* does some pattern match a name in it that is a component of none, or have it for a prefix? */
		char path[PLAN_MAX_PATH];
	} at[KNOWN_DIRECTORIES];
	unsigned next;
};

/* Does the pattern's first "**" not stand for this directory? Only a guard's leaves any out. */
static bool passes_over(const struct pattern_rule *p, bool bulk, bool closed)
{
	return (p->rule.access & RULE_DEEP) != 0 ? closed : bulk && (p->rule.access & RULE_GUARD) != 0;
}

static void forget_directories(struct rules *r)
{
	for (unsigned i = 0; r->known != NULL && i < KNOWN_DIRECTORIES; i++)
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
	for (int i = 0; r->known != NULL && len > 0 && i < KNOWN_DIRECTORIES; i++)
		if (r->known->at[i].len == len && memcmp(r->known->at[i].path, path, len) == 0)
			return i;
	return -1;
}

static void keep_directory(const struct rules *r, const char *path, size_t len)
{
	if (r->known == NULL || len >= sizeof r->known->at[0].path)
		return;
	unsigned place = r->known->next++ % KNOWN_DIRECTORIES;
	r->known->at[place].len = len;
	memcpy(r->known->at[place].path, path, len);
	r->known->at[place].other_match = r->known->at[place].other_prefix = false;
	for (size_t i = 0; i < r->pattern_count; i++) {
		struct pattern_rule *p = &r->patterns[i];
		p->known[place] = p->state;
		r->known->at[place].other_match |= pattern_matches(p->pattern, pattern_step_other(p->pattern, p->state));
		r->known->at[place].other_prefix |= pattern_prefix_other(p->pattern, p->state);
	}
}

/* Is the last name of `path` one that all patterns step over alike? Not told of names in "/", among which some are the system's. */
static bool concerns_none(const struct rules *r, const char *path)
{
	size_t directory = directory_length(path), len = strlen(path);
	return directory > 0 && !bulk_ends(&r->bulk, path, len) && !pattern_names_could(&r->pattern_names, path + directory + 1, len - directory - 1);
}

bool rules_add_pattern(struct rules *r, const struct rule *rule, const char *text)
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
	if (p->pattern == NULL || !pattern_names_add(&r->pattern_names, p->pattern)) {
		pattern_free(p->pattern);
		return false;
	}
	r->pattern_count++;
	return true;
}

void rules_remove_patterns(struct rules *r, uint32_t id)
{
	forget_directories(r);
	for (size_t i = 0; i < r->pattern_count;) {
		struct pattern_rule *p = &r->patterns[i];
		if (p->rule.id == id && p->rule.verdict != VERDICT_DENY) {
			pattern_names_remove(&r->pattern_names, p->pattern);
			pattern_free(p->pattern);
			*p = r->patterns[--r->pattern_count];
		} else {
			i++;
		}
	}
}

struct pattern_walk rules_begin_patterns(const struct rules *r, const char *path)
{
	struct pattern_walk w = {.path = path, .place = known_place(r, path), .directory = directory_length(path)};
	w.none = w.place >= 0 && !r->known->at[w.place].other_match && concerns_none(r, path);
	return w;
}

bool rules_step_patterns(const struct rules *r, struct pattern_walk *w, size_t len)
{
	bool above = w->none || (w->place >= 0 && len < w->directory);
	bool bulk = !above && r->bulk.count > 0 && bulk_ends(&r->bulk, w->path, len);
	bool closed = bulk && bulk_ends(&r->closed, w->path, len);
	bool here = false;
	for (size_t i = 0; i < r->pattern_count && !above; i++) {
		struct pattern_rule *p = &r->patterns[i];
		if (w->place >= 0 && len == w->directory)
			p->state = p->known[w->place];
		else if (len == 0)
			p->state = pattern_start(p->pattern);
		else if (p->state != 0)
			p->state = pattern_step(p->pattern, p->state, w->path + w->before + 1, len - w->before - 1, w->before == 0, passes_over(p, bulk, closed));
		here = here || pattern_matches(p->pattern, p->state);
	}
	w->matched = w->matched || here;
	if (w->place < 0 && len > 0 && len == w->directory && !w->matched)
		keep_directory(r, w->path, len);
	w->before = len;
	return here;
}

/* Where a path is, for every pattern. */
struct position {
	const char *path;
	int place;  /* of the directory above, where it is known */
	bool other; /* the last name concerns no pattern; only told where the directory is known */
};

static struct position position_of(const struct rules *r, const char *path)
{
	struct position at = {.path = path, .place = known_place(r, path)};
	at.other = at.place >= 0 && concerns_none(r, path);
	return at;
}

/* The pattern's positions at a path, and at the directory above it. */
static pattern_state state_at(const struct rules *r, const struct pattern_rule *rule, const struct position *where, pattern_state *above, const char **leaf)
{
	const struct pattern *p = rule->pattern;
	const char *path = where->path;
	if (where->place >= 0) {
		size_t len = strlen(path);
		*above = rule->known[where->place];
		*leaf = path + directory_length(path) + 1;
		if (where->other)
			return pattern_step_other(p, *above);
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
	struct position at = position_of(r, path);
	bool none = at.other && !r->known->at[at.place].other_prefix;
	for (size_t i = 0; i < r->pattern_count && !none; i++) {
		const struct pattern_rule *p = &r->patterns[i];
		pattern_state above;
		const char *leaf;
		if (p->rule.verdict != VERDICT_DENY)
			continue;
		state_at(r, p, &at, &above, &leaf);
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
	enum pattern_prefix found = prefix_bytewise(r, path, id);
	return found != PREFIX_NONE || r->folded == NULL ? found : rules_folded_prefix(r, path, id);
}

bool rules_patterns_differ(const struct rules *r, const char *a, const char *b)
{
	struct position at_a = position_of(r, a), at_b = position_of(r, b);
	bool same = at_a.other && at_b.other && at_a.place == at_b.place;
	for (size_t i = 0; i < r->pattern_count && !same; i++) {
		const struct pattern_rule *p = &r->patterns[i];
		pattern_state above;
		const char *leaf;
		if (p->rule.verdict == VERDICT_DENY && state_at(r, p, &at_a, &above, &leaf) != state_at(r, p, &at_b, &above, &leaf))
			return true;
	}
	return bulk_begins_differ(&r->bulk, a, b);
}

bool rules_reach_below(const struct rules *r, const char *path)
{
	struct position at = position_of(r, path);
	for (size_t i = 0; i < r->pattern_count; i++) {
		const struct pattern_rule *p = &r->patterns[i];
		pattern_state above;
		const char *leaf;
		if (p->rule.verdict == VERDICT_DENY && pattern_reaches(p->pattern, state_at(r, p, &at, &above, &leaf)))
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
	pattern_names_free(&r->pattern_names);
	r->known = NULL;
	r->patterns = NULL;
	r->pattern_count = 0;
}
