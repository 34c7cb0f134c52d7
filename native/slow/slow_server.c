/* What may sleep for ever: to be called by a process that does nothing else. Runs with the user's privileges; opens for reading what is about to be executed, else nothing. */
#define _GNU_SOURCE
#include "slow/slow_server.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exec/first_line.h"
#include "plan/plan.h"
#include "slow/slow_mounts.h"

static bool interpreter_of(int base, const char *path, char interpreter[FIRST_LINE])
{
	char argument[FIRST_LINE];
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	struct stat st;
	int fd = (int)syscall(SYS_openat2, base, path, &how, sizeof how);
	bool found = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && first_line(fd, interpreter, argument);
	if (fd >= 0)
		close(fd);
	return found && interpreter[0] == '/';
}

bool slow_interpreter_waits(int base, const char *path)
{
	char at[2][FIRST_LINE];
	for (unsigned i = 0; i < MAX_INTERPRETERS; i++) {
		if (!interpreter_of(i == 0 ? base : AT_FDCWD, i == 0 ? path : at[(i + 1) % 2], at[i % 2]))
			return false;
		if (slow_may_wait(AT_FDCWD, at[i % 2]))
			return true;
	}
	return false;
}

void slow_ask_server(int base, const char *path, unsigned interpreters)
{
	char dir[PLAN_MAX_PATH], interpreter[FIRST_LINE];
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
	struct statx x;
	int fd = path[0] == 0 ? base : (int)syscall(SYS_openat2, base, path, &how, sizeof how);
	if (fd < 0 && errno == ENOENT) {
		snprintf(dir, sizeof dir, "%s", path);
		char *slash = strrchr(dir, '/');
		if (slash != NULL)
			slash[slash == dir ? 1 : 0] = 0;
		fd = (int)syscall(SYS_openat2, base, slash != NULL ? dir : ".", &how, sizeof how);
	}
	if (fd >= 0)
		(void)statx(fd, "", AT_EMPTY_PATH | AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &x);
	if (interpreters > 0 && path[0] != 0 && interpreter_of(base, path, interpreter))
		slow_ask_server(AT_FDCWD, interpreter, interpreters - 1);
}

bool slow_answers(const char *path)
{
	enum { PATIENCE_MS = 5000 };
	if (!slow_any() || (!slow_may_wait(AT_FDCWD, path) && !slow_interpreter_waits(AT_FDCWD, path)))
		return true;
	pid_t pid = fork();
	if (pid == 0) {
		syscall(SYS_close_range, 0U, ~0U, 0U); /* it may sleep on */
		slow_ask_server(AT_FDCWD, path, MAX_INTERPRETERS);
		_exit(0);
	}
	struct pollfd p = {.fd = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1, .events = POLLIN};
	bool answered = p.fd >= 0 && poll(&p, 1, PATIENCE_MS) == 1;
	if (pid > 0 && !answered)
		kill(pid, SIGKILL);
	if (answered)
		waitpid(pid, NULL, 0);
	if (p.fd >= 0)
		close(p.fd);
	return answered;
}
