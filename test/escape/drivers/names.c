/* Attempts to give what is denied another name, or another thing its name. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attempt.h"

/* rename FROM TO: by every call there is. */
static int every_rename(char **args)
{
	if (said("renameat2", syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], 0)))
		return 0;
	said("renameat2 noreplace", syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], 1));
	said("renameat2 whiteout", syscall(SYS_renameat2, AT_FDCWD, args[0], AT_FDCWD, args[1], 4));
#ifdef SYS_rename
	said("rename", syscall(SYS_rename, args[0], args[1]));
	said("renameat", syscall(SYS_renameat, AT_FDCWD, args[0], AT_FDCWD, args[1]));
#endif
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

/* link FROM TO: by every call and flag. */
static int every_link(char **args)
{
	char through[64];
	int fd = open(args[0], O_PATH);
#ifdef SYS_link
	said("link", syscall(SYS_link, args[0], args[1]));
#endif
	said("linkat", linkat(AT_FDCWD, args[0], AT_FDCWD, args[1], 0));
	said("linkat follow", linkat(AT_FDCWD, args[0], AT_FDCWD, args[1], AT_SYMLINK_FOLLOW));
	snprintf(through, sizeof through, "/proc/self/fd/%d", fd);
	said("linkat /proc/self/fd", linkat(AT_FDCWD, through, AT_FDCWD, args[1], AT_SYMLINK_FOLLOW));
	said("linkat empty path", linkat(fd, "", AT_FDCWD, args[1], AT_EMPTY_PATH));
	return 0;
}

/* tmpfile DIRECTORY NAME: an unnamed file gets a name there. */
static int tmpfile_link(char **args)
{
	char through[64];
	static const char *const dirs[] = {".", NULL};
	for (int i = 0; i < 2; i++) {
		int fd = open(dirs[i] ? dirs[i] : args[0], O_TMPFILE | O_RDWR, 0600);
		if (!said("O_TMPFILE", fd))
			continue;
		write(fd, "planted", 7);
		snprintf(through, sizeof through, "/proc/self/fd/%d", fd);
		char path[4096];
		snprintf(path, sizeof path, "%s/%s", args[0], args[1]);
		said("linkat by /proc", linkat(AT_FDCWD, through, AT_FDCWD, path, AT_SYMLINK_FOLLOW));
		said("linkat by descriptor", linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH));
	}
	return 0;
}

/* make PATH: everything that makes a name. */
static int make(char **args)
{
	const char *p = args[0];
	said("mkdir", mkdir(p, 0755));
	said("symlink", symlink("/", p));
	said("mkfifo", mkfifo(p, 0600));
	said("mknod file", mknod(p, S_IFREG | 0600, 0));
	said("mknod socket", mknod(p, S_IFSOCK | 0600, 0));
	said("mknod char", mknod(p, S_IFCHR | 0600, 0x103));
	said("mknod whiteout", mknod(p, S_IFCHR | 0600, 0));
	said("mknod block", mknod(p, S_IFBLK | 0600, 0xfe00));
	said("link", link("plain", p));
	said("rename", rename("plain", p));
	said("creat", creat(p, 0600));
	return 0;
}

/* remove PATH: everything that takes a name away. */
static int removes(char **args)
{
	said("unlink", unlink(args[0]));
	said("rmdir", rmdir(args[0]));
	said("unlinkat", unlinkat(AT_FDCWD, args[0], 0));
	said("unlinkat dir", unlinkat(AT_FDCWD, args[0], AT_REMOVEDIR));
	said("rename over", rename("plain", args[0]));
	said("rename away", rename(args[0], "taken"));
	return 0;
}

const struct attempt name_attempts[] = {
	{"rename", every_rename, 2}, {"exchange", exchange, 2}, {"rename-at", rename_at, 4}, {"link", every_link, 2}, {"tmpfile", tmpfile_link, 2},
	{"make", make, 1}, {"remove", removes, 1}, {NULL, NULL, 0},
};
