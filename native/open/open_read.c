#define _GNU_SOURCE
#include "open/open_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "caller/caller.h"

bool open_is_tmpfile(uint64_t flags)
{
	return (flags & O_TMPFILE) == O_TMPFILE;
}

/* What the kernel refuses before it asks any policy: EINVAL, and EISDIR for a file to be made by a name with a slash behind it. */
static bool refused_by_flags(const struct open_call *call)
{
	bool creates = (call->flags & O_CREAT) != 0 && !open_is_tmpfile(call->flags);
	if (open_is_tmpfile(call->flags))
		return (call->flags & O_ACCMODE) == O_RDONLY || (call->flags & O_CREAT) != 0;
	return creates && ((call->flags & O_DIRECTORY) != 0 || call->path[strlen(call->path) - 1] == '/');
}

bool open_read(const struct seccomp_notif *n, struct open_call *call)
{
	const __u64 *a = n->data.args;
	uint64_t path = a[1];
	call->id = n->id;
	call->tid = (pid_t)n->pid;
	call->dirfd = (int)a[0];
	call->resolve = 0;
	switch (n->data.nr) {
	case SYS_openat:
		call->verb = VERB_OPENAT;
		call->flags = a[2];
		call->mode = a[3];
		break;
#ifdef SYS_open
	case SYS_open:
		call->verb = VERB_OPEN;
		call->dirfd = AT_FDCWD;
		call->flags = a[1];
		call->mode = a[2];
		path = a[0];
		break;
	case SYS_creat:
		call->verb = VERB_CREAT;
		call->dirfd = AT_FDCWD;
		call->flags = O_CREAT | O_WRONLY | O_TRUNC;
		call->mode = a[1];
		path = a[0];
		break;
#endif
	default:
		return false;
	}
	call->flags &= 0xffffffffU;
	call->mode &= 07777;
	/* Unreadable memory: EFAULT, or a caller that made itself non-dumpable (ssh-agent). The floor decides an open completely, so it may go on. */
	if (caller_string(call->tid, path, call->path, sizeof call->path) != 0 || call->path[0] == 0)
		return false;
	return !refused_by_flags(call);
}

uint8_t open_access(uint64_t flags)
{
	uint8_t access = 0;
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		access = ACCESS_READ;
		break;
	case O_WRONLY:
		access = ACCESS_WRITE;
		break;
	default:
		access = ACCESS_READ | ACCESS_WRITE;
		break;
	}
	return flags & O_TRUNC ? access | ACCESS_WRITE : access;
}

int open_early_error(const struct open_call *call, const struct target *t)
{
	if ((call->flags & O_CREAT) && (call->flags & O_EXCL) && !open_is_tmpfile(call->flags))
		return EEXIST;
	if ((call->flags & O_CREAT) && !open_is_tmpfile(call->flags) && S_ISDIR(t->st.st_mode))
		return EISDIR;
	if ((call->flags & O_DIRECTORY) && !S_ISDIR(t->st.st_mode))
		return ENOTDIR;
	if ((open_access(call->flags) & ACCESS_WRITE) && S_ISDIR(t->st.st_mode) && !open_is_tmpfile(call->flags))
		return EISDIR;
	return 0;
}
