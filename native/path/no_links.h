/* A path that was resolved holds no link: one that has been put there since leads wherever its maker likes, and is not followed. */
#ifndef NONO_NO_LINKS_H
#define NONO_NO_LINKS_H
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A link is refused as what is no directory, or at the end of the path as a link. */
static inline int no_links_step(int from, const char *name, int flags)
{
	struct stat st;
	int fd = openat(from, name, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || (flags & O_PATH) == 0 || (fstat(fd, &st) == 0 && !S_ISLNK(st.st_mode)))
		return fd;
	close(fd);
	errno = ELOOP;
	return -1;
}

static inline int no_links_walk(const char *path, int flags)
{
	char name[NAME_MAX + 1];
	int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (const char *next = path + strspn(path, "/"); at >= 0;) {
		size_t len = strcspn(next, "/");
		const char *after = next + len + strspn(next + len, "/");
		bool last = *after == 0;
		int fd = -1;
		errno = ENAMETOOLONG;
		if (len <= NAME_MAX) {
			memcpy(name, next, len);
			name[len] = 0;
			fd = no_links_step(at, len > 0 ? name : ".", last ? flags : O_PATH | O_DIRECTORY);
		}
		int err = errno;
		close(at);
		errno = err;
		if (last)
			return fd;
		at = fd;
		next = after;
	}
	return -1;
}

/* An absolute path; `resolve` may add to what openat2(2) is told. Inside another session that call is not there (call_table.c). */
static inline int no_links_open(const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | resolve};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
	if (fd >= 0 || errno != ENOSYS)
		return fd;
	if ((resolve & RESOLVE_CACHED) == 0)
		return no_links_walk(path, flags);
	errno = EAGAIN; /* it cannot be told what is cached */
	return -1;
}
#endif
