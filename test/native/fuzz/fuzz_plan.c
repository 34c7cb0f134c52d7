/* Any bytes as a plan: refused or read, never more than that. What was accepted must hold what the rest of native/ relies on. */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct plan plan;
	struct failure f = {.step = ""};
	/* A copy of exactly this size: the sanitizer then sees a read past its end. */
	uint8_t *copy = malloc(size ? size : 1);
	memcpy(copy, data, size);
	bool ok = plan_parse(copy, size, &plan, &f);
	free(copy);
	if (!ok) {
		check(f.exit_code == 126 && f.step[0] != 0);
		return 0;
	}
	check((plan.flags & ~(uint32_t)PLAN_FLAGS_ALL) == 0 && plan.mode <= MODE_ASK && plan.env != NULL && plan.env[plan.env_count] == NULL);
	for (size_t i = 0; i < plan.floor_count; i++)
		check(plan.floor[i].path[0] == '/' && (plan.floor[i].rights & ~(uint32_t)FLOOR_ALL) == 0 && strlen(plan.floor[i].path) < PLAN_MAX_PATH);
	for (size_t i = 0; i < plan.rule_count; i++) {
		const struct plan_rule *r = &plan.rules[i];
		check(r->path[0] == '/' && strstr(r->path, "//") == NULL && strlen(r->path) < PLAN_MAX_PATH);
		check(r->verdict <= VERDICT_OVERRIDE && r->kind <= KIND_EXACT && r->access >= 1 && r->access <= ACCESS_ALL);
	}
	plan_free(&plan);
	return 0;
}
