/* Runs in the supervisor, whose signals are blocked: without the alarm nothing but SIGKILL would end such a wait. */
#define _GNU_SOURCE
#include "loop/in_time.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static void wake(int sig)
{
	(void)sig;
}

int in_time(int (*call)(const void *arg), const void *arg)
{
	enum { PATIENCE_US = 2000 };
	const struct itimerval patience = {.it_interval = {.tv_usec = PATIENCE_US}, .it_value = {.tv_usec = PATIENCE_US}}, none = {.it_value = {.tv_usec = 0}};
	struct sigaction action = {.sa_handler = wake}, before;
	const struct timespec now = {0};
	sigset_t alarm, mask;
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &patience, NULL);
	sigprocmask(SIG_UNBLOCK, &alarm, &mask);
	int result = call(arg);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	setitimer(ITIMER_REAL, &none, NULL);
	sigtimedwait(&alarm, NULL, &now); /* one that came since */
	sigaction(SIGALRM, &before, NULL);
	return result;
}

/* A local one does not linger itself, but what was sent through it and never taken out is closed with it. */
static bool is_socket(int fd)
{
	int type;
	socklen_t size = sizeof type;
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

static int close_one(const void *fd)
{
	return close(*(const int *)fd);
}

void let_go(int fd)
{
	if (is_socket(fd))
		(void)in_time(close_one, &fd);
	else
		(void)close(fd);
}
