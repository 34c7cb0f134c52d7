/* The pools: directories and files that are made and granted before the start, and removed or left to the next session when it ends. */
#define _GNU_SOURCE
#include "floor/birth_pools.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "floor/birth.h"
#include "start/closing.h"

static const char ANNEX[] = "x";
/* Seconds: further apart, two changes of a directory have two times, however coarse the file system's clock is. */
enum { FILE_RIGHTS_BORN = FLOOR_READ_FILE | FLOOR_EXECUTE | FLOOR_WRITE_FILE, UNKNOWN = -2, LONG_AGO = 3 };

struct births births;

static struct {
	struct scratch scratch[MAX_POOLS];
	unsigned scratches, pools;
	uid_t uid;
	gid_t gid;
	time_t now;
	int annex;
	struct timespec annex_changed; /* its ctime when it was found empty; zero: not long enough ago to tell */
	struct closing granted;
	int failed; /* errno */
	const char *failed_place;
} prepared = {.annex = -1};

void pool_name(char out[16], char kind, const struct pool *p, unsigned i)
{
	snprintf(out, 16, "%c%u-%u", kind, (unsigned)(p - births.pool), i);
}

static struct scratch *scratch_for(const char *place)
{
	for (size_t i = 0; i < births.plan->birth_count; i++) {
		const struct plan_birth *b = &births.plan->births[i];
		if (b->scratch != 0 && strcmp(b->place, place) == 0)
			return &prepared.scratch[b->scratch - 1];
	}
	struct scratch *s = &prepared.scratch[prepared.scratches];
	if (prepared.scratches == MAX_POOLS || !scratch_make(place, s)) {
		prepared.failed = errno;
		prepared.failed_place = place;
		return NULL;
	}
	prepared.scratches++;
	return s;
}

int pool_inode_flags(int fd)
{
	int flags = 0;
	/* How a file is stored or synchronised; what says how far a directory has grown (EXTENTS, INDEX, INLINE_DATA) differs without meaning. */
	const int meant = FS_SECRM_FL | FS_UNRM_FL | FS_COMPR_FL | FS_SYNC_FL | FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL | FS_NOCOMP_FL |
	                  FS_ENCRYPT_FL | FS_JOURNAL_DATA_FL | FS_DIRSYNC_FL | FS_NOCOW_FL | FS_PROJINHERIT_FL | FS_CASEFOLD_FL;
	return ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 ? flags & meant : 0;
}

/* Left unused by a session before this one, where nothing inside can reach it; should it have been touched all the same, it is not used. */
static bool pristine(const struct pool *p, int fd, const struct stat *st, bool directory)
{
	mode_t mode = directory ? S_IFDIR | 0700 : S_IFREG | 0600;
	return st->st_mode == mode && st->st_uid == prepared.uid && st->st_gid == prepared.gid && st->st_nlink == (directory ? 2 : 1) && (directory || st->st_size == 0) &&
	       (p->xattrs == UNKNOWN || flistxattr(fd, NULL, 0) == p->xattrs);
}

static int make(const struct pool *p, const char *name, bool directory)
{
	if (directory && mkdirat(p->scratch->fd, name, 0700) != 0)
		return -1;
	return openat(p->scratch->fd, name, (directory ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT | O_EXCL) | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* An empty directory or file of the pool, from before or new; its descriptor, or -1. */
static int have(const struct pool *p, const char *name, bool directory, struct stat *st)
{
	int fd = openat(p->scratch->fd, name, (directory ? O_RDONLY | O_DIRECTORY : O_RDWR | O_NONBLOCK) | O_NOFOLLOW | O_CLOEXEC);
	bool none = fd < 0 && errno == ENOENT;
	if (fd >= 0 && fstat(fd, st) == 0 && pristine(p, fd, st, directory))
		return fd;
	if (fd >= 0)
		close(fd);
	if (!none)
		scratch_discard(p->scratch, name);
	fd = make(p, name, directory);
	if (fd >= 0 && fstat(fd, st) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool grant(int fd, const struct stat *st, uint32_t rights)
{
	struct failure f;
	bool ok = fd >= 0 && floor_grant(births.floor, fd, st, rights, &f);
	if (fd >= 0)
		close_soon(&prepared.granted, fd);
	return ok;
}

static struct timespec long_ago(const struct stat *st)
{
	return st->st_ctim.tv_sec + LONG_AGO < prepared.now ? st->st_ctim : (struct timespec){0};
}

static bool unchanged(const struct stat *st, const struct timespec *changed)
{
	return changed->tv_sec != 0 && st->st_ctim.tv_sec == changed->tv_sec && st->st_ctim.tv_nsec == changed->tv_nsec;
}

/* What a new directory is here without anybody's doing: an SELinux label is an attribute too. */
static void learn(struct pool *p)
{
	struct stat st;
	int fd = have(p, "t", true, &st);
	if (fd < 0)
		return;
	p->dev = st.st_dev;
	p->gid = st.st_gid;
	p->flags = pool_inode_flags(fd);
	p->label_len = fgetxattr(fd, "security.selinux", p->label, sizeof p->label);
	p->xattrs = flistxattr(fd, NULL, 0);
	close(fd);
}

static void fill(struct pool *p, unsigned dirs, unsigned files)
{
	struct stat st = {0}; /* stays so where nothing could be made */
	char name[16];
	learn(p);
	for (unsigned i = 0; i < dirs; i++, p->dirs++) {
		pool_name(name, 'd', p, i);
		int fd = have(p, name, true, &st);
		p->dir_ino[i] = st.st_ino;
		p->dir_changed[i] = long_ago(&st);
		if (!grant(fd, &st, p->rights))
			break;
	}
	for (unsigned i = 0; i < files; i++, p->files++) {
		pool_name(name, 'f', p, i);
		int fd = have(p, name, false, &st);
		p->file_ino[i] = st.st_ino;
		if (!grant(fd, &st, FILE_RIGHTS_BORN))
			break;
	}
	close_now(&prepared.granted);
}

/* As many as the records want that it is for. Files are given out at and below the trees of POOL records only. */
static void fill_for_records(struct pool *p)
{
	unsigned dirs = FEW_DIRS, files = 0;
	for (size_t i = 0; i < births.plan->birth_count; i++) {
		const struct plan_birth *b = &births.plan->births[i];
		if (b->kind == BIRTH_ANNEX || b->rights != p->rights || strcmp(b->place, p->place) != 0)
			continue;
		if (!b->few)
			dirs = POOL_DIRS;
		if (b->kind == BIRTH_POOL && files != POOL_FILES)
			files = b->few ? FEW_FILES : POOL_FILES;
	}
	fill(p, dirs, files);
}

static unsigned pool_for(const struct plan_birth *b)
{
	for (unsigned i = 0; i < prepared.pools; i++)
		if (births.pool[i].rights == b->rights && strcmp(births.pool[i].place, b->place) == 0)
			return i + 1;
	struct scratch *s = prepared.pools < MAX_POOLS ? scratch_for(b->place) : NULL;
	if (s == NULL)
		return 0;
	struct pool *p = &births.pool[prepared.pools++];
	*p = (struct pool){.place = b->place, .rights = b->rights, .scratch = s, .xattrs = UNKNOWN};
	return prepared.pools;
}

static bool is_empty(int fd)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return again >= 0 && pool_is_empty(again);
}

/* Left empty by a session before this one, and as a new one would be: its attributes are those of the directory that it is in, which was made in the same way. */
static bool annex_is_new(const struct scratch *s, int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && st.st_mode == (S_IFDIR | 0700) && st.st_uid == prepared.uid && st.st_gid == prepared.gid && st.st_nlink == 2 &&
	       flistxattr(fd, NULL, 0) == flistxattr(s->fd, NULL, 0) && is_empty(fd);
}

static int have_annex(const struct scratch *s)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(s->fd, ANNEX, flags);
	if (fd >= 0 && annex_is_new(s, fd))
		return fd;
	if (fd >= 0)
		close(fd);
	scratch_discard(s, ANNEX);
	return mkdirat(s->fd, ANNEX, 0700) == 0 ? openat(s->fd, ANNEX, flags) : -1;
}

static void make_annex(const struct plan_birth *b, struct scratch *s)
{
	struct failure f;
	struct stat st;
	char path[PLAN_MAX_PATH];
	prepared.annex = have_annex(s);
	if (prepared.annex < 0)
		return;
	int n = snprintf(path, sizeof path, "%s/%s/%s", b->place, s->name, ANNEX);
	if (n >= (int)sizeof path || fstat(prepared.annex, &st) != 0 || !floor_grant(births.floor, prepared.annex, &st, b->rights, &f) ||
	    !floor_learn(births.floor, path, st.st_dev, st.st_ino, b->rights)) {
		close(prepared.annex);
		prepared.annex = -1;
		return;
	}
	prepared.annex_changed = long_ago(&st);
}

/* No copy lies in it: none was ever made, or all are gone again. */
static bool annex_is_left_empty(void)
{
	struct stat st;
	return fstat(prepared.annex, &st) == 0 && (unchanged(&st, &prepared.annex_changed) || is_empty(prepared.annex));
}

void birth_prepare(const struct plan *plan, struct floor *floor)
{
	births.plan = plan;
	births.floor = floor;
	prepared.uid = geteuid();
	prepared.gid = getegid();
	prepared.now = time(NULL);
	for (size_t i = 0; i < plan->birth_count; i++) {
		struct plan_birth *b = &plan->births[i];
		struct scratch *s;
		if (b->kind == BIRTH_ANNEX && prepared.annex < 0 && (s = scratch_for(b->place)) != NULL) {
			b->scratch = (unsigned)(s - prepared.scratch) + 1;
			make_annex(b, s);
		} else if (b->kind == BIRTH_POOL || b->kind == BIRTH_BULK) {
			unsigned known = prepared.pools;
			b->pool = pool_for(b);
			if (b->pool > known) {
				struct pool *p = &births.pool[b->pool - 1];
				b->scratch = (unsigned)(p->scratch - prepared.scratch) + 1;
				fill_for_records(p);
			}
		}
	}
}

void birth_begin(struct supervisor *s)
{
	/* Inside another session the outer one supervises, and refuses its own state directory. */
	if (prepared.failed == 0 || s->listener < 0)
		return;
	char text[PLAN_MAX_PATH + 200];
	snprintf(text, sizeof text, "%s: %s: what is made beside denied paths is served by the supervisor, which is slower, and executed from a copy or not at all",
	         prepared.failed_place, strerror(prepared.failed));
	wire_notice(&s->wire, text);
}

/* Takes `fd`. What cannot be listed to its end is not known to be empty. */
bool pool_is_empty(int fd)
{
	DIR *d = fdopendir(fd);
	bool found = d == NULL;
	errno = 0;
	for (struct dirent *e; !found && (e = readdir(d)) != NULL; errno = 0)
		found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	found = found || errno != 0;
	if (d != NULL)
		closedir(d);
	else
		close(fd);
	return !found;
}

/* A program that has a file open while it changes places learns the pool's path (/proc/self/fd), and the unborn are on the floor: what it leaves there would be on the
 * floor of the next session as well, whose policy may be another. Everybody inside is dead by now. */
static bool nothing_left_in(const struct scratch *s)
{
	char name[16];
	struct stat st;
	for (const struct pool *p = births.pool; p < births.pool + prepared.pools; p++)
		for (unsigned i = 0; p->scratch == s && i < p->dirs; i++) {
			pool_name(name, 'd', p, i);
			/* Untouched since the session before left it empty: making or removing a name in it would have set the time, which nobody can set back. */
			if (p->dir_changed[i].tv_sec != 0 && fstatat(s->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_ino == p->dir_ino[i] && unchanged(&st, &p->dir_changed[i]))
				continue;
			int fd = openat(s->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (fd < 0 ? errno != ENOENT /* born */ : !pool_is_empty(fd))
				return false;
		}
	return true;
}

void birth_end(bool keep)
{
	for (unsigned i = 0; i < prepared.scratches; i++) {
		if (!keep || !nothing_left_in(&prepared.scratch[i])) {
			scratch_remove(&prepared.scratch[i]);
			continue;
		}
		if (prepared.annex >= 0 && !annex_is_left_empty())
			scratch_discard(&prepared.scratch[i], ANNEX);
		scratch_park(&prepared.scratch[i]);
	}
}

int birth_annex(void)
{
	return prepared.annex;
}
