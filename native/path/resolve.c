#define _GNU_SOURCE
#include "path/resolve.h"

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

#include "caller/caller.h"
#include "caller/lineage.h"
#include "slow/slow_mounts.h"

enum { MAX_LINKS = 40 };

int resolve_again(int base, const char *path, const struct open_how *how)
{
	enum { TRIES = 64 };
	int fd = -1;
	for (int i = 0; i < TRIES && fd < 0 && (i == 0 || errno == EAGAIN); i++)
		fd = (int)syscall(SYS_openat2, base, path, how, sizeof *how);
	return fd;
}

static int open_path(int base, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {.flags = (uint64_t)(O_PATH | O_CLOEXEC | flags), .resolve = resolve | RESOLVE_NO_MAGICLINKS};
	how.resolve &= ~(uint64_t)RESOLVE_CACHED;
	return resolve_again(base, path, &how);
}

bool resolve_descriptor(int fd, char out[PLAN_MAX_PATH])
{
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, out, PLAN_MAX_PATH - 1);
	if (n <= 0 || n >= (ssize_t)PLAN_MAX_PATH - 1 || out[0] != '/')
		return false;
	out[n] = 0;
	return true;
}

bool resolve_in_other_proc(int fd, const char *real)
{
	struct statfs fs;
	bool here = strncmp(real, "/proc", 5) == 0 && (real[5] == '/' || real[5] == 0);
	return !here && !slow_mount_of(fd) && (fstatfs(fd, &fs) != 0 || (unsigned long)fs.f_type == PROC_SUPER_MAGIC);
}

bool resolve_confirms(const char *real, const struct stat *st)
{
	int fd = open_path(AT_FDCWD, real, O_NOFOLLOW, RESOLVE_NO_SYMLINKS);
	struct stat again;
	bool same = fd >= 0 && fstat(fd, &again) == 0 && again.st_dev == st->st_dev && again.st_ino == st->st_ino;
	if (fd >= 0)
		close(fd);
	return same;
}

int resolve_base(pid_t tid, int dirfd)
{
	char link[48];
	if (dirfd == AT_FDCWD)
		snprintf(link, sizeof link, "/proc/%d/cwd", tid);
	else
		snprintf(link, sizeof link, "/proc/%d/fd/%d", tid, dirfd);
	int fd = open(link, O_PATH | O_CLOEXEC);
	return fd >= 0 ? fd : -errno;
}

void target_clear(struct target *t)
{
	t->object = t->parent = -1;
	t->real[0] = t->leaf[0] = 0;
	t->st = (struct stat){0};
	t->proc_pid = 0;
	t->walked = t->held_by_caller = false;
}

void target_close(struct target *t)
{
	if (t->object >= 0)
		close(t->object);
	if (t->parent >= 0)
		close(t->parent);
	t->object = t->parent = -1;
}

bool resolve_names_caller(pid_t tid, const char *path, char out[PLAN_MAX_PATH])
{
	struct caller_status s;
	int n;
	if (strncmp(path, "/proc/self", 10) == 0 && (path[10] == '/' || path[10] == 0) && caller_status(tid, &s))
		n = snprintf(out, PLAN_MAX_PATH, "/proc/%d%s", s.tgid, path + 10);
	else if (strncmp(path, "/proc/thread-self", 17) == 0 && (path[17] == '/' || path[17] == 0) && caller_status(tid, &s))
		n = snprintf(out, PLAN_MAX_PATH, "/proc/%d/task/%d%s", s.tgid, tid, path + 17);
	else
		n = snprintf(out, PLAN_MAX_PATH, "%s", path);
	return n >= 0 && n < (int)PLAN_MAX_PATH;
}

static bool own_entry(const char *real)
{
	char own[32];
	int n = snprintf(own, sizeof own, "/proc/%d", getpid());
	return strncmp(real, own, (size_t)n) == 0 && (real[n] == '/' || real[n] == 0);
}

/* The path has this process's pid for a component: should it lead to our entry, then this process itself is meant, not the reader. It is outside; served as
 * the caller's, a walk up the parents (ps, pstree) would go round in circles. */
static bool names_this_process(const char *path)
{
	char own[16];
	int n = snprintf(own, sizeof own, "%d", getpid());
	for (const char *at = path; *at != 0; at += strcspn(at, "/")) {
		at += strspn(at, "/");
		if (strncmp(at, own, (size_t)n) == 0 && (at[n] == '/' || at[n] == 0))
			return true;
	}
	return false;
}

/* A symlink (/proc/mounts, /dev/fd, /etc/mtab) led to this process's own entry: the same entry of the caller is meant. */
static bool translate_own_entry(pid_t tid, char *real)
{
	struct caller_status s;
	int n = snprintf(NULL, 0, "/proc/%d", getpid());
	if (!own_entry(real) || !caller_status(tid, &s))
		return false;
	char rest[PLAN_MAX_PATH];
	snprintf(rest, sizeof rest, "%s", real + n);
	char task[32];
	int t = snprintf(task, sizeof task, "/task/%d", getpid());
	int m;
	if (strncmp(rest, task, (size_t)t) == 0 && (rest[t] == '/' || rest[t] == 0))
		m = snprintf(real, PLAN_MAX_PATH, "/proc/%d/task/%d%s", s.tgid, tid, rest + t);
	else
		m = snprintf(real, PLAN_MAX_PATH, "/proc/%d%s", s.tgid, rest);
	return m < (int)PLAN_MAX_PATH;
}

/* The process that "/proc/<digits>…" names; 0 for anything else. */
static pid_t proc_owner(const char *real)
{
	if (strncmp(real, "/proc/", 6) != 0 || !isdigit((unsigned char)real[6]))
		return 0;
	char *end;
	long pid = strtol(real + 6, &end, 10);
	return (*end == '/' || *end == 0) && pid > 0 ? (pid_t)pid : 0;
}

/* /proc/<caller>/fd/N: the file itself, which the caller already holds. Only regular files and directories have a path to decide on. */
static enum resolve_status caller_file(pid_t tid, const char *number, struct target *t)
{
	char link[PLAN_MAX_PATH];
	snprintf(link, sizeof link, "/proc/%d/fd/%s", tid, number);
	t->object = open(link, O_PATH | O_CLOEXEC);
	if (t->object < 0 || fstat(t->object, &t->st) != 0 || !(S_ISREG(t->st.st_mode) || S_ISDIR(t->st.st_mode)) || t->st.st_nlink == 0 ||
	    !resolve_descriptor(t->object, t->real) || resolve_in_other_proc(t->object, t->real))
		return RESOLVE_KERNEL;
	/* An O_PATH descriptor of a process's entry is had without any right to it. */
	t->proc_pid = proc_owner(t->real);
	if (t->proc_pid != 0 && !lineage_in_session(t->proc_pid))
		return RESOLVE_OUTSIDE;
	t->held_by_caller = true;
	return RESOLVED_FILE;
}

bool resolve_is_number(const char *s)
{
	for (const char *p = s; *p; p++)
		if (!isdigit((unsigned char)*p))
			return false;
	return *s != 0;
}

/* Directory part into `dir` ("." when there is none), last component into t->leaf. False for ".", "..", a trailing slash, or too long a name. */
static bool split(const char *path, char *dir, struct target *t)
{
	const char *slash = strrchr(path, '/');
	const char *leaf = slash ? slash + 1 : path;
	if (leaf[0] == 0 || strcmp(leaf, ".") == 0 || strcmp(leaf, "..") == 0 || strlen(leaf) >= sizeof t->leaf)
		return false;
	snprintf(t->leaf, sizeof t->leaf, "%s", leaf);
	size_t n = slash ? (size_t)(slash - path) + (slash == path) : 0;
	if (n == 0)
		snprintf(dir, PLAN_MAX_PATH, ".");
	else
		snprintf(dir, PLAN_MAX_PATH, "%.*s", (int)n, path);
	return true;
}

static enum resolve_status finish(const struct path_request *r, struct target *t)
{
	if (fstat(t->object, &t->st) != 0 || !resolve_descriptor(t->object, t->real) || t->st.st_nlink == 0 || resolve_in_other_proc(t->object, t->real))
		return RESOLVE_KERNEL;
	if (r->names_supervisor && own_entry(t->real))
		return RESOLVE_OUTSIDE;
	if (translate_own_entry(r->tid, t->real)) {
		close(t->object);
		t->object = open_path(AT_FDCWD, t->real, r->nofollow ? O_NOFOLLOW : 0, 0);
		if (t->object < 0 || fstat(t->object, &t->st) != 0)
			return RESOLVE_KERNEL;
	}
	t->proc_pid = proc_owner(t->real);
	if (t->proc_pid != 0 && !lineage_in_session(t->proc_pid))
		return RESOLVE_OUTSIDE;
	return RESOLVED;
}

/* Follows the last component by hand: the way to learn whether a failed resolution ended in a magic link or in a name that is free. */
static enum resolve_status resolve_last(const struct path_request *r, int base, const char *path, struct target *t, unsigned links)
{
	char dir[PLAN_MAX_PATH], real[PLAN_MAX_PATH];
	if (links > MAX_LINKS || !split(path, dir, t))
		return RESOLVE_KERNEL;
	t->parent = open_path(base, dir, O_DIRECTORY, r->resolve);
	if (t->parent < 0 || !resolve_descriptor(t->parent, real) || resolve_in_other_proc(t->parent, real))
		return RESOLVE_KERNEL;
	if (r->names_supervisor && own_entry(real))
		return RESOLVE_OUTSIDE;
	if (translate_own_entry(r->tid, real)) {
		close(t->parent);
		t->parent = open_path(AT_FDCWD, real, O_DIRECTORY, 0);
		if (t->parent < 0)
			return RESOLVE_KERNEL;
	}
	pid_t owner = proc_owner(real);
	if (owner != 0) {
		struct caller_status s;
		if (!lineage_in_session(owner))
			return RESOLVE_OUTSIDE;
		if (r->resolve != 0 || r->nofollow)
			return RESOLVE_KERNEL; /* ELOOP; each of openat2's restrictions refuses a magic link, with an errno of its own */
		const char *last = strrchr(real, '/');
		if (strcmp(last, "/fd") == 0 && resolve_is_number(t->leaf) && caller_status(r->tid, &s) && s.tgid == owner)
			return caller_file(r->tid, t->leaf, t);
		return RESOLVE_KERNEL;
	}
	char link[PLAN_MAX_PATH];
	ssize_t n = readlinkat(t->parent, t->leaf, link, sizeof link - 1);
	if (n > 0) {
		link[n] = 0;
		/* Restrictions of openat2 are relative to where the walk began, which is not known any more here: the kernel walks, and the floor decides. */
		if (r->nofollow || r->resolve != 0)
			return RESOLVE_KERNEL;
		char target[PLAN_MAX_PATH];
		if (!resolve_names_caller(r->tid, link, target))
			return RESOLVE_KERNEL;
		int from = t->parent;
		t->parent = -1;
		enum resolve_status status;
		t->object = open_path(from, target, 0, r->resolve);
		if (t->object >= 0)
			status = finish(r, t);
		else
			status = errno == ENOENT || errno == ELOOP ? resolve_last(r, from, target, t, links + 1) : RESOLVE_KERNEL;
		close(from);
		return status;
	}
	struct stat st;
	if (fstatat(t->parent, t->leaf, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
		return RESOLVE_KERNEL;
	int len = snprintf(t->real, sizeof t->real, "%s/%s", strcmp(real, "/") == 0 ? "" : real, t->leaf);
	return len < (int)sizeof t->real ? RESOLVED_PARENT : RESOLVE_KERNEL;
}

enum resolve_status resolve_as_caller(const struct path_request *asked, struct target *t)
{
	struct path_request own = *asked, *r = &own;
	r->names_supervisor = names_this_process(r->path);
	t->object = t->parent = -1;
	t->proc_pid = 0;
	t->held_by_caller = t->walked = false;
	char path[PLAN_MAX_PATH];
	/* Under RESOLVE_IN_ROOT "/proc" is the caller's directory of that name, and under the others an absolute path fails. */
	if ((r->resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH)) != 0)
		snprintf(path, sizeof path, "%s", r->path);
	else if (!resolve_names_caller(r->tid, r->path, path))
		return RESOLVE_KERNEL;
	int base = AT_FDCWD;
	if (path[0] != '/' || (r->resolve & RESOLVE_IN_ROOT) != 0) {
		base = resolve_base(r->tid, r->dirfd);
		if (base < 0)
			return RESOLVE_KERNEL;
		char real[PLAN_MAX_PATH];
		r->names_supervisor |= resolve_descriptor(base, real) && own_entry(real);
	}
	t->object = open_path(base, path, r->nofollow ? O_NOFOLLOW : 0, r->resolve);
	enum resolve_status status;
	if (t->object >= 0)
		status = finish(r, t);
	else
		/* ENOENT: perhaps a creation. ELOOP: a magic link, or truly a loop. Everything else the kernel answers better itself. */
		status = errno == ENOENT || errno == ELOOP ? resolve_last(r, base, path, t, 0) : RESOLVE_KERNEL;
	if (base >= 0)
		close(base);
	return status;
}

bool resolve_reaches(int base, const struct path_request *r, const struct target *t)
{
	if (t->held_by_caller || t->proc_pid != 0)
		return true;
	/* As it was written first: a relative path works from a directory that no absolute path reaches any more. */
	struct target parts;
	char path[PLAN_MAX_PATH], real[PLAN_MAX_PATH];
	struct stat wanted = t->st, found;
	snprintf(path, sizeof path, "%s", r->path);
	snprintf(real, sizeof real, "%s", t->real);
	bool missing = t->object < 0;
	if (missing && (!split(r->path, path, &parts) || fstat(t->parent, &wanted) != 0))
		path[0] = 0;
	int fd = path[0] != 0 ? open_path(base, path, r->nofollow && !missing ? O_NOFOLLOW : 0, r->resolve) : -1;
	bool same = fd >= 0 && fstat(fd, &found) == 0 && found.st_dev == wanted.st_dev && found.st_ino == wanted.st_ino;
	if (fd >= 0)
		close(fd);
	if (missing) {
		char *slash = strrchr(real, '/');
		slash[slash == real ? 1 : 0] = 0;
	}
	return same || resolve_confirms(real, &wanted);
}
