#include "conformance.h"

#include <sys/stat.h>

void table_make(void)
{
	static const int modes[] = {0777, 01700, 02755, 07777};
	static const mode_t masks[] = {022, 0, 077, 0777};
	for (int i = 0; i < 4; i++) {
		umask(mask = masks[i]);
		FOR_PATHS(true)
		{
			if (i > 0 && p_ % 2 != 0)
				continue;
			CASE("mkdirat %o umask %o %s", modes[i], mask, where);
			run(label, SYS_mkdirat, at, text, modes[i], 0, 0);
		}
	}
	umask(mask = 022);
	static const struct {
		const char *name;
		mode_t mode;
	} nodes[] = {{"0", 0640}, {"REG", S_IFREG | 0666}, {"FIFO", S_IFIFO | 0666}, {"SOCK", S_IFSOCK | 0777}, {"REG suid", S_IFREG | 04755}, {"DIR", S_IFDIR | 0755}, {"LNK", S_IFLNK | 0777}, {"what", 0170000}};
	for (size_t i = 0; i < sizeof nodes / sizeof nodes[0]; i++)
		FOR_PATHS(true)
		{
			if (i > 3 && p_ % 4 != 0)
				continue;
			CASE("mknodat %s %s", nodes[i].name, where);
			run(label, SYS_mknodat, at, text, nodes[i].mode, 0, 0);
		}
	static char target[4200];
	memset(target, 'x', sizeof target - 1);
	const struct path targets[] = {{NULL, "file"}, {NULL, ""}, {"4095", target + 4199 - 4095}, {"4096", target + 4199 - 4096}, {NULL, "/nowhere/at all"}};
	for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++)
		FOR_PATHS(true)
		{
			if (i > 0 && p_ % 3 != 1)
				continue;
			CASE("symlinkat \"%s\" %s", label_of(&targets[i]), where);
			run(label, SYS_symlinkat, (long)targets[i].text, at, text, 0, 0);
		}
#ifdef SYS_open
	FOR_PATHS(false)
	{
		CASE("mkdir %s", where);
		run(label, SYS_mkdir, text, 0751, 0, 0, 0);
		CASE("mknod %s", where);
		run(label, SYS_mknod, text, S_IFIFO | 0606, 0, 0, 0);
		CASE("symlink %s", where);
		run(label, SYS_symlink, (long)"dir", text, 0, 0, 0);
	}
#endif
	run("mkdirat bad address", SYS_mkdirat, AT_FDCWD, 8, 0755, 0, 0);
	run("symlinkat bad target", SYS_symlinkat, 8, AT_FDCWD, (long)"made", 0, 0);
	run("symlinkat bad address", SYS_symlinkat, (long)"made", AT_FDCWD, 8, 0, 0);
}

void table_remove(void)
{
	static const struct {
		const char *name;
		int flags;
	} ways[] = {{"0", 0}, {"REMOVEDIR", AT_REMOVEDIR}, {"bad flag", 1}, {"both", AT_REMOVEDIR | AT_SYMLINK_FOLLOW}};
	for (int i = 0; i < 4; i++)
		FOR_PATHS(true)
		{
			if (i > 1 && p_ % 6 != 0)
				continue;
			CASE("unlinkat %s %s", ways[i].name, where);
			run(label, SYS_unlinkat, at, text, ways[i].flags, 0, 0);
		}
#ifdef SYS_open
	FOR_PATHS(false)
	{
		CASE("unlink %s", where);
		run(label, SYS_unlink, text, 0, 0, 0, 0);
		CASE("rmdir %s", where);
		run(label, SYS_rmdir, text, 0, 0, 0, 0);
	}
	run("unlink /", SYS_unlink, (long)"/", 0, 0, 0, 0);
	run("rmdir /", SYS_rmdir, (long)"/", 0, 0, 0, 0);
#endif
	run("unlinkat bad address", SYS_unlinkat, AT_FDCWD, 8, 0, 0, 0);
}

void table_rename(void)
{
	static const struct {
		const char *name;
		unsigned flags;
	} ways[] = {{"0", 0}, {"NOREPLACE", 1}, {"EXCHANGE", 2}, {"NOREPLACE|EXCHANGE", 3}, {"unknown", 64}, {"WHITEOUT|EXCHANGE", 6}};
	for (int i = 0; i < 6; i++)
		for (int a = 0; a < few_count; a++)
			for (int b = 0; b < few_count; b++) {
				if (i > 2 && (a + b) % 9 != 0)
					continue;
				static char full[8192];
				bool mixed = (a + b) % 3 == 0;
				CASE("renameat2 %s \"%s\" \"%s\"%s", ways[i].name, few[a], few[b], mixed ? " by dirfd" : "");
				run(label, SYS_renameat2, mixed ? FD_ROOT : AT_FDCWD, (long)few[a], mixed ? FD_ROOT_PATH : AT_FDCWD, (long)((a + b) % 3 == 1 ? in_full(few[b], full) : few[b]), ways[i].flags);
			}
	FOR_PATHS(true)
	{
		CASE("renameat2 to %s", where);
		run(label, SYS_renameat2, AT_FDCWD, (long)"file", at, text, 0);
		CASE("renameat2 from %s", where);
		run(label, SYS_renameat2, at, text, AT_FDCWD, (long)"fresh", 0);
		CASE("renameat2 directory to %s", where);
		run(label, SYS_renameat2, AT_FDCWD, (long)"empty", at, text, 0);
		CASE("renameat2 NOREPLACE to %s", where);
		run(label, SYS_renameat2, FD_ROOT, (long)"file", at, text, 1);
		CASE("renameat2 NOREPLACE from %s", where);
		run(label, SYS_renameat2, at, text, FD_ROOT_PATH, (long)"fresh", 1);
		CASE("renameat2 EXCHANGE with %s", where);
		run(label, SYS_renameat2, at, text, FD_ROOT_PATH, (long)"second", 2);
		CASE("renameat2 EXCHANGE a directory with %s", where);
		run(label, SYS_renameat2, FD_ROOT, (long)"empty", at, text, 2);
	}
	run("rename directory into itself", SYS_renameat2, AT_FDCWD, (long)"dir", AT_FDCWD, (long)"dir/below", 0);
	run("rename onto an ancestor", SYS_renameat2, AT_FDCWD, (long)"dir/inner", AT_FDCWD, (long)"dir", 0);
	run("exchange with an ancestor", SYS_renameat2, AT_FDCWD, (long)"dir/inner", AT_FDCWD, (long)"dir", 2);
	run("rename hard links of one file", SYS_renameat2, AT_FDCWD, (long)"second", AT_FDCWD, (long)"hard", 0);
	run("rename bad address", SYS_renameat2, AT_FDCWD, 8, AT_FDCWD, (long)"x", 0);
	run("rename bad second address", SYS_renameat2, AT_FDCWD, (long)"file", AT_FDCWD, 8, 0);
#ifdef SYS_open
	FOR_PATHS(false)
	{
		CASE("rename to %s", where);
		run(label, SYS_rename, (long)"file", text, 0, 0, 0);
		CASE("rename from %s", where);
		run(label, SYS_rename, text, (long)"fresh", 0, 0, 0);
	}
#endif
#ifdef SYS_renameat
	FOR_PATHS(true)
	{
		CASE("renameat to %s", where);
		run(label, SYS_renameat, FD_ROOT, (long)"file", at, text, 0);
		CASE("renameat from %s", where);
		run(label, SYS_renameat, at, text, FD_DIR, (long)"fresh", 0);
	}
#endif
}

void table_link(void)
{
	static const struct {
		const char *name;
		int flags;
	} ways[] = {{"0", 0}, {"FOLLOW", AT_SYMLINK_FOLLOW}, {"bad flag", 1}};
	for (int i = 0; i < 3; i++)
		for (int a = 0; a < few_count; a++)
			for (int b = 0; b < few_count; b++) {
				if (i > 1 && (a + b) % 9 != 0)
					continue;
				CASE("linkat %s \"%s\" \"%s\"", ways[i].name, few[a], few[b]);
				run(label, SYS_linkat, (a + b) % 3 == 0 ? FD_ROOT : AT_FDCWD, (long)few[a], (a + b) % 2 == 0 ? FD_ROOT_PATH : AT_FDCWD, (long)few[b], ways[i].flags);
			}
	FOR_PATHS(true)
	{
		CASE("linkat to %s", where);
		run(label, SYS_linkat, AT_FDCWD, (long)"file", at, text, 0);
		CASE("linkat from %s", where);
		run(label, SYS_linkat, at, text, AT_FDCWD, (long)"fresh", 0);
		CASE("linkat FOLLOW from %s", where);
		run(label, SYS_linkat, at, text, AT_FDCWD, (long)"fresh", AT_SYMLINK_FOLLOW);
		/* With this flag the kernel asks who opened the dirfd, whatever the path. */
		if (as_uid >= 0 && at >= 0)
			continue;
		CASE("linkat EMPTY_PATH from %s", where);
		run(label, SYS_linkat, at, text, FD_ROOT_PATH, (long)"fresh", AT_EMPTY_PATH);
		CASE("linkat EMPTY_PATH|FOLLOW from %s", where);
		run(label, SYS_linkat, at, text, FD_ROOT, (long)"fresh", AT_EMPTY_PATH | AT_SYMLINK_FOLLOW);
	}
	for (int fd = FD_ROOT; fd <= FD_CLOSED; fd++) {
		char number[40];
		snprintf(number, sizeof number, "/proc/self/fd/%d", fd);
		CASE("linkat EMPTY_PATH descriptor %d", fd);
		run(label, SYS_linkat, fd, (long)"", AT_FDCWD, (long)"fresh", AT_EMPTY_PATH);
		CASE("linkat EMPTY_PATH|FOLLOW descriptor %d", fd);
		run(label, SYS_linkat, fd, (long)"", FD_ROOT_PATH, (long)"fresh", AT_EMPTY_PATH | AT_SYMLINK_FOLLOW);
		CASE("linkat no flag, no path, descriptor %d", fd);
		run(label, SYS_linkat, fd, (long)"", FD_ROOT_PATH, (long)"fresh", 0);
		CASE("linkat FOLLOW descriptor %d", fd);
		run(label, SYS_linkat, AT_FDCWD, (long)number, AT_FDCWD, (long)"fresh", AT_SYMLINK_FOLLOW);
		CASE("linkat 0 descriptor %d", fd);
		run(label, SYS_linkat, AT_FDCWD, (long)number, AT_FDCWD, (long)"fresh", 0);
	}
	run("linkat bad address", SYS_linkat, AT_FDCWD, 8, AT_FDCWD, (long)"x", 0);
	run("linkat bad second address", SYS_linkat, AT_FDCWD, (long)"file", AT_FDCWD, 8, 0);
#ifdef SYS_open
	FOR_PATHS(false)
	{
		CASE("link to %s", where);
		run(label, SYS_link, (long)"file", text, 0, 0, 0);
		CASE("link from %s", where);
		run(label, SYS_link, text, (long)"fresh", 0, 0, 0);
	}
#endif
}
