/* Runs with the invoking user's privileges. What lies in such a directory may have been put there from inside a sandbox: everything is removed relative to
 * descriptors and no link is followed. */
#define _GNU_SOURCE
#include "floor/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "path/no_links.h"

enum { MAX_DEPTH = 512, AT_START = 20000, AT_END = 1000000, MAX_PARKED = 4 };
/* In use, or left by a killed session; parked for the next one. */
static const char USED[] = "s-", PARKED[] = "p-";

static int open_directory(int at, const char *name)
{
	int fd = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	int readable = open(link, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* A directory without permissions, left by a program inside. */
	if (readable < 0 && errno == EACCES && chmod(link, 0700) == 0)
		readable = open(link, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(fd);
	return readable;
}

/* Takes ownership of fd. `left` bounds the work: what is in there may be without end. */
static void empty(int fd, unsigned *left, int depth)
{
	if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) != 0)
		fchmod(fd, 0700);
	DIR *d = fdopendir(fd);
	if (d == NULL) {
		close(fd);
		return;
	}
	for (struct dirent *e; *left > 0 && (e = readdir(d)) != NULL;) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		(*left)--;
		if (unlinkat(fd, e->d_name, 0) == 0 || (errno != EISDIR && errno != EPERM) || unlinkat(fd, e->d_name, AT_REMOVEDIR) == 0 || depth >= MAX_DEPTH)
			continue;
		int below = open_directory(fd, e->d_name);
		if (below < 0)
			continue;
		empty(below, left, depth + 1);
		unlinkat(fd, e->d_name, AT_REMOVEDIR);
	}
	closedir(d);
}

/* What lies there may be anything: removed with all that is in it. */
static void discard(int at, const char *name, unsigned *left)
{
	if (unlinkat(at, name, 0) == 0 || (errno != EISDIR && errno != EPERM) || unlinkat(at, name, AT_REMOVEDIR) == 0)
		return;
	int below = open_directory(at, name);
	if (below < 0)
		return;
	empty(below, left, 0);
	unlinkat(at, name, AT_REMOVEDIR);
}

void scratch_discard(const struct scratch *s, const char *name)
{
	unsigned left = AT_START;
	discard(s->fd, name, &left);
}

static bool ours_alone(int fd);

/* Takes over a parked directory, whose lock is held through `fd`. */
static bool adopt(struct scratch *s, int fd, const char *name)
{
	struct stat open, named;
	if (fstat(fd, &open) != 0 || fstatat(s->place, name, &named, AT_SYMLINK_NOFOLLOW) != 0 || open.st_ino != named.st_ino || !ours_alone(fd))
		return false;
	snprintf(s->name, sizeof s->name, "%s%s", USED, name + strlen(PARKED));
	if (syscall(SYS_renameat2, s->place, name, s->place, s->name, RENAME_NOREPLACE) != 0)
		return false;
	s->fd = fd;
	return true;
}

/* A lock that can be taken belongs to nobody: every process of that session is dead. One parked directory is taken over, some are left for others. */
static void look_through(struct scratch *s)
{
	int again = dup(s->place);
	DIR *d = again >= 0 ? fdopendir(again) : NULL;
	if (d == NULL) {
		if (again >= 0)
			close(again);
		return;
	}
	unsigned left = AT_START, parked = 0;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		bool kept = strncmp(e->d_name, PARKED, strlen(PARKED)) == 0;
		if ((!kept && strncmp(e->d_name, USED, strlen(USED)) != 0) || strlen(e->d_name) >= sizeof s->name)
			continue;
		int fd = open_directory(s->place, e->d_name);
		if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0) {
			if (fd >= 0)
				close(fd);
			continue;
		}
		if (kept && s->fd < 0 && adopt(s, fd, e->d_name))
			continue;
		/* Locked until it is gone, or for somebody else to find. */
		if (!kept || ++parked > MAX_PARKED)
			discard(s->place, e->d_name, &left);
		close(fd);
	}
	rewinddir(d);
	closedir(d);
}

static int open_place(const char *place)
{
	int fd = no_links_open(place, O_RDONLY | O_DIRECTORY, 0);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	char path[4096];
	size_t len = strlen(place);
	for (size_t i = 1; i <= len && len < sizeof path; i++) {
		if (place[i] != '/' && place[i] != 0)
			continue;
		memcpy(path, place, i);
		path[i] = 0;
		mkdir(path, 0700); /* those above exist mostly */
	}
	return no_links_open(place, O_RDONLY | O_DIRECTORY, 0);
}

/* In a directory that others can write, they could put their own inodes in place of those that are granted. */
static bool ours_alone(int fd)
{
	struct stat st;
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 022) == 0)
		return true;
	errno = EPERM;
	return false;
}

static bool make_locked(struct scratch *s)
{
	uint64_t number;
	struct stat open, named;
	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		return false;
	snprintf(s->name, sizeof s->name, "%s%016llx", USED, (unsigned long long)number);
	if (mkdirat(s->place, s->name, 0700) != 0)
		return false;
	s->fd = openat(s->place, s->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* Another session that starts now may have taken it for a dead one's before it was locked. */
	if (s->fd >= 0 && flock(s->fd, LOCK_EX | LOCK_NB) == 0 && fstat(s->fd, &open) == 0 &&
	    fstatat(s->place, s->name, &named, AT_SYMLINK_NOFOLLOW) == 0 && open.st_ino == named.st_ino)
		return true;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	return false;
}

bool scratch_make(const char *place, struct scratch *s)
{
	*s = (struct scratch){.fd = -1};
	s->place = open_place(place);
	if (s->place >= 0 && ours_alone(s->place)) {
		look_through(s);
		if (s->fd >= 0)
			return true;
		for (int attempt = 0; attempt < 4; attempt++)
			if (make_locked(s))
				return true;
	}
	int err = errno;
	if (s->place >= 0)
		close(s->place);
	s->place = -1;
	errno = err;
	return false;
}

void scratch_remove(struct scratch *s)
{
	if (s->fd < 0)
		return;
	unsigned left = AT_END;
	empty(dup(s->fd), &left, 0);
	unlinkat(s->place, s->name, AT_REMOVEDIR);
	close(s->fd);
	close(s->place);
	s->fd = s->place = -1;
}

void scratch_park(struct scratch *s)
{
	char parked[sizeof s->name];
	if (s->fd < 0)
		return;
	snprintf(parked, sizeof parked, "%s%s", PARKED, s->name + strlen(USED));
	if (renameat(s->place, s->name, s->place, parked) != 0) {
		scratch_remove(s);
		return;
	}
	close(s->fd);
	close(s->place);
	s->fd = s->place = -1;
}
