/* What only asks: none of it is to be answered otherwise because the tree is brokered. */
#include "conformance.h"

#include <linux/stat.h>
#include <sys/inotify.h>

enum { GETXATTRAT = 464, LISTXATTRAT, FILE_GETATTR = 468 };

struct xattr_args {
	unsigned long long value;
	unsigned size, flags;
};

static const struct {
	const char *name;
	int flags;
} ways[] = {{"0", 0}, {"NOFOLLOW", AT_SYMLINK_NOFOLLOW}, {"EMPTY_PATH", AT_EMPTY_PATH}, {"bad flag", 1}};

void table_look(void)
{
	static char room[70000];
	static struct {
		const char *name;
		int mode;
	} modes[] = {{"F", F_OK}, {"R", R_OK}, {"W", W_OK}, {"X", X_OK}, {"bad", 8}};
	for (int m = 0; m < 5; m++)
		FOR_PATHS(true)
		{
			CASE("faccessat %s %s", modes[m].name, where);
			run(label, SYS_faccessat, at, text, modes[m].mode, 0, 0);
			for (int i = 0; i < 4; i++) {
				CASE("faccessat2 %s %s EACCESS %s", modes[m].name, ways[i].name, where);
				run(label, SYS_faccessat2, at, text, modes[m].mode, ways[i].flags | AT_EACCESS, 0);
			}
		}
	FOR_PATHS(true)
	{
		struct xattr_args args = {.value = (unsigned long)room, .size = sizeof room};
		CASE("readlinkat %s", where);
		run(label, SYS_readlinkat, at, text, (long)room, sizeof room, 0);
		for (int i = 0; i < 4; i++) {
			CASE("statx %s %s", ways[i].name, where);
			run(label, SYS_statx, at, text, ways[i].flags, STATX_BASIC_STATS, (long)room);
			CASE("listxattrat %s %s", ways[i].name, where);
			run(label, LISTXATTRAT, at, text, ways[i].flags, (long)room, sizeof room);
			CASE("getxattrat %s %s", ways[i].name, where);
			run6(label, GETXATTRAT, at, text, ways[i].flags, (long)"user.old", (long)&args, sizeof args);
			CASE("file_getattr %s %s", ways[i].name, where);
			run(label, FILE_GETATTR, at, text, (long)room, 24, ways[i].flags);
		}
	}
	int watch = inotify_init1(IN_NONBLOCK);
	FOR_PATHS(false)
	{
		CASE("getxattr %s", where);
		run(label, SYS_getxattr, text, (long)"user.old", (long)room, sizeof room, 0);
		CASE("lgetxattr %s", where);
		run(label, SYS_lgetxattr, text, (long)"user.old", (long)room, sizeof room, 0);
		CASE("listxattr %s", where);
		run(label, SYS_listxattr, text, (long)room, sizeof room, 0, 0);
		CASE("chdir %s", where);
		run(label, SYS_chdir, text, 0, 0, 0, 0);
		go_back();
		CASE("inotify_add_watch %s", where);
		run(label, SYS_inotify_add_watch, watch, text, IN_ATTRIB, 0, 0);
		CASE("inotify_add_watch DONT_FOLLOW %s", where);
		run(label, SYS_inotify_add_watch, watch, text, IN_ATTRIB | IN_DONT_FOLLOW, 0, 0);
		CASE("inotify_add_watch ONLYDIR %s", where);
		run(label, SYS_inotify_add_watch, watch, text, IN_ATTRIB | IN_ONLYDIR, 0, 0);
	}
	close(watch);
	for (int fd = FD_ROOT; fd <= FD_CLOSED; fd++) {
		CASE("fchdir descriptor %d", fd);
		run(label, SYS_fchdir, fd, 0, 0, 0, 0);
		go_back();
		CASE("fgetxattr descriptor %d", fd);
		run(label, SYS_fgetxattr, fd, (long)"user.old", (long)room, sizeof room, 0);
	}
}
