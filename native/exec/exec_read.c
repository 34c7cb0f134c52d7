#define _GNU_SOURCE
#include "exec/exec_read.h"

#include <fcntl.h>
#include <sys/syscall.h>

#include "caller/caller.h"

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000 /* Linux 6.14 */
#endif

bool exec_has_unknown_flags(const struct seccomp_notif *n)
{
	enum { KNOWN = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_EXECVE_CHECK };
	return n->data.nr == SYS_execveat && ((uint32_t)n->data.args[4] & ~(uint32_t)KNOWN) != 0;
}

bool exec_read(const struct seccomp_notif *n, struct exec_call *c)
{
	const __u64 *a = n->data.args;
	bool at = n->data.nr == SYS_execveat;
	uint32_t flags = at ? (uint32_t)a[4] : 0;
	*c = (struct exec_call){.id = n->id, .tid = (pid_t)n->pid, .verb = at ? VERB_EXECVEAT : VERB_EXECVE, .asked = {.object = -1, .parent = -1}};
	c->dirfd = at ? (int)a[0] : AT_FDCWD;
	c->path_at = a[at ? 1 : 0];
	c->argv = a[at ? 2 : 1];
	c->envp = a[at ? 3 : 2];
	c->nofollow = (flags & AT_SYMLINK_NOFOLLOW) != 0;
	c->only_asks = (flags & AT_EXECVE_CHECK) != 0;
	if (caller_string(c->tid, c->path_at, c->path, sizeof c->path) != 0)
		return false;
	c->by_descriptor = c->path[0] == 0;
	return !c->by_descriptor || (flags & AT_EMPTY_PATH) != 0;
}
