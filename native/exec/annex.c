/* The copies are outside's: no rule lets the sandbox write there. Whoever learns a copy's path can read and execute it, as it could the original. */
#define _GNU_SOURCE
#include "exec/annex.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "exec/swap.h"
#include "floor/birth.h"
#include "loop/work.h"
#include "slow/slow_mounts.h"

/* Larger ones are refused, and all together take no more than MAX_ALL: the copies would fill the disk. */
enum { KNOWN = 64, MAX_BYTES = 256 * 1024 * 1024 };
static const off_t MAX_ALL = 1024L * 1024 * 1024;

static struct copy {
	struct stat of;
	unsigned number; /* 0: none */
	uint64_t once;   /* not 0: for one call */
	char leaf[256];
} copies[KNOWN];
static unsigned last;

/* Being made. */
static struct making {
	pid_t pid;
	int from, to;
	bool only_path; /* `from` is none to read from: the process that copies opens it, and closes it, where a server may not answer */
	struct copy copy;
} makings[WORKS_MAX];

static bool unchanged(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mode == b->st_mode && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static int open_copy(unsigned number, const char *leaf, int flags)
{
	char path[300];
	snprintf(path, sizeof path, "%u/%s", number, leaf);
	return openat(birth_annex(), path, flags | O_NOFOLLOW | O_CLOEXEC, 0700);
}

/* Opens both sides; false: nothing is left behind but perhaps the new directory. */
static bool open_both(struct making *m, const struct target *t)
{
	char link[40], dir[16];
	snprintf(link, sizeof link, "/proc/self/fd/%d", t->object);
	snprintf(dir, sizeof dir, "%u", m->copy.number);
	m->from = m->only_path ? fcntl(t->object, F_DUPFD_CLOEXEC, 3) : open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	/* In a directory of its own: the last component is what the process will be called. */
	m->to = m->from >= 0 && mkdirat(birth_annex(), dir, 0700) == 0 ? open_copy(m->copy.number, m->copy.leaf, O_RDWR | O_CREAT | O_EXCL) : -1;
	return m->to >= 0;
}

/* Open for writing, it could not be executed. */
static void close_both(struct making *m)
{
	if (m->from >= 0)
		close(m->from);
	if (m->to >= 0)
		close(m->to);
	m->from = m->to = -1;
}

static int fill(void *making)
{
	const struct making *m = making;
	struct stat plain = m->copy.of;
	/* Its own identity does not matter, only that the caller may execute it: no set-user-ID, owned by this user, open to all. */
	plain.st_mode = (plain.st_mode & S_IFMT) | 0555;
	plain.st_uid = geteuid();
	plain.st_gid = getegid();
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", m->from);
	int from = m->only_path ? open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : m->from;
	return from >= 0 && swap_copy(from, m->to, &plain) ? 0 : 1;
}

static void forget(unsigned number, const char *leaf)
{
	char path[300];
	snprintf(path, sizeof path, "%u/%s", number, leaf);
	unlinkat(birth_annex(), path, 0);
	snprintf(path, sizeof path, "%u", number);
	unlinkat(birth_annex(), path, AT_REMOVEDIR);
}

static void drop(struct copy *c)
{
	forget(c->number, c->leaf);
	c->number = 0;
}

/* Numbers grow. */
static struct copy *oldest(off_t *all)
{
	struct copy *found = NULL;
	*all = 0;
	for (struct copy *c = copies; c < copies + KNOWN; c++) {
		if (c->number == 0)
			continue;
		*all += c->of.st_size;
		if (found == NULL || c->number < found->number)
			found = c;
	}
	return found;
}

/* The oldest make room: a program that changes and executes a file for ever must not fill the disk. Who runs one has it open. */
static void make_room(off_t size)
{
	off_t all;
	for (struct copy *c = oldest(&all); c != NULL && all + size > MAX_ALL; c = oldest(&all))
		drop(c);
}

static void remember(const struct copy *made)
{
	struct copy *c = &copies[made->number % KNOWN];
	if (c->number != 0)
		drop(c);
	*c = *made;
}

static int known_copy(const struct target *t, const char *leaf, uint64_t once)
{
	int fd = -1;
	for (struct copy *c = copies; c < copies + KNOWN && fd < 0; c++) {
		if (c->number == 0 || c->once != once || !unchanged(&c->of, &t->st))
			continue;
		fd = open_copy(c->number, leaf, O_RDONLY | O_NONBLOCK); /* not by another of its names: a program asks what it is called */
		if (once != 0)
			drop(c);
	}
	return fd;
}

/* Somebody makes the same one already, or as many are made as may be at a time: then that one is waited for. */
static pid_t other_making(const struct target *t, const char *leaf, uint64_t once)
{
	unsigned busy = 0;
	for (struct making *m = makings; m < makings + WORKS_MAX; m++) {
		if (m->pid != 0 && m->copy.once == once && strcmp(m->copy.leaf, leaf) == 0 && unchanged(&m->copy.of, &t->st))
			return m->pid;
		busy += m->pid != 0;
	}
	return busy == WORKS_MAX ? makings[0].pid : 0;
}

static int make_slowly(struct making made, pid_t *copy)
{
	struct making *m = makings;
	while (m->pid != 0)
		m++;
	*m = made;
	pid_t pid = work_start(fill, m, (int[2]){m->from, m->to});
	m->pid = pid > 0 ? pid : 0;
	close_both(m);
	if (pid <= 0) {
		forget(made.copy.number, made.copy.leaf);
		return -1;
	}
	*copy = pid;
	return ANNEX_SLOWLY;
}

int annex_copy(const struct target *t, uint64_t once, pid_t *copy)
{
	const char *leaf = strrchr(t->real, '/') + 1;
	if (birth_annex() < 0 || !S_ISREG(t->st.st_mode) || t->st.st_size > MAX_BYTES || strlen(leaf) >= sizeof copies[0].leaf)
		return -1;
	int fd = known_copy(t, leaf, once);
	if (fd >= 0)
		return fd;
	bool server = slow_holds(t->object), slowly = t->st.st_size > COPY_AT_ONCE || server;
	if (slowly && (*copy = other_making(t, leaf, once)) != 0)
		return ANNEX_SLOWLY;
	struct making m = {.from = -1, .to = -1, .only_path = server, .copy = {.of = t->st, .number = ++last, .once = once}};
	strcpy(m.copy.leaf, leaf);
	make_room(t->st.st_size);
	bool ok = open_both(&m, t);
	if (ok && slowly)
		return make_slowly(m, copy);
	ok = ok && fill(&m) == 0;
	close_both(&m);
	fd = ok ? open_copy(m.copy.number, leaf, O_RDONLY | O_NONBLOCK) : -1;
	if (fd < 0 || once != 0)
		forget(m.copy.number, leaf);
	else
		remember(&m.copy);
	return fd;
}

bool annex_ended(pid_t pid, bool well, bool (*still_waits)(const void *arg, uint64_t notification), const void *arg)
{
	for (struct making *m = makings; m < makings + WORKS_MAX; m++) {
		if (m->pid != pid)
			continue;
		m->pid = 0;
		if (well && (m->copy.once == 0 || still_waits(arg, m->copy.once)))
			remember(&m->copy);
		else
			forget(m->copy.number, m->copy.leaf);
		return true;
	}
	return false;
}
