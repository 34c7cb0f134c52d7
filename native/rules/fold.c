/* Runs with the supervisor's privileges; opens directories only, and reads nothing in them. None on a file system whose server may not answer. */
#define _GNU_SOURCE
#include "rules/fold.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "path/no_links.h"
#include "plan/plan.h"
#include "slow/slow_mounts.h"

#ifndef FS_CASEFOLD_FL
#define FS_CASEFOLD_FL 0x40000000
#endif

/* statfs(2). FUSE may be ntfs-3g or exfat-fuse: it does not say. */
static const unsigned long never_tell[] = {
	0x4d44 /* vfat */, 0x2011bab0 /* exfat */, 0x5346544e /* ntfs */, 0x7366746e /* ntfs3 */, 0xff534d42 /* cifs */, 0xfe534d42 /* smb2 */,
	0x517b /* smb */, 0x4244 /* hfs */, 0x482b /* hfs+ */, 0x65735546 /* fuse */, 0xadf5 /* adfs */, 0xadff /* affs */, 0x3153464a /* jfs */,
	0xf995e849 /* hpfs */, 0x9660 /* iso9660 */, 0x786f4256 /* vboxsf */, 0xbacbacbc /* vmhgfs */,
};

static bool open_folds(int fd)
{
	struct statfs st;
	int flags = 0;
	if (fd < 0)
		return true;
	bool folds = fstatfs(fd, &st) != 0;
	for (size_t i = 0; i < sizeof never_tell / sizeof never_tell[0] && !folds; i++)
		folds = ((unsigned long)st.f_type & 0xffffffffUL) == never_tell[i];
	/* A file system without such flags has no such directories. */
	folds = folds || (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_CASEFOLD_FL) != 0);
	close(fd);
	return folds;
}

static bool directory_folds(const char *dir)
{
	int known = slow_mounted() ? no_links_open(dir, O_PATH | O_DIRECTORY, RESOLVE_CACHED) : -1;
	if (known < 0)
		return slow_at(dir) || open_folds(no_links_open(dir, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0));
	bool slow = slow_mount_of(known);
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", known);
	bool folds = slow ? slow_folds(known) : open_folds(open(link, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC));
	close(known);
	return folds;
}

bool fold_ignores_case(const char *path)
{
	char dir[PLAN_MAX_PATH];
	snprintf(dir, sizeof dir, "%s", path);
	for (char *slash = strrchr(dir, '/'); slash != NULL; slash = strrchr(dir, '/')) {
		slash[slash == dir ? 1 : 0] = 0;
		if (directory_folds(dir))
			return true;
		if (slash == dir)
			break;
	}
	return false;
}
