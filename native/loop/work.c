/* Such a process runs with the supervisor's privileges and has nothing of it but the descriptors it works on: never the host's socket, and the listener only where it answers the call itself. */
#define _GNU_SOURCE
#include "loop/work.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"

void work_close_others(const int *keep, unsigned kept)
{
	/* In order of their numbers, however they were given; negative ones are none. */
	for (int next = 0;;) {
		int least = -1;
		for (unsigned i = 0; i < kept; i++)
			if (keep[i] >= next && (least < 0 || keep[i] < least))
				least = keep[i];
		if (least < 0) {
			syscall(SYS_close_range, (unsigned)next, ~0U, 0U);
			return;
		}
		if (least > next)
			syscall(SYS_close_range, (unsigned)next, (unsigned)least - 1, 0U);
		next = least + 1;
	}
}

pid_t work_fork(const int *keep, unsigned kept)
{
	pid_t pid = fork();
	if (pid == 0) {
		sigset_t none;
		/* Its own limit is one it may meet for a caller, who is answered EFBIG. */
		signal(SIGXFSZ, SIG_IGN);
		/* A sender is told of its caller's signals by these (held_add_telling_worker), perhaps before it listens: they must not end it. It is told again. */
		signal(SIGUSR1, SIG_IGN);
		signal(SIGUSR2, SIG_IGN);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		work_close_others(keep, kept);
	}
	return pid;
}

pid_t work_start_with(int (*work)(void *), void *arg, const int *keep, unsigned kept)
{
	pid_t pid = work_fork(keep, kept);
	if (pid == 0)
		_exit(work(arg));
	if (pid > 0)
		caller_worker_started(pid);
	return pid;
}

pid_t work_start(int (*work)(void *), void *arg, const int keep[2])
{
	return work_start_with(work, arg, keep, 2);
}

static int wait_for(void *pidfd)
{
	struct pollfd p = {.fd = *(int *)pidfd, .events = POLLIN};
	while (poll(&p, 1, -1) < 0)
		continue;
	return 0;
}

pid_t work_wait(pid_t work)
{
	int fd = (int)syscall(SYS_pidfd_open, work, 0);
	if (fd < 0)
		return -1;
	pid_t pid = work_start(wait_for, &fd, (int[2]){fd, fd});
	close(fd);
	return pid;
}
