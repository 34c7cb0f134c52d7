/* Whoever reads from a pipe can open it again for writing (/proc/self/fd/0): no path leads to it, so Landlock does not decide on it. Under `commands | sh` the shell outside reads its
 * commands from the same pipe as the command, and would execute what that wrote there. So the command has a pipe of its own, which holds a copy of what comes next (tee(2)).
 * What the command has read is taken out of the pipe outside, and nothing more: what it leaves is still there for the shell. The same for a file without a name, which is
 * what zsh and ksh make of a here-document: by Landlock it may be written where its directory may, mostly /tmp. Runs with the invoking user's privileges, outside the sandbox;
 * nothing but the two ends is open in the process that copies. */
#define _GNU_SOURCE
#include "standard_input.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "work.h"

enum { AT_A_TIME = 4096 };

static bool has_no_name(int fd)
{
	struct statfs fs;
	struct stat st;
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY || (flags & O_PATH) != 0 || fstat(fd, &st) != 0)
		return false;
	if (S_ISREG(st.st_mode))
		return st.st_nlink == 0 && (flags & O_ACCMODE) == O_RDONLY;
	return S_ISFIFO(st.st_mode) && fstatfs(fd, &fs) == 0 && (unsigned long)fs.f_type == PIPEFS_MAGIC;
}

/* False: somebody outside has taken it first. */
static bool take_out(int outside, size_t count)
{
	char read_already[AT_A_TIME];
	off_t at = lseek(outside, (off_t)count, SEEK_CUR);
	if (at >= 0)
		return true; /* a file */
	while (count > 0) {
		struct pollfd there = {.fd = outside, .events = POLLIN};
		if (poll(&there, 1, 0) != 1 || (there.revents & POLLIN) == 0)
			return false;
		ssize_t n = read(outside, read_already, count < sizeof read_already ? count : sizeof read_already);
		if (n <= 0 && errno != EINTR)
			return false;
		count -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* What comes next stays where it is. 0: nothing more comes. */
static ssize_t copy_next(int outside, int inside)
{
	char next[AT_A_TIME];
	off_t at = lseek(outside, 0, SEEK_CUR);
	if (at < 0)
		return tee(outside, inside, INT_MAX, SPLICE_F_NONBLOCK);
	ssize_t n = pread(outside, next, sizeof next, at);
	return n > 0 ? write(inside, next, (size_t)n) : n;
}

/* Until nothing more comes, or nobody inside can read it. */
static void copy(int outside, int inside)
{
	for (size_t copied = 0;;) {
		/* What comes is waited for only when what came was read. */
		struct pollfd p[2] = {{.fd = inside, .events = copied > 0 ? POLLOUT : 0}, {.fd = copied > 0 ? -1 : outside, .events = POLLIN}};
		if (poll(p, 2, -1) < 0)
			continue;
		if ((p[0].revents & POLLERR) != 0) {
			int left = 0;
			if (ioctl(inside, FIONREAD, &left) == 0 && (size_t)left <= copied)
				take_out(outside, copied - (size_t)left);
			return;
		}
		if (copied > 0) {
			take_out(outside, copied);
			copied = 0;
			continue;
		}
		ssize_t n = copy_next(outside, inside);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return;
		copied = n > 0 ? (size_t)n : 0;
	}
}

static int copy_all(void *ends)
{
	/* What the terminal and the end of the session say to the command: this process ends when nobody reads from it any more. */
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGTERM, SIGPIPE};
	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		signal(ignored[i], SIG_IGN);
	copy(((const int *)ends)[0], ((const int *)ends)[1]);
	return 0;
}

/* The command is executed in this process's place, and must find no child that it has not made. */
static bool start_as_nobodys(const int ends[2])
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		pid_t below = work_fork();
		if (below != 0)
			_exit(below < 0);
		prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0); /* ends when its reader has */
		work_close_others(ends, 2);
		_exit(copy_all((void *)ends));
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* One page is the least that a pipe holds, and one piece: there is room again just when all of it was read. */
static bool make_smallest(int pipe)
{
	int page = (int)sysconf(_SC_PAGESIZE);
	return fcntl(pipe, F_SETPIPE_SZ, page) == page;
}

bool standard_input_part(bool stays)
{
	int pair[2];
	if (!has_no_name(STDIN_FILENO))
		return true;
	if (pipe2(pair, O_CLOEXEC) != 0)
		return false;
	int ends[2] = {STDIN_FILENO, pair[1]};
	bool ok = make_smallest(pair[1]) && (stays ? work_start(copy_all, ends, ends) > 0 : start_as_nobodys(ends)) &&
	          dup2(pair[0], STDIN_FILENO) == STDIN_FILENO;
	int err = errno;
	close(pair[0]);
	close(pair[1]);
	errno = err;
	return ok;
}
