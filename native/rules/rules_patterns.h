/* The rules that are patterns, for rules.c and rules_decide.c; everyone else asks through rules.h. */
#ifndef NONO_RULES_PATTERNS_H
#define NONO_RULES_PATTERNS_H
#include "rules/rules.h"

enum { KNOWN_DIRECTORIES = 4 };

struct pattern_rule {
	struct rule rule; /* kind TREE: what it stands for at every path that it matches */
	struct pattern *pattern;
	pattern_state state; /* while a path is being decided on; one thread */
	pattern_state known[KNOWN_DIRECTORIES];
};

bool rules_add_pattern(struct rules *r, const struct rule *rule, const char *text);
/* Removes ALLOW and OVERRIDE patterns with this id. */
void rules_remove_patterns(struct rules *r, uint32_t id);

/* Every pattern, from the root down to one path. */
struct pattern_walk {
	const char *path;
	size_t before; /* length of the prefix that was visited last */
	int place; /* of the directory above, where it is known */
	size_t directory; /* its length */
	bool none; /* no pattern matches the path, nor a directory above it */
	bool matched; /* some pattern, so far */
};

struct pattern_walk rules_begin_patterns(const struct rules *r, const char *path);
/* On to the prefix of `len` bytes; all prefixes are visited, shallowest first. Does some pattern match it? Then the `state` of each tells which. */
bool rules_step_patterns(const struct rules *r, struct pattern_walk *walk, size_t len);
#endif
