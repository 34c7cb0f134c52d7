/* The common case of what is performed here. A path that holds no link is its own real path, so one walk that follows none (RESOLVE_NO_SYMLINKS) gives the object and
 * at the same time the proof that this path leads to it; asking the kernel for the name of what a walk has opened, and walking that name again, costs twice as much.
 *
 * A rename of an ancestor after the walk changes nothing: the descriptor was had while the path led there, and acting on it is what the caller's own call
 * would have done a moment earlier. Before the walk, it leads elsewhere, and that is what is decided on and acted on. Swapped for a link, the walk fails (ELOOP). A
 * detached mount has no path from this process's root, so no walk comes into it.
 *
 * A relative path begins at a directory of the caller's (caller_directory.c).
 *
 * Runs with the supervisor's privileges, for callers that have the same (identity_same); opens O_PATH only. */
#define _GNU_SOURCE
#include "path/straight.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "caller/caller_directory.h"
#include "slow/slow_mounts.h"

/* File systems whose entries have the one name that they are listed with. Not /proc, wherever it is mounted; not FAT and its like, where a short name is another name
 * of the same file and the kernel is to be asked for the long one. */
static bool type_has_one_name(int fd)
{
	static const unsigned long types[] = {0xef53 /* ext4 */, 0x58465342 /* xfs */, 0x9123683e /* btrfs */, 0x01021994 /* tmpfs */, 0x794c7630 /* overlayfs */,
	                                      0xf2f52010 /* f2fs */, 0x2fc12fc1 /* zfs */, 0xca451a4e /* bcachefs */};
	struct statfs fs;
	bool found = false;
	bool asked = !slow_mount_of(fd) && fstatfs(fd, &fs) == 0;
	for (size_t i = 0; asked && i < sizeof types / sizeof types[0] && !found; i++)
		found = ((unsigned long)fs.f_type & 0xffffffffUL) == types[i];
	return found;
}

/* A mount shows one file system as long as it is there, and its unique number is given to no other: that of the last one is remembered. */
static bool has_one_name(int fd, const struct statx *x)
{
	static struct {
		uint64_t mount;
		bool one_name;
	} last;
	if ((x->stx_mask & STATX_MNT_ID_UNIQUE) == 0)
		return type_has_one_name(fd);
	if (last.mount != x->stx_mnt_id) {
		last.one_name = type_has_one_name(fd);
		last.mount = x->stx_mnt_id;
	}
	return last.one_name;
}

static void to_stat(const struct statx *x, struct stat *st)
{
	*st = (struct stat){.st_dev = makedev(x->stx_dev_major, x->stx_dev_minor), .st_ino = x->stx_ino, .st_mode = x->stx_mode, .st_nlink = x->stx_nlink,
	                    .st_uid = x->stx_uid, .st_gid = x->stx_gid, .st_rdev = makedev(x->stx_rdev_major, x->stx_rdev_minor), .st_size = (off_t)x->stx_size,
	                    .st_blksize = x->stx_blksize, .st_blocks = (blkcnt_t)x->stx_blocks, .st_atim = {x->stx_atime.tv_sec, x->stx_atime.tv_nsec},
	                    .st_mtim = {x->stx_mtime.tv_sec, x->stx_mtime.tv_nsec}, .st_ctim = {x->stx_ctime.tv_sec, x->stx_ctime.tv_nsec}};
}

/* Whatever is asked of what `fd` is, in one call. False: its entries may have other names, or it cannot be looked at. */
static bool look_at(int fd, struct stat *st)
{
	struct statx x;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID_UNIQUE, &x) != 0 || (x.stx_mask & STATX_BASIC_STATS) != STATX_BASIC_STATS)
		return fstat(fd, st) == 0 && type_has_one_name(fd);
	to_stat(&x, st);
	return has_one_name(fd, &x);
}

static int open_straight(int dir, const char *path, int flags)
{
	struct open_how how = {.flags = (uint64_t)(O_PATH | O_CLOEXEC | O_NOFOLLOW | flags),
	                       .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | (dir == AT_FDCWD ? 0U : RESOLVE_BENEATH)};
	return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

/* The caller's own directory, open, or -1; how it is there in `st`, its path in `real`. */
static int open_base(pid_t tid, int dirfd, struct statx *st, const char **real)
{
	*real = caller_directory(tid, dirfd);
	int fd = *real != NULL ? open_straight(AT_FDCWD, *real, O_DIRECTORY) : -1;
	if (*real == NULL || caller_directory_confirm(fd, st))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Copies without "." and "//". False where text is not enough: ".." leads out of a link's target, and what stands behind the last name gives it a meaning. */
static bool plain(const char *path, char out[PLAN_MAX_PATH])
{
	size_t len = 0;
	for (const char *p = path; *p != 0;) {
		size_t n = (size_t)(strchrnul(p, '/') - p);
		bool dot = n == 1 && p[0] == '.', last = p[n] == 0;
		if ((n == 2 && p[0] == '.' && p[1] == '.') || n > 255 || (last && dot) || (!last && p[n + 1] == 0))
			return false;
		if (n > 0 && !dot) {
			if (len + n + 2 > PLAN_MAX_PATH)
				return false;
			if (len > 0)
				out[len++] = '/';
			memcpy(out + len, p, n);
			len += n;
		}
		p += n + !last;
	}
	out[len] = 0;
	return len > 0;
}

/* Where a walk begins and what it is to walk. */
struct way {
	int from; /* -1: of the root, which is not opened */
	struct statx st; /* of `from` */
	char rest[PLAN_MAX_PATH]; /* from there */
	char real[PLAN_MAX_PATH]; /* the whole */
};

static bool begin(pid_t tid, int dirfd, const char *path, struct way *w)
{
	w->from = -1;
	if (!plain(path, w->rest))
		return false;
	const char *base = "/";
	if (path[0] != '/' && (w->from = open_base(tid, dirfd, &w->st, &base)) < 0)
		return false;
	size_t above = strcmp(base, "/") != 0 ? strlen(base) : 0, rest = strlen(w->rest);
	bool fits = above + 1 + rest < sizeof w->real;
	if (fits) {
		memcpy(w->real, base, above);
		w->real[above] = '/';
		memcpy(w->real + above + 1, w->rest, rest + 1);
	}
	/* Entries of /proc differ by who looks. */
	if (fits && strncmp(w->real, "/proc", 5) != 0)
		return true;
	if (w->from >= 0)
		close(w->from);
	return false;
}

static int open_rest(const struct way *w, const char *rest, int flags)
{
	char whole[PLAN_MAX_PATH + 1];
	if (w->from >= 0)
		return open_straight(w->from, rest, flags);
	whole[0] = '/';
	memcpy(whole + 1, rest, strlen(rest) + 1); /* shorter than PLAN_MAX_PATH: it is (part of) w->rest */
	return open_straight(AT_FDCWD, whole, flags);
}

static const char *last_name(const char *real)
{
	return strrchr(real, '/') + 1;
}

/* The directory above what is left, where its entries have one name, or -1; takes w->from where it is that. */
static int open_above(struct way *w, struct stat *st)
{
	char dir[PLAN_MAX_PATH];
	const char *slash = strrchr(w->rest, '/');
	int fd;
	bool well;
	if (slash == NULL && w->from >= 0) {
		fd = w->from;
		w->from = -1;
		to_stat(&w->st, st);
		well = has_one_name(fd, &w->st);
	} else {
		size_t len = slash != NULL ? (size_t)(slash - w->rest) : 0;
		memcpy(dir, w->rest, len);
		dir[len] = 0;
		fd = open_rest(w, dir, O_DIRECTORY);
		well = fd >= 0 && look_at(fd, st);
	}
	if (fd >= 0 && !well) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static enum resolve_status found(struct target *t)
{
	return look_at(t->object, &t->st) && !S_ISLNK(t->st.st_mode) && t->st.st_nlink > 0 ? RESOLVED : RESOLVE_KERNEL;
}

/* By way of the directory, which is kept where the name is free in it. Whoever may not search it is not told so. */
static enum resolve_status walk_above(struct way *w, struct target *t)
{
	struct stat st;
	t->parent = open_above(w, &st);
	t->object = t->parent >= 0 ? open_straight(t->parent, t->leaf, 0) : -1;
	if (t->object < 0)
		return t->parent >= 0 && errno == ENOENT ? RESOLVED_PARENT : RESOLVE_KERNEL;
	close(t->parent);
	t->parent = -1;
	return found(t);
}

/* `creates`: the name is probably free. */
static enum resolve_status walk(struct way *w, struct target *t, bool creates)
{
	if (creates)
		return walk_above(w, t);
	t->object = open_rest(w, w->rest, 0);
	return t->object >= 0 ? found(t) : errno == ENOENT ? walk_above(w, t) : RESOLVE_KERNEL;
}

enum resolve_status straight_target(pid_t tid, int dirfd, const char *path, bool creates, struct target *t)
{
	static struct way w; /* large; one thread */
	t->object = t->parent = -1;
	t->proc_pid = 0;
	t->held_by_caller = t->walked = false;
	if (!begin(tid, dirfd, path, &w))
		return RESOLVE_KERNEL;
	strcpy(t->real, w.real);
	strcpy(t->leaf, last_name(w.real)); /* a name has 255 bytes at most: plain() */
	enum resolve_status status = walk(&w, t, creates);
	if (w.from >= 0)
		close(w.from);
	t->walked = status != RESOLVE_KERNEL;
	if (!t->walked)
		target_close(t);
	return status;
}

int straight_parent(pid_t tid, int dirfd, const char *path, char leaf[256], char real[PLAN_MAX_PATH], struct stat *st)
{
	static struct way w; /* large; one thread */
	if (!begin(tid, dirfd, path, &w))
		return -1;
	strcpy(real, w.real);
	strcpy(leaf, last_name(w.real)); /* at most 255 bytes: plain */
	int fd = open_above(&w, st);
	if (w.from >= 0)
		close(w.from);
	return fd;
}
