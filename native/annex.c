/* The copies are outside's: no rule lets the sandbox write there. Whoever learns a copy's path can read and execute it, as it could the original. */
#define _GNU_SOURCE
#include "annex.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "birth.h"
#include "swap.h"

/* Larger ones are refused: copying would keep everybody else waiting. */
enum { KNOWN = 64, MAX_BYTES = 256 * 1024 * 1024 };

static struct copy {
	struct stat of;
	unsigned number; /* 0: none */
	char leaf[256];
} copies[KNOWN];
static unsigned last;

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

static bool make(unsigned number, const char *leaf, const struct target *t)
{
	char link[40], dir[16];
	snprintf(link, sizeof link, "/proc/self/fd/%d", t->object);
	snprintf(dir, sizeof dir, "%u", number);
	int from = open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat plain = t->st;
	/* Its own identity does not matter, only that the caller may execute it: no set-user-ID, owned by this user, open to all. */
	plain.st_mode = (plain.st_mode & S_IFMT) | 0555;
	plain.st_uid = geteuid();
	plain.st_gid = getegid();
	/* In a directory of its own: the last component is what the process will be called. */
	int to = from >= 0 && mkdirat(birth_annex(), dir, 0700) == 0 ? open_copy(number, leaf, O_RDWR | O_CREAT | O_EXCL) : -1;
	bool ok = to >= 0 && swap_copy(from, to, &plain);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to); /* open for writing, it could not be executed */
	return ok;
}

static void forget(unsigned number, const char *leaf)
{
	char path[300];
	snprintf(path, sizeof path, "%u/%s", number, leaf);
	unlinkat(birth_annex(), path, 0);
	snprintf(path, sizeof path, "%u", number);
	unlinkat(birth_annex(), path, AT_REMOVEDIR);
}

/* The oldest makes room: a program that changes and executes a file for ever must not fill the disk. Who runs it has it open. */
static void remember(const struct target *t, unsigned number, const char *leaf)
{
	struct copy *c = &copies[number % KNOWN];
	if (c->number != 0)
		forget(c->number, c->leaf);
	*c = (struct copy){.of = t->st, .number = number};
	snprintf(c->leaf, sizeof c->leaf, "%s", leaf);
}

int annex_copy(const struct target *t, bool keep)
{
	const char *leaf = strrchr(t->real, '/') + 1;
	if (birth_annex() < 0 || !S_ISREG(t->st.st_mode) || t->st.st_size > MAX_BYTES)
		return -1;
	int fd = -1;
	for (unsigned i = 0; i < KNOWN && keep; i++)
		if (copies[i].number != 0 && unchanged(&copies[i].of, &t->st) && (fd = open_copy(copies[i].number, leaf, O_RDONLY | O_NONBLOCK)) >= 0)
			return fd; /* not by another of its names: a program asks what it is called */
	unsigned number = ++last;
	fd = make(number, leaf, t) ? open_copy(number, leaf, O_RDONLY | O_NONBLOCK) : -1;
	if (fd < 0 || !keep)
		forget(number, leaf);
	else
		remember(t, number, leaf);
	return fd;
}
