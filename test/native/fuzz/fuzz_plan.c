/* Any bytes as a plan: refused or read, never more than that. What was accepted must hold what the rest of native/ relies on. */
#include <stdlib.h>
#include <string.h>

#include "plan/plan.h"
#include "rules/bulk_names.h"

static bool overridden(const struct net_rules *net)
{
	for (size_t i = 0; i < net->count; i++)
		if (net->list[i].verdict == VERDICT_OVERRIDE)
			return true;
	return false;
}

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
	if (!ok) {
		free(copy);
		check(f.exit_code == 126 && f.step[0] != 0);
		return 0;
	}
	check((plan.flags & ~(uint32_t)PLAN_FLAGS_ALL) == 0 && plan.mode <= MODE_ASK && plan.env != NULL && plan.env[plan.env_count] == NULL);
	for (size_t i = 0; i < plan.floor_count; i++)
		check(plan.floor[i].path[0] == '/' && (plan.floor[i].rights & ~(uint32_t)FLOOR_ALL) == 0 && strlen(plan.floor[i].path) < PLAN_MAX_PATH);
	for (size_t i = 0; i < plan.rule_count; i++) {
		const struct plan_rule *r = &plan.rules[i];
		check(r->path[0] == '/' && strstr(r->path, "//") == NULL && strlen(r->path) < PLAN_MAX_PATH);
		check(r->verdict <= VERDICT_OVERRIDE && r->kind <= KIND_PATTERN && (r->access & ACCESS_ALL) != 0 && (r->access & ~(ACCESS_ALL | RULE_FIXED | RULE_GUARD | RULE_DEEP)) == 0 && (r->access <= ACCESS_ALL || r->verdict == VERDICT_DENY) && ((r->access & (RULE_GUARD | RULE_DEEP)) == 0 || r->kind == KIND_PATTERN));
	}
	check(plan.net.count == 0 || (plan.flags & (PLAN_NET_RULES | PLAN_BLOCK_NET)) == PLAN_NET_RULES);
	for (size_t i = 0; i < plan.net.count; i++) {
		/* The first address that a rule names is covered by it; a question at random is only asked for what the sanitizers see. */
		const struct net_rule *r = &plan.net.list[i];
		struct net_address at = {.family = r->family ? r->family : 4, .port = r->first};
		check(r->first <= r->last && r->operations != 0 && r->protocols != 0);
		memcpy(at.bytes, r->address, sizeof at.bytes);
		struct net_decision d = net_decide(&plan.net, r->operations & 1 ? 1 : 2, r->protocols & 1 ? 1 : 2, &at);
		check(overridden(&plan.net) || d.rule_id != NO_RULE);
		check(r->verdict != VERDICT_DENY || !d.allow || overridden(&plan.net));
		/* A port that Landlock may hold is one that every address may use. */
		if (net_port_free(&plan.net, NET_CONNECT, at.port))
			check(net_decide(&plan.net, NET_CONNECT, NET_TCP, &at).allow);
	}
	for (size_t i = 0; i < plan.birth_count; i++)
		check(plan.births[i].kind <= BIRTH_BULK && plan.births[i].place[0] == '/' && plan.births[i].tree[0] == '/' && (plan.births[i].rights & ~(uint32_t)FLOOR_ALL) == 0);
	for (size_t i = 0; i < plan.bulk_count; i++)
		check(bulk_name_valid(plan.bulk[i]));
	check(plan.closed_count <= plan.bulk_count);
	if (plan.net.count > 0) {
		uint32_t id = plan.net.list[0].id;
		net_rules_remove(&plan.net, id);
		for (size_t i = 0; i < plan.net.count; i++)
			check(plan.net.list[i].id != id || plan.net.list[i].verdict == VERDICT_DENY);
	}
	check(plan.self == NULL || ((const uint8_t *)plan.self > copy && plan.self_size <= (size_t)(copy + size - (const uint8_t *)plan.self)));
	plan_free(&plan);
	free(copy);
	return 0;
}
