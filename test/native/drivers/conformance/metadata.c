#include "conformance.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <utime.h>

void table_truncate(void)
{
	static const long lengths[] = {0, 3, 100, -1};
	for (int i = 0; i < 4; i++)
		FOR_PATHS(false)
		{
			CASE("truncate %ld %s", lengths[i], where);
			run(label, SYS_truncate, text, lengths[i], 0, 0, 0);
		}
	for (int fd = FD_ROOT; fd <= FD_CLOSED; fd++)
		for (int i = 0; i < 4; i++) {
			CASE("ftruncate %ld descriptor %d", lengths[i], fd);
			run(label, SYS_ftruncate, fd, lengths[i], 0, 0, 0);
		}
	run("truncate too far", SYS_truncate, (long)"file", 1L << 62, 0, 0, 0);
	run("truncate bad address", SYS_truncate, 8, 0, 0, 0, 0);
}

void table_chmod(void)
{
	static const int modes[] = {0, 0644, 04711, 02750, 01777, 0170600};
	static const struct {
		const char *name;
		int flags;
	} ways[] = {{"0", 0}, {"NOFOLLOW", AT_SYMLINK_NOFOLLOW}, {"EMPTY_PATH", AT_EMPTY_PATH}, {"bad flag", 1}};
	for (int m = 0; m < 6; m++) {
		FOR_PATHS(true)
		{
			if (m > 1 && p_ % 2 != 0)
				continue;
			CASE("fchmodat %o %s", modes[m], where);
			run(label, SYS_fchmodat, at, text, modes[m], 0, 0);
			for (int i = 0; i < 4; i++) {
				if ((p_ + i + m) % 3 != 0)
					continue;
				CASE("fchmodat2 %s %o %s", ways[i].name, modes[m], where);
				run(label, SYS_fchmodat2, at, text, modes[m], ways[i].flags, 0);
			}
		}
#ifdef SYS_open
		FOR_PATHS(false)
		{
			CASE("chmod %o %s", modes[m], where);
			run(label, SYS_chmod, text, modes[m], 0, 0, 0);
		}
#endif
		for (int fd = FD_ROOT; fd <= FD_CLOSED; fd++) {
			if (fd == FD_NULL)
				continue; /* the machine's device */
			CASE("fchmod %o descriptor %d", modes[m], fd);
			run(label, SYS_fchmod, fd, modes[m], 0, 0, 0);
			struct stat st;
			if (fstat(fd, &st) == 0)
				printf("   now %o\n", st.st_mode);
			for (int i = 2; i < 5; i++) {
				CASE("fchmodat2 %s %o descriptor %d", i < 4 ? ways[i].name : "EMPTY_PATH|NOFOLLOW", modes[m], fd);
				run(label, SYS_fchmodat2, fd, (long)"", modes[m], i < 4 ? ways[i].flags : AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, 0);
			}
		}
		remake();
	}
	run("fchmodat2 EMPTY_PATH cwd", SYS_fchmodat2, AT_FDCWD, (long)"", 0700, AT_EMPTY_PATH, 0);
	run("fchmodat2 EMPTY_PATH O_PATH", SYS_fchmodat2, FD_FILE_PATH, (long)"", 0700, AT_EMPTY_PATH, 0);
	run("fchmodat2 EMPTY_PATH link", SYS_fchmodat2, FD_LINK_PATH, (long)"", 0700, AT_EMPTY_PATH, 0);
	run("chmod bad address", SYS_fchmodat, AT_FDCWD, 8, 0, 0, 0);
	run("fchmod -1", SYS_fchmod, -1, 0, 0, 0, 0);
	run("fchmod AT_FDCWD", SYS_fchmod, AT_FDCWD, 0, 0, 0, 0);
}

void table_chown(void)
{
	const long own = as_uid >= 0 ? as_uid : (long)getuid();
	const struct {
		const char *name;
		long uid, gid;
	} owners[] = {{"-1 -1", -1, -1}, {"own own", own, own}, {"other -1", OTHER_ID, -1}, {"-1 other", -1, OTHER_ID}};
	static const struct {
		const char *name;
		int flags;
	} ways[] = {{"0", 0}, {"NOFOLLOW", AT_SYMLINK_NOFOLLOW}, {"EMPTY_PATH", AT_EMPTY_PATH}, {"bad flag", 1}};
	for (int o = 0; o < 4; o++) {
		for (int i = 0; i < 4; i++)
			FOR_PATHS(true)
			{
				if (i > 1 && p_ % 3 != 0)
					continue;
				CASE("fchownat %s %s %s", ways[i].name, owners[o].name, where);
				run(label, SYS_fchownat, at, text, owners[o].uid, owners[o].gid, ways[i].flags);
			}
#ifdef SYS_open
		FOR_PATHS(false)
		{
			CASE("chown %s %s", owners[o].name, where);
			run(label, SYS_chown, text, owners[o].uid, owners[o].gid, 0, 0);
			CASE("lchown %s %s", owners[o].name, where);
			run(label, SYS_lchown, text, owners[o].uid, owners[o].gid, 0, 0);
		}
#endif
		for (int fd = FD_ROOT; fd <= FD_CLOSED; fd++) {
			if (fd == FD_NULL)
				continue;
			CASE("fchown %s descriptor %d", owners[o].name, fd);
			run(label, SYS_fchown, fd, owners[o].uid, owners[o].gid, 0, 0);
			struct stat st;
			if (fstat(fd, &st) == 0)
				printf("   now %u:%u\n", st.st_uid, st.st_gid);
			for (int i = 0; i < 4; i++) {
				CASE("fchownat %s %s descriptor %d", ways[i].name, owners[o].name, fd);
				run(label, SYS_fchownat, fd, (long)"", owners[o].uid, owners[o].gid, ways[i].flags);
			}
		}
		remake();
	}
	/* The set-user-ID bit goes with the owner. */
	if (syscall(SYS_fchmodat, AT_FDCWD, "file", 06755) == 0)
		run("fchownat of a set-user-ID file", SYS_fchownat, AT_FDCWD, (long)"file", own, own, 0);
	run("chown bad address", SYS_fchownat, AT_FDCWD, 8, 0, 0, 0);
}

void table_utime(void)
{
	static const struct {
		const char *name;
		bool given;
		struct timespec t[2];
	} times[] = {
		{"now", false, {{0, 0}, {0, 0}}}, {"fixed", true, {{FIXED, 1}, {FIXED + 5, 999999999}}}, {"omit atime", true, {{0, UTIME_OMIT}, {FIXED, 0}}}, {"omit mtime", true, {{FIXED, 0}, {0, UTIME_OMIT}}},
		{"omit both", true, {{0, UTIME_OMIT}, {0, UTIME_OMIT}}}, {"UTIME_NOW", true, {{0, UTIME_NOW}, {0, UTIME_NOW}}}, {"now and fixed", true, {{0, UTIME_NOW}, {FIXED, 0}}},
		{"fixed and now", true, {{FIXED, 0}, {0, UTIME_NOW}}}, {"now and omit", true, {{0, UTIME_NOW}, {0, UTIME_OMIT}}}, {"omit and now", true, {{0, UTIME_OMIT}, {0, UTIME_NOW}}},
		{"now with seconds", true, {{FIXED, UTIME_NOW}, {FIXED, UTIME_OMIT}}},
		{"bad nanoseconds", true, {{0, 1000000000}, {0, 0}}}, {"negative", true, {{-5, 0}, {-5, 0}}},
	};
	static const struct {
		const char *name;
		int flags;
	} ways[] = {{"0", 0}, {"NOFOLLOW", AT_SYMLINK_NOFOLLOW}, {"EMPTY_PATH", AT_EMPTY_PATH}, {"bad flag", 1}};
	for (size_t t = 0; t < sizeof times / sizeof times[0]; t++) {
		long given = times[t].given ? (long)times[t].t : 0;
		for (int i = 0; i < 4; i++)
			FOR_PATHS(true)
			{
				if (i > 0 && (p_ + i) % 3 != 0)
					continue;
				CASE("utimensat %s %s %s", times[t].name, ways[i].name, where);
				run(label, SYS_utimensat, at, text, given, ways[i].flags, 0);
			}
		for (int fd = FD_ROOT; fd <= FD_CLOSED; fd++) {
			if (fd == FD_NULL)
				continue;
			CASE("futimens %s descriptor %d", times[t].name, fd);
			run(label, SYS_utimensat, fd, 0, given, 0, 0);
			struct stat st;
			if (fstat(fd, &st) == 0 && !S_ISSOCK(st.st_mode)) /* the kernel leaves the times of a new socket as they lay in memory */
				printf("   now %s\n", st.st_mtime < 1000000000 ? "fixed" : "recent");
			for (int i = 0; i < 4; i++) {
				CASE("utimensat %s %s descriptor %d", times[t].name, ways[i].name, fd);
				run(label, SYS_utimensat, fd, (long)"", given, ways[i].flags, 0);
			}
		}
		remake();
	}
	run("futimens with a flag", SYS_utimensat, FD_FILE, 0, 0, AT_SYMLINK_NOFOLLOW, 0);
	run("utimensat no path and no descriptor", SYS_utimensat, AT_FDCWD, 0, 0, 0, 0);
	run("utimensat bad times", SYS_utimensat, AT_FDCWD, (long)"file", 8, 0, 0);
	run("utimensat bad address", SYS_utimensat, AT_FDCWD, 8, 0, 0, 0);
#ifdef SYS_open
	struct utimbuf buf = {FIXED, FIXED + 1};
	struct timeval micro[2] = {{FIXED, 7}, {FIXED + 1, 999999}}, bad[2] = {{0, 1000000}, {0, 0}};
	FOR_PATHS(false)
	{
		CASE("utime %s", where);
		run(label, SYS_utime, text, (long)&buf, 0, 0, 0);
		CASE("utimes %s", where);
		run(label, SYS_utimes, text, (long)micro, 0, 0, 0);
		CASE("utimes now %s", where);
		run(label, SYS_utimes, text, 0, 0, 0, 0);
		CASE("utimes bad %s", where);
		run(label, SYS_utimes, text, (long)bad, 0, 0, 0);
	}
	FOR_PATHS(true)
	{
		CASE("futimesat %s", where);
		run(label, SYS_futimesat, at, text, (long)micro, 0, 0);
	}
	run("futimesat no path", SYS_futimesat, FD_FILE, 0, (long)micro, 0, 0);
	run("utime bad times", SYS_utime, (long)"file", 8, 0, 0, 0);
	run("utime no path", SYS_utime, 0, 0, 0, 0, 0);
#endif
}

void table_xattr(void)
{
	static char large[65537];
	static char name256[300];
	memset(name256, 'n', 256);
	memcpy(name256, "user.", 5);
	const struct {
		const char *label, *name;
		const void *value;
		size_t size;
		int flags;
	} sets[] = {
		{"new", "user.new", "abc", 3, 0}, {"empty", "user.new", "", 0, 0}, {"over", "user.old", "other", 5, 0}, {"CREATE", "user.old", "x", 1, XATTR_CREATE}, {"REPLACE", "user.new", "x", 1, XATTR_REPLACE},
		{"bad flags", "user.new", "x", 1, 7}, {"no name", "", "x", 1, 0}, {"user.", "user.", "x", 1, 0}, {"unknown namespace", "bogus.x", "x", 1, 0}, {"no namespace", "x", "x", 1, 0},
		{"trusted", "trusted.x", "x", 1, 0}, {"security", "security.x", "x", 1, 0}, {"65536", "user.new", large, 65536, 0}, {"65537", "user.new", large, 65537, 0}, {"name of 256", name256, "x", 1, 0},
		{"no value", "user.new", NULL, 3, 0}, {"acl", "system.posix_acl_access", default_acl, sizeof default_acl, 0}, {"default acl", "system.posix_acl_default", default_acl, sizeof default_acl, 0},
		{"broken acl", "system.posix_acl_access", "x", 1, 0}, {"system", "system.bogus", "x", 1, 0},
	};
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		FOR_PATHS(false)
		{
			if (i > 3 && p_ % 3 != 0)
				continue;
			CASE("setxattr %s %s", sets[i].label, where);
			run(label, SYS_setxattr, text, (long)sets[i].name, (long)sets[i].value, (long)sets[i].size, sets[i].flags);
			CASE("lsetxattr %s %s", sets[i].label, where);
			run(label, SYS_lsetxattr, text, (long)sets[i].name, (long)sets[i].value, (long)sets[i].size, sets[i].flags);
		}
		for (int fd = FD_ROOT; fd <= FD_CLOSED; fd++) {
			if (fd == FD_NULL)
				continue;
			CASE("fsetxattr %s descriptor %d", sets[i].label, fd);
			run(label, SYS_fsetxattr, fd, (long)sets[i].name, (long)sets[i].value, (long)sets[i].size, sets[i].flags);
		}
		remake();
	}
	static const char *const names[] = {"user.old", "user.none", "", "bogus.x", "security.x", "trusted.x", "system.posix_acl_default"};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		FOR_PATHS(false)
		{
			CASE("removexattr %s %s", names[i], where);
			run(label, SYS_removexattr, text, (long)names[i], 0, 0, 0);
			CASE("lremovexattr %s %s", names[i], where);
			run(label, SYS_lremovexattr, text, (long)names[i], 0, 0, 0);
		}
		for (int fd = FD_ROOT; fd <= FD_CLOSED; fd++) {
			if (fd == FD_NULL)
				continue;
			CASE("fremovexattr %s descriptor %d", names[i], fd);
			run(label, SYS_fremovexattr, fd, (long)names[i], 0, 0, 0);
		}
	}
	run("setxattr bad name", SYS_setxattr, (long)"file", 8, (long)"x", 1, 0);
	run("setxattr bad value", SYS_setxattr, (long)"file", (long)"user.x", 8, 1, 0);
	run("setxattr bad path", SYS_setxattr, 8, (long)"user.x", (long)"x", 1, 0);
}

/* Of Linux 6.13 and 6.17. */
void table_xattrat(void)
{
	enum { SETXATTRAT = 463, REMOVEXATTRAT = 466, FILE_SETATTR = 469 };
	struct {
		unsigned long long value;
		unsigned size, flags;
	} args = {.value = (unsigned long)"abc", .size = 3};
	struct {
		unsigned long long flags;
		unsigned more[4];
	} attr = {.flags = FS_XFLAG_NODUMP};
	static const struct {
		const char *name;
		int flags;
	} ways[] = {{"0", 0}, {"NOFOLLOW", AT_SYMLINK_NOFOLLOW}, {"EMPTY_PATH", AT_EMPTY_PATH}, {"bad flag", 1}};
	for (int i = 0; i < 4; i++)
		FOR_PATHS(true)
		{
			CASE("setxattrat %s %s", ways[i].name, where);
			run6(label, SETXATTRAT, at, text, ways[i].flags, (long)"user.new", (long)&args, sizeof args);
			CASE("removexattrat %s %s", ways[i].name, where);
			run(label, REMOVEXATTRAT, at, text, ways[i].flags, (long)"user.old", 0);
			CASE("file_setattr %s %s", ways[i].name, where);
			run(label, FILE_SETATTR, at, text, (long)&attr, sizeof attr, ways[i].flags);
		}
}

void table_flags(void)
{
	static const struct {
		const char *name;
		int fd;
	} on[] = {{"file", FD_FILE}, {"file for writing", FD_WRITE}, {"O_PATH", FD_FILE_PATH}, {"directory", FD_DIR}, {"pipe", FD_PIPE}, {"socket", FD_SOCKET}, {"memfd", FD_MEMFD},
	          {"deleted", FD_DELETED}, {"deleted for writing", FD_DELETED_WRITE}, {"tmpfile", FD_TMPFILE}, {"closed", FD_CLOSED}};
	static const struct {
		const char *name;
		int set;
	} sets[] = {{"NODUMP", FS_NODUMP_FL}, {"NOATIME", FS_NOATIME_FL}, {"IMMUTABLE", FS_IMMUTABLE_FL}, {"unknown", 1 << 30}};
	for (size_t i = 0; i < sizeof on / sizeof on[0]; i++) {
		for (size_t f = 0; f < sizeof sets / sizeof sets[0]; f++) {
			int flags = 0;
			if (f == 2 && as_uid < 0 && getuid() == 0)
				continue; /* root outside could, and then nothing removes it; root inside lacks the capability */
			int known = ioctl(on[i].fd, FS_IOC_GETFLAGS, &flags) == 0;
			int wanted = flags | sets[f].set;
			CASE("FS_IOC_SETFLAGS %s on %s", sets[f].name, on[i].name);
			run(label, SYS_ioctl, on[i].fd, FS_IOC_SETFLAGS, (long)&wanted, 0, 0);
			int after = 0;
			ioctl(on[i].fd, FS_IOC_GETFLAGS, &after);
			if (known)
				printf("   flags %x now %x\n", flags & ~FS_EXTENT_FL, after & ~FS_EXTENT_FL);
			remake();
		}
		struct fsxattr x = {0};
		int known = ioctl(on[i].fd, FS_IOC_FSGETXATTR, &x) == 0;
		x.fsx_xflags |= FS_XFLAG_NODUMP;
		CASE("FS_IOC_FSSETXATTR on %s", on[i].name);
		run(label, SYS_ioctl, on[i].fd, FS_IOC_FSSETXATTR, (long)&x, 0, 0);
		struct fsxattr after = {0};
		ioctl(on[i].fd, FS_IOC_FSGETXATTR, &after);
		if (known)
			printf("   now %x\n", after.fsx_xflags);
		x.fsx_projid = 77;
		CASE("FS_IOC_FSSETXATTR project on %s", on[i].name);
		run(label, SYS_ioctl, on[i].fd, FS_IOC_FSSETXATTR, (long)&x, 0, 0);
		remake();
	}
	run("FS_IOC_SETFLAGS bad address", SYS_ioctl, FD_FILE, FS_IOC_SETFLAGS, 8, 0, 0);
	run("FS_IOC_FSSETXATTR bad address", SYS_ioctl, FD_FILE, FS_IOC_FSSETXATTR, 8, 0, 0);
}
