/* Makes files and directories after its umask was changed in one way or another, and prints what has another mode than it must have, or "ok".
 *   masks CASE DIRECTORY */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 300, OPEN = 022, CLOSED = 077 };

static const char *self, *directory;
static int wrong;

static void made(const char *name, mode_t wanted)
{
	struct stat st;
	if (stat(name, &st) != 0 || (st.st_mode & 07777) != wanted) {
		printf("%s: %o, not %o\n", name, (unsigned)(st.st_mode & 07777), (unsigned)wanted);
		wrong = 1;
	}
}

static void make(mode_t mask)
{
	static atomic_uint count;
	char name[4096];
	/* With the mask: what a killed thread has left is not found by the program that has its number now. */
	snprintf(name, sizeof name, "%s/f%d-%o-%u", directory, getpid(), (unsigned)mask, count++);
	int fd = open(name, O_CREAT | O_EXCL | O_WRONLY, 0666);
	if (fd >= 0)
		close(fd);
	made(name, 0666 & ~mask);
	unlink(name);
	if (mkdir(name, 0777) == 0)
		made(name, 0777 & ~mask);
	rmdir(name);
}

static void alternating(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		mode_t mask = i % 2 ? OPEN : CLOSED;
		umask(mask);
		for (int j = 0; j < 3; j++)
			make(mask);
	}
}

static mode_t in_child(mode_t mask)
{
	pid_t pid = fork();
	if (pid == 0) {
		umask(mask);
		make(mask);
		_exit(wrong);
	}
	int status;
	waitpid(pid, &status, 0);
	wrong |= status != 0;
	return mask;
}

static void children(void)
{
	umask(OPEN);
	for (int i = 0; i < ROUNDS / 3; i++) {
		make(OPEN);
		in_child(i % 2 ? CLOSED : 027);
		make(OPEN);
	}
}

static pthread_barrier_t turn;
static atomic_bool done;

static void *sets(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&turn);
		umask(i % 2 ? OPEN : CLOSED);
		pthread_barrier_wait(&turn);
	}
	return unused;
}

/* Set by another thread, which goes to sleep afterwards. */
static void other_thread(void)
{
	pthread_t thread;
	pthread_barrier_init(&turn, NULL, 2);
	umask(OPEN);
	pthread_create(&thread, NULL, sets, NULL);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&turn);
		pthread_barrier_wait(&turn);
		make(i % 2 ? OPEN : CLOSED);
		make(i % 2 ? OPEN : CLOSED);
	}
	pthread_join(thread, NULL);
}

static void *flips(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&turn);
		for (int j = 0; j < 4; j++)
			umask(j % 2 ? OPEN : CLOSED);
		umask(i % 2 ? OPEN : CLOSED);
		done = true;
		pthread_barrier_wait(&turn);
	}
	return unused;
}

/* Set while the other one creates: what it gets meanwhile is either, and the last one as soon as that was set. */
static void at_once(void)
{
	pthread_t thread;
	char name[4096];
	pthread_barrier_init(&turn, NULL, 2);
	umask(OPEN);
	pthread_create(&thread, NULL, flips, NULL);
	snprintf(name, sizeof name, "%s/either", directory);
	for (int i = 0; i < ROUNDS; i++) {
		done = false;
		pthread_barrier_wait(&turn);
		while (!done) {
			mkdir(name, 0777);
			rmdir(name);
		}
		make(i % 2 ? OPEN : CLOSED);
		pthread_barrier_wait(&turn);
	}
	pthread_join(thread, NULL);
}

static void *apart(void *unused)
{
	if (unshare(CLONE_FS) != 0)
		exit(3);
	umask(CLOSED);
	pthread_barrier_wait(&turn);
	for (int i = 0; i < ROUNDS; i++)
		make(CLOSED);
	return unused;
}

static void unshared(void)
{
	pthread_t thread;
	pthread_barrier_init(&turn, NULL, 2);
	umask(OPEN);
	make(OPEN);
	pthread_create(&thread, NULL, apart, NULL);
	pthread_barrier_wait(&turn);
	for (int i = 0; i < ROUNDS; i++)
		make(OPEN);
	pthread_join(thread, NULL);
}

static void *executes(void *unused)
{
	usleep(20000);
	if (unshare(CLONE_FS) != 0)
		exit(3);
	umask(CLOSED);
	execl(self, self, "after", directory, (char *)NULL);
	perror("execl");
	exit(3);
	return unused;
}

/* The program has the leader's number afterwards, and the thread's mask. */
static void execute(void)
{
	pthread_t thread;
	umask(OPEN);
	pthread_create(&thread, NULL, executes, NULL);
	for (;;)
		make(OPEN);
}

static void after(void)
{
	make(CLOSED);
	make(CLOSED);
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{"alternating", alternating}, {"children", children}, {"other thread", other_thread}, {"at once", at_once}, {"unshared", unshared},
	{"execute", execute}, {"after", after},
};

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	self = argv[0];
	directory = argv[2];
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			cases[i].run();
	if (!wrong)
		puts("ok");
	return wrong;
}
