#include "rules/rules_folded.h"

#include <stdlib.h>
#include <string.h>

/* Lower case of ASCII. */
static void fold(const char *path, char out[PLAN_MAX_PATH])
{
	size_t i = 0;
	for (; path[i] != 0 && i < PLAN_MAX_PATH - 1; i++)
		out[i] = path[i] >= 'A' && path[i] <= 'Z' ? (char)(path[i] + ('a' - 'A')) : path[i];
	out[i] = 0;
}

static bool ends_name(char c)
{
	return c == 0 || c == '/';
}

/* vfat, exfat, ntfs and Windows look for a name without the dots and spaces at its end; what follows a colon is a stream of the same file. False: there are none. */
static bool trim(char *lower)
{
	char *to = lower, *name = lower;
	bool stream = false, trimmed = false;
	for (const char *from = lower;; from++) {
		if (ends_name(*from)) {
			while (to > name + 1 && (to[-1] == '.' || to[-1] == ' ')) {
				to--;
				trimmed = true;
			}
			stream = false;
			*to++ = *from;
			name = to;
			if (*from == 0)
				return trimmed;
			continue;
		}
		stream = stream || (*from == ':' && to > name);
		trimmed = trimmed || stream;
		if (!stream)
			*to++ = *from;
	}
}

/* A short name of MS-DOS, SECRET~1.TXT, is that of any file: eight characters, of which the last are a tilde and a number, and three. */
static bool short_name(const char *name)
{
	size_t base = strcspn(name, "./ "), digits = 0;
	while (digits < base && name[base - 1 - digits] >= '0' && name[base - 1 - digits] <= '9')
		digits++;
	if (base > 8 || digits == 0 || digits + 1 > base || name[base - 1 - digits] != '~')
		return false;
	size_t end = name[base] == '.' ? strcspn(name + base + 1, "./ ") : 0;
	const char *rest = name + base + (name[base] == '.') + end;
	return end <= 3 && ends_name(rest[strspn(rest, ". ")]);
}

/* False: which name it is only the file system itself could say, since not all is ASCII or it has a short name. */
static bool can_be_compared(const char *path)
{
	for (const char *at = path; *at != 0; at++)
		if ((unsigned char)*at >= 0x80 || (*at == '/' && short_name(at + 1)))
			return false;
	return true;
}

/* Spelt as it is compared, and by no other name: nothing to fold, to trim or to take for a short name. Most paths are, and one pass says so. */
static bool is_folded(const char *path)
{
	char before = 0;
	for (const char *at = path;; before = *at++) {
		char c = *at;
		if (ends_name(c) && (before == '.' || before == ' '))
			return false;
		if (c == 0)
			return true;
		if ((unsigned char)c >= 0x80 || (c >= 'A' && c <= 'Z') || c == '~' || c == ':')
			return false;
	}
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
	if (is_folded(path)) {
		struct decision same = rules_decide(r->folded, path, wanted);
		return same.allow || !r->folds(path) ? allowed : same;
	}
	/* The kernel prints such a name as it was asked for, so a denied one would come by in capitals, or with a dot at its end. */
	char lower[PLAN_MAX_PATH];
	fold(path, lower);
	bool plain = can_be_compared(lower);
	struct decision other = rules_decide(r->folded, lower, wanted);
	if (other.allow && trim(lower)) {
		plain = plain && can_be_compared(lower);
		other = rules_decide(r->folded, lower, wanted);
	}
	if ((plain && other.allow) || !r->folds(path))
		return allowed;
	return other.allow ? (struct decision){.reason = REASON_CANNOT, .rule_id = NO_RULE} : other;
}

bool rules_folded_below(const struct rules *r, const char *path)
{
	char lower[PLAN_MAX_PATH];
	fold(path, lower);
	return (rules_below(r->folded, lower) || (trim(lower) && rules_below(r->folded, lower))) && r->folds(path);
}

enum pattern_prefix rules_folded_prefix(const struct rules *r, const char *path, uint32_t *id)
{
	char lower[PLAN_MAX_PATH];
	fold(path, lower);
	enum pattern_prefix found = rules_names_prefix(r->folded, lower, id);
	if (found == PREFIX_NONE && trim(lower))
		found = rules_names_prefix(r->folded, lower, id);
	return found != PREFIX_NONE && r->folds(path) ? found : PREFIX_NONE;
}
