#include "rules_folded.h"

#include <stdlib.h>

/* Lower case of ASCII. False: the path has other characters, whose folding is a file system's own matter. */
static bool fold(const char *path, char out[PLAN_MAX_PATH])
{
	bool ascii = true;
	size_t i = 0;
	for (; path[i] != 0 && i < PLAN_MAX_PATH - 1; i++) {
		ascii = ascii && (unsigned char)path[i] < 0x80;
		out[i] = path[i] >= 'A' && path[i] <= 'Z' ? (char)(path[i] + ('a' - 'A')) : path[i];
	}
	out[i] = 0;
	return ascii;
}

bool rules_folded_add(struct rules *r, uint32_t id, uint8_t verdict, uint8_t kind, uint16_t access, const char *path)
{
	char lower[PLAN_MAX_PATH];
	if (r->folded == NULL) {
		r->folded = calloc(1, sizeof *r->folded);
		if (r->folded == NULL || !rules_add(r->folded, NO_RULE, VERDICT_ALLOW, KIND_TREE, ACCESS_ALL, "/"))
			return false;
	}
	fold(path, lower);
	return verdict == VERDICT_ALLOW || rules_add(r->folded, id, verdict, kind, access, lower);
}

struct decision rules_folded_decide(const struct rules *r, const char *path, uint8_t wanted, struct decision allowed)
{
	/* The kernel prints such a name as it was asked for, so a denied one would come by in capitals. */
	char lower[PLAN_MAX_PATH];
	bool ascii = fold(path, lower);
	struct decision other = rules_decide(r->folded, lower, wanted);
	if ((ascii && other.allow) || !r->folds(path))
		return allowed;
	/* Not ASCII: whether it is a denied name there, only the file system could say. */
	return other.allow ? (struct decision){.reason = REASON_CANNOT, .rule_id = NO_RULE} : other;
}

bool rules_folded_below(const struct rules *r, const char *path)
{
	char lower[PLAN_MAX_PATH];
	fold(path, lower);
	return rules_below(r->folded, lower) && r->folds(path);
}

enum pattern_prefix rules_folded_prefix(const struct rules *r, const char *path, uint32_t *id)
{
	char lower[PLAN_MAX_PATH];
	fold(path, lower);
	enum pattern_prefix found = rules_names_prefix(r->folded, lower, id);
	return found != PREFIX_NONE && r->folds(path) ? found : PREFIX_NONE;
}
