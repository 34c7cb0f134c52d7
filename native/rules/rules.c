#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

#include "rules/rules_folded.h"
#include "rules/rules_patterns.h"

bool rules_add(struct rules *r, uint32_t id, uint8_t verdict, uint8_t kind, uint16_t access, const char *path)
{
	if (r->folds != NULL && !rules_folded_add(r, id, verdict, kind, access, path))
		return false;
	struct rule made = {.id = id, .verdict = verdict, .kind = kind, .access = (uint8_t)access};
	if (kind == KIND_PATTERN)
		return rules_add_pattern(r, &made, path);
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
	rules_remove_patterns(r, id);
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
	return below_bytewise(r, path) || (r->folded != NULL && rules_folded_below(r, path));
}

bool rules_grant_at(const struct rules *r, const char *path)
{
	for (const struct rule *rule = pathmap_get(&r->map, path); rule != NULL; rule = rule->next)
		if (rule->verdict != VERDICT_DENY)
			return true;
	return false;
}
