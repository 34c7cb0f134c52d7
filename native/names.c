/* The supervisor performs these calls itself, on the directory it resolved and with one plain name in it. It is single-threaded and the only one that can
 * change names in a directory that is off the floor, so what was decided is what is done. Runs with the invoking user's privileges, as the caller. */
#define _GNU_SOURCE
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "birth.h"
#include "caller.h"
#include "moves.h"

static int open_directory(int base, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	return (int)syscall(SYS_openat2, base, path, &how, sizeof how);
}

/* Walked as the caller: root's supervisor may search directories that a caller of another identity may not. */
static int open_as_caller(pid_t tid, int base, const char *path)
{
	struct caller_status status;
	if (caller_identity_fixed() || caller_identity_taken())
		return open_directory(base, path);
	int fd = caller_status(tid, &status) && caller_identity_take(tid, &status) ? open_directory(base, path) : -1;
	caller_identity_restore();
	return fd;
}

bool name_resolve(pid_t tid, int dirfd, const char *path, struct name *n)
{
	*n = (struct name){.t = {.object = -1, .parent = -1}};
	char dir[PLAN_MAX_PATH];
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		len--; /* mkdir and rmdir take "name/" */
	if (len == 0 || len >= sizeof dir)
		return false;
	memcpy(dir, path, len);
	dir[len] = 0;
	char *slash = strrchr(dir, '/');
	const char *leaf = slash ? slash + 1 : dir;
	if (leaf[0] == 0 || strcmp(leaf, ".") == 0 || strcmp(leaf, "..") == 0 || strlen(leaf) >= sizeof n->t.leaf)
		return false;
	strcpy(n->t.leaf, leaf);
	const char *where = ".";
	if (slash != NULL) {
		slash[slash == dir ? 1 : 0] = 0;
		where = dir;
	}
	int base = where[0] == '/' ? AT_FDCWD : resolve_base(tid, dirfd);
	if (where[0] != '/' && base < 0)
		return false;
	n->t.parent = open_as_caller(tid, base, where);
	if (base >= 0)
		close(base);
	char real[PLAN_MAX_PATH];
	if (n->t.parent < 0 || !resolve_descriptor(n->t.parent, real) || strncmp(real, "/proc", 5) == 0)
		return false;
	int written = snprintf(n->t.real, sizeof n->t.real, "%s/%s", strcmp(real, "/") == 0 ? "" : real, n->t.leaf);
	/* The printed path must lead back to this very directory: a detached mount prints an innocent one. */
	struct stat st;
	if (written >= (int)sizeof n->t.real || fstat(n->t.parent, &st) != 0 || !resolve_confirms(real, &st))
		return false;
	n->exists = fstatat(n->t.parent, n->t.leaf, &n->t.st, AT_SYMLINK_NOFOLLOW) == 0;
	n->slash = len < strlen(path);
	return n->exists || errno == ENOENT;
}

void name_close(struct name *n)
{
	target_close(&n->t);
}

/* The object changes its path, so it must be as open at either place: otherwise a rename would turn "may write" into "may read". */
static bool freely_movable(const struct supervisor *s, const struct name *n)
{
	return rules_decide(&s->rules, n->t.real, ACCESS_READ | ACCESS_WRITE).allow && !rules_below(&s->rules, n->t.real);
}

static struct moved side_of(const struct name *n)
{
	return (struct moved){.real = n->t.real, .parent = n->t.parent, .leaf = n->t.leaf, .exists = n->exists, .mode = n->t.st.st_mode};
}

static int make_link(const struct supervisor *s, const struct seccomp_notif *call, const struct name *to)
{
	bool at = call->data.nr == SYS_linkat;
	static char path[PLAN_MAX_PATH];
	struct name from = {.t = {.object = -1, .parent = -1}};
	if (caller_string((pid_t)call->pid, call->data.args[at ? 1 : 0], path, sizeof path) != 0)
		return -EACCES;
	int err = -EACCES;
	bool follow = at && (call->data.args[4] & (AT_SYMLINK_FOLLOW | AT_EMPTY_PATH)) != 0;
	if (!follow && name_resolve((pid_t)call->pid, at ? (int)call->data.args[0] : AT_FDCWD, path, &from) && from.exists && !from.slash &&
	    S_ISREG(from.t.st.st_mode) && freely_movable(s, &from) && freely_movable(s, to) &&
	    moves_name(s, to->t.real, from.t.st.st_mode) == 0)
		err = linkat(from.t.parent, from.t.leaf, to->t.parent, to->t.leaf, 0) == 0 ? 0 : -errno;
	name_close(&from);
	return err;
}

static int make_symlink(const struct supervisor *s, const struct seccomp_notif *call, const struct name *n)
{
	static char target[PLAN_MAX_PATH];
	/* A link on the way to a path that is denied but missing would decide where that path ends up. */
	if (moves_name(s, n->t.real, S_IFLNK) != 0 || caller_string((pid_t)call->pid, call->data.args[0], target, sizeof target) != 0)
		return -EACCES;
	return symlinkat(target, n->t.parent, n->t.leaf) == 0 ? 0 : -errno;
}

static int make_node(const struct supervisor *s, const struct seccomp_notif *call, const struct name *n)
{
	mode_t mode = (mode_t)call->data.args[call->data.nr == SYS_mknodat ? 2 : 1];
	mode_t type = mode & S_IFMT;
	/* Device nodes are never made. */
	if (moves_name(s, n->t.real, S_IFREG) != 0 || (type != 0 && type != S_IFREG && type != S_IFIFO && type != S_IFSOCK))
		return -EPERM;
	return mknodat(n->t.parent, n->t.leaf, mode, 0) == 0 ? 0 : -errno;
}

static int move(const struct supervisor *s, const struct seccomp_notif *call, const struct name *from, const struct name *to)
{
	unsigned flags = call->data.nr == SYS_renameat2 ? (unsigned)call->data.args[4] : 0;
	/* RENAME_WHITEOUT would make a device node. */
	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0 || !freely_movable(s, from) || !freely_movable(s, to))
		return -EACCES;
	struct moved sides[2] = {side_of(from), side_of(to)};
	int err = moves_rename(s, &sides[0], &sides[1], (flags & RENAME_EXCHANGE) != 0);
	if (err != 0)
		return -err;
	if (syscall(SYS_renameat2, from->t.parent, from->t.leaf, to->t.parent, to->t.leaf, flags) != 0)
		return -errno;
	if (S_ISDIR(from->t.st.st_mode) && (flags & RENAME_EXCHANGE) == 0)
		birth_moved(from->t.real, to->t.real);
	return 0;
}

static int set_length(const struct seccomp_notif *call, const struct name *n)
{
	if (!S_ISREG(n->t.st.st_mode))
		return -EACCES; /* through a symlink: its target is another name, undecided */
	int fd = openat(n->t.parent, n->t.leaf, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	struct stat st;
	int err = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? 0 : -EINVAL;
	if (err == 0 && ftruncate(fd, (off_t)call->data.args[1]) != 0)
		err = -errno;
	close(fd);
	return err;
}

static int make_directory(struct supervisor *s, const struct name *n, mode_t mode)
{
	mode_t mask = umask(0);
	umask(mask);
	enum born born = birth_directory(s, n, mode & ~mask);
	if (born != BORN_NOT)
		return born == BORN ? 0 : -EEXIST;
	quick_forget(n->t.real); /* another one of this name may have been on the floor */
	return mkdirat(n->t.parent, n->t.leaf, mode) == 0 ? 0 : -errno;
}

static bool remove_directory(const struct seccomp_notif *call)
{
#ifdef SYS_rmdir
	if (call->data.nr == SYS_rmdir)
		return true;
#endif
	return call->data.nr == SYS_unlinkat && (call->data.args[2] & AT_REMOVEDIR) != 0;
}

static int perform(struct supervisor *s, const struct seccomp_notif *call, uint16_t verb, const struct name *n)
{
	/* "name/" means a directory, existing or to be; with the slash gone the calls below would take a file, or a link instead of where it leads. */
	bool directory = verb == VERB_MKDIR || verb == VERB_RMDIR || (verb == VERB_RENAME && S_ISDIR(n[0].t.st.st_mode));
	for (unsigned i = 0; i < (verb == VERB_RENAME ? 2U : 1U); i++)
		if (n[i].slash && (!directory || (n[i].exists && !S_ISDIR(n[i].t.st.st_mode))))
			return n[i].exists || verb == VERB_RENAME ? -ENOTDIR : -ENOENT;
	switch (verb) {
	case VERB_MKDIR:
		return make_directory(s, n, (mode_t)call->data.args[call->data.nr == SYS_mkdirat ? 2 : 1] & 07777);
	case VERB_RMDIR:
	case VERB_UNLINK:
		return unlinkat(n->t.parent, n->t.leaf, remove_directory(call) ? AT_REMOVEDIR : 0) == 0 ? 0 : -errno;
	case VERB_RENAME:
		return move(s, call, &n[0], &n[1]);
	case VERB_LINK:
		return make_link(s, call, n);
	case VERB_SYMLINK:
		return make_symlink(s, call, n);
	case VERB_MKNOD:
		return make_node(s, call, n);
	case VERB_TRUNCATE:
		return set_length(call, n);
	default:
		return -EACCES;
	}
}

bool names_perform(struct supervisor *s, const struct seccomp_notif *call, uint16_t verb, struct name *names)
{
	struct caller_status status;
	pid_t tid = (pid_t)call->pid;
	if (!caller_status(tid, &status) || !caller_still_waits(s, call->id) || narrowed_contains(s, tid))
		return false;
	if (!caller_identity_take(tid, &status)) {
		caller_identity_restore();
		return false;
	}
	umask((mode_t)status.umask);
	int result = perform(s, call, verb, names);
	umask(0);
	caller_identity_restore();
	/* EACCES here may be ours; the caller of this function reports it and lets the floor give the same answer. */
	if (result == -EACCES)
		return false;
	if (result < 0)
		answer_error(s, call->id, -result);
	else
		answer_value(s, call->id, 0);
	return true;
}
