/* Names of the directories that guards do not look into: "node_modules", or with the directory above, ".git/objects". */
#ifndef NONO_BULK_NAMES_H
#define NONO_BULK_NAMES_H
#include <stdbool.h>
#include <stddef.h>

struct bulk_names {
	char *const *names;
	size_t count;
};

/* One plain name, or two with a slash between. */
bool bulk_name_valid(const char *name);
/* Does the path of `len` bytes end in one of them? Bytewise: another spelling is looked into. */
bool bulk_ends(const struct bulk_names *b, const char *path, size_t len);
/* Would what lies in `a` and in `b` be bulk under different names, because one of them is the first half of a name of two? */
bool bulk_begins_differ(const struct bulk_names *b, const char *a, const char *b_path);
#endif
