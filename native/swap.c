/* Security: nothing is done here that the caller could not have done itself: it may read the file, write beside it and rename. What it gains is one inode on
 * the floor, at a place where policy lets it read and write anyway (birth.c). What it could try:
 * - write the file meanwhile, so that something else is executed than was copied: it may write it, so it may execute what it likes; and a lease refuses.
 * - a hard link, so that a file elsewhere changes or one is parted from its other names: only files with one name are exchanged.
 * - a descriptor on the old inode: it stays what it was, a file that has been removed.
 * - another file under the name at the last moment: both sides change places at once (RENAME_EXCHANGE), and what came back is compared. */
#define _GNU_SOURCE
#include "swap.h"

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

#include "birth.h"

/* A larger one is copied to the annex, or refused: this loop serves everybody. */
enum { MAX_BYTES = 64 * 1024 * 1024 };

static bool copy_content(int from, int to, off_t size)
{
	if (ioctl(to, FICLONE, from) == 0)
		return true;
	off_t in = 0, out = 0;
	while (in < size) {
		ssize_t n = copy_file_range(from, &in, to, &out, (size_t)(size - in), 0);
		if (n <= 0)
			break;
	}
	char buffer[65536];
	while (in < size) {
		ssize_t n = pread(from, buffer, sizeof buffer, in);
		if (n <= 0 || pwrite(to, buffer, (size_t)n, in) != n)
			return false;
		in += n;
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

enum swapped swap_executable(struct supervisor *s, struct target *t)
{
	struct birth_file f;
	const struct stat *st = &t->st;
	if (!S_ISREG(st->st_mode) || st->st_nlink != 1 || st->st_size > MAX_BYTES || t->held_by_caller || !birth_file(s, t->real, &f) || f.dev != st->st_dev)
		return SWAP_NOT;
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", t->object);
	const char *leaf;
	int parent = parent_of(t->real, &leaf);
	int old = open(link, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	enum swapped result = SWAP_NOT;
	/* Refused while the file is open for writing, or mapped so: just when execve(2) would answer ETXTBSY. A writer who comes now waits for it. */
	if (parent >= 0 && old >= 0 && fcntl(old, F_SETLEASE, F_RDLCK) != 0) {
		result = errno == EAGAIN ? SWAP_BUSY : SWAP_NOT;
	} else if (parent >= 0 && old >= 0) {
		int copy = openat(f.dir, f.name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (copy >= 0 && is(f.dir, f.name, f.dev, f.ino) && swap_copy(old, copy, st) && take_place(&f, parent, leaf, old, st)) {
			unlinkat(f.dir, f.name, 0);
			birth_file_taken(&f);
			result = SWAPPED;
		}
		if (copy >= 0)
			close(copy);
	}
	if (old >= 0)
		close(old);
	if (parent >= 0)
		close(parent);
	return result;
}
