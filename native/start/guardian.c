/* The guardian: the supervisor's parent, and a subreaper too. When the supervisor is gone, however that came about, it ends every process that was inside. */
#define _GNU_SOURCE
#include "start/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "floor/birth.h"
#include "loop/inside.h"
#include "start/tmpdir.h"

static volatile sig_atomic_t supervisor_pid;

static void forward_term(int sig)
{
	if (supervisor_pid > 0)
		kill((pid_t)supervisor_pid, sig);
}

static void ignore_terminal_signals(void)
{
	/* Ctrl-C and Ctrl-Z are for the command, which shares the terminal's process group under `run`. */
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGPIPE};
	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		signal(ignored[i], SIG_IGN);
}

/* Then what is inside is to be ended, and nobody waits for what a killed session left, however much it is; or for another session, which may be adding to it. */
static bool supervisor_ended(void)
{
	siginfo_t who = {0};
	return waitid(P_PID, (id_t)supervisor_pid, &who, WEXITED | WNOHANG | WNOWAIT) != 0 || who.si_pid != 0;
}

/* Waits for the supervisor, reaping what is handed to us; then ends whatever it left behind. */
static int guard(pid_t supervisor)
{
	int status = 0;
	for (;;) {
		int any;
		pid_t pid = waitpid(-1, &any, 0);
		if (pid == supervisor) {
			supervisor_pid = 0; /* its number may be anybody's from here on */
			status = any;
			break;
		}
		if (pid < 0 && errno == ECHILD)
			break;
	}
	inside_kill_all();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int guardian_run(struct launch *o, const struct limits *limits, const struct floor *floor, const char *program, struct failure *f)
{
	int events_fd = o->events_fd;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
		fail(f, 126, errno, "become a subreaper", "");
		return -1;
	}
	ignore_terminal_signals();
	signal(SIGTERM, forward_term);
	/* Of both processes: it ends with the last of them. Before anything inside could lock it. */
	int held = o->plan.tmpdir != NULL ? tmpdir_hold(o->plan.tmpdir) : -1;
	pid_t guardian = getpid();
	pid_t pid = fork();
	if (pid < 0) {
		fail(f, 126, errno, "start the supervisor", "fork");
		return -1;
	}
	if (pid == 0)
		_exit(supervise(&o->plan, limits, floor, program, o->command, events_fd, o->waits ? o->plan_fd : -1, o->remembered ? &o->front : NULL, guardian));
	supervisor_pid = pid;
	/* Only the supervisor may hold the host's socket and the streams: their ends must be seen when it goes. */
	if (events_fd >= 0)
		close(events_fd);
	close(floor->ruleset_fd);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	if (limits->procs_fd >= 0)
		close(limits->procs_fd);
	if (o->plan.tmpdir != NULL)
		tmpdir_remove_stale(o->plan.tmpdir, supervisor_ended);
	launch_keep_plan(o);
	int code = guard(pid);
	limits_remove(limits);
	if (o->plan.tmpdir != NULL)
		tmpdir_remove(o->plan.tmpdir, TMPDIR_MOST);
	if (held >= 0)
		close(held);
	/* Nothing inside lives on, and nothing is left that anybody waits for: the host may end. */
	if (o->waits)
		close(o->plan_fd);
	birth_end(true);
	return code;
}
