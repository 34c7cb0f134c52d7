#define _GNU_SOURCE
#include "path/devices.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

bool devices_is_one(mode_t mode)
{
	return S_ISCHR(mode) || S_ISBLK(mode);
}

/* That of /dev, where it is one by itself: devtmpfs, or the tmpfs of a container. False: it is a part of a larger one. */
static bool file_system(dev_t *dev)
{
	struct statfs fs;
	struct stat st;
	if (stat("/dev", &st) != 0 || statfs("/dev", &fs) != 0 || (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC))
		return false;
	*dev = st.st_dev;
	return stat("/", &st) == 0 && st.st_dev != *dev;
}

bool devices_around(const char *real, dev_t dev)
{
	static bool asked, apart;
	static dev_t devices;
	if (!asked)
		apart = file_system(&devices);
	asked = true;
	return (apart && dev == devices) || (strncmp(real, "/dev/", 5) == 0 && strncmp(real, "/dev/shm/", 9) != 0);
}

bool devices_below(int parent, const char *leaf)
{
	char name[258];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(leaf, "/"), leaf);
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL) {
		if (fd >= 0)
			close(fd);
		return true;
	}
	unsigned entries = 0;
	errno = 0;
	while (entries < 3 && readdir(d) != NULL)
		entries++;
	bool empty = errno == 0 && entries < 3; /* "." and ".." */
	closedir(d);
	return !empty;
}
