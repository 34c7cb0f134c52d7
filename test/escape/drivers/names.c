/* Attempts to give what is denied another name, or another thing its name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attempt.h"

/* rename FROM TO: by every call there is. Outside each finds it where it was, unless something lay where it goes; the last one leaves it there. */
static void rename_back(char **args, bool done)
{
	struct stat st;
	if (!done)
		return;
	if (lstat(args[0], &st) == 0 && S_ISCHR(st.st_mode))
		unlink(args[0]); /* the whiteout */
	rename(args[1], args[0]);
}

static int every_rename(char **args)
{
	struct stat st;
	bool over = lstat(args[1], &st) == 0;
	bool done = said("renameat2", syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], 0));
	if (done && (over || !outside()))
		return 0;
	rename_back(args, done);
	rename_back(args, said("renameat2 noreplace", syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], 1)));
	rename_back(args, said("renameat2 whiteout", syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], 4)));
#ifdef SYS_rename
	rename_back(args, said("rename", syscall(SYS_rename, args[0], args[1])));
	rename_back(args, said("renameat", syscall(SYS_renameat, AT_FDCWD, args[0], AT_FDCWD, args[1])));
#endif
	if (outside())
		rename(args[0], args[1]);
	return 0;
}

static int exchange(char **args)
{
	return said("renameat2 exchange", syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], 2)) ? 0 : 1;
}

/* rename-at DIR NAME TODIR TONAME: by descriptors of the directories. */
static int rename_at(char **args)
{
	int from = open(args[0], O_PATH | O_DIRECTORY), to = open(args[2], O_PATH | O_DIRECTORY);
	return said("renameat2 by descriptors", syscall(SYS_renameat2, from, args[1], to, args[3], 0)) ? 0 : 1;
}

/* Outside, what a call made makes room for what the next one makes. */
static void made(const char *what, long result, const char *path)
{
	if (said(what, result) && outside())
		remove(path);
}

/* link FROM TO: by every call and flag. */
static int every_link(char **args)
{
	char through[64];
	int fd = open(args[0], O_PATH);
#ifdef SYS_link
	made("link", syscall(SYS_link, args[0], args[1]), args[1]);
#endif
	made("linkat", linkat(AT_FDCWD, args[0], AT_FDCWD, args[1], 0), args[1]);
	made("linkat follow", linkat(AT_FDCWD, args[0], AT_FDCWD, args[1], AT_SYMLINK_FOLLOW), args[1]);
	snprintf(through, sizeof through, "/proc/self/fd/%d", fd);
	made("linkat /proc/self/fd", linkat(AT_FDCWD, through, AT_FDCWD, args[1], AT_SYMLINK_FOLLOW), args[1]);
	made("linkat empty path", linkat(fd, "", AT_FDCWD, args[1], AT_EMPTY_PATH), args[1]);
	if (outside())
		said("linkat", linkat(AT_FDCWD, args[0], AT_FDCWD, args[1], 0));
	return 0;
}

/* tmpfile DIRECTORY NAME: an unnamed file gets a name there. */
static int tmpfile_link(char **args)
{
	char through[64], path[4096];
	const char *const dirs[] = {".", args[0]};
	snprintf(path, sizeof path, "%s/%s", args[0], args[1]);
	for (int i = 0; i < 4; i++) {
		int fd = open(dirs[i / 2], O_TMPFILE | O_RDWR, 0600);
		if (!said("O_TMPFILE", fd))
			continue;
		write(fd, "planted", 7);
		snprintf(through, sizeof through, "/proc/self/fd/%d", fd);
		bool last = i == 3;
		if (i % 2 == 0)
			made("linkat by /proc", linkat(AT_FDCWD, through, AT_FDCWD, path, AT_SYMLINK_FOLLOW), path);
		else if (said("linkat by descriptor", linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH)) && outside() && !last)
			unlink(path);
	}
	return 0;
}

/* make PATH: everything that makes a name. */
static int make(char **args)
{
	const char *p = args[0];
	made("mkdir", mkdir(p, 0755), p);
	made("symlink", symlink("/", p), p);
	made("mkfifo", mkfifo(p, 0600), p);
	made("mknod file", mknod(p, S_IFREG | 0600, 0), p);
	made("mknod socket", mknod(p, S_IFSOCK | 0600, 0), p);
	made("mknod char", mknod(p, S_IFCHR | 0600, 0x103), p);
	made("mknod whiteout", mknod(p, S_IFCHR | 0600, 0), p);
	made("mknod block", mknod(p, S_IFBLK | 0600, 0xfe00), p);
	made("link", link("plain", p), p);
	made("creat", creat(p, 0600), p);
	said("rename", rename("plain", p));
	return 0;
}

/* Outside it lies there again afterwards, empty. */
static bool removed(const char *what, long result, const char *path, bool directory)
{
	bool done = said(what, result);
	if (done && outside() && (directory ? mkdir(path, 0755) : close(creat(path, 0600))) != 0)
		perror(path);
	return done;
}

/* remove PATH: everything that takes a name away. */
static int removes(char **args)
{
	const char *p = args[0];
	struct stat st;
	bool directory = lstat(p, &st) == 0 && S_ISDIR(st.st_mode);
	close(open("plain", O_WRONLY | O_CREAT, 0600));
	if (!directory) {
		removed("unlink", unlink(p), p, false);
		removed("unlinkat", unlinkat(AT_FDCWD, p, 0), p, false);
		removed("rename over", rename("plain", p), p, false);
	} else {
		removed("rmdir", rmdir(p), p, true);
		removed("unlinkat dir", unlinkat(AT_FDCWD, p, AT_REMOVEDIR), p, true);
	}
	said("rename away", rename(p, "taken"));
	return 0;
}

/* meet-plan DIRECTORY keep|replace FILE: the next plan that is written there is linked to FILE, or replaced by it. */
static int meet_plan(char **args)
{
	char events[4096] __attribute__((aligned(8))), path[4096];
	int queue = inotify_init1(IN_CLOEXEC);
	if (!said("inotify_add_watch", inotify_add_watch(queue, args[0], IN_CREATE)))
		return 1;
	puts("watching");
	fflush(stdout);
	alarm(30);
	for (ssize_t n; (n = read(queue, events, sizeof events)) > 0;)
		for (char *at = events; at < events + n; at += sizeof(struct inotify_event) + ((struct inotify_event *)at)->len) {
			const char *name = ((struct inotify_event *)at)->name;
			if (((struct inotify_event *)at)->len == 0 || strncmp(name, "nono-plan", 9) != 0)
				continue;
			snprintf(path, sizeof path, "%s/%s", args[0], name);
			return !said(args[1], args[1][0] == 'k' ? link(path, args[2]) : rename(args[2], path));
		}
	return 1;
}

const struct attempt name_attempts[] = {
	{"rename", every_rename, 2}, {"exchange", exchange, 2}, {"rename-at", rename_at, 4}, {"link", every_link, 2}, {"tmpfile", tmpfile_link, 2},
	{"make", make, 1}, {"remove", removes, 1}, {"meet-plan", meet_plan, 3}, {NULL, NULL, 0},
};
