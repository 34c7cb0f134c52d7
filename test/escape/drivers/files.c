/* Attempts to open what is denied. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"

static int open2(int at, const char *path, unsigned long flags, unsigned long mode, unsigned long resolve)
{
	struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
	return (int)syscall(SYS_openat2, at, path, &how, sizeof how);
}

/* every-open PATH: each call and each flag that opens a file. */
static int every_open(char **args)
{
	static const int flags[] = {O_RDONLY, O_RDWR, O_WRONLY, 3, O_RDONLY | O_NONBLOCK, O_RDONLY | O_NOATIME, O_RDONLY | O_DIRECT, O_RDONLY | O_CREAT, O_RDWR | O_CREAT,
	                            O_RDONLY | O_NOFOLLOW, O_RDONLY | O_CLOEXEC, O_RDONLY | O_SYNC, O_RDONLY | O_ASYNC, O_RDONLY | O_LARGEFILE, O_RDWR | O_APPEND, 1 << 30, 1 << 29};
	const char *path = args[0];
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
#ifdef SYS_open
		show((int)syscall(SYS_open, path, flags[i], 0600));
#endif
		show((int)syscall(SYS_openat, AT_FDCWD, path, flags[i], 0600));
		show((int)syscall(SYS_openat, 0x100000000L | (unsigned)AT_FDCWD, path, 0xffffffff00000000UL | (unsigned)flags[i], 0600));
		show(open2(AT_FDCWD, path, (unsigned long)flags[i], flags[i] & O_CREAT ? 0600 : 0, 0));
	}
	return 0;
}

/* every-write PATH: the same for writing; O_TRUNC alone is a write. */
static int every_write(char **args)
{
	static const int flags[] = {O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC, O_RDONLY | O_TRUNC, O_WRONLY | O_APPEND, O_WRONLY | O_CREAT, O_RDWR | O_CREAT | O_TRUNC, 3 | O_TRUNC};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		int fds[] = {
#ifdef SYS_open
			(int)syscall(SYS_open, args[0], flags[i], 0600), (int)syscall(SYS_creat, args[0], 0600),
#endif
			(int)syscall(SYS_openat, AT_FDCWD, args[0], flags[i], 0600), open2(AT_FDCWD, args[0], (unsigned long)flags[i], flags[i] & O_CREAT ? 0600 : 0, 0)};
		for (size_t k = 0; k < sizeof fds / sizeof fds[0]; k++)
			if (fds[k] >= 0) {
				write(fds[k], "overwritten", 11);
				close(fds[k]);
			}
	}
	truncate(args[0], 3);
	return 0;
}

/* at DIRECTORY NAME: relative to descriptors of a directory, of every kind. */
static int at(char **args)
{
	static const unsigned long resolves[] = {0, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_XDEV, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS, RESOLVE_CACHED};
	char name[512];
	int kinds[] = {open(args[0], O_PATH | O_DIRECTORY), open(args[0], O_RDONLY | O_DIRECTORY), open(args[0], O_PATH)};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		show(openat(kinds[i], args[1], O_RDONLY));
		for (size_t r = 0; r < sizeof resolves / sizeof resolves[0]; r++) {
			show(open2(kinds[i], args[1], O_RDONLY, 0, resolves[r]));
			snprintf(name, sizeof name, "/%s", args[1]);
			show(open2(kinds[i], name, O_RDONLY, 0, resolves[r]));
			snprintf(name, sizeof name, "../../../../../../../../%s", args[1]);
			show(open2(kinds[i], name, O_RDONLY, 0, resolves[r]));
		}
		if (kinds[i] >= 0 && fchdir(kinds[i]) == 0) {
			show(open(args[1], O_RDONLY));
			snprintf(name, sizeof name, "/proc/self/cwd/%s", args[1]);
			show(open(name, O_RDONLY));
		}
		snprintf(name, sizeof name, "/proc/self/fd/%d/%s", kinds[i], args[1]);
		show(open(name, O_RDONLY));
	}
	return 0;
}

/* reopen PATH: an O_PATH descriptor of the file itself, opened again by every link to it. */
static int reopen(char **args)
{
	char link[128];
	int fd = open(args[0], O_PATH);
	static const char *const forms[] = {"/proc/self/fd/%d", "/proc/thread-self/fd/%d", "/dev/fd/%d", "/proc//self/./fd/%d", "/proc/self/task/../fd/%d"};
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(link, sizeof link, forms[i], fd);
		show(open(link, O_RDONLY));
		show(open(link, O_RDWR));
	}
	snprintf(link, sizeof link, "/proc/%d/fd/%d", getpid(), fd);
	show(open(link, O_RDONLY));
	snprintf(link, sizeof link, "/proc/%d/task/%d/fd/%d", getpid(), getpid(), fd);
	show(open(link, O_RDONLY));
	/* A child looks into its parent's descriptors. */
	if (fork() == 0) {
		snprintf(link, sizeof link, "/proc/%d/fd/%d", getppid(), fd);
		show(open(link, O_RDONLY));
		_exit(0);
	}
	wait(NULL);
	show(openat(fd, "", O_RDONLY));
	show((int)syscall(SYS_openat, fd, "", O_RDONLY | 0x1000 /* AT_EMPTY_PATH means nothing to open */, 0));
	dup2(fd, 0);
	show(open("/dev/stdin", O_RDONLY));
	return 0;
}

/* by-handle PATH: past every path. */
static int by_handle(char **args)
{
	union {
		struct file_handle h;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} u = {.h.handle_bytes = MAX_HANDLE_SZ};
	int mount_id;
	char above[4096];
	said("name_to_handle_at", name_to_handle_at(AT_FDCWD, args[0], &u.h, &mount_id, 0));
	snprintf(above, sizeof above, "%s/..", args[0]);
	const char *const mounts[] = {"/", ".", "/proc/self/root", above};
	for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
		int mount = open(mounts[i], O_RDONLY | O_DIRECTORY);
		show(open_by_handle_at(mount, &u.h, O_RDONLY));
		mount = open(mounts[i], O_PATH | O_DIRECTORY);
		show(open_by_handle_at(mount, &u.h, O_RDONLY));
	}
	show(open_by_handle_at(AT_FDCWD, &u.h, O_RDONLY));
	return 0;
}

/* odd-memory PATH: the name lies where reading it is difficult. */
static int odd_memory(char **args)
{
	size_t n = strlen(args[0]) + 1;
	char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	/* Ends with its page, and the next one is not there. */
	munmap(pages + 4096, 4096);
	memcpy(pages + 4096 - n, args[0], n);
	show((int)syscall(SYS_openat, AT_FDCWD, pages + 4096 - n, O_RDONLY, 0));
	/* Cannot be read by this process itself. */
	mprotect(pages, 4096, PROT_NONE);
	show((int)syscall(SYS_openat, AT_FDCWD, pages + 4096 - n, O_RDONLY, 0));
	mprotect(pages, 4096, PROT_EXEC);
	show((int)syscall(SYS_openat, AT_FDCWD, pages + 4096 - n, O_RDONLY, 0));
	/* Shared with a file, so that others may change it. */
	int memory = memfd_create("name", 0);
	ftruncate(memory, 4096);
	char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	memcpy(shared, args[0], n);
	show((int)syscall(SYS_openat, AT_FDCWD, shared, O_RDONLY, 0));
	show((int)syscall(SYS_openat, AT_FDCWD, NULL, O_RDONLY, 0));
	show((int)syscall(SYS_openat, AT_FDCWD, -1L, O_RDONLY, 0));
	/* Nobody may look into this one. */
	prctl(PR_SET_DUMPABLE, 0);
	show(open(args[0], O_RDONLY));
	return 0;
}

/* long DIRECTORY NAME: the same file by names of every length around PATH_MAX. */
static int long_names(char **args)
{
	static char path[16384];
	for (size_t want = 4000; want < 4200; want++) {
		size_t n = (size_t)snprintf(path, sizeof path, "%s", args[0]);
		while (n + strlen(args[1]) + 3 < want) {
			memcpy(path + n, "/.", 2);
			n += 2;
		}
		snprintf(path + n, sizeof path - n, "/%s", args[1]);
		show(open(path, O_RDONLY));
	}
	return 0;
}

/* few-descriptors PATH: the caller has no descriptor left, or a limit that says so, while the supervisor injects one. */
static int few_descriptors(char **args)
{
	for (int limit = 3; limit < 8; limit++) {
		struct rlimit few = {.rlim_cur = (rlim_t)limit, .rlim_max = 64};
		setrlimit(RLIMIT_NOFILE, &few);
		show(open(args[0], O_RDONLY));
	}
	return 0;
}

/* receive SOCKET: takes a descriptor that somebody outside hands over. */
static int clone_files(char **args)
{
	/* A child that shares the descriptor table opens O_PATH, the parent reads. */
	int fd = -1;
	if (syscall(SYS_clone, 0x400 /* CLONE_FILES */ | 17, 0, 0, 0, 0) == 0) {
		open(args[0], O_PATH);
		_exit(0);
	}
	wait(NULL);
	for (fd = 3; fd < 16; fd++) {
		char link[64];
		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		show(open(link, O_RDONLY));
	}
	return 0;
}

/* descriptors: which ones came in by the start. */
static int descriptors(char **args)
{
	(void)args;
	for (int fd = 3; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		char link[64], name[512] = "";
		snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
		readlink(link, name, sizeof name - 1);
		printf("descriptor %d is %s\n", fd, name);
		lseek(fd, 0, SEEK_SET);
		fcntl(fd, F_SETFL, O_NONBLOCK);
		show(fd);
	}
	return 0;
}

const struct attempt file_attempts[] = {
	{"every-open", every_open, 1}, {"every-write", every_write, 1}, {"at", at, 2}, {"reopen", reopen, 1}, {"by-handle", by_handle, 1},
	{"odd-memory", odd_memory, 1}, {"long", long_names, 2}, {"few-descriptors", few_descriptors, 1}, {"clone-files", clone_files, 1},
	{"descriptors", descriptors, 0}, {NULL, NULL, 0},
};
