#define _GNU_SOURCE
#include "path/walk.h"
#include "caller/identity.h"
#include "caller/lineage.h"
#include "slow/slow_mounts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { MAX_LINKS = 40, TEXT = 3 * PLAN_MAX_PATH };

bool calling_status(struct calling *c)
{
	c->known = c->known || caller_status(c->tid, &c->status);
	return c->known;
}

bool calling_identity_take(struct calling *c)
{
	if (!c->known && identity_same_or_read(c->tid, &c->status, &c->known))
		return true;
	if (calling_status(c) && caller_identity_take(c->tid, &c->status))
		return true;
	caller_identity_restore();
	return false;
}

bool calling_is_us(struct calling *c)
{
	return c->known ? caller_identity_fixed() || caller_has_our_identity(c->tid, &c->status) : identity_same_or_read(c->tid, &c->status, &c->known);
}

int walk_base(const struct calling *c, int dirfd, const char *path)
{
	int base = path[0] == '/' ? AT_FDCWD : resolve_base(c->tid, dirfd);
	return base == -ENOENT ? -EBADF : base; /* no such entry in /proc/TID/fd */
}

static int open_step(int dir, const char *path, int flags)
{
	struct open_how how = {.flags = (uint64_t)(O_PATH | O_CLOEXEC | flags), .resolve = RESOLVE_NO_MAGICLINKS};
	return (int)syscall(SYS_openat2, dir, path, &how, sizeof how);
}

static bool in_proc(int fd)
{
	struct statfs fs;
	return !slow_mount_of(fd) && fstatfs(fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
}

/* One walk, component by component. */
struct walk {
	struct calling *calling;
	int at;             /* where it is */
	char rest[TEXT];    /* what is left of the path */
	bool follow, slash; /* slash: the result must be a directory */
	unsigned links;
};

static void step_to(struct walk *w, int fd)
{
	if (w->at >= 0)
		close(w->at);
	w->at = fd;
}

/* Puts text in front of what is left. */
static int push(struct walk *w, const char *front)
{
	size_t n = strlen(front), have = strlen(w->rest);
	if (n + have + 2 > TEXT)
		return -ENAMETOOLONG;
	memmove(w->rest + n + 1, w->rest, have + 1);
	memcpy(w->rest, front, n);
	w->rest[n] = '/';
	if (have == 0 && !w->slash)
		w->rest[n] = 0;
	return 0;
}

/* The process and the kind of directory below /proc. */
struct proc_place {
	pid_t owner;  /* 0: /proc itself, or none of a process */
	bool process; /* /proc/P or /proc/P/task/T */
	bool fds;     /* the "fd" below it */
};

static struct proc_place proc_place(const char *real)
{
	struct proc_place p = {0};
	char *end;
	if (strncmp(real, "/proc/", 6) != 0 || !isdigit((unsigned char)real[6]))
		return p;
	p.owner = (pid_t)strtol(real + 6, &end, 10);
	if (strncmp(end, "/task/", 6) == 0 && isdigit((unsigned char)end[6]))
		strtol(end + 6, &end, 10);
	p.process = *end == 0;
	p.fds = strcmp(end, "/fd") == 0;
	return p;
}

/* The kernel asks whether the caller may look into a process below /proc. For the caller itself the answer is yes, even where its file identity is another one
 * than the process's: then this process looks. */
static int open_entry(const struct walk *w, const char *path, int flags, pid_t owner)
{
	int fd = open(path, O_PATH | O_CLOEXEC | flags);
	int err = errno;
	if (fd < 0 && err == EACCES && caller_identity_taken() && owner == w->calling->status.tgid) {
		caller_identity_restore();
		fd = open(path, O_PATH | O_CLOEXEC | flags);
		err = errno;
		if (!calling_identity_take(w->calling)) {
			if (fd >= 0)
				close(fd);
			return -EACCES;
		}
	}
	return fd >= 0 ? fd : -err;
}

/* A component inside /proc. 1: it was a step; 0: an ordinary entry; or a negative errno. */
static int proc_step(struct walk *w, const char *name, bool follow)
{
	char real[PLAN_MAX_PATH], text[64];
	if (!calling_status(w->calling) || !resolve_descriptor(w->at, real))
		return -EACCES;
	if (strcmp(real, "/proc") == 0) {
		if (follow && strcmp(name, "self") == 0)
			snprintf(text, sizeof text, "%d", w->calling->status.tgid);
		else if (follow && strcmp(name, "thread-self") == 0)
			snprintf(text, sizeof text, "%d/task/%d", w->calling->status.tgid, w->calling->tid);
		else if (resolve_is_number(name) && strlen(name) < 10 && !lineage_in_session((pid_t)atol(name)))
			return -ENOENT; /* as a /proc mounted with hidepid=2 answers (proc(5)) */
		else
			return 0;
		int err = push(w, text);
		return err != 0 ? err : 1;
	}
	struct proc_place place = proc_place(real);
	if (place.owner != 0 && !lineage_in_session(place.owner))
		return -ENOENT;
	char link[PLAN_MAX_PATH];
	if (snprintf(link, sizeof link, "%s/%s", real, name) >= (int)sizeof link)
		return -ENAMETOOLONG;
	bool magic = (place.process && (strcmp(name, "cwd") == 0 || strcmp(name, "root") == 0 || strcmp(name, "exe") == 0)) || (place.fds && resolve_is_number(name));
	if (!magic && !place.fds)
		return 0;
	if (magic && follow && ++w->links > MAX_LINKS)
		return -ELOOP;
	int fd = open_entry(w, link, magic && follow ? 0 : O_NOFOLLOW, place.owner);
	if (fd < 0)
		return fd;
	step_to(w, fd);
	return 1;
}

/* fs.protected_symlinks: in a sticky directory that everybody writes to, a link of somebody else is not followed. Held to whether it is set or not. */
static bool link_protected(const struct walk *w, const struct stat *link)
{
	struct stat dir;
	uid_t fsuid = w->calling->known ? w->calling->status.fsuid : geteuid();
	return fstat(w->at, &dir) == 0 && (dir.st_mode & (S_ISVTX | S_IWOTH)) == (S_ISVTX | S_IWOTH) && link->st_uid != fsuid && link->st_uid != dir.st_uid;
}

static int follow_link(struct walk *w, int link, const struct stat *st)
{
	char text[PLAN_MAX_PATH];
	if (++w->links > MAX_LINKS)
		return -ELOOP;
	if (link_protected(w, st))
		return -EACCES;
	ssize_t n = readlinkat(link, "", text, sizeof text - 1);
	if (n <= 0)
		return n == 0 ? -ENOENT : -errno;
	text[n] = 0;
	int err = push(w, text);
	if (err == 0 && text[0] == '/')
		step_to(w, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
	return err;
}

/* Takes the next component off w->rest. */
static bool next_component(struct walk *w, char name[PLAN_MAX_PATH], bool *last)
{
	size_t skip = strspn(w->rest, "/");
	size_t n = strcspn(w->rest + skip, "/");
	if (n == 0 || n >= PLAN_MAX_PATH)
		return false;
	memcpy(name, w->rest + skip, n);
	name[n] = 0;
	size_t more = strspn(w->rest + skip + n, "/");
	char *tail = w->rest + skip + n + more;
	*last = *tail == 0;
	w->slash = *last ? more > 0 : w->slash;
	memmove(w->rest, tail, strlen(tail) + 1);
	return true;
}

/* Below another mount of procfs. What a link says there is said to this process, which may look where the caller may not: into processes outside, and into itself by "self". */
static bool in_other_proc(int fd)
{
	char real[PLAN_MAX_PATH];
	return !resolve_descriptor(fd, real) || resolve_in_other_proc(fd, real);
}

static int step(struct walk *w, const char *name, bool last)
{
	bool follow = !last || w->follow || w->slash, proc = in_proc(w->at);
	int err = proc ? proc_step(w, name, follow) : 0;
	if (err != 0)
		return err < 0 ? err : 0;
	int next = open_step(w->at, name, O_NOFOLLOW);
	struct stat st;
	if (next < 0 || fstat(next, &st) != 0) {
		err = -errno;
	} else if (S_ISLNK(st.st_mode) && follow) {
		err = proc && in_other_proc(w->at) ? -EACCES : follow_link(w, next, &st);
	} else {
		step_to(w, next);
		return 0;
	}
	if (next >= 0)
		close(next);
	return err;
}

static int walk_slowly(struct calling *c, int base, const char *path, bool follow, int *out)
{
	static struct walk w; /* large; one thread */
	char name[PLAN_MAX_PATH];
	bool last;
	w = (struct walk){.calling = c, .at = -1, .follow = follow};
	if (strlen(path) >= PLAN_MAX_PATH)
		return -ENAMETOOLONG;
	strcpy(w.rest, path);
	w.at = path[0] == '/' ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : fcntl(base, F_DUPFD_CLOEXEC, 0);
	int err = w.at < 0 ? -errno : 0;
	while (err == 0 && next_component(&w, name, &last))
		err = w.at < 0 ? -EACCES : step(&w, name, last);
	struct stat st;
	if (err == 0 && w.slash && (fstat(w.at, &st) != 0 || !S_ISDIR(st.st_mode)))
		err = -ENOTDIR;
	if (err != 0)
		step_to(&w, -1);
	*out = w.at;
	return err;
}

/* Under the caller's identity. */
static int walk(struct calling *c, int base, const char *path, bool follow, int flags, int *out)
{
	if (path[0] == 0)
		return -ENOENT;
	*out = open_step(base, path, flags | (follow ? 0 : O_NOFOLLOW));
	int err = *out >= 0 ? 0 : -errno;
	/* Where /proc was on the way, this process was taken for the caller: ELOOP is a magic link, the others may be. */
	if (err == 0 && !in_proc(*out))
		return 0;
	if (err != 0 && err != -ENOENT && err != -ELOOP && !(strstr(path, "proc") != NULL && (err == -EACCES || err == -ENOTDIR)))
		return err;
	if (err == 0)
		close(*out);
	err = walk_slowly(c, base, path, follow, out);
	struct stat st;
	if (err == 0 && (flags & O_DIRECTORY) && (fstat(*out, &st) != 0 || !S_ISDIR(st.st_mode))) {
		close(*out);
		err = -ENOTDIR;
	}
	return err;
}

static int walk_as_caller(struct calling *c, int base, const char *path, bool follow, int flags, int *out)
{
	if (!calling_identity_take(c))
		return -EACCES;
	int err = walk(c, base, path, follow, flags, out);
	caller_identity_restore();
	if (err != 0)
		*out = -1;
	return err;
}

bool walk_reaches(int base, const struct path_request *r, const struct target *t)
{
	if (t->held_by_caller || t->proc_pid != 0)
		return true;
	struct calling c = {.tid = r->tid};
	int fd, err = walk(&c, base, r->path, !r->nofollow, 0, &fd);
	if (err == 0)
		close(fd);
	return err != -EACCES && resolve_reaches(base, r, t);
}

int walk_object(struct calling *c, int base, const char *path, bool follow, struct target *t)
{
	int err = walk_as_caller(c, base, path, follow, 0, &t->object);
	return err == 0 && fstat(t->object, &t->st) != 0 ? -errno : err;
}

int walk_parent(struct calling *c, int base, const char *path, int *parent, char leaf[258])
{
	char dir[PLAN_MAX_PATH + 1];
	size_t len = strlen(path);
	*parent = -1;
	if (len == 0)
		return -ENOENT;
	while (len > 0 && path[len - 1] == '/')
		len--;
	size_t start = len;
	while (start > 0 && path[start - 1] != '/')
		start--;
	size_t n = len - start;
	/* With the ".", the caller must be allowed to search that directory, as it must for the name. */
	memcpy(dir, path, start);
	strcpy(dir + start, ".");
	int err = walk_as_caller(c, base, dir, true, O_DIRECTORY, parent);
	if (err != 0)
		return err;
	if (n > 255)
		return -ENAMETOOLONG;
	snprintf(leaf, 258, "%.*s%s", (int)n, path + start, path[len] != 0 ? "/" : "");
	bool odd = n == 0 || (n == 1 && leaf[0] == '.') || (n == 2 && leaf[0] == '.' && leaf[1] == '.');
	return odd ? -EINVAL : 0;
}

bool walk_named(struct target *t)
{
	return resolve_descriptor(t->object, t->real) && t->st.st_nlink > 0 && !resolve_in_other_proc(t->object, t->real) && resolve_confirms(t->real, &t->st);
}
