/* Runs with the invoking user's privileges, or as root as root; only looks. */
#define _GNU_SOURCE
#include "names/moves.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/work.h"
#include "plan/utf8.h"
#include "slow/slow_mounts.h"
#include "start/tmpdir.h"

/* AT_ONCE: what the loop waits for; a process looks through the rest. What is larger than MAX_ENTRIES is refused. */
enum { AT_ONCE = 1000, MAX_ENTRIES = 20000, MAX_DEPTH = 128 };

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
	bool tired; /* nothing was left */
	char path[PLAN_MAX_PATH]; /* where the entry would be */
	char from[PLAN_MAX_PATH]; /* where it is */
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

static bool not_denied(const struct walk *w, const char *path)
{
	struct decision d = rules_decide(&w->s->rules, path, ACCESS_READ | ACCESS_WRITE);
	return d.allow || d.reason != REASON_RULE;
}

static bool entry_is_free(struct walk *w, int dir, const struct dirent *e, unsigned depth)
{
	size_t len = strlen(w->path), from_len = strlen(w->from);
	int n = snprintf(w->path + len, sizeof w->path - len, "/%s", e->d_name);
	int from_n = snprintf(w->from + from_len, sizeof w->from - from_len, "/%s", e->d_name);
	mode_t type = type_of(dir, e);
	w->tired = w->tired || w->left == 0;
	bool ok = !w->tired && w->left-- > 0 && depth < MAX_DEPTH && n > 0 && (size_t)n < sizeof w->path - len && type != 0;
	/* At either place: what somebody outside made under a denied name since the start is no rule below it. Moved with its directory out of the pattern's place, or into
	 * a bulk directory, it could be read or written there, in strict mode too. */
	ok = ok && from_n > 0 && (size_t)from_n < sizeof w->from - from_len && not_denied(w, w->from) && not_denied(w, w->path);
	if (ok && !S_ISDIR(type)) {
		ok = moves_name(w->s, w->path, type) == 0;
	} else if (ok) {
		int fd = openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		ok = fd >= 0 && below_is_free(w, fd, depth + 1);
	}
	w->path[len] = w->from[from_len] = 0;
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

/* --- looked through by a process ------------------------------------------------------------------------------------------------------------------ */

enum look { FREE, NOT_FREE, GROWS, NOT_YET = -1 };

/* A directory on its way. All names below are made by this supervisor, one call after the other, and while the process looks it goes on making them: moves_made. */
static struct looking {
	pid_t pid; /* 0: it has ended */
	bool made; /* something was made below since it began */
	dev_t dev;
	ino_t ino;
	enum look found;
	char from[PLAN_MAX_PATH], to[PLAN_MAX_PATH];
} lookings[WORKS_MAX];
static unsigned next_looking;

static enum look look(struct walk *w, int fd)
{
	return below_is_free(w, fd, 0) ? FREE : w->grows ? GROWS : NOT_FREE;
}

struct looked_through {
	struct walk *walk;
	int fd;
	bool only_path;
};

static int look_all(void *arg)
{
	const struct looked_through *l = arg;
	int fd = l->only_path ? openat(l->fd, ".", O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC) : l->fd;
	return fd >= 0 ? look(l->walk, fd) : NOT_FREE;
}

bool moves_ended(pid_t pid, int code)
{
	for (struct looking *l = lookings; l < lookings + WORKS_MAX; l++) {
		if (l->pid != pid)
			continue;
		l->pid = 0;
		l->found = code >= FREE && code <= GROWS ? (enum look)code : NOT_FREE;
		l->made = l->made || code < FREE; /* it was killed, and is not known */
		return true;
	}
	return false;
}

void moves_made(const char *real)
{
	for (struct looking *l = lookings; l < lookings + WORKS_MAX; l++) {
		/* At it or below; or above: it came back with what lies there, and meanwhile was called otherwise. */
		size_t from = strlen(l->from), made = strlen(real), n = from < made ? from : made;
		l->made = l->made || (strncmp(real, l->from, n) == 0 && (from == made || (from < made ? real[n] : l->from[n]) == '/'));
	}
}

/* What was found, or the process that is waited for: the one that looks there, or any when there are as many as may be. */
static struct looking *known(const struct stat *st, const char *from, const char *to, pid_t *work)
{
	unsigned busy = 0;
	*work = 0;
	for (struct looking *l = lookings; l < lookings + WORKS_MAX; l++) {
		bool same = l->dev == st->st_dev && l->ino == st->st_ino && strcmp(l->from, from) == 0 && strcmp(l->to, to) == 0;
		if (same && l->pid == 0 && !l->made && l->found != NOT_YET)
			return l;
		if (same && l->pid != 0)
			*work = l->pid;
		busy += l->pid != 0;
	}
	if (*work == 0 && busy == WORKS_MAX)
		*work = lookings[0].pid;
	return NULL;
}

static enum look look_slowly(struct walk *w, int fd, bool only_path, const struct stat *st, const char *from, const char *to, pid_t *work)
{
	struct looking *l;
	do
		l = &lookings[next_looking++ % WORKS_MAX];
	while (l->pid != 0);
	*l = (struct looking){.dev = st->st_dev, .ino = st->st_ino, .found = NOT_YET};
	snprintf(l->from, sizeof l->from, "%s", from);
	snprintf(l->to, sizeof l->to, "%s", to);
	struct looked_through arg = {.walk = w, .fd = fd, .only_path = only_path};
	l->pid = work_start(look_all, &arg, (int[2]){fd, fd});
	if (l->pid <= 0) {
		l->pid = 0;
		return NOT_FREE;
	}
	*work = l->pid;
	return NOT_YET;
}

/* `slow`: opened so that no server is asked; to be opened again by whoever looks. */
static int open_moved(const struct moved *m, bool slow, struct stat *st)
{
	char leaf[NAME_MAX + 2];
	snprintf(leaf, sizeof leaf, "%.*s", (int)strcspn(m->leaf, "/"), m->leaf);
	int fd = openat(m->parent, leaf, (slow ? O_PATH : O_RDONLY | O_NONBLOCK) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, st) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void begin(struct walk *w, const struct supervisor *s, const char *from, const char *to, unsigned entries)
{
	w->s = s;
	w->left = entries;
	w->tired = w->grows = false;
	snprintf(w->path, sizeof w->path, "%s", to);
	snprintf(w->from, sizeof w->from, "%s", from);
}

static enum look look_below(const struct supervisor *s, const struct moved *from, const struct moved *to, pid_t *work)
{
	static struct walk w; /* large; one thread */
	struct stat st;
	/* Where a server may not answer only a process looks: here, or further down. */
	bool slow = slow_at_or_below(from->real);
	int fd = open_moved(from, slow, &st);
	if (fd < 0)
		return NOT_FREE;
	struct looking *l = known(&st, from->real, to->real, work);
	enum look found = l != NULL ? l->found : NOT_YET;
	if (l != NULL && found != FREE)
		l->found = NOT_YET; /* ends this call, and is no answer to the next one: what was in the way may be removed */
	if (l == NULL && *work == 0) {
		begin(&w, s, from->real, to->real, AT_ONCE);
		if (!slow)
			found = look(&w, fcntl(fd, F_DUPFD_CLOEXEC, 3));
		if (slow || w.tired) {
			begin(&w, s, from->real, to->real, MAX_ENTRIES);
			if (!slow)
				lseek(fd, 0, SEEK_SET); /* shared with the duplicate */
			found = look_slowly(&w, fd, slow, &st, from->real, to->real, work);
		}
	}
	close(fd);
	return found;
}

/* A session's $TMPDIR is removed at its end, and what a killed one left at the next start, with all that is in it, by a process that no rule binds (tmpdir.c): who may not remove
 * what is denied must not carry it there. */
static bool is_removed_later(const char *real)
{
	char name[TMPDIR_NAME];
	for (const char *at = real + strspn(real, "/"); *at != 0; at += strspn(at, "/")) {
		size_t len = strcspn(at, "/");
		if (len < sizeof name) {
			memcpy(name, at, len);
			name[len] = 0;
			if (tmpdir_is_name(name))
				return true;
		}
		at += len;
	}
	return false;
}

/* An object goes from one path to another. */
static int goes(const struct supervisor *s, const struct moved *from, const struct moved *to, pid_t *work)
{
	bool differ = rules_patterns_differ(&s->rules, from->real, to->real);
	if (!S_ISDIR(from->mode)) {
		int err = moves_name(s, to->real, from->mode);
		/* Where names change without being seen, what is a file now may be a directory, or a link, when it is moved. */
		return err == 0 && differ && grows_unseen(s, from) ? EXDEV : err;
	}
	/* Under the same patterns at either place: what none matched there, none matches here. Matches that were there at start are rules below it.
	 * The host, which looked for them, could not look into a directory whose name is no UTF-8. */
	differ = differ || !is_utf8(from->real) || (is_removed_later(to->real) && !is_removed_later(from->real));
	if (!differ && !rises(s, from, to))
		return 0;
	if (grows_unseen(s, from))
		return EXDEV;
	if (work == NULL)
		return 0;
	enum look found = look_below(s, from, to, work);
	if (found == NOT_YET)
		return MOVES_SLOWLY;
	/* Where only the floor differs, a copy is as good as the move, however much there is to look through. */
	return found == FREE ? 0 : differ && found != GROWS ? EACCES : EXDEV;
}

int moves_rename(const struct supervisor *s, const struct moved *from, const struct moved *to, bool exchange, pid_t *work)
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
	int err = from->exists ? goes(s, from, to, work) : 0;
	return err != 0 || !exchange || !to->exists ? err : goes(s, to, from, work);
}
