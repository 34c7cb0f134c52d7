/* Whoever reads from a pipe can open it again for writing (/proc/self/fd/0): no path leads to it, so Landlock does not decide on it. Under `commands | sh` the shell outside reads its
 * commands from the same pipe as the command, and would execute what that wrote there. So the command has a pipe of its own, which holds a copy of what comes next (input_copy.c).
 * The same for a file without a name, which is what zsh and ksh make of a here-document: by Landlock it may be written where its directory may, mostly /tmp. Runs with the invoking
 * user's privileges, outside the sandbox; nothing but the two ends is open in the process that copies. */
#define _GNU_SOURCE
#include "start/standard_input.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/work.h"
#include "start/input_copy.h"

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

/* One page is the least that a pipe holds, and one piece: there is room again just when all of it was read. */
static bool make_pipe(int pair[2])
{
	int page = (int)sysconf(_SC_PAGESIZE);
	if (pipe2(pair, O_CLOEXEC) != 0)
		return false;
	if (fcntl(pair[1], F_SETPIPE_SZ, page) == page)
		return true;
	close(pair[0]);
	close(pair[1]);
	return false;
}

static bool take_end(const int pair[2], bool ok)
{
	ok = ok && dup2(pair[0], STDIN_FILENO) == STDIN_FILENO;
	int err = errno;
	close(pair[0]);
	close(pair[1]);
	errno = err;
	return ok;
}

/* What the terminal and the end of the session say to the command: a process that copies ends when nobody reads from it any more. */
static const int others_signals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGTERM, SIGPIPE};

static int copy_all(void *copy)
{
	for (size_t i = 0; i < sizeof others_signals / sizeof others_signals[0]; i++)
		signal(others_signals[i], SIG_IGN);
	while (input_copy_turn(copy, -1))
		continue;
	return 0;
}

bool standard_input_part(void)
{
	int pair[2];
	if (!has_no_name(STDIN_FILENO))
		return true;
	if (!make_pipe(pair))
		return false;
	struct input_copy copy = {.outside = STDIN_FILENO, .inside = pair[1]};
	return take_end(pair, work_start(copy_all, &copy, (int[2]){copy.outside, copy.inside}) > 0);
}

/* As the command ended, so that whoever started it sees no other end. */
static _Noreturn void end_like(int status)
{
	if (WIFSIGNALED(status)) {
		sigset_t none;
		const struct rlimit no_core = {0, 0};
		setrlimit(RLIMIT_CORE, &no_core); /* the command's is there, where it left one */
		signal(WTERMSIG(status), SIG_DFL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		raise(WTERMSIG(status));
	}
	_exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
}

/* Whoever still reads, started by the command and left behind, reads on. */
static void leave_copying(struct input_copy *copy)
{
	pid_t pid = work_fork((const int[2]){copy->outside, copy->inside}, 2);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0); /* ends when its reader has */
		_exit(copy_all(copy));
	}
}

/* What the terminal sends went to the command as well: they are in one process group. True: the command has ended. */
static bool pass_on(int signals, pid_t command, int *status)
{
	struct signalfd_siginfo info;
	while (read(signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo != SIGCHLD) {
			if (info.ssi_code != SI_KERNEL)
				kill(command, (int)info.ssi_signo);
			continue;
		}
		while (waitpid(command, status, WNOHANG | WUNTRACED) == command) {
			if (!WIFSTOPPED(*status))
				return true;
			raise(SIGSTOP); /* the job has stopped when all of it has */
			kill(command, SIGCONT);
		}
	}
	return false;
}

/* In the place of the command, which is its child: only so can what was not read be back before whoever waits for the command reads on. */
static _Noreturn void stand_in(struct input_copy *copy, pid_t command, int signals)
{
	int status = 0;
	bool copying = true;
	work_close_others((const int[3]){copy->outside, copy->inside, signals}, 3);
	for (;;) {
		if (!copying) {
			input_copy_wait(signals);
		} else if (!input_copy_turn(copy, signals)) {
			/* Who reads inside, and who writes outside, is told. */
			copying = false;
			close(copy->inside);
			close(copy->outside);
		}
		if (!pass_on(signals, command, &status))
			continue;
		/* Its ends of the pipe were closed before its end was told. */
		if (copying && input_copy_read(copy))
			leave_copying(copy);
		end_like(status);
	}
}

bool standard_input_wrap(void)
{
	int pair[2];
	sigset_t all, before;
	if (!has_no_name(STDIN_FILENO))
		return true;
	if (!make_pipe(pair))
		return false;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	int signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	pid_t self = getpid(), pid = signals < 0 ? -1 : fork();
	if (pid > 0) {
		struct input_copy copy = {.outside = STDIN_FILENO, .inside = pair[1]};
		close(pair[0]);
		stand_in(&copy, pid, signals);
	}
	int err = errno;
	if (signals >= 0)
		close(signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	/* Whoever ends the one that was started with SIGKILL means the command. */
	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != self))
		_exit(128 + SIGKILL);
	errno = err;
	return take_end(pair, pid == 0);
}
