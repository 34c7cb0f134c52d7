/* The kernel does not say what a ruleset grants, so what was added to it is remembered here, by path and by object. A wrong no costs time. A wrong yes costs the caller an error where the
 * call goes on, for the kernel decides again; openat2 is performed by this process instead (open_how.c), and there it would be believed. It gives nothing away all the same:
 * - By object there is none: the ruleset keeps its inodes, so none of their numbers is given to another one while anything inside lives. (A file server that gives two of its files
 *   one number is a file system that cannot tell them apart.)
 * - By path there is one at most while the directory of a rule changes places with another one. What is remembered at a path is what policy grants for the whole tree there: of the plan's own
 *   rules the check before every start says so, directories are made beforehand for such places alone (birth.c), and a move is noted only where it was performed, for which policy
 *   must grant reading and writing of the whole tree at either place (names_decide.c). So the other directory's files are granted at that path by policy itself. */
#define _GNU_SOURCE
#include "floor/floor_known.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool floor_remember(struct floor *floor, const char *path, const struct floor_rule *rule)
{
	void **slot = pathmap_put(&floor->map, path);
	if (slot == NULL)
		return false;
	struct floor_rule *known = *slot;
	if (known != NULL) {
		known->rights |= rule->rights;
		return true;
	}
	known = malloc(sizeof *known);
	if (known == NULL)
		return false;
	*known = *rule;
	*slot = known;
	return true;
}

static struct floor_inode *slot_of(const struct floor *floor, dev_t dev, ino_t ino)
{
	size_t i = ((uint64_t)ino * 0x9e3779b97f4a7c15ULL ^ (uint64_t)dev) & (floor->inode_slots - 1);
	while (floor->inodes[i].rights != 0 && (floor->inodes[i].ino != ino || floor->inodes[i].dev != dev))
		i = (i + 1) & (floor->inode_slots - 1);
	return &floor->inodes[i];
}

bool floor_remember_object(struct floor *floor, dev_t dev, ino_t ino, uint32_t rights)
{
	if (floor->inode_slots < 2 * (floor->inode_count + 1)) {
		struct floor grown = {.inode_slots = floor->inode_slots ? floor->inode_slots * 2 : 256};
		grown.inodes = calloc(grown.inode_slots, sizeof *grown.inodes);
		if (grown.inodes == NULL)
			return false;
		for (size_t i = 0; i < floor->inode_slots; i++)
			if (floor->inodes[i].rights != 0)
				*slot_of(&grown, floor->inodes[i].dev, floor->inodes[i].ino) = floor->inodes[i];
		free(floor->inodes);
		floor->inodes = grown.inodes;
		floor->inode_slots = grown.inode_slots;
	}
	struct floor_inode *slot = slot_of(floor, dev, ino);
	floor->inode_count += slot->rights == 0;
	*slot = (struct floor_inode){.dev = dev, .ino = ino, .rights = slot->rights | rights};
	return true;
}

bool floor_learn(struct floor *floor, const char *path, dev_t dev, ino_t ino, uint32_t rights)
{
	/* A program that renames for ever must not make this process grow for ever; what is not known is served by the broker. */
	enum { MAX_KNOWN = 65536 };
	struct floor_rule rule = {.rights = rights, .is_dir = true, .dev = dev, .ino = ino};
	struct floor_rule *known = pathmap_get(&floor->map, path);
	if (known == NULL)
		return floor->map.count < MAX_KNOWN && floor_remember(floor, path, &rule);
	*known = rule;
	return true;
}

void floor_moved(struct floor *floor, const char *from, const char *to)
{
	size_t from_len = strlen(from), count = floor->map.count;
	for (size_t i = 0; i < count; i++) {
		const struct pathmap_entry *e = &floor->map.entries[i];
		const struct floor_rule *rule = e->value;
		if (rule == NULL || !rule->is_dir || e->len < from_len || memcmp(e->path, from, from_len) != 0 || (e->len > from_len && e->path[from_len] != '/'))
			continue;
		char path[PLAN_MAX_PATH];
		struct floor_rule moved = *rule;
		if (strlen(to) + e->len - from_len < sizeof path) {
			strcpy(stpcpy(path, to), e->path + from_len);
			floor_learn(floor, path, moved.dev, moved.ino, moved.rights);
		}
	}
}

struct lookup {
	uint32_t rights;
	char path[PLAN_MAX_PATH]; /* scratch: the path up to a rule */
};

/* Is the directory that the rule was made for still there? What cannot be looked at is taken as such: it may be reached by a descriptor, where the kernel would let it pass. */
static bool still_there(struct lookup *l, size_t len, const struct floor_rule *rule)
{
	struct stat st;
	char next = l->path[len];
	l->path[len] = 0;
	int found = lstat(len == 0 ? "/" : l->path, &st);
	bool gone = found == 0 ? st.st_dev != rule->dev || st.st_ino != rule->ino : errno == ENOENT || errno == ENOTDIR;
	l->path[len] = next;
	return !gone;
}

static void add_rights(void *value, size_t len, bool exact, void *arg)
{
	const struct floor_rule *rule = value;
	struct lookup *l = arg;
	if (!exact && rule->is_dir && (rule->rights & ~l->rights) != 0 && still_there(l, len, rule))
		l->rights |= rule->rights;
}

static uint32_t own_rights(const struct floor *floor, dev_t dev, ino_t ino)
{
	return ino != 0 && floor->inode_slots != 0 ? slot_of(floor, dev, ino)->rights : 0;
}

uint32_t floor_own_rights(const struct floor *floor, const struct stat *st)
{
	return own_rights(floor, st->st_dev, st->st_ino);
}

uint32_t floor_rights(const struct floor *floor, const char *real_path, dev_t dev, ino_t ino)
{
	struct lookup l = {.rights = own_rights(floor, dev, ino)};
	size_t len = strnlen(real_path, sizeof l.path - 1);
	memcpy(l.path, real_path, len);
	l.path[len] = 0;
	pathmap_walk(&floor->map, real_path, add_rights, &l);
	return l.rights;
}

static void add_unseen(void *value, size_t len, bool exact, void *arg)
{
	const struct floor_rule *rule = value;
	(void)len;
	if (!exact && rule->is_dir)
		*(uint32_t *)arg |= rule->rights;
}

bool floor_holds(const struct floor *floor, const char *real_path, dev_t dev, ino_t ino, uint32_t wanted)
{
	/* What is performed here is off the floor even if all rules above it still held: then nothing needs to be looked at. */
	uint32_t most = own_rights(floor, dev, ino);
	pathmap_walk(&floor->map, real_path, add_unseen, &most);
	return (wanted & ~most) == 0 && (wanted & ~floor_rights(floor, real_path, dev, ino)) == 0;
}

bool floor_holds_name(const struct floor *floor, const char *real_path, const struct stat *parent, uint32_t wanted)
{
	char dir[PLAN_MAX_PATH];
	snprintf(dir, sizeof dir, "%s", real_path);
	char *slash = strrchr(dir, '/');
	slash[slash == dir ? 1 : 0] = 0;
	return floor_holds(floor, dir, parent->st_dev, parent->st_ino, wanted);
}

bool floor_rights_at(const struct floor *floor, int dir, uint32_t *rights)
{
	struct stat st, above;
	int at = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool ok = at >= 0 && fstat(at, &st) == 0, root = false;
	*rights = 0;
	/* A path has no more components than this; a deeper directory is not known. */
	for (unsigned depth = 0; ok && !root; depth++) {
		*rights |= floor_own_rights(floor, &st);
		int next = depth < PLAN_MAX_PATH / 2 ? openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
		ok = next >= 0 && fstat(next, &above) == 0;
		root = ok && above.st_dev == st.st_dev && above.st_ino == st.st_ino;
		st = above;
		close(at);
		at = next;
	}
	if (at >= 0)
		close(at);
	return ok;
}
