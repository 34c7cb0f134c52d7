/* native/rules/rules.h on a line protocol. "rule ID VERDICT KIND ACCESS PATH" adds, "reset" forgets, "ask ACCESS PATH" answers "ALLOW REASON ID",
 * "prefix PATH" answers "BELOW PREFIX ID", "bulk NAME" and "closed NAME" name a bulk directory, "differ PATH PATH" whether names below them are under different patterns. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "rules/rules.h"

/* "folds" makes every directory one that ignores case. */
static bool always(const char *path)
{
	(void)path;
	return true;
}

static bool never(const char *path)
{
	(void)path;
	return false;
}

int main(void)
{
	static char line[65536], path[65536], other[65536];
	struct rules rules = {0};
	static char *bulk[64], *closed[64];
	while (fgets(line, sizeof line, stdin) != NULL) {
		unsigned id, verdict, kind, access;
		if (sscanf(line, "rule %u %u %u %u %65535s", &id, &verdict, &kind, &access, path) == 5) {
			if (!rules_add(&rules, id, (uint8_t)verdict, (uint8_t)kind, (uint16_t)access, path))
				return 1;
		} else if (sscanf(line, "ask %u %65535s", &access, path) == 2) {
			struct decision d = rules_decide(&rules, path, (uint8_t)access);
			printf("%d %u %u\n", d.allow, d.reason, d.rule_id);
		} else if (sscanf(line, "prefix %65535s", path) == 1) {
			uint32_t rule = NO_RULE;
			enum pattern_prefix prefix = rules_names_prefix(&rules, path, &rule);
			printf("%d %d %u\n", rules_below(&rules, path), prefix, prefix == PREFIX_NONE ? NO_RULE : rule);
		} else if (sscanf(line, "bulk %65535s", path) == 1 || sscanf(line, "closed %65535s", path) == 1) {
			if (rules.bulk.count == 64 || !bulk_name_valid(path) || (bulk[rules.bulk.count] = strdup(path)) == NULL)
				return 3;
			rules.bulk.names = bulk;
			rules.closed.names = closed;
			if (line[0] == 'c')
				closed[rules.closed.count++] = bulk[rules.bulk.count];
			rules.bulk.count++;
		} else if (sscanf(line, "differ %65535s %65535s", path, other) == 2) {
			printf("%d\n", rules_patterns_differ(&rules, path, other));
		} else if (strncmp(line, "folds", 5) == 0) {
			rules = (struct rules){.folds = strncmp(line, "folds never", 11) == 0 ? never : always};
		} else if (strncmp(line, "reset", 5) == 0) {
			rules = (struct rules){0};
		} else {
			return 2;
		}
	}
	return 0;
}
