/* Runs with the invoking user's privileges, or as root as root; only looks. */
#define _GNU_SOURCE
#include "moves.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The loop waits meanwhile: what is larger is refused, not looked through. */
enum { MAX_ENTRIES = 20000, MAX_DEPTH = 128 };

/* The next session follows links on the way to what it grants: one that is made here in the place of a grant would have it grant what the link leads to. (Above a
 * grant nothing but a directory is made: rules_below.) */
static bool leads_grants_away(const struct supervisor *s, const char *real, mode_t mode)
{
	return S_ISLNK(mode) && rules_grant_at(&s->rules, real);
}

int moves_name(const struct supervisor *s, const char *real, mode_t mode)
{
	uint32_t id;
	if (leads_grants_away(s, real, mode))
		return EACCES;
	if (rules_below(&s->rules, real))
		return EACCES;
	if (s->rules.pattern_count == 0)
		return 0;
	enum pattern_prefix prefix = rules_names_prefix(&s->rules, real, &id);
	/* "*" names every directory: files beside them are common, and lead nowhere. */
	return prefix == PREFIX_LITERAL || (prefix == PREFIX_GLOB && S_ISLNK(mode)) ? EACCES : 0;
}

struct walk {
	const struct supervisor *s;
	unsigned left;
	char path[PLAN_MAX_PATH]; /* where the entry would be */
	bool grows; /* names can be made somewhere below without being seen */
};

static mode_t type_of(int dir, const struct dirent *e)
{
	struct stat st;
	if (e->d_type != DT_UNKNOWN)
		return DTTOIF(e->d_type);
	return fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode : 0;
}

static bool below_is_free(struct walk *w, int dir, unsigned depth);

static bool entry_is_free(struct walk *w, int dir, const struct dirent *e, unsigned depth)
{
	size_t len = strlen(w->path);
	int n = snprintf(w->path + len, sizeof w->path - len, "/%s", e->d_name);
	mode_t type = type_of(dir, e);
	bool ok = w->left-- > 0 && depth < MAX_DEPTH && n > 0 && (size_t)n < sizeof w->path - len && type != 0;
	if (ok) {
		struct decision d = rules_decide(&w->s->rules, w->path, ACCESS_READ | ACCESS_WRITE);
		ok = d.allow || d.reason != REASON_RULE;
	}
	if (ok && !S_ISDIR(type)) {
		ok = moves_name(w->s, w->path, type) == 0;
	} else if (ok) {
		int fd = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		ok = fd >= 0 && below_is_free(w, fd, depth + 1);
	}
	w->path[len] = 0;
	return ok;
}

/* Takes `dir`. What cannot be listed is not known to be free. */
static bool below_is_free(struct walk *w, int dir, unsigned depth)
{
	struct stat st;
	bool known = fstat(dir, &st) == 0;
	w->grows = w->grows || !known || (floor_own_rights(w->s->floor, &st) & FLOOR_MAKE) != 0;
	DIR *d = fdopendir(dir);
	if (d == NULL) {
		close(dir);
		return false;
	}
	bool ok = !w->grows;
	errno = 0;
	for (const struct dirent *e; ok && (e = readdir(d)) != NULL; errno = 0)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			ok = entry_is_free(w, dirfd(d), e, depth);
	ok = ok && errno == 0;
	closedir(d);
	return ok;
}

/* The host, which looked for matches at start, could not look into a directory whose name is no UTF-8. */
static bool is_utf8(const char *path)
{
	for (const unsigned char *p = (const unsigned char *)path; *p != 0;) {
		unsigned n = p[0] < 0x80 ? 0 : p[0] >= 0xc2 && p[0] < 0xe0 ? 1 : p[0] >= 0xe0 && p[0] < 0xf0 ? 2 : p[0] >= 0xf0 && p[0] < 0xf5 ? 3 : 4;
		if (n == 4)
			return false;
		p++;
		for (; n > 0; n--, p++)
			if ((*p & 0xc0) != 0x80)
				return false;
	}
	return true;
}

/* Does the floor grant more where it goes than where it was? Rights reach down from the directories above: what somebody outside brought under a denied name since the
 * start, which nothing but this supervisor keeps closed, would be opened by the kernel. */
static bool rises(const struct supervisor *s, const struct moved *from, const struct moved *to)
{
	struct stat before, after;
	uint32_t had, has;
	if (fstat(from->parent, &before) == 0 && fstat(to->parent, &after) == 0 && before.st_dev == after.st_dev && before.st_ino == after.st_ino)
		return false;
	return !floor_rights_at(s->floor, from->parent, &had) || !floor_rights_at(s->floor, to->parent, &has) || (has & ~had) != 0;
}

/* Could something inside make new names at or below it without being seen? Then what was seen there is no longer so when the rename happens, and the rights, which bind
 * to inodes, would move along. Here by what is above it; what lies below is looked at with the rest. */
static bool grows_unseen(const struct supervisor *s, const struct moved *m)
{
	uint32_t rights;
	return !floor_rights_at(s->floor, m->parent, &rights) || (rights & FLOOR_MAKE) != 0;
}

/* The same, for what is moved there. */
static int replaces_grant(const struct supervisor *s, const struct moved *from, const char *to)
{
	if (leads_grants_away(s, to, from->mode))
		return EACCES;
	return rules_grant_at(&s->rules, to) && grows_unseen(s, from) ? EXDEV : 0;
}

/* An object goes from one path to another. */
static int goes(const struct supervisor *s, const struct moved *from, const struct moved *to)
{
	bool differ = rules_patterns_differ(&s->rules, from->real, to->real);
	if (!S_ISDIR(from->mode)) {
		int err = moves_name(s, to->real, from->mode);
		/* Where names change without being seen, what is a file now may be a directory, or a link, when it is moved. */
		return err == 0 && differ && grows_unseen(s, from) ? EXDEV : err;
	}
	/* Under the same patterns at either place: what none matched there, none matches here. Matches that were there at start are rules below it. */
	differ = differ || !is_utf8(from->real);
	if (!differ && !rises(s, from, to))
		return 0;
	if (grows_unseen(s, from))
		return EXDEV;
	static struct walk w; /* large; one thread */
	w.s = s;
	w.left = MAX_ENTRIES;
	w.grows = false;
	snprintf(w.path, sizeof w.path, "%s", to->real);
	char leaf[NAME_MAX + 2];
	snprintf(leaf, sizeof leaf, "%.*s", (int)strcspn(from->leaf, "/"), from->leaf);
	int fd = openat(from->parent, leaf, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool is_free = fd >= 0 && below_is_free(&w, fd, 0);
	/* Where only the floor differs, a copy is as good as the move, however much there is to look through. */
	return is_free ? 0 : differ && !w.grows ? EACCES : EXDEV;
}

int moves_rename(const struct supervisor *s, const struct moved *from, const struct moved *to, bool exchange)
{
	/* A rule below either: its object would move away from it, or something else would come to lie where it denies. */
	if (rules_below(&s->rules, from->real) || rules_below(&s->rules, to->real))
		return EACCES;
	int led = from->exists ? replaces_grant(s, from, to->real) : 0;
	if (led == 0 && exchange && to->exists)
		led = replaces_grant(s, to, from->real);
	if (led != 0)
		return led;
	if (s->rules.pattern_count == 0)
		return 0;
	int err = from->exists ? goes(s, from, to) : 0;
	return err != 0 || !exchange || !to->exists ? err : goes(s, to, from);
}
