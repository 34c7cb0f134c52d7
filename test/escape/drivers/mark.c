/* Attempts with the mark by which the preloaded library tells the filter that the floor alone shall decide. Anybody can forge it: it must open nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../../native/preload/mark.h"
#include "attempt.h"

static long marked(long nr, long a, long b, long c, long d, long e)
{
	return syscall(nr, a, b, c, d, e, (long)((uint64_t)b ^ FAST_PATH_MARK));
}

/* marked-open PATH */
static int marked_open(char **args)
{
	static const int flags[] = {O_RDONLY, O_RDWR, O_RDONLY | O_CREAT, O_RDONLY | O_TRUNC, O_RDONLY | O_NOFOLLOW};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		struct open_how how = {.flags = (uint64_t)flags[i], .mode = flags[i] & O_CREAT ? 0600 : 0};
		show((int)marked(SYS_openat, AT_FDCWD, (long)args[0], flags[i], 0600, 0));
		show((int)marked(SYS_openat2, AT_FDCWD, (long)args[0], (long)&how, sizeof how, 0));
#ifdef SYS_open
		show((int)marked(SYS_open, (long)args[0], flags[i], 0600, 0, 0));
#endif
	}
	int fd = (int)marked(SYS_openat, AT_FDCWD, (long)args[0], O_PATH, 0, 0);
	show((int)marked(SYS_openat, fd, (long)"", O_RDONLY, 0, 0));
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	show((int)marked(SYS_openat, AT_FDCWD, (long)link, O_RDONLY, 0, 0));
	return 0;
}

/* input-write TEXT: what standard input is read from is opened again, and written to. */
static int input_write(char **args)
{
	static const char *const names[] = {"/proc/self/fd/0", "/dev/stdin", "/dev/fd/0"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		for (int form = 0; form < 4; form++) {
			int flags = form & 1 ? O_RDWR : O_WRONLY;
			int fd = (int)(form & 2 ? marked(SYS_openat, AT_FDCWD, (long)names[i], flags, 0, 0) : syscall(SYS_openat, AT_FDCWD, names[i], flags, 0));
			if (said(names[i], fd))
				dprintf(fd, "%s\n", args[0]);
		}
	return 0;
}

/* marked-names DENIED DIRECTORY: the calls on names, towards DENIED and out of it. */
static int marked_names(char **args)
{
	char into[4096], from[4096];
	snprintf(into, sizeof into, "%s/marked", args[0]);
	snprintf(from, sizeof from, "%s/key", args[0]);
	long at = AT_FDCWD;
	said("mkdirat", marked(SYS_mkdirat, at, (long)into, 0755, 0, 0));
	said("symlinkat", marked(SYS_symlinkat, (long)"/", at, (long)into, 0, 0));
	syscall(SYS_symlinkat, "/", at, into, 0, 0, (long)((uint64_t)(uintptr_t)into ^ FAST_PATH_MARK));
	said("linkat", marked(SYS_linkat, at, (long)from, at, (long)"marked-link", 0));
	said("linkat into", marked(SYS_linkat, at, (long)"plain", at, (long)into, 0));
	said("renameat2", marked(SYS_renameat2, at, (long)from, at, (long)"marked-key", 0));
	said("renameat2 directory", marked(SYS_renameat2, at, (long)args[0], at, (long)"marked-directory", 0));
	said("renameat2 exchange", marked(SYS_renameat2, at, (long)args[1], at, (long)args[0], 2));
	said("unlinkat", marked(SYS_unlinkat, at, (long)from, 0, 0, 0));
	said("mknodat", marked(SYS_mknodat, at, (long)into, S_IFIFO | 0600, 0, 0));
	said("chmod", marked(SYS_fchmodat, at, (long)from, 0777, 0, 0));
	said("fchownat", marked(SYS_fchownat, at, (long)from, getuid(), getgid(), 0));
	said("truncate", marked(SYS_truncate, (long)from, 3, 0, 0, 0));
	show(open("marked-link", O_RDONLY));
	show(open("marked-key", O_RDONLY));
	show(open("marked-directory/key", O_RDONLY));
	return 0;
}

/* marked-create PATH: makes it by every marked call that makes names, and moves one there. */
static int marked_create(char **args)
{
	long at = AT_FDCWD, path = (long)args[0];
	long fd = marked(SYS_openat, at, path, O_RDWR | O_CREAT, 0600, 0);
	if (said("openat", fd))
		write((int)fd, "planted", 7);
	said("mkdirat", marked(SYS_mkdirat, at, path, 0755, 0, 0));
	said("linkat", marked(SYS_linkat, at, (long)"plain", at, path, 0));
	said("linkat", syscall(SYS_linkat, at, "plain", at, path, 0, path ^ (long)FAST_PATH_MARK));
	said("renameat2", marked(SYS_renameat2, at, (long)"plain", at, path, 0));
	said("symlinkat", syscall(SYS_symlinkat, "/etc", at, path, 0, 0, at ^ (long)FAST_PATH_MARK));
	return 0;
}

static volatile bool over;
static char *text, *name_a, *name_b;

static void *flip(void *unused)
{
	(void)unused;
	while (!over) {
		strcpy(text, name_a);
		__asm__ volatile("" ::: "memory");
		strcpy(text, name_b);
		__asm__ volatile("" ::: "memory");
	}
	return NULL;
}

/* whiteout A B C: A becomes B, and B becomes C, and a node is to stay in the place of both. */
static int whiteout(char **args)
{
	enum { WHITEOUT = 4 };
	said("renameat2 whiteout", syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], WHITEOUT));
	said("renameat2 whiteout, marked", marked(SYS_renameat2, AT_FDCWD, (long)args[access(args[1], F_OK) == 0 ? 1 : 0], AT_FDCWD, (long)args[2], WHITEOUT));
	return 0;
}

/* race-marked GOOD BAD MS: the name of a marked open is rewritten by another thread. */
static int race_marked(char **args)
{
	pthread_t thread;
	char buffer[256];
	name_a = args[0];
	name_b = args[1];
	text = calloc(1, 8192);
	strcpy(text, name_a);
	long stop = now() + atol(args[2]);
	pthread_create(&thread, NULL, flip, NULL);
	while (!over && now() < stop) {
		int fd = (int)marked(SYS_openat, AT_FDCWD, (long)text, O_RDONLY, 0, 0);
		if (fd < 0)
			continue;
		ssize_t n = read(fd, buffer, sizeof buffer - 1);
		close(fd);
		buffer[n > 0 ? n : 0] = 0;
		if (strstr(buffer, "SECRET-")) {
			printf("%s\n", buffer);
			over = true;
		}
	}
	over = true;
	return 0;
}

/* neither PATH: is there anything to be read? Asked by a descriptor for neither reading nor writing. */
static int neither(char **args)
{
	enum { NEITHER = 3 };
	struct open_how how = {.flags = NEITHER};
	struct pollfd opened[] = {
		{.fd = open(args[0], NEITHER), .events = POLLIN},
		{.fd = (int)syscall(SYS_openat2, AT_FDCWD, args[0], &how, sizeof how), .events = POLLIN},
		{.fd = (int)marked(SYS_openat, AT_FDCWD, (long)args[0], NEITHER, 0, 0), .events = POLLIN},
		{.fd = (int)marked(SYS_openat2, AT_FDCWD, (long)args[0], (long)&how, sizeof how, 0), .events = POLLIN},
	};
	return poll(opened, sizeof opened / sizeof opened[0], 1000) > 0 ? 0 : 1;
}

const struct attempt mark_attempts[] = {
	{"marked-open", marked_open, 1}, {"input-write", input_write, 1}, {"whiteout", whiteout, 3}, {"marked-names", marked_names, 2}, {"marked-create", marked_create, 1}, {"race-marked", race_marked, 3}, {"neither", neither, 1}, {NULL, NULL, 0},
};
