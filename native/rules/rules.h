/* The decision: PROTOCOL.md, "decide". The same semantics as src/policy/decide/decide.ts; test/native/rules/decide.test.ts runs random policies through both. */
#ifndef NONO_RULES_H
#define NONO_RULES_H
#include <stdbool.h>
#include <stdint.h>

#include "plan/plan.h"
#include "rules/bulk_names.h"
#include "rules/pathmap.h"
#include "rules/pattern_names.h"

struct rule {
	struct rule *next; /* others on the same path */
	uint32_t id;
	uint8_t verdict, kind, access;
};

struct rules {
	struct pathmap map;
	uint32_t count;
	/* Set before the first rule, and not changed: a path that was allowed because of one must stay so. */
	struct bulk_names bulk;
	struct bulk_names closed; /* those of `bulk` that no guard looks into */
	struct pattern_rule *patterns;
	size_t pattern_count;
	struct pattern_names pattern_names; /* of all of them */
	struct known_directories *known; /* where the patterns stand there (rules_patterns.c) */
	/* Is the path in a directory that ignores case or normalisation (fold.c)? Set before the first rule, or NULL: then names are only compared bytewise. Asked
	 * only where the answer matters. */
	bool (*folds)(const char *path);
	/* Is `path` something that the session made itself where it is granted nothing else (owned.c)? NULL: there is no such place. */
	bool (*owned)(const char *path);
	struct rules *folded; /* the same denies, in lower case */
};

enum { REASON_RULE = 0, REASON_NOT_GRANTED = 1, REASON_INSUFFICIENT = 2, REASON_UNREADABLE = 3, REASON_NOT_BROKERED = 4, REASON_TOO_MANY = 5,
       REASON_USER = 6, REASON_CHANGED = 7, REASON_CANNOT = 8, REASON_COMMAND = 9 };

struct decision {
	bool allow;
	uint8_t reason;
	uint32_t rule_id; /* NO_RULE when no rule decided */
};

#define RULES_MAX 200000U
/* Every one may be stepped at every component of a path that is decided on. */
#define PATTERN_RULES_MAX 4096U

bool rules_add(struct rules *r, uint32_t id, uint8_t verdict, uint8_t kind, uint16_t access, const char *path);
/* Removes ALLOW and OVERRIDE rules with this id; DENY rules cannot be removed. */
void rules_remove(struct rules *r, uint32_t id);
struct decision rules_decide(const struct rules *r, const char *path, uint8_t access);
/* As if some ALLOW covered the path: only a DENY speaks against it. */
struct decision rules_decide_granted(const struct rules *r, const char *path, uint8_t access);
/* For tests that make many. */
void rules_free_patterns(struct rules *r);
/* A rule on a path strictly below `path`, of any verdict; patterns are not asked. */
bool rules_below(const struct rules *r, const char *path);
/* Is there a grant for this very path? */
bool rules_grant_at(const struct rules *r, const char *path);
/* Is `path` a directory that a DENY pattern names on the way to its matches? `id`: of that rule. */
enum pattern_prefix rules_names_prefix(const struct rules *r, const char *path, uint32_t *id);
/* Would the same names below `a` and below `b` be under different DENY patterns? Also where a guard looks into one of them and not into the other. */
bool rules_patterns_differ(const struct rules *r, const char *a, const char *b);
/* Could a DENY pattern match something below `path`? */
bool rules_reach_below(const struct rules *r, const char *path);
#endif
