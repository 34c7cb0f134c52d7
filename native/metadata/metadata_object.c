#define _GNU_SOURCE
#include "metadata/metadata_object.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loop/in_time.h"
#include "path/straight.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

static int caller_descriptor(struct calling *c, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, c->tid, PIDFD_THREAD);
	/* Before 6.9 only the leader has one; threads share its table, unless they asked for their own. The caller of this function compares. */
	if (pidfd < 0 && calling_status(c))
		pidfd = (int)syscall(SYS_pidfd_open, c->status.tgid, 0);
	int file = pidfd >= 0 ? (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0) : -1;
	int err = errno;
	if (pidfd >= 0)
		close(pidfd);
	errno = err;
	return file;
}

/* Duplicates the caller's descriptor, which must be what `object` is: another thread may have put something else there meanwhile. */
static int same_file(struct calling *c, int fd, const struct stat *object)
{
	struct stat st;
	int file = caller_descriptor(c, fd);
	if (file >= 0 && fstat(file, &st) == 0 && st.st_dev == object->st_dev && st.st_ino == object->st_ino)
		return file;
	if (file >= 0)
		let_go(file);
	return -1;
}

/* O_PATH descriptors are none for these calls. The link in /proc shows what a descriptor may do; an odd one (mode 3 of open) shows the same as O_PATH. */
static bool is_path_only(pid_t tid, int fd)
{
	char path[56], line[256];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", tid, fd);
	if (lstat(path, &st) != 0 || (st.st_mode & 0700) != 0)
		return false;
	snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", tid, fd);
	FILE *f = fopen(path, "re");
	unsigned flags = 0;
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "flags: %o", &flags) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return (flags & O_PATH) != 0;
}

static int base_object(struct object_call *c, int dirfd)
{
	c->t.object = resolve_base(c->calling.tid, dirfd);
	if (c->t.object < 0) {
		int err = c->t.object;
		c->t.object = -1;
		return err == -ENOENT ? -EBADF : err;
	}
	return fstat(c->t.object, &c->t.st) == 0 ? 0 : -errno;
}

static int descriptor_object(struct object_call *c, int fd)
{
	int err = fd < 0 ? -EBADF : base_object(c, fd); /* AT_FDCWD is none */
	if (err == 0 && is_path_only(c->calling.tid, fd))
		err = -EBADF;
	if (err == 0 && c->verb == VERB_IOCTL && (c->file = same_file(&c->calling, fd, &c->t.st)) < 0)
		err = -EACCES;
	return err;
}

/* What the object is called, where policy can speak of it. */
static void name_object(struct object_call *c, int fd)
{
	c->named = walk_named(&c->t);
	if (c->named)
		return;
	int file = c->file >= 0 ? fcntl(c->file, F_DUPFD_CLOEXEC, 0) : fd >= 0 ? same_file(&c->calling, fd, &c->t.st) : -1;
	int flags = file >= 0 ? fcntl(file, F_GETFL) : O_RDONLY;
	if (file >= 0)
		let_go(file);
	c->writable = (flags & O_PATH) == 0 && (flags & O_ACCMODE) != O_RDONLY;
}

int metadata_find(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	static char path[PLAN_MAX_PATH];
	unsigned flags = shape->flags < 0 ? 0 : (unsigned)n->data.args[(int)shape->flags];
	int dirfd = shape->dirfd < 0 ? AT_FDCWD : (int)n->data.args[(int)shape->dirfd];
	bool by_descriptor = shape->path < 0;
	if (c->verb == VERB_UTIME && !by_descriptor && shape->dirfd >= 0 && n->data.args[(int)shape->path] == 0 && dirfd != AT_FDCWD) {
		if (flags != 0)
			return -EINVAL;
		by_descriptor = true; /* futimens */
	}
	if ((flags & ~shape->flags_known) != 0)
		return -EINVAL;
	int err;
	if (by_descriptor) {
		err = descriptor_object(c, dirfd);
	} else {
		err = caller_string(c->calling.tid, n->data.args[(int)shape->path], path, sizeof path);
		if (err != 0)
			return err;
		by_descriptor = path[0] == 0 && (flags & AT_EMPTY_PATH) != 0 && dirfd != AT_FDCWD;
		if (path[0] == 0) {
			err = (flags & AT_EMPTY_PATH) == 0 ? -ENOENT : base_object(c, dirfd);
		} else if (calling_is_us(&c->calling) && straight_target(c->calling.tid, dirfd, path, false, &c->t) == RESOLVED) {
			c->named = true; /* by what was walked */
			return 0;
		} else {
			target_close(&c->t); /* a parent that is of no use here */
			int base = walk_base(&c->calling, dirfd, path);
			err = base < 0 && base != AT_FDCWD ? base : walk_object(&c->calling, base, path, shape->follow && (flags & AT_SYMLINK_NOFOLLOW) == 0, &c->t);
			if (base >= 0)
				close(base);
		}
	}
	if (err == 0)
		name_object(c, by_descriptor ? dirfd : -1);
	return err;
}

void metadata_close(struct object_call *c)
{
	target_close(&c->t);
	if (c->file >= 0)
		let_go(c->file);
	c->file = -1;
}
