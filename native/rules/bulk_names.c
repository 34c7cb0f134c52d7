#include "rules/bulk_names.h"

#include <string.h>

bool bulk_name_valid(const char *name)
{
	enum { LONGEST = 255 /* NAME_MAX */ };
	unsigned parts = 0;
	for (const char *at = name;; at++) {
		size_t n = strcspn(at, "/");
		if (n == 0 || n > LONGEST || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.') || ++parts > 2)
			return false;
		at += n;
		if (*at == 0)
			return true;
	}
}

static bool ends(const char *path, size_t len, const char *name, size_t n)
{
	return len > n && path[len - n - 1] == '/' && memcmp(path + len - n, name, n) == 0;
}

bool bulk_ends(const struct bulk_names *b, const char *path, size_t len)
{
	for (size_t i = 0; i < b->count; i++)
		if (ends(path, len, b->names[i], strlen(b->names[i])))
			return true;
	return false;
}

bool bulk_begins_differ(const struct bulk_names *b, const char *a, const char *b_path)
{
	for (size_t i = 0; i < b->count; i++) {
		size_t half = strcspn(b->names[i], "/");
		if (b->names[i][half] == '/' && ends(a, strlen(a), b->names[i], half) != ends(b_path, strlen(b_path), b->names[i], half))
			return true;
	}
	return false;
}
