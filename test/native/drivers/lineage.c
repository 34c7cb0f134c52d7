/* Links native/caller/lineage.c with a counted open: who descends from this process, as lines of processes are made and end, and their numbers change hands.
 *
 *   lineage DEPTH   prints what is asked, the answer, and how many files of /proc were read for it */
#define _GNU_SOURCE
#include "caller/lineage.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned reads;
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);

int __wrap_open(const char *path, int flags, ...)
{
	reads++;
	return __real_open(path, flags);
}

static void asked(const char *what, pid_t pid)
{
	reads = 0;
	bool in = lineage_in_session(pid);
	printf("%s %d %u\n", what, in, reads);
}

enum { MOST = 20000, STACK = 16384 };
static char *stacks;
static int to;

_Noreturn static void live(void)
{
	for (;;)
		pause();
}

/* Each the child of the one before; their numbers come through a pipe. They share memory: a fork below a thousand others takes as long as all of these. */
static int line(void *depth)
{
	pid_t self = getpid();
	intptr_t left = (intptr_t)depth - 1;
	(void)!write(to, &self, sizeof self);
	if (left > 0)
		clone(line, stacks + (left + 1) * STACK, CLONE_VM | SIGCHLD, (void *)left);
	live();
}

static pid_t with_number(pid_t pid)
{
	struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&pid, .set_tid_size = 1};
	pid_t made = (pid_t)syscall(SYS_clone3, &args, sizeof args);
	if (made == 0)
		live();
	return made;
}

int main(int argc, char **argv)
{
	static pid_t pids[MOST];
	int ends[2], order[2], depth = argc > 1 ? atoi(argv[1]) : 3;
	pid_t outside, number;
	if (depth < 3 || depth > MOST || pipe(ends) != 0 || pipe(order) != 0)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	/* One who is outside, and makes one there with the number that it is told. */
	pid_t maker = fork();
	if (maker == 0) {
		int back[2];
		if (pipe(back) != 0 || fork() != 0)
			_exit(0); /* whose parent is not this process */
		outside = getpid();
		(void)!write(ends[1], &outside, sizeof outside);
		(void)!read(order[0], &number, sizeof number);
		pid_t made = with_number(number);
		(void)!write(ends[1], &made, sizeof made);
		pause();
		_exit(0);
	}
	waitpid(maker, NULL, 0);
	(void)!read(ends[0], &outside, sizeof outside);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	to = ends[1];
	stacks = mmap(NULL, (size_t)(depth + 1) * STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	clone(line, stacks + (depth + 1) * STACK, CLONE_VM | SIGCHLD, (void *)(intptr_t)depth);
	for (int i = 0; i < depth; i++)
		(void)!read(ends[0], &pids[i], sizeof pids[i]);
	asked("last", pids[depth - 1]);
	asked("again", pids[depth - 1]);
	asked("middle", pids[depth / 2]);
	asked("self", getpid());
	asked("outside", outside);
	asked("outside-again", outside);
	asked("none", 0);
	/* One in the middle ends; those below are handed on. */
	kill(pids[depth / 2], SIGKILL);
	usleep(50000);
	asked("handed-on", pids[depth - 1]);
	/* Its number is somebody's outside. */
	kill(pids[0], SIGKILL);
	waitpid(pids[0], NULL, 0);
	usleep(50000);
	asked("gone", pids[0]);
	(void)!write(order[1], &pids[0], sizeof pids[0]);
	(void)!read(ends[0], &number, sizeof number);
	if (number == pids[0])
		asked("changed-hands", number);
	for (int i = depth - 1; i > 0; i--)
		if (i != depth / 2)
			kill(pids[i], SIGKILL);
	if (number > 0)
		kill(number, SIGKILL);
	kill(outside, SIGKILL);
	return 0;
}
