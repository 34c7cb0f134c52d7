/* Attempts to change what Landlock does not look at: mode, owner, times, extended attributes, inode flags. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#include "attempt.h"

enum { FCHMODAT2 = 452, SETXATTRAT = 463, REMOVEXATTRAT = 466, FILE_SETATTR = 469 };

struct xattr_value {
	unsigned long value;
	unsigned size, flags;
};

static const struct timespec old_times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};

static void by_path(const char *p)
{
	struct xattr_value value = {.value = (unsigned long)"x", .size = 1};
	struct timeval times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct utimbuf buf = {1000, 1000};
#ifdef SYS_chmod
	said("chmod", syscall(SYS_chmod, p, 0777));
	said("chown", syscall(SYS_chown, p, getuid(), getgid()));
	said("lchown", syscall(SYS_lchown, p, getuid(), getgid()));
	said("utime", syscall(SYS_utime, p, &buf));
	said("utimes", syscall(SYS_utimes, p, times));
	said("futimesat", syscall(SYS_futimesat, AT_FDCWD, p, times));
#endif
	said("fchmodat", syscall(SYS_fchmodat, AT_FDCWD, p, 0777));
	said("fchmodat2", syscall(FCHMODAT2, AT_FDCWD, p, 0777, 0));
	said("fchmodat2 nofollow", syscall(FCHMODAT2, AT_FDCWD, p, 0777, AT_SYMLINK_NOFOLLOW));
	said("fchownat", syscall(SYS_fchownat, AT_FDCWD, p, getuid(), getgid(), 0));
	said("utimensat", utimensat(AT_FDCWD, p, old_times, 0));
	said("utimensat now", utimensat(AT_FDCWD, p, NULL, 0));
	said("setxattr", setxattr(p, "user.x", "x", 1, 0));
	said("lsetxattr", lsetxattr(p, "user.y", "x", 1, 0));
	said("setxattrat", syscall(SETXATTRAT, AT_FDCWD, p, 0, "user.z", &value, sizeof value));
	said("setxattr acl", setxattr(p, "system.posix_acl_access", "\2\0\0\0\1\0\7\0\377\377\377\377\4\0\7\0\377\377\377\377\40\0\7\0\377\377\377\377", 28, 0));
	said("removexattr", removexattr(p, "user.kept"));
	said("lremovexattr", lremovexattr(p, "user.kept-l"));
	said("removexattrat", syscall(REMOVEXATTRAT, AT_FDCWD, p, 0, "user.kept-at"));
	struct {
		unsigned long xflags;
		unsigned extsize, nextents, projid, cowextsize;
	} attr = {.xflags = 0x40 /* FS_XFLAG_NOATIME */};
	said("file_setattr", syscall(FILE_SETATTR, AT_FDCWD, p, &attr, sizeof attr, 0));
}

static void by_descriptor(int fd)
{
	long flags = 0;
	struct fsxattr x = {0};
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	said("fchmod", syscall(SYS_fchmod, fd, 0777));
	said("fchmodat2 empty path", syscall(FCHMODAT2, fd, "", 0777, AT_EMPTY_PATH));
	said("fchown", syscall(SYS_fchown, fd, getuid(), getgid()));
	said("fchownat empty path", syscall(SYS_fchownat, fd, "", getuid(), getgid(), AT_EMPTY_PATH));
	said("futimens", syscall(SYS_utimensat, fd, NULL, old_times, 0));
	said("utimensat empty path", syscall(SYS_utimensat, fd, "", old_times, AT_EMPTY_PATH));
	said("fsetxattr", fsetxattr(fd, "user.f", "x", 1, 0));
	said("fremovexattr", fremovexattr(fd, "user.kept-f"));
	if (said("FS_IOC_GETFLAGS", ioctl(fd, FS_IOC_GETFLAGS, &flags))) {
		flags ^= FS_NODUMP_FL;
		said("FS_IOC_SETFLAGS", ioctl(fd, FS_IOC_SETFLAGS, &flags));
		said("FS_IOC_SETFLAGS wide", syscall(SYS_ioctl, fd, 0xffffffff00000000UL | FS_IOC_SETFLAGS, &flags));
	}
	if (said("FS_IOC_FSGETXATTR", ioctl(fd, FS_IOC_FSGETXATTR, &x))) {
		x.fsx_xflags ^= FS_XFLAG_NODUMP;
		said("FS_IOC_FSSETXATTR", ioctl(fd, FS_IOC_FSSETXATTR, &x));
	}
	int version = 7;
	said("FS_IOC_SETVERSION", ioctl(fd, FS_IOC_SETVERSION, &version));
	said("fallocate", fallocate(fd, 0, 0, 100000));
	said("ftruncate", ftruncate(fd, 1));
	by_path(link);
}

/* metadata PATH */
static int path_forms(char **args)
{
	by_path(args[0]);
	return 0;
}

/* metadata-descriptor PATH: by every descriptor of it that can be had. */
static int descriptor_forms(char **args)
{
	static const int kinds[] = {O_RDONLY, O_PATH, O_RDONLY | O_DIRECTORY, O_PATH | O_DIRECTORY};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		int fd = open(args[0], kinds[i]);
		if (fd >= 0)
			by_descriptor(fd);
	}
	return 0;
}

/* without-attributes PATH TOKEN: every call that removes one removes its own. The token is shown when one of them did, and outside when all did. */
static int without_attributes(char **args)
{
	const char *p = args[0], *outside = getenv("OUTSIDE");
	int fd = open(p, O_RDONLY), removed = 0;
	removed += said("removexattr", removexattr(p, "user.kept"));
	removed += said("lremovexattr", lremovexattr(p, "user.kept-l"));
	removed += said("fremovexattr", fremovexattr(fd, "user.kept-f"));
	bool known = said("removexattrat", syscall(REMOVEXATTRAT, AT_FDCWD, p, 0, "user.kept-at")) || errno != ENOSYS; /* Linux 6.13 */
	removed += access(p, F_OK) == 0 && known && getxattr(p, "user.kept-at", NULL, 0) < 0 && errno == ENODATA;
	if (removed >= (outside != NULL && outside[0] != 0 ? 3 + known : 1))
		show(open(args[1], O_RDONLY));
	return 0;
}

/* metadata-at DIRECTORY NAME: relative to a descriptor. */
static int at_forms(char **args)
{
	int dir = open(args[0], O_PATH | O_DIRECTORY);
	said("fchmodat", syscall(SYS_fchmodat, dir, args[1], 0777));
	said("fchmodat2", syscall(FCHMODAT2, dir, args[1], 0777, 0));
	said("fchownat", syscall(SYS_fchownat, dir, args[1], getuid(), getgid(), 0));
	said("utimensat", syscall(SYS_utimensat, dir, args[1], old_times, 0));
	if (dir >= 0 && fchdir(dir) == 0)
		by_path(args[1]);
	return 0;
}

/* undumpable NAME PATH: the same by a caller whose memory nobody may read. */
static int undumpable(char **args)
{
	prctl(PR_SET_DUMPABLE, 0);
	return strcmp(args[0], "metadata") == 0 ? path_forms(args + 1) : descriptor_forms(args + 1);
}

/* metadata-memory PATH: the name in memory that no other process can read, and at the end of what can be. */
static int memory_forms(char **args)
{
	enum { MEMFD_SECRET = 447, PAGE = 4096 };
	size_t length = strlen(args[0]) + 1;
	int secret = (int)syscall(MEMFD_SECRET, 0);
	said("memfd_secret", secret);
	if (secret < 0)
		secret = (int)syscall(SYS_memfd_create, "name", 0);
	ftruncate(secret, PAGE);
	char *page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, secret, 0);
	if (page == MAP_FAILED)
		return 1;
	memcpy(page, args[0], length);
	by_path(page);
	memmove(page + PAGE - length, page, length);
	by_path(page + PAGE - length);
	return 0;
}

/* The layout of 32-bit programs, which a 64-bit kernel takes from all. */
struct received {
	char uuid[16];
	unsigned long sent, got;
	struct {
		unsigned long seconds;
		unsigned nanoseconds;
	} __attribute__((packed)) times[2];
	unsigned long flags, reserved[16];
} __attribute__((packed));

/* btrfs SUBVOLUME FILE: where it was received from, and the file's blocks, by descriptors for reading. */
static int btrfs(char **args)
{
	struct btrfs_ioctl_received_subvol_args received = {.uuid = {1}};
	struct received layout = {.uuid = {2}};
	struct btrfs_ioctl_defrag_range_args range = {.len = ~0ULL, .flags = BTRFS_DEFRAG_RANGE_COMPRESS, .compress_type = 1};
	int subvolume = open(args[0], O_RDONLY | O_DIRECTORY), file = open(args[1], O_RDONLY);
	said("BTRFS_IOC_SET_RECEIVED_SUBVOL", ioctl(subvolume, BTRFS_IOC_SET_RECEIVED_SUBVOL, &received));
	said("BTRFS_IOC_SET_RECEIVED_SUBVOL_32", ioctl(subvolume, _IOWR(BTRFS_IOCTL_MAGIC, 37, struct received), &layout));
	said("BTRFS_IOC_DEFRAG", ioctl(file, BTRFS_IOC_DEFRAG, NULL));
	said("BTRFS_IOC_DEFRAG_RANGE", ioctl(file, BTRFS_IOC_DEFRAG_RANGE, &range));
	return 0;
}

const struct attempt metadata_attempts[] = {
	{"metadata", path_forms, 1}, {"metadata-descriptor", descriptor_forms, 1}, {"metadata-at", at_forms, 2}, {"undumpable", undumpable, 2}, {"metadata-memory", memory_forms, 1},
	{"without-attributes", without_attributes, 2}, {"btrfs", btrfs, 2}, {NULL, NULL, 0},
};
