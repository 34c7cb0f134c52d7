/* Runs with the invoking user's privileges in directories that sandboxed processes may write at the same time. Every step is relative to a descriptor and follows no link:
 * removal by path would delete whatever a process inside put a link to. */
#define _GNU_SOURCE
#include "start/tmpdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "caller/caller.h"

enum { MAX_DEPTH = 512, PID_DIGITS = 7, START_DIGITS = 12, SUFFIX = 6 };
static const char before[] = "nono-tmp-", digits[] = "0123456789";
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool tmpdir_name(pid_t host, char name[TMPDIR_NAME])
{
	uint8_t random[SUFFIX];
	char suffix[SUFFIX + 1] = "";
	if (getrandom(random, sizeof random, GRND_NONBLOCK) != SUFFIX)
		return false;
	for (size_t i = 0; i < SUFFIX; i++)
		suffix[i] = letters[random[i] % (sizeof letters - 1)];
	int n = snprintf(name, TMPDIR_NAME, "%s%0*d-%0*llu-%s", before, PID_DIGITS, host, START_DIGITS, (unsigned long long)caller_start_time(host), suffix);
	return n == TMPDIR_NAME - 1;
}

bool tmpdir_is_name(const char *name)
{
	if (strlen(name) != TMPDIR_NAME - 1 || strncmp(name, before, sizeof before - 1) != 0)
		return false;
	const char *pid = name + sizeof before - 1, *start = pid + PID_DIGITS + 1, *suffix = start + START_DIGITS + 1;
	return strspn(pid, digits) == PID_DIGITS && start[-1] == '-' && strspn(start, digits) == START_DIGITS && suffix[-1] == '-' && strspn(suffix, letters) == SUFFIX;
}

bool tmpdir_is_one(int parent, const char *name)
{
	struct stat st;
	return tmpdir_is_name(name) && fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mode == (S_IFDIR | 0700) && st.st_uid == geteuid();
}

/* How far removing may go. What is removed may have no end: another session of this user, or any other program of theirs, may be adding to it. */
struct bounds {
	unsigned long left; /* names */
	bool (*over)(void);
};

static bool never(void)
{
	return false;
}

static bool is_over(struct bounds *b)
{
	return b->left == 0 || b->over();
}

static void remove_below(int parent, const char *name, dev_t device, int depth, struct bounds *b)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == EACCES && fchmodat(parent, name, 0700, AT_SYMLINK_NOFOLLOW) == 0)
		fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	if (fd < 0 || fstat(fd, &st) != 0 || st.st_dev != device || depth > MAX_DEPTH) {
		if (fd >= 0)
			close(fd);
		return;
	}
	fchmod(fd, 0700);
	DIR *entries = fdopendir(fd);
	if (entries == NULL) {
		close(fd);
		return;
	}
	for (struct dirent *e; !is_over(b) && (e = readdir(entries)) != NULL;) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		b->left--;
		if (unlinkat(dirfd(entries), e->d_name, 0) == 0 || (errno != EISDIR && errno != EPERM))
			continue;
		remove_below(dirfd(entries), e->d_name, device, depth + 1, b);
		unlinkat(dirfd(entries), e->d_name, AT_REMOVEDIR);
	}
	closedir(entries);
}

static int open_parent(const char *path, char *leaf, size_t size)
{
	char dir[4096];
	snprintf(dir, sizeof dir, "%s", path);
	char *slash = strrchr(dir, '/');
	if (slash == NULL || snprintf(leaf, size, "%s", slash + 1) >= (int)size || leaf[0] == 0)
		return -1;
	slash[slash == dir ? 1 : 0] = 0;
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void remove_entry(int parent, const char *name, struct bounds *b)
{
	struct stat st;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return;
	remove_below(parent, name, st.st_dev, 0, b);
	unlinkat(parent, name, AT_REMOVEDIR);
}

bool tmpdir_remove(const char *path, unsigned long most)
{
	char leaf[256];
	int parent = open_parent(path, leaf, sizeof leaf);
	struct bounds b = {.left = most, .over = never};
	if (parent < 0)
		return true;
	remove_entry(parent, leaf, &b);
	bool there = faccessat(parent, leaf, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
	close(parent);
	return !there;
}

int tmpdir_hold(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* Shared: a program inside may lock its own directory as well. */
	if (fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A process outside this pid namespace has no number in it, so a host that cannot be found here may live in another container with the same /tmp. Its session holds the directory; for
 * a moment after it was made, nobody does. What cannot be locked, or not be opened, stays. */
static bool held_by_nobody(int parent, const char *name)
{
	enum { UNTIL_HELD_S = 60 };
	struct stat st;
	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || time(NULL) - st.st_mtime < UNTIL_HELD_S)
		return false;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	bool free = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
	if (fd >= 0)
		close(fd);
	return free;
}

void tmpdir_remove_stale(const char *path, bool (*over)(void))
{
	char leaf[256];
	int parent = open_parent(path, leaf, sizeof leaf);
	DIR *entries = parent >= 0 ? fdopendir(parent) : NULL;
	struct bounds b = {.left = TMPDIR_MOST, .over = over};
	if (entries == NULL && parent >= 0)
		close(parent);
	for (struct dirent *e; entries != NULL && !is_over(&b) && (e = readdir(entries)) != NULL;) {
		b.left--;
		int pid;
		unsigned long long start;
		/* The name says whose it is: host and its start (proc_pid_stat(5), field 22). */
		if (strcmp(e->d_name, leaf) != 0 && tmpdir_is_name(e->d_name) && sscanf(e->d_name, "nono-tmp-%d-%llu-", &pid, &start) == 2 && caller_start_time(pid) != start &&
		    held_by_nobody(dirfd(entries), e->d_name))
			remove_entry(dirfd(entries), e->d_name, &b);
	}
	if (entries != NULL)
		closedir(entries);
}
