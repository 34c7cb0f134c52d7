/* Any rules and any question: the answer is compared with PROTOCOL.md's wording, computed the slow way. */
#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX_RULES = 128, MAX_PATH = 64 };

struct plain {
	uint8_t verdict, kind, access;
	char path[MAX_PATH];
};

/* From the fuzzer's bytes: up to seven components of one letter, so that paths meet. */
static void make_path(uint8_t a, uint8_t b, char *out)
{
	unsigned depth = a % 8, bits = (unsigned)(a >> 3) | (unsigned)b << 5;
	size_t n = 0;
	for (unsigned i = 0; i < depth; i++) {
		out[n++] = '/';
		out[n++] = (char)('a' + (bits & 1));
		if ((bits >> i & 3) == 3)
			out[n++] = 'a';
		bits >>= 1;
	}
	if (n == 0)
		out[n++] = '/';
	out[n] = 0;
}

static bool below(const char *path, const char *above)
{
	size_t n = strcmp(above, "/") == 0 ? 0 : strlen(above);
	return strncmp(path, above, n) == 0 && (path[n] == 0 || path[n] == '/');
}

static bool covers(const struct plain *r, const char *path)
{
	return r->kind == KIND_TREE ? below(path, r->path) : strcmp(r->path, path) == 0;
}

static struct decision slow(const struct plain *rules, uint32_t count, const char *path, uint8_t wanted)
{
	const struct plain *best = NULL;
	uint8_t granted = 0;
	bool any = false;
	for (uint32_t i = 0; i < count; i++) {
		if (rules[i].verdict != VERDICT_DENY || !covers(&rules[i], path) || (rules[i].access & wanted) == 0)
			continue;
		uint8_t lifted = 0;
		for (uint32_t j = 0; j < count; j++)
			if (rules[j].verdict == VERDICT_OVERRIDE && covers(&rules[j], path) && below(rules[j].path, rules[i].path))
				lifted |= rules[j].access;
		if ((rules[i].access & wanted & ~lifted) != 0 && (best == NULL || strlen(rules[i].path) > strlen(best->path)))
			best = &rules[i];
	}
	if (best != NULL)
		return (struct decision){.reason = REASON_RULE, .rule_id = (uint32_t)(best - rules)};
	for (uint32_t i = 0; i < count; i++) {
		if (rules[i].verdict != VERDICT_ALLOW || !covers(&rules[i], path))
			continue;
		any = true;
		granted |= rules[i].access;
		if ((rules[i].access & wanted) != 0 && (best == NULL || strlen(rules[i].path) > strlen(best->path)))
			best = &rules[i];
	}
	if ((wanted & ~granted) == 0 && best != NULL)
		return (struct decision){.allow = true, .rule_id = (uint32_t)(best - rules)};
	return (struct decision){.reason = any ? REASON_INSUFFICIENT : REASON_NOT_GRANTED, .rule_id = NO_RULE};
}

static void forget(struct rules *r)
{
	for (size_t i = 0; i < r->map.count; i++) {
		for (struct rule *rule = r->map.entries[i].value, *next; rule != NULL; rule = next) {
			next = rule->next;
			free(rule);
		}
		free(r->map.entries[i].path);
	}
	free(r->map.entries);
	free(r->map.slots);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct plain plain[MAX_RULES];
	struct rules rules = {0};
	uint32_t count = 0;
	if (size < 3)
		return 0;
	char path[MAX_PATH];
	make_path(data[0], data[1], path);
	uint8_t wanted = (uint8_t)(1 + data[2] % 7);
	for (data += 3, size -= 3; size >= 3 && count < MAX_RULES; data += 3, size -= 3) {
		struct plain *r = &plain[count];
		r->verdict = data[2] % 3;
		r->kind = data[2] / 3 % 2;
		r->access = (uint8_t)(1 + data[2] / 6 % 7);
		make_path(data[0], data[1], r->path);
		if (!rules_add(&rules, count, r->verdict, r->kind, r->access, r->path))
			abort();
		count++;
	}
	struct decision a = rules_decide(&rules, path, wanted), b = slow(plain, count, path, wanted);
	if (a.allow != b.allow || a.reason != b.reason || a.rule_id != b.rule_id)
		abort();
	rules_remove(&rules, 0);
	forget(&rules);
	return 0;
}
