/* Runs in the supervisor, outside the sandbox. Flags and path of openat2 lie in the caller's memory, where another thread changes them after a look. Sent on to the kernel it could be any open, one for
 * neither reading nor writing as well, of which Landlock asks no right (open_rules, filter_arguments.c). So it is performed here, on the floor too, or gets the error that the kernel has for it. What only
 * the caller itself could open is ENOSYS: programs use openat then, as before Linux 5.6. */
#define _GNU_SOURCE
#include "open/open_how.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "caller/identity.h"
#include "open/open_read.h"
#include "path/walk.h"

enum { LARGEST = 4096, NEITHER = 3 };

/* The kernel looks at the structure before it looks for the path, which is none here: EFAULT says that it is a right one. */
static int structure_error(const struct open_how *how)
{
	(void)syscall(SYS_openat2, AT_FDCWD, NULL, how, sizeof *how);
	return errno == EFAULT ? 0 : errno;
}

static int unreadable(int err)
{
	return err == -EPERM ? ENOSYS : -err; /* EPERM: a caller that made itself non-dumpable */
}

/* A newer program's structure means the same when what is new in it is zero. */
static int read_structure(pid_t tid, uint64_t address, uint64_t size, struct open_how *how)
{
	static union {
		struct open_how how;
		unsigned char bytes[LARGEST];
	} larger;
	if (size < sizeof larger.how)
		return EINVAL;
	if (size > sizeof larger)
		return E2BIG;
	int err = caller_read(tid, address, &larger, size);
	if (err != 0)
		return unreadable(err);
	for (size_t i = sizeof larger.how; i < size; i++)
		if (larger.bytes[i] != 0)
			return E2BIG;
	*how = larger.how;
	return structure_error(how);
}

int open_how_read(const struct seccomp_notif *n, struct open_call *call)
{
	const __u64 *a = n->data.args;
	struct open_how how;
	*call = (struct open_call){.id = n->id, .tid = (pid_t)n->pid, .verb = VERB_OPENAT2, .dirfd = (int)a[0]};
	int err = read_structure(call->tid, a[2], a[3], &how);
	if (err != 0)
		return err;
	if ((how.flags & O_PATH) != 0)
		return ENOSYS; /* found here, it could not be handed over: seccomp(2) installs no such descriptor */
	if ((how.flags & NEITHER) == NEITHER)
		return EACCES;
	call->flags = how.flags;
	call->mode = how.mode;
	call->resolve = how.resolve;
	err = caller_string(call->tid, a[1], call->path, sizeof call->path);
	if (err != 0)
		return unreadable(err);
	return call->path[0] == 0 ? ENOENT : 0;
}

/* This process's own attempt, which opens no data. A magic link (/proc/PID/root) may lead it where the caller may not look, so of what lies behind one nothing is told. */
static int attempt(const struct open_call *call, int base, const char *path, int more)
{
	struct open_how how = {.flags = (uint64_t)(O_PATH | O_CLOEXEC | more), .resolve = call->resolve | RESOLVE_NO_MAGICLINKS};
	int fd = resolve_again(base, path, &how);
	bool magic = fd < 0 && errno == ELOOP;
	if (magic) {
		how.resolve = call->resolve;
		fd = resolve_again(base, path, &how);
		magic = fd >= 0 || errno != ELOOP;
	}
	if (fd < 0)
		return magic ? 0 : errno;
	struct stat st;
	bool link = fstat(fd, &st) == 0 && S_ISLNK(st.st_mode);
	close(fd);
	return link ? ELOOP : 0; /* it is not followed, and a link holds no data */
}

/* As the caller means it: what each process has of its own is looked for in the caller's entry. Not below a root of the caller's, and where the link to it is refused anyway. */
static bool path_of(const struct open_call *call, char out[PLAN_MAX_PATH])
{
	static const char descriptors[] = "/dev/fd/";
	char path[PLAN_MAX_PATH];
	if ((call->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS)) != 0) {
		memcpy(out, call->path, strlen(call->path) + 1);
		return true;
	}
	if (strncmp(call->path, descriptors, sizeof descriptors - 1) != 0)
		return resolve_names_caller(call->tid, call->path, out);
	int length = snprintf(path, sizeof path, "/proc/self/fd/%s", call->path + sizeof descriptors - 1);
	return length < (int)sizeof path && resolve_names_caller(call->tid, path, out);
}

bool open_how_names_directory(const struct open_call *call)
{
	return (call->flags & O_CREAT) != 0 && !open_is_tmpfile(call->flags) && call->path[strlen(call->path) - 1] == '/';
}

/* EISDIR, unless the kernel does not come as far as the name. */
static int error_of_directory(const struct open_call *call, int base, char *path)
{
	size_t end = strlen(path);
	while (end > 1 && path[end - 1] == '/')
		end--;
	while (end > 0 && path[end - 1] != '/')
		end--;
	path[end] = 0;
	int err = attempt(call, base, end > 0 ? path : ".", O_DIRECTORY);
	return err != 0 ? err : EISDIR;
}

/* 0: none. */
static int error_of(const struct open_call *call, int base, char *path)
{
	if (open_how_names_directory(call))
		return error_of_directory(call, base, path);
	int err = attempt(call, base, path, (int)(call->flags & (O_NOFOLLOW | O_DIRECTORY)));
	/* A link at the end leads to where the file would be made, which is not known under a restriction. */
	if (err == ENOENT && (call->flags & O_CREAT) != 0 && attempt(call, base, path, O_NOFOLLOW) == ELOOP)
		return EACCES;
	return err;
}

void open_how_unresolved(const struct supervisor *s, const struct open_call *call)
{
	char path[PLAN_MAX_PATH];
	struct calling who = {.tid = call->tid};
	bool fixed = identity_same_or_read(call->tid, &who.status, &who.known);
	if (narrowed_contains(s, call->tid) || (!fixed && !calling_status(&who)) || !path_of(call, path)) {
		answer_error(s, call->id, ENOSYS);
		return;
	}
	/* The caller's own entry is closed to its identity in another process. */
	fixed |= strncmp(path, "/proc/", 6) == 0;
	/* Found with this process's own identity. */
	int base = path[0] == '/' && (call->resolve & RESOLVE_IN_ROOT) == 0 ? AT_FDCWD : resolve_base(call->tid, call->dirfd);
	int err = base < 0 && base != AT_FDCWD ? EBADF : 0;
	if (err == 0 && (fixed || caller_identity_take(call->tid, &who.status)))
		err = error_of(call, base, path);
	if (!fixed)
		caller_identity_restore();
	if (base >= 0)
		close(base);
	answer_error(s, call->id, err != 0 ? err : ENOSYS);
}

bool open_how_performs(const struct target *t)
{
	const char *real = t->real;
	bool kernels = strncmp(real, "/proc/", 6) == 0 || strncmp(real, "/sys/", 5) == 0;
	return !kernels && (t->object < 0 || S_ISREG(t->st.st_mode) || S_ISDIR(t->st.st_mode) || S_ISFIFO(t->st.st_mode));
}
