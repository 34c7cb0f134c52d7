/* Links native/loop/inside.c with a recorded kill: makes COUNT children and signals everything inside. Prints every pid signalled that is no child, then the
 * number of children reached. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/inside.h"

enum { MAX = 4096 };
static pid_t children[MAX];
static bool reached[MAX];
static int count;

int __wrap_kill(pid_t pid, int sig);
int __real_kill(pid_t pid, int sig);

int __wrap_kill(pid_t pid, int sig)
{
	(void)sig;
	for (int i = 0; i < count; i++)
		if (children[i] == pid) {
			reached[i] = true;
			return 0;
		}
	printf("outside %d\n", pid);
	return 0;
}

int main(int argc, char **argv)
{
	int wanted = argc > 1 ? atoi(argv[1]) : 0, hit = 0;
	for (; count < wanted && count < MAX; count++) {
		children[count] = fork();
		if (children[count] == 0)
			for (;;)
				pause();
	}
	inside_signal(SIGKILL);
	for (int i = 0; i < count; i++) {
		hit += reached[i];
		__real_kill(children[i], SIGKILL);
		waitpid(children[i], NULL, 0);
	}
	printf("reached %d\n", hit);
	return 0;
}
