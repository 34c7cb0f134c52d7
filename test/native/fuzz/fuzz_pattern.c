/* Any text as a pattern, any text as a path: refused or matched, within bounds, and matched alike by every way of asking. */
#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *names[] = {(char *)"b", (char *)"node_modules", (char *)".git/objects"};

static struct rules with_names(void)
{
	return (struct rules){.bulk = {.names = names, .count = 3}, .closed = {.names = names + 2, .count = 1}};
}

static bool same(struct decision a, struct decision b)
{
	return a.allow == b.allow && a.reason == b.reason && a.rule_id == b.rule_id;
}

/* Where a directory is remembered, what lies beside is decided as if it were not, under patterns of every kind; and what was taken back is as if it had never been. */
static void remembers(const char *text, const char *path)
{
	static const uint16_t kinds[] = {ACCESS_ALL, ACCESS_READ | RULE_GUARD, ACCESS_WRITE | RULE_DEEP, ACCESS_ALL | RULE_FIXED};
	char *beside = malloc(strlen(path) + 2), *slash;
	strcpy(beside, path);
	slash = strrchr(beside, '/');
	strcpy(slash, "/b");
	for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
		struct rules rules = with_names(), fresh = with_names();
		bool is = rules_add(&rules, 7, VERDICT_DENY, KIND_PATTERN, kinds[kind], text) && rules_add(&fresh, 7, VERDICT_DENY, KIND_PATTERN, kinds[kind], text);
		if (is && path_is_normal(path)) {
			rules_decide(&rules, path, ACCESS_WRITE);
			if (!rules_add(&rules, 8, VERDICT_ALLOW, KIND_PATTERN, ACCESS_ALL, text) || !rules_add(&rules, 9, VERDICT_OVERRIDE, KIND_TREE, ACCESS_READ, path))
				abort();
			rules_decide(&rules, path, ACCESS_WRITE);
			rules_reach_below(&rules, path);
			rules_remove(&rules, 8);
			rules_remove(&rules, 9);
			if (!same(rules_decide(&rules, beside, ACCESS_ALL), rules_decide(&fresh, beside, ACCESS_ALL)) || rules_reach_below(&rules, beside) != rules_reach_below(&fresh, beside))
				abort();
		}
		for (size_t i = 0; i < rules.map.count; i++)
			free(rules.map.entries[i].path);
		free(rules.map.entries);
		free(rules.map.slots);
		rules_free_patterns(&rules);
		rules_free_patterns(&fresh);
	}
	free(beside);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
	if (zero == NULL)
		return 0;
	/* Copies of exactly their size: the sanitizer then sees a read past either end. */
	size_t left = size - (size_t)(zero - data) - 1;
	char *text = strdup((const char *)data), *path = calloc(1, left + 2);
	path[0] = '/';
	memcpy(path + 1, zero + 1, left);
	struct rules rules = {0};
	uint32_t id = 7;
	if (path_is_normal(path) && rules_add(&rules, 7, VERDICT_DENY, KIND_PATTERN, ACCESS_ALL, text)) {
		struct decision d = rules_decide(&rules, path, ACCESS_READ);
		if (d.allow || (d.reason == REASON_RULE && d.rule_id != 7))
			abort();
		rules_names_prefix(&rules, path, &id);
		if (id != 7 || rules_patterns_differ(&rules, path, path))
			abort();
		rules_remove(&rules, 7);
		if (rules.pattern_count != 1)
			abort(); /* a deny was taken back */
	}
	rules_free_patterns(&rules);
	remembers(text, path);
	free(text);
	free(path);
	return 0;
}
