/* Any text as a pattern, any text as a path: refused or matched, within bounds, and matched alike by every way of asking. */
#include <stdlib.h>
#include <string.h>

#include "rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	free(text);
	free(path);
	return 0;
}
