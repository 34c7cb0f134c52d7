/* Opens a file as who it is, becomes somebody else, and opens it again: identity CASE FILE. Prints what each open answered, e.g. "0 EACCES".
 * The file is served by the supervisor, which must not take the second caller for the first. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOBODY = 65534, OFTEN = 4 };

static const char *self, *file;

static const char *answer(void)
{
	int fd = open(file, O_RDONLY);
	if (fd >= 0)
		close(fd);
	return fd >= 0 ? "0" : errno == EACCES ? "EACCES" : strerror(errno);
}

/* By the kernel's own calls: the C library would change every thread. */
static int become_setuid(void) { return (int)syscall(SYS_setuid, NOBODY); }
static int become_setreuid(void) { return (int)syscall(SYS_setreuid, -1, NOBODY); }
static int become_setresuid(void) { return (int)syscall(SYS_setresuid, -1, NOBODY, -1); }
static int become_setfsuid(void) { return (int)syscall(SYS_setfsuid, NOBODY) < 0; }
static int become_setgid(void) { return (int)syscall(SYS_setgid, NOBODY); }
static int become_setregid(void) { return (int)syscall(SYS_setregid, -1, NOBODY); }
static int become_setresgid(void) { return (int)syscall(SYS_setresgid, -1, NOBODY, -1); }
static int become_setfsgid(void) { return (int)syscall(SYS_setfsgid, NOBODY) < 0; }
static int become_setgroups(void) { return (int)syscall(SYS_setgroups, 0, NULL); }
static int become_unshare(void) { return unshare(CLONE_NEWUSER); }

static int become_capset(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2];
	if (syscall(SYS_capget, &head, caps) != 0)
		return -1;
	caps[0].effective = 0;
	return (int)syscall(SYS_capset, &head, caps);
}

static const struct {
	const char *name;
	int (*become)(void);
} cases[] = {
	{"setuid", become_setuid}, {"setreuid", become_setreuid}, {"setresuid", become_setresuid}, {"setfsuid", become_setfsuid}, {"setgid", become_setgid},
	{"setregid", become_setregid}, {"setresgid", become_setresgid}, {"setfsgid", become_setfsgid}, {"setgroups", become_setgroups},
	{"unshare", become_unshare}, {"capset", become_capset},
};

/* A program executed by another thread has the leader's number afterwards, and the thread's credentials. */
static void *executes(void *unused)
{
	usleep(20000);
	if (become_setresuid() == 0)
		execl(self, self, "after", file, (char *)NULL);
	perror("execl");
	exit(1);
	return unused;
}

static void *other_thread(void *unused)
{
	for (int i = 0; i < OFTEN; i++)
		answer();
	if (become_setfsuid() != 0)
		exit(1);
	printf("0 %s\n", answer());
	return unused;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	self = argv[0];
	file = argv[2];
	pthread_t thread;
	if (strcmp(argv[1], "after") == 0) {
		printf("0 %s\n", answer());
		return 0;
	}
	for (int i = 0; i < OFTEN; i++)
		if (strcmp(answer(), "0") != 0) {
			printf("cannot open it in the first place\n");
			return 1;
		}
	if (strcmp(argv[1], "execute") == 0) {
		pthread_create(&thread, NULL, executes, NULL);
		for (;;)
			answer();
	}
	if (strcmp(argv[1], "thread") == 0) {
		pthread_create(&thread, NULL, other_thread, NULL);
		pthread_join(thread, NULL);
		return strcmp(answer(), "0") != 0;
	}
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (strcmp(argv[1], cases[i].name) != 0)
			continue;
		if (cases[i].become() != 0) {
			printf("cannot: %s\n", strerror(errno));
			return 1;
		}
		printf("0 %s\n", answer());
		return 0;
	}
	return 2;
}
