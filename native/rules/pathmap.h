/* A map from an absolute path to a small set of bits, answering "what do this path and its ancestors say?" in one pass over the path.
 * Both the floor (Landlock rights) and the rules (verdicts) are looked up this way for every trapped call. */
#ifndef NONO_PATHMAP_H
#define NONO_PATHMAP_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pathmap {
	struct pathmap_entry *entries;
	size_t count;
	uint32_t *slots; /* open addressing; index + 1 into entries, 0 = free */
	size_t slot_count;
};

struct pathmap_entry {
	char *path; /* "" for the root, so that every ancestor is a prefix */
	size_t len;
	uint64_t hash;
	void *value;
};

/* Absolute, without "//", ".", ".." or a slash at its end. Rules are compared bytewise: "/a/../b" would be a rule about nothing. */
bool path_is_normal(const char *path);
/* Room for `count` paths in all: they are coming. False when out of memory. */
bool pathmap_reserve(struct pathmap *m, size_t count);
/* The entry's value slot for `path`, created empty if missing; NULL when out of memory. */
void **pathmap_put(struct pathmap *m, const char *path);
void *pathmap_get(const struct pathmap *m, const char *path);
/* Calls `visit` for the root, every ancestor and the path itself that are in the map, shallowest first. */
void pathmap_walk(const struct pathmap *m, const char *path, void (*visit)(void *value, size_t len, bool exact, void *arg), void *arg);
/* The same for every prefix of the path, with a NULL value for those that are not in the map. */
void pathmap_walk_all(const struct pathmap *m, const char *path, void (*visit)(void *value, size_t len, bool exact, void *arg), void *arg);
#endif
