/* A relative path begins at a directory of the caller's. Its path is guessed from the last time; the walk of the guess must end at the same inode of the same file
 * system on the same mount as the caller's descriptor (statx of its link in /proc), or the guess is dropped and the long way taken. A directory that was renamed,
 * removed, mounted over, or that lies on a detached mount or in another mount namespace, fails that test.
 *
 * Runs with the supervisor's privileges; opens directories of /proc only, O_PATH. */
#define _GNU_SOURCE
#include "caller/caller_directory.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "path/resolve.h"

enum { HINTS = 128 };

struct identity {
	dev_t dev;
	ino_t ino;
	uint64_t mount; /* that the directory is reached by: statx(2), the unique number since Linux 6.8, else STATX_MNT_ID, Linux 5.8 */
};

static struct hint {
	struct identity of;
	char *real;
} hints[HINTS];

/* The directory that this call began at. */
static struct {
	pid_t tid; /* 0: not looked at yet */
	int dirfd;
	bool known;
	struct identity of;
	char real[PLAN_MAX_PATH];
} base;

void caller_directory_begin(void)
{
	base.tid = 0;
}

static bool same(const struct identity *a, const struct identity *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->mount == b->mount;
}

static struct hint *hint_of(const struct identity *of)
{
	return &hints[(of->ino ^ of->mount ^ (uint64_t)of->dev << 7) % HINTS];
}

/* Both numbers are asked for, and the kernel gives the better one: the same for the caller's link and for what was walked. */
enum { IDENTITY = STATX_TYPE | STATX_INO | STATX_MNT_ID | STATX_MNT_ID_UNIQUE };

static bool identify(int dir, const char *path, int flags, unsigned want, struct statx *st, struct identity *out)
{
	if (statx(dir, path, flags | AT_STATX_DONT_SYNC, want, st) != 0 || (st->stx_mask & (STATX_MNT_ID | STATX_MNT_ID_UNIQUE)) == 0 ||
	    (st->stx_mask & STATX_INO) == 0 || !S_ISDIR(st->stx_mode))
		return false;
	*out = (struct identity){.dev = makedev(st->stx_dev_major, st->stx_dev_minor), .ino = st->stx_ino, .mount = st->stx_mnt_id};
	return true;
}

/* The directory of a thread's descriptors in /proc stays open: that is a quarter less to look one up. It is bound to the thread and not to its number (proc(5)): of one that is
 * gone it shows nothing, whoever has the number by then. */
static struct kept {
	pid_t tid; /* 0: none */
	int fd;
} kept[16];

static struct kept *kept_of(pid_t tid)
{
	return &kept[(unsigned)tid % (sizeof kept / sizeof kept[0])];
}

static bool keep(pid_t tid)
{
	char path[40];
	struct kept *k = kept_of(tid);
	if (k->tid != 0)
		close(k->fd);
	snprintf(path, sizeof path, "/proc/%d/fd", tid);
	k->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	k->tid = k->fd >= 0 ? tid : 0;
	return k->tid != 0;
}

static bool identify_descriptor(pid_t tid, int dirfd, struct identity *out)
{
	char name[12];
	struct statx st;
	const struct kept *k = kept_of(tid);
	snprintf(name, sizeof name, "%d", dirfd);
	/* What was kept may be of a thread that is gone, or that could not be looked into when it was opened. */
	return (k->tid == tid && identify(k->fd, name, 0, IDENTITY, &st, out)) || (keep(tid) && identify(k->fd, name, 0, IDENTITY, &st, out));
}

static bool identify_base(pid_t tid, int dirfd, struct identity *out)
{
	char link[40];
	struct statx st;
	if (dirfd != AT_FDCWD)
		return dirfd >= 0 && identify_descriptor(tid, dirfd, out);
	snprintf(link, sizeof link, "/proc/%d/cwd", tid);
	return identify(AT_FDCWD, link, 0, IDENTITY, &st, out);
}

bool caller_directory_printed(pid_t tid, int dirfd, char *out)
{
	char link[48];
	if (dirfd == AT_FDCWD)
		snprintf(link, sizeof link, "/proc/%d/cwd", tid);
	else
		snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, dirfd);
	ssize_t n = readlink(link, out, PLAN_MAX_PATH - 1);
	if (n <= 0 || n >= (ssize_t)PLAN_MAX_PATH - 1 || out[0] != '/')
		return false;
	out[n] = 0;
	return true;
}

static bool look(pid_t tid, int dirfd)
{
	if (!identify_base(tid, dirfd, &base.of))
		return false;
	struct hint *h = hint_of(&base.of);
	if (h->real != NULL && same(&h->of, &base.of)) {
		strcpy(base.real, h->real);
		return true;
	}
	if (!caller_directory_printed(tid, dirfd, base.real))
		return false;
	free(h->real);
	*h = (struct hint){.of = base.of, .real = strdup(base.real)};
	return true;
}

const char *caller_directory(pid_t tid, int dirfd)
{
	if (base.tid != tid || base.dirfd != dirfd) {
		base.tid = tid;
		base.dirfd = dirfd;
		base.known = look(tid, dirfd);
	}
	return base.known ? base.real : NULL;
}

bool caller_directory_is(dev_t dev, ino_t ino)
{
	return base.known && base.of.dev == dev && base.of.ino == ino;
}

bool caller_directory_confirm(int fd, struct statx *st)
{
	struct identity found;
	if (fd >= 0 && identify(fd, "", AT_EMPTY_PATH, IDENTITY | STATX_BASIC_STATS, st, &found) && same(&found, &base.of))
		return true;
	struct hint *h = hint_of(&base.of);
	free(h->real);
	*h = (struct hint){.real = NULL};
	base.known = false;
	return false;
}
