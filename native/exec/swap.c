/* Security: nothing is done here that the caller could not have done itself: it may read the file, write beside it and rename. What it gains is one inode on
 * the floor, at a place where policy lets it read and write anyway (birth.c). What it could try:
 * - write the file meanwhile, so that something else is executed than was copied: it may write it, so it may execute what it likes; and a lease refuses.
 * - a hard link, so that a file elsewhere changes or one is parted from its other names: only files with one name are exchanged.
 * - a descriptor on the old inode: it stays what it was, a file that has been removed.
 * - another file under the name at the last moment: both sides change places at once (RENAME_EXCHANGE), and what came back is compared. */
#define _GNU_SOURCE
#include "exec/swap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "floor/birth.h"
#include "loop/work.h"
#include "slow/slow_mounts.h"

/* A larger one is copied to the annex, or refused: who wants to write it waits until it is copied. */
enum { MAX_BYTES = 256 * 1024 * 1024 };

static bool copy_piece(int from, int to, off_t in, off_t end)
{
	off_t out = in;
	while (in < end) {
		ssize_t n = copy_file_range(from, &in, to, &out, (size_t)(end - in), 0);
		if (n <= 0)
			break;
	}
	char buffer[65536];
	while (in < end) {
		ssize_t n = pread(from, buffer, end - in < (off_t)sizeof buffer ? (size_t)(end - in) : sizeof buffer, in);
		if (n <= 0 || pwrite(to, buffer, (size_t)n, in) != n)
			return false;
		in += n;
	}
	return true;
}

/* Holes stay holes: a file that takes no room must not take any here, where no limit of the caller's counts. */
static bool copy_content(int from, int to, off_t size)
{
	if (ioctl(to, FICLONE, from) == 0)
		return true;
	if (ftruncate(to, size) != 0)
		return false;
	for (off_t at = 0; at < size;) {
		off_t data = lseek(from, at, SEEK_DATA);
		if (data < 0 && errno == ENXIO)
			return true;
		data = data < 0 ? at : data;
		off_t end = lseek(from, data, SEEK_HOLE);
		end = end <= data || end > size ? size : end;
		if (!copy_piece(from, to, data, end))
			return false;
		at = end;
	}
	return true;
}

static bool copy_attributes(int from, int to)
{
	char names[4096], value[4096];
	ssize_t len = flistxattr(from, names, sizeof names);
	if (len < 0)
		return errno == EOPNOTSUPP;
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		ssize_t n = fgetxattr(from, name, value, sizeof value);
		char same[4096];
		/* Labels are the kernel's to give; the others need rights that this process may not have (security.capability). */
		if (n < 0 || (fsetxattr(to, name, value, (size_t)n, 0) != 0 &&
		              (fgetxattr(to, name, same, sizeof same) != n || memcmp(same, value, (size_t)n) != 0)))
			return false;
	}
	return true;
}

bool swap_copy(int from, int to, const struct stat *st)
{
	struct stat now;
	struct timespec times[2] = {st->st_atim, st->st_mtim};
	return ftruncate(to, 0) == 0 && copy_content(from, to, st->st_size) && fstat(to, &now) == 0 && now.st_size == st->st_size &&
	       ((now.st_uid == st->st_uid && now.st_gid == st->st_gid) || fchown(to, st->st_uid, st->st_gid) == 0) && fchmod(to, st->st_mode & 07777) == 0 &&
	       copy_attributes(from, to) && futimens(to, times) == 0;
}

static int parent_of(const char *real, const char **leaf)
{
	char dir[PLAN_MAX_PATH];
	snprintf(dir, sizeof dir, "%s", real);
	char *slash = strrchr(dir, '/');
	*leaf = real + (slash - dir) + 1;
	slash[slash == dir ? 1 : 0] = 0;
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	return (int)syscall(SYS_openat2, AT_FDCWD, dir, &how, sizeof how);
}

static bool is(int dir, const char *name, dev_t dev, ino_t ino)
{
	struct stat st;
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_dev == dev && st.st_ino == ino && st.st_nlink == 1;
}

static bool exchange(const struct birth_file *f, int parent, const char *leaf)
{
	return syscall(SYS_renameat2, f->dir, f->name, parent, leaf, RENAME_EXCHANGE) == 0;
}

/* The copy is ready: both change places, unless it is another file by now or somebody has begun to write. */
static bool take_place(const struct birth_file *f, int parent, const char *leaf, int old, const struct stat *st)
{
	if (fcntl(old, F_GETLEASE) != F_RDLCK || !is(parent, leaf, st->st_dev, st->st_ino) || !exchange(f, parent, leaf))
		return false;
	if (fcntl(old, F_GETLEASE) == F_RDLCK && is(f->dir, f->name, st->st_dev, st->st_ino))
		return true;
	exchange(f, parent, leaf);
	return false;
}

/* One file on its way. */
struct swapping {
	pid_t pid;
	struct birth_file f;
	struct stat st;
	char real[PLAN_MAX_PATH];
	int old, copy; /* old: holds the lease */
};

static struct swapping swappings[WORKS_MAX];

static void close_both(struct swapping *w)
{
	if (w->old >= 0)
		close(w->old);
	if (w->copy >= 0)
		close(w->copy);
	w->old = w->copy = -1;
}

/* SWAPPED here: ready to be copied. */
static enum swapped open_both(struct swapping *w, int object)
{
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", object);
	w->old = open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	/* Refused while the file is open for writing, or mapped so: just when execve(2) would answer ETXTBSY. A writer who comes now waits for it. */
	if (w->old < 0 || fcntl(w->old, F_SETLEASE, F_RDLCK) != 0)
		return w->old >= 0 && errno == EAGAIN ? SWAP_BUSY : SWAP_NOT;
	w->copy = openat(w->f.dir, w->f.name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return w->copy >= 0 && is(w->f.dir, w->f.name, w->f.dev, w->f.ino) ? SWAPPED : SWAP_NOT;
}

static int fill(void *swapping)
{
	const struct swapping *w = swapping;
	return swap_copy(w->old, w->copy, &w->st) ? 0 : 1;
}

static bool finish(struct swapping *w)
{
	const char *leaf;
	int parent = parent_of(w->real, &leaf);
	bool taken = parent >= 0 && take_place(&w->f, parent, leaf, w->old, &w->st);
	if (taken)
		unlinkat(w->f.dir, w->f.name, 0);
	if (parent >= 0)
		close(parent);
	return taken;
}

/* Its own copy is under way, or as many as may be at a time. */
static pid_t other_swapping(const struct stat *st)
{
	unsigned busy = 0;
	for (struct swapping *w = swappings; w < swappings + WORKS_MAX; w++) {
		if (w->pid != 0 && w->st.st_dev == st->st_dev && w->st.st_ino == st->st_ino)
			return w->pid;
		busy += w->pid != 0;
	}
	return busy == WORKS_MAX ? swappings[0].pid : 0;
}

static enum swapped swap_slowly(struct swapping *ready, pid_t *copy)
{
	struct swapping *w = swappings;
	while (w->pid != 0)
		w++;
	*w = *ready;
	pid_t pid = work_start(fill, w, (int[2]){w->old, w->copy});
	if (pid <= 0) {
		w->pid = 0;
		close_both(w);
		return SWAP_NOT;
	}
	w->pid = *copy = pid;
	close(w->copy); /* the lease stays */
	w->copy = -1;
	/* Nobody else gets this one meanwhile, whatever comes of it. */
	birth_file_taken(&w->f);
	return SWAP_SLOWLY;
}

enum swapped swap_executable(struct supervisor *s, struct target *t, pid_t *copy)
{
	static struct swapping w; /* large; one thread */
	const struct stat *st = &t->st;
	if (!S_ISREG(st->st_mode) || st->st_nlink != 1 || st->st_size > MAX_BYTES || t->held_by_caller)
		return SWAP_NOT;
	/* Where a server may not answer the lease, the exchange and the closing of both would be waited for; and no other process may change the name (changes.h). */
	if (slow_holds(t->object))
		return SWAP_NOT;
	bool slowly = st->st_size > COPY_AT_ONCE;
	if (slowly && (*copy = other_swapping(st)) != 0)
		return SWAP_SLOWLY;
	w = (struct swapping){.st = *st, .old = -1, .copy = -1};
	if (!birth_file(s, t->real, &w.f) || w.f.dev != st->st_dev)
		return SWAP_NOT;
	strcpy(w.real, t->real);
	enum swapped result = open_both(&w, t->object);
	if (result == SWAPPED && slowly)
		return swap_slowly(&w, copy);
	if (result == SWAPPED && fill(&w) == 0 && finish(&w))
		birth_file_taken(&w.f);
	else if (result == SWAPPED)
		result = SWAP_NOT;
	close_both(&w);
	return result;
}

bool swap_ended(struct supervisor *s, pid_t pid, bool well)
{
	for (struct swapping *w = swappings; w < swappings + WORKS_MAX; w++) {
		if (w->pid != pid)
			continue;
		w->pid = 0;
		/* The rules may have changed since, and then it is what it was. */
		struct decision d = rules_decide(&s->rules, w->real, ACCESS_READ | ACCESS_WRITE);
		if (!well || !d.allow || !finish(w)) {
			int left = openat(w->f.dir, w->f.name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
			if (left >= 0 && is(w->f.dir, w->f.name, w->f.dev, w->f.ino) && ftruncate(left, 0) != 0)
				unlinkat(w->f.dir, w->f.name, 0); /* no content stays where nobody looks for it */
			if (left >= 0)
				close(left);
		}
		close_both(w);
		return true;
	}
	return false;
}
