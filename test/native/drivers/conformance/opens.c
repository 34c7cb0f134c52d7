#include "conformance.h"

#include <linux/openat2.h>
#include <stdint.h>
#include <sys/stat.h>

static const struct {
	const char *name;
	int flags;
} open_flags[] = {
	{"RDONLY", O_RDONLY}, {"WRONLY", O_WRONLY}, {"RDWR", O_RDWR}, {"accmode 3", 3}, {"RDONLY|TRUNC", O_RDONLY | O_TRUNC}, {"WRONLY|TRUNC", O_WRONLY | O_TRUNC}, {"WRONLY|APPEND", O_WRONLY | O_APPEND},
	{"CREAT", O_CREAT | O_WRONLY}, {"CREAT|RDONLY", O_CREAT}, {"CREAT|EXCL", O_CREAT | O_EXCL | O_RDWR}, {"CREAT|TRUNC", O_CREAT | O_TRUNC | O_WRONLY}, {"EXCL", O_EXCL | O_RDONLY},
	{"CREAT|APPEND|CLOEXEC", O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC}, {"NOFOLLOW", O_NOFOLLOW}, {"CREAT|NOFOLLOW", O_CREAT | O_NOFOLLOW | O_WRONLY}, {"DIRECTORY", O_DIRECTORY},
	{"DIRECTORY|NOFOLLOW", O_DIRECTORY | O_NOFOLLOW}, {"DIRECTORY|WRONLY", O_DIRECTORY | O_WRONLY}, {"CREAT|DIRECTORY", O_CREAT | O_DIRECTORY}, {"PATH", O_PATH}, {"PATH|NOFOLLOW", O_PATH | O_NOFOLLOW},
	{"PATH|CREAT", O_PATH | O_CREAT}, {"TMPFILE|RDWR", O_TMPFILE | O_RDWR}, {"TMPFILE|EXCL|WRONLY", O_TMPFILE | O_EXCL | O_WRONLY}, {"TMPFILE|RDONLY", O_TMPFILE}, {"NOATIME", O_NOATIME},
	{"SYNC|WRONLY", O_SYNC | O_WRONLY}, {"DIRECT", O_DIRECT}, {"NOCTTY|CLOEXEC", O_NOCTTY | O_CLOEXEC},
};

void table_open(void)
{
	opens = true;
	static const int modes[] = {0666, 04755, 02777, 0};
	for (size_t i = 0; i < sizeof open_flags / sizeof open_flags[0]; i++) {
		/* O_NONBLOCK: nothing here may wait for the other end of a FIFO. */
		int flags = open_flags[i].flags | O_NONBLOCK;
		FOR_PATHS(true)
		{
			CASE("openat %s %s", open_flags[i].name, where);
			run(label, SYS_openat, at, text, flags, modes[i % 4], 0);
		}
#ifdef SYS_open
		FOR_PATHS(false)
		{
			if (p_ % 3 != 0)
				continue;
			CASE("open %s %s", open_flags[i].name, where);
			run(label, SYS_open, text, flags, modes[(i + 1) % 4], 0, 0);
		}
#endif
	}
#ifdef SYS_open
	FOR_PATHS(false)
	{
		if (strstr(where, "fifo") != NULL)
			continue; /* creat waits for a reader */
		CASE("creat %s", where);
		run(label, SYS_creat, text, 0640, 0, 0, 0);
	}
#endif
	static const mode_t masks[] = {0, 077, 0777, 0137};
	for (size_t i = 0; i < 4; i++) {
		umask(mask = masks[i]);
		FOR_PATHS(false)
		{
			if (strstr(where, "new") == NULL && strstr(where, "missing") == NULL)
				continue;
			CASE("openat CREAT umask %o %s", mask, where);
			run(label, SYS_openat, at, text, O_CREAT | O_RDWR, 07777, 0);
		}
	}
	umask(mask = 022);
	opens = false;
}

void table_openat2(void)
{
	opens = true;
	static const struct {
		const char *name;
		uint64_t resolve;
	} how[] = {{"0", 0}, {"NO_XDEV", 1}, {"NO_MAGICLINKS", 2}, {"NO_SYMLINKS", 4}, {"BENEATH", 8}, {"IN_ROOT", 16}, {"IN_ROOT|BENEATH", 24}, {"unknown", 1 << 20}, {"NO_SYMLINKS|BENEATH", 12}};
	static const struct {
		const char *name;
		uint64_t flags, mode;
	} ways[] = {{"RDONLY", O_RDONLY, 0}, {"CREAT", O_CREAT | O_WRONLY, 0644}, {"NOFOLLOW", O_NOFOLLOW, 0}, {"PATH", O_PATH, 0}, {"TMPFILE", O_TMPFILE | O_RDWR, 0600},
	            {"mode without CREAT", O_RDONLY, 0600}, {"unknown flag", 1ULL << 40, 0}, {"mode too large", O_CREAT, 0100000}, {"PATH|RDWR", O_PATH | O_RDWR, 0}};
	for (size_t r = 0; r < sizeof how / sizeof how[0]; r++)
		for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++) {
			struct open_how h = {.flags = ways[w].flags | (ways[w].flags & O_PATH ? 0 : O_NONBLOCK), .mode = ways[w].mode, .resolve = how[r].resolve};
			FOR_PATHS(true)
			{
				if (w >= 4 && p_ % 5 != 0)
					continue;
				CASE("openat2 %s RESOLVE_%s %s", ways[w].name, how[r].name, where);
				run(label, SYS_openat2, at, text, (long)&h, sizeof h, 0);
			}
		}
	static const char *const escapes[] = {"..", "../t/file", "dir/../../t/file", "/file", "/dir/inner", "/../file", "ldir/../file", "/lfile", "/proc/self/root", "/new", "dir/../new"};
	for (size_t r = 0; r < sizeof how / sizeof how[0]; r++)
		for (size_t i = 0; i < sizeof escapes / sizeof escapes[0]; i++)
			for (int w = 0; w < 2; w++) {
				if (how[r].resolve == 0 || how[r].resolve == 1 || how[r].resolve == 2 || how[r].resolve == 4)
					continue; /* "/new" of the machine is no business of this test */
				struct open_how h = {.flags = w ? O_CREAT | O_WRONLY : O_RDONLY, .mode = w ? 0600 : 0, .resolve = how[r].resolve};
				CASE("openat2 %s RESOLVE_%s \"%s\"", w ? "CREAT" : "RDONLY", how[r].name, escapes[i]);
				run(label, SYS_openat2, FD_ROOT, (long)escapes[i], (long)&h, sizeof h, 0);
			}
	struct {
		struct open_how how;
		uint64_t more;
	} larger = {.how = {.flags = O_RDONLY}};
	run("openat2 larger structure", SYS_openat2, FD_ROOT, (long)"file", (long)&larger, sizeof larger, 0);
	larger.more = 1;
	run("openat2 larger structure, not zero", SYS_openat2, FD_ROOT, (long)"file", (long)&larger, sizeof larger, 0);
	run("openat2 smaller structure", SYS_openat2, FD_ROOT, (long)"file", (long)&larger, 8, 0);
	run("openat2 no structure", SYS_openat2, FD_ROOT, (long)"file", 0, 24, 0);
	run("openat2 bad path", SYS_openat2, FD_ROOT, 8, (long)&larger.how, 24, 0);
	opens = false;
}
