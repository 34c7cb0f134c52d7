/* A task has one listener (seccomp_unotify(2)). Tried in a process of its own, since a filter stays. */
#define _GNU_SOURCE
#include "start/nested.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static enum nested install(void)
{
	struct sock_filter all[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {.len = 1, .filter = all};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return NESTED_UNKNOWN;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program) >= 0)
		return NESTED_NO;
	return errno == EBUSY ? NESTED_YES : NESTED_UNKNOWN;
}

enum nested nested_try(void)
{
	int status;
	if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_FILTER)
		return NESTED_NO;
	pid_t pid = fork();
	if (pid == 0)
		_exit(install());
	/* Where SIGCHLD is ignored, nothing is known. */
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? (enum nested)WEXITSTATUS(status) : NESTED_UNKNOWN;
}
