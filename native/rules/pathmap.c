#include "rules/pathmap.h"

#include <stdlib.h>
#include <string.h>

static const uint64_t FNV_START = 1469598103934665603ULL;

static uint64_t fnv_step(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * 1099511628211ULL;
}

/* "/" is stored as "", because every path starts with it on a component boundary. */
static size_t normal_length(const char *path)
{
	size_t n = strlen(path);
	return n == 1 && path[0] == '/' ? 0 : n;
}

static const struct pathmap_entry *find(const struct pathmap *m, const char *path, size_t len, uint64_t hash)
{
	if (m->slot_count == 0)
		return NULL;
	for (size_t i = hash & (m->slot_count - 1); m->slots[i] != 0; i = (i + 1) & (m->slot_count - 1)) {
		const struct pathmap_entry *e = &m->entries[m->slots[i] - 1];
		if (e->hash == hash && e->len == len && memcmp(e->path, path, len) == 0)
			return e;
	}
	return NULL;
}

static void place(struct pathmap *m, size_t index)
{
	size_t i = m->entries[index].hash & (m->slot_count - 1);
	while (m->slots[i] != 0)
		i = (i + 1) & (m->slot_count - 1);
	m->slots[i] = (uint32_t)index + 1;
}

bool pathmap_reserve(struct pathmap *m, size_t count)
{
	if (m->slot_count >= 2 * count)
		return true;
	size_t slot_count = m->slot_count ? m->slot_count * 2 : 64;
	while (slot_count < 2 * count)
		slot_count *= 2;
	uint32_t *slots = calloc(slot_count, sizeof *slots);
	struct pathmap_entry *entries = realloc(m->entries, slot_count / 2 * sizeof *entries);
	if (entries != NULL)
		m->entries = entries;
	if (slots == NULL || entries == NULL) {
		free(slots);
		return false;
	}
	free(m->slots);
	m->slots = slots;
	m->slot_count = slot_count;
	for (size_t i = 0; i < m->count; i++)
		place(m, i);
	return true;
}

void **pathmap_put(struct pathmap *m, const char *path)
{
	size_t len = normal_length(path);
	uint64_t hash = FNV_START;
	for (size_t i = 0; i < len; i++)
		hash = fnv_step(hash, path[i]);
	const struct pathmap_entry *e = find(m, path, len, hash);
	if (e != NULL)
		return &m->entries[e - m->entries].value;
	char *copy = malloc(len + 1);
	if (copy == NULL || !pathmap_reserve(m, m->count + 1)) {
		free(copy);
		return NULL;
	}
	memcpy(copy, path, len);
	copy[len] = 0;
	m->entries[m->count] = (struct pathmap_entry){.path = copy, .len = len, .hash = hash};
	place(m, m->count);
	return &m->entries[m->count++].value;
}

void *pathmap_get(const struct pathmap *m, const char *path)
{
	size_t len = normal_length(path);
	uint64_t hash = FNV_START;
	for (size_t i = 0; i < len; i++)
		hash = fnv_step(hash, path[i]);
	const struct pathmap_entry *e = find(m, path, len, hash);
	return e ? e->value : NULL;
}

static void walk(const struct pathmap *m, const char *path, bool all, void (*visit)(void *value, size_t len, bool exact, void *arg), void *arg)
{
	size_t len = normal_length(path);
	uint64_t hash = FNV_START;
	/* A prefix ends before every '/' and at the end; i = 0 is the root. */
	for (size_t i = 0; i <= len; i++) {
		if (i == len || path[i] == '/') {
			const struct pathmap_entry *e = find(m, path, i, hash);
			void *value = e != NULL ? e->value : NULL;
			if (all || value != NULL)
				visit(value, i, i == len, arg);
		}
		if (i < len)
			hash = fnv_step(hash, path[i]);
	}
}

void pathmap_walk(const struct pathmap *m, const char *path, void (*visit)(void *value, size_t len, bool exact, void *arg), void *arg)
{
	walk(m, path, false, visit, arg);
}

void pathmap_walk_all(const struct pathmap *m, const char *path, void (*visit)(void *value, size_t len, bool exact, void *arg), void *arg)
{
	walk(m, path, true, visit, arg);
}

bool path_is_normal(const char *p)
{
	if (p[0] != '/')
		return false;
	if (p[1] == 0)
		return true;
	for (const char *s = p; *s;) {
		const char *e = strchr(s + 1, '/');
		size_t n = e ? (size_t)(e - s - 1) : strlen(s + 1);
		if (n == 0 || (n == 1 && s[1] == '.') || (n == 2 && s[1] == '.' && s[2] == '.'))
			return false;
		s += n + 1;
	}
	return true;
}
