#define _GNU_SOURCE
#include "names/names_lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "path/devices.h"
#include "path/straight.h"

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void names_close(struct name_call *c)
{
	for (unsigned i = 0; i < 2; i++) {
		close_fd(&c->side[i].parent);
		close_fd(&c->side[i].object);
	}
}

/* The name's path, from the directory's. False when that directory is no place to act in: /proc, removed, or not where it says it is (a detached mount prints an
 * innocent path). */
static bool name_real(struct name *n, struct stat *st)
{
	char dir[PLAN_MAX_PATH];
	if (fstat(n->parent, st) != 0 || st->st_nlink == 0 || !resolve_descriptor(n->parent, dir) || !resolve_confirms(dir, st))
		return false;
	if (strncmp(dir, "/proc", 5) == 0 && (dir[5] == '/' || dir[5] == 0))
		return false;
	int written = snprintf(n->real, sizeof n->real, "%s/%.*s", strcmp(dir, "/") == 0 ? "" : dir, (int)strcspn(n->leaf, "/"), n->leaf);
	return written < (int)sizeof n->real;
}

/* Looks the name up without its slash: not followed either way. */
static bool name_look(const struct name *n, struct stat *st)
{
	char leaf[258];
	snprintf(leaf, sizeof leaf, "%.*s", (int)strcspn(n->leaf, "/"), n->leaf);
	return fstatat(n->parent, leaf, st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool name_at(pid_t tid, int dirfd, const char *path, struct name *n)
{
	struct calling c = {.tid = tid};
	struct stat parent;
	*n = (struct name){.parent = -1, .object = -1};
	int base = path[0] != 0 ? walk_base(&c, dirfd, path) : -ENOENT;
	bool found = (base >= 0 || base == AT_FDCWD) && walk_parent(&c, base, path, &n->parent, n->leaf) == 0 && name_real(n, &parent);
	if (base >= 0)
		close(base);
	n->exists = found && name_look(n, &n->st);
	if (!found)
		close_fd(&n->parent);
	return found;
}

/* The caller's own error, found by a walk as the caller: answered at once, since between this walk and the kernel's own somebody may make what was missing, and
 * then the floor would answer EACCES instead. Errors of this process's own are not the caller's. */
static enum looked walk_error(int err, int *error)
{
	static const int callers[] = {ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG, EBADF};
	for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++)
		if (err == -callers[i]) {
			*error = callers[i];
			return FAILED;
		}
	return LEAVE_TO_KERNEL;
}

/* The source of a hard link is an object: the one that the path leads to, or that a descriptor is (O_TMPFILE has no name yet). */
static enum looked link_source(struct name_call *c, const struct written *w, int base, struct name *n, int *error)
{
	unsigned flags = c->nr == SYS_linkat ? (unsigned)c->args[4] : 0;
	struct target t = {.object = -1, .parent = -1};
	if (w->path[0] == 0) {
		/* AT_EMPTY_PATH asks for a capability or, since 6.10, for credentials unchanged since the descriptor was opened. Whether they are is seen only where they
		 * cannot change; who is refused here can use /proc/self/fd. */
		if (!caller_identity_fixed() && (!calling_status(&c->calling) || (c->calling.status.cap_eff & 1U << CAP_DAC_READ_SEARCH) == 0)) {
			*error = ENOENT;
			return FAILED;
		}
		t.object = fcntl(base, F_DUPFD_CLOEXEC, 0);
		if (t.object < 0 || fstat(t.object, &t.st) != 0)
			return LEAVE_TO_KERNEL;
	} else {
		int err = walk_object(&c->calling, base, w->path, (flags & AT_SYMLINK_FOLLOW) != 0, &t);
		if (err != 0)
			return walk_error(err, error);
	}
	n->object = t.object;
	n->st = t.st;
	n->exists = n->looked = true;
	if (t.st.st_nlink == 0)
		return LOOKED; /* O_TMPFILE may be given a name; a removed file may not, says the kernel */
	if (!walk_named(&t) || strncmp(t.real, "/proc/", 6) == 0)
		return LEAVE_TO_KERNEL;
	strcpy(n->real, t.real);
	return LOOKED;
}

enum looked names_look_now(struct name *n)
{
	if (n->looked)
		return LOOKED;
	n->looked = true;
	n->exists = name_look(n, &n->st);
	return n->exists || errno == ENOENT ? LOOKED : LEAVE_TO_KERNEL;
}

enum looked names_look_up(const struct supervisor *s, struct name_call *c, const struct names_shape *shape, unsigned i, const struct written *w, int *error)
{
	struct name *n = &c->side[i];
	bool source = shape->verb == VERB_LINK && i == 0;
	if (w->path[0] == 0 && !source) {
		*error = ENOENT;
		return FAILED;
	}
	struct stat parent;
	bool straight = !source && calling_is_us(&c->calling) && (n->parent = straight_parent(c->calling.tid, w->dirfd, w->path, n->leaf, n->real, &parent)) >= 0;
	int base = straight ? AT_FDCWD : walk_base(&c->calling, w->dirfd, w->path);
	if (base < 0 && base != AT_FDCWD)
		return walk_error(base, error);
	enum looked l = LOOKED;
	if (source) {
		l = link_source(c, w, base, n, error);
	} else if (!straight) {
		int err = walk_parent(&c->calling, base, w->path, &n->parent, n->leaf);
		l = err != 0 ? walk_error(err, error) : name_real(n, &parent) ? LOOKED : LEAVE_TO_KERNEL;
	}
	/* What the caller may remove is removed, or the kernel says that it is not there: for that nothing needs to be known of it, where it is no device. */
	bool later = straight && (shape->verb == VERB_RMDIR || (shape->verb == VERB_UNLINK && !devices_around(n->real, parent.st_dev)));
	if (later)
		n->exists = true;
	else if (!source && l == LOOKED)
		l = names_look_now(n);
	if (base >= 0)
		close(base);
	if (l == LOOKED && n->parent >= 0)
		n->on_floor = floor_holds_name(s->floor, n->real, &parent, shape->side[i].rights);
	return l;
}

bool names_unchanged(const struct name_call *c)
{
	for (unsigned i = 0; i < c->sides; i++) {
		const struct name *n = &c->side[i];
		struct name again = {.parent = n->parent, .object = -1};
		struct stat st, parent;
		if (n->object >= 0) {
			if (n->real[0] != 0 && !resolve_confirms(n->real, &n->st))
				return false;
			continue;
		}
		strcpy(again.leaf, n->leaf);
		bool exists = name_look(n, &st);
		if (!name_real(&again, &parent) || strcmp(again.real, n->real) != 0 || exists != n->exists)
			return false;
		if (exists && (st.st_dev != n->st.st_dev || st.st_ino != n->st.st_ino))
			return false;
	}
	return true;
}
