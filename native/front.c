/* What bin/nono starts for `run` and `wrap`: the launcher, there before Node is. Node takes 25 ms to boot and then only writes the plan to a socket; it need
 * not load what starts processes, nor be copied by a fork.
 *
 *   run    this process becomes Node; the launcher is its child and waits for the plan.
 *   wrap   this process stays and becomes the launcher and then the command; Node is its child, and gone before the command runs.
 *
 * No plan, no command: when Node ends, however that came about, the launcher reads the end of its socket and ends too. Runs with the user's privileges. */
#define _GNU_SOURCE
#include "front.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Below 16: Node makes all of these close-on-exec when it starts, so that nothing it runs holds a session open (src/sandbox/linux/waiting-launcher.ts checks). */
enum { HOST_PLAN_FD = 3, HOST_EVENTS_FD = 4, OUT_OF_THE_WAY = 16 };
static const char variable[] = "NONO_LAUNCHER";

static bool pair(int ends[2])
{
	int made[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, made) != 0)
		return false;
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(made[i], F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
		close(made[i]);
	}
	return ends[0] >= 0 && ends[1] >= 0;
}

static void set_number(const char *name, unsigned long long value)
{
	char text[24];
	snprintf(text, sizeof text, "%llu", value);
	setenv(name, text, 1);
}

/* Node raises its soft limit on open files; the command gets the user's own back. */
static void tell_descriptor_limit(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
		set_number("NONO_SOFT_NOFILE", files.rlim_cur);
}

static _Noreturn void become_host(char *const argv[])
{
	execvp(argv[0], argv);
	fprintf(stderr, "nono: %s: %s\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* The ends that Node finds, and where. */
static bool hand_over(int plan, int events, pid_t launcher)
{
	if (dup2(plan, HOST_PLAN_FD) < 0 || (events >= 0 && dup2(events, HOST_EVENTS_FD) < 0))
		return false;
	char text[64];
	if (events >= 0)
		snprintf(text, sizeof text, "run:%d:%d:%d", HOST_PLAN_FD, HOST_EVENTS_FD, (int)launcher);
	else
		snprintf(text, sizeof text, "wrap:%d", HOST_PLAN_FD);
	return setenv(variable, text, 1) == 0;
}

static bool start_beside(char *const argv[], struct front *front)
{
	int plan[2], events[2];
	if (!pair(plan) || !pair(events))
		return false;
	pid_t self = getpid();
	pid_t launcher = fork();
	if (launcher < 0)
		return false;
	if (launcher > 0) {
		if (!hand_over(plan[0], events[0], launcher))
			unsetenv(variable); /* the launcher sees the end of its socket; Node starts another one */
		become_host(argv);
	}
	close(plan[0]);
	close(events[0]);
	if (getppid() != self)
		_exit(0);
	clearenv(); /* the command's own is in the plan */
	*front = (struct front){.plan_fd = plan[1], .events_fd = events[1]};
	return true;
}

static bool start_below(char *const argv[], struct front *front)
{
	int plan[2];
	if (!pair(plan))
		return false;
	pid_t self = getpid();
	pid_t host = fork();
	if (host < 0)
		return false;
	if (host == 0) {
		/* The user knows the number of the process that waits, and ends that one. */
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		if (getppid() != self || !hand_over(plan[0], -1, 0))
			_exit(126);
		become_host(argv);
	}
	close(plan[0]);
	*front = (struct front){.plan_fd = plan[1], .events_fd = -1, .host = host};
	return true;
}

/* As Node would: what the command inherits does not depend on who starts it. */
static void default_signals(void)
{
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

bool front_start(bool in_place, char *const argv[], struct front *front)
{
	unsetenv(variable);
	tell_descriptor_limit();
	default_signals(); /* SIGCHLD among them: ignored, nobody's end could be waited for */
	if (in_place ? start_below(argv, front) : start_beside(argv, front))
		return true;
	/* Out of descriptors or processes: Node starts the launcher, or says why it cannot. */
	become_host(argv);
}

static int wait_for_host(const struct front *front)
{
	int status;
	while (waitpid(front->host, &status, 0) < 0)
		if (errno != EINTR)
			return 1 << 8;
	return status;
}

void front_end_as_host(const struct front *front)
{
	if (front->host == 0)
		_exit(0); /* `run` without a command: help, an error, a dry run. Node has said what there is to say. */
	int status = wait_for_host(front);
	if (WIFSIGNALED(status)) {
		struct rlimit none = {0};
		setrlimit(RLIMIT_CORE, &none); /* the core that is worth having is Node's */
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void front_dismiss(const struct front *front)
{
	if (front->host > 0)
		kill(front->host, SIGKILL);
}

void front_reap(const struct front *front)
{
	if (front->host > 0)
		wait_for_host(front);
}
