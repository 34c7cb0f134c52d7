/* One table of calls on files: every call × every kind of path, in a tree that is as it was before each of them. Prints what each call answered and what it
 * changed, and nothing that differs between two runs: the same program, run beside the sandbox and in a brokered tree inside, must print the same.
 *   conformance DIR TABLE STEP [UID]   DIR exists; DIR/t is made and remade. Every STEP-th case. UID: the calls are made with that effective identity, the tree is
 *                                      made without.
 * Raw system calls throughout: a C library would answer some of these itself. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

enum { FIXED = 1000000, LINES_MAX = 400, LINE = 640, OTHER_ID = 12345 };

/* Descriptors of the tree, at numbers that a path can name. */
enum { FD_ROOT = 50, FD_ROOT_PATH, FD_FILE, FD_FILE_PATH, FD_WRITE, FD_DIR, FD_PIPE, FD_PIPE_IN, FD_SOCKET, FD_MEMFD, FD_DELETED, FD_DELETED_WRITE, FD_TMPFILE,
       FD_LINK_PATH, FD_NULL, FD_CLOSED };

static char base[1024], absolute_base[1100];
static long as_uid = -1;
static mode_t mask = 022;

/* --- the tree --------------------------------------------------------------------------------------------------------------------------------- */

static void remove_below(int dir, const char *name)
{
	fchmodat(dir, name, 0700, 0);
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (e->d_type == DT_DIR)
			remove_below(fd, e->d_name);
		else if (unlinkat(fd, e->d_name, 0) != 0)
			perror(e->d_name);
	}
	closedir(d);
	if (unlinkat(dir, name, AT_REMOVEDIR) != 0)
		perror(name);
}

static void fail(const char *what)
{
	perror(what);
	exit(2);
}

static void file_at(int dir, const char *name, mode_t mode)
{
	int fd = openat(dir, name, O_CREAT | O_WRONLY | O_EXCL, mode);
	if (fd < 0 || write(fd, "hello", 5) != 5)
		fail(name);
	fchmod(fd, mode);
	close(fd);
}

static void place(int fd, int number)
{
	if (fd < 0)
	{
		fprintf(stderr, "descriptor %d: ", number);
		fail("a descriptor of the tree");
	}
	if (fd == number)
		return;
	dup3(fd, number, 0);
	close(fd);
}

static void descriptors(int root)
{
	int pair[2];
	place(dup(root), FD_ROOT);
	place(openat(root, ".", O_PATH | O_DIRECTORY), FD_ROOT_PATH);
	place(openat(root, "file", O_RDONLY), FD_FILE);
	place(openat(root, "file", O_PATH), FD_FILE_PATH);
	place(openat(root, "file", O_RDWR), FD_WRITE);
	place(openat(root, "dir", O_RDONLY | O_DIRECTORY), FD_DIR);
	if (pipe(pair) != 0)
		fail("pipe");
	place(pair[0], FD_PIPE);
	place(pair[1], FD_PIPE_IN);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		fail("socketpair");
	close(pair[1]);
	place(pair[0], FD_SOCKET);
	place(memfd_create("m", 0), FD_MEMFD);
	file_at(root, "deleted", 0644);
	place(openat(root, "deleted", O_RDONLY), FD_DELETED);
	place(openat(root, "deleted", O_RDWR), FD_DELETED_WRITE);
	unlinkat(root, "deleted", 0);
	place(openat(root, ".", O_TMPFILE | O_RDWR, 0600), FD_TMPFILE);
	place(openat(root, "lfile", O_PATH | O_NOFOLLOW), FD_LINK_PATH);
	place(open("/dev/null", O_RDONLY), FD_NULL);
	close(FD_CLOSED);
}

static const unsigned char default_acl[] = {2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 4, 0, 5, 0, 255, 255, 255, 255, 0x20, 0, 0, 0, 255, 255, 255, 255};

static void give(int dir, const char *name)
{
	if (as_uid >= 0 && fchownat(dir, name, (uid_t)as_uid, (gid_t)as_uid, AT_SYMLINK_NOFOLLOW) != 0)
		fail(name);
}

static void build(void)
{
	umask(0);
	if (chdir(base) != 0 || mkdir("t", 0755) != 0 || chdir("t") != 0)
		fail("the tree");
	int root = open(".", O_RDONLY | O_DIRECTORY);
	static const char *const dirs[] = {"dir", "empty", "sgid", "acl", "noperm", "nowrite", "sticky"};
	for (size_t i = 0; i < sizeof dirs / sizeof dirs[0]; i++)
		if (mkdirat(root, dirs[i], 0755) != 0)
			fail(dirs[i]);
	static const char *const files[] = {"file", "second", "dir/inner", "noperm/x", "nowrite/x", "sticky/x", "sticky/mine", "unreadable", "foreign"};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		file_at(root, files[i], strcmp(files[i], "unreadable") == 0 ? 0 : 0644);
	static const char *const links[][2] = {{"file", "lfile"}, {"dir", "ldir"}, {"nowhere", "dangling"}, {"loop", "loop"}, {"loop2", "loop1"}, {"loop1", "loop2"},
	                                       {"lfile", "llfile"}, {"noperm/x", "lnoperm"}, {"dir/", "lslash"}, {"nodir/x", "deepdangling"}};
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
		if (symlinkat(links[i][0], root, links[i][1]) != 0)
			fail(links[i][1]);
	if (mknodat(root, "fifo", S_IFIFO | 0644, 0) != 0 || mknodat(root, "sock", S_IFSOCK | 0644, 0) != 0 || linkat(root, "second", root, "hard", 0) != 0)
		fail("fifo");
	static const char *const own[] = {".", "file", "second", "dir", "dir/inner", "empty", "acl", "noperm", "noperm/x", "nowrite", "nowrite/x", "sticky/mine", "unreadable",
	                                  "lfile", "ldir", "dangling", "fifo", "sgid", "sock"};
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
		give(root, own[i]);
	if (getuid() == 0 && fchownat(root, "sgid", (uid_t)-1, OTHER_ID, 0) != 0)
		fail("sgid");
	fsetxattr(FD_ROOT, "user.none", "", 0, 0);
	if (lsetxattr("acl", "system.posix_acl_default", default_acl, sizeof default_acl, 0) != 0)
		printf("no ACLs here\n");
	lsetxattr("file", "user.old", "value", 5, 0);
	fchmodat(root, "sgid", 02775, 0);
	fchmodat(root, "sticky", 01777, 0);
	fchmodat(root, "nowrite", 0555, 0);
	fchmodat(root, "noperm", 0, 0);
	descriptors(root);
	close(root);
	umask(mask);
}

static char before[LINES_MAX][LINE], now[LINES_MAX][LINE];
static int before_count, now_count;

static void describe(int dir, const char *name, const char *path)
{
	struct stat st;
	char link[256] = "", value[64], names[256], more[400] = "";
	if (now_count == LINES_MAX || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return;
	if (S_ISLNK(st.st_mode)) {
		ssize_t n = readlinkat(dir, name, link, sizeof link - 1);
		snprintf(more, sizeof more, " -> %.*s", n > 40 ? 40 : (int)n, link);
	}
	char full[80];
	snprintf(full, sizeof full, "/proc/self/fd/%d", dir);
	char at[700];
	snprintf(at, sizeof at, "%s/%s", full, name);
	ssize_t have = llistxattr(at, names, sizeof names);
	for (const char *p = names; have > 0 && p < names + have; p += strlen(p) + 1) {
		ssize_t n = lgetxattr(at, p, value, sizeof value);
		size_t used = strlen(more);
		snprintf(more + used, sizeof more - used, " %s:%zd", p, n);
	}
	size_t used = strlen(more);
	if (st.st_mtime < 1000000000)
		snprintf(more + used, sizeof more - used, " mtime %ld.%ld", (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	used = strlen(more);
	if (st.st_atime < 1000000000)
		snprintf(more + used, sizeof more - used, " atime %ld.%ld", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec);
	long size = S_ISREG(st.st_mode) ? (long)st.st_size : 0;
	snprintf(now[now_count++], LINE, "%.200s %o %u:%u links %lu size %ld%s", path, st.st_mode, st.st_uid, st.st_gid, (unsigned long)st.st_nlink, size, more);
}

static void list(int dir, const char *name, const char *path)
{
	describe(dir, name, path);
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	if (d == NULL)
		return;
	for (struct dirent *e; (e = readdir(d)) != NULL;) {
		char below[400];
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		snprintf(below, sizeof below, "%.100s/%.255s", path, e->d_name);
		if (e->d_type == DT_DIR)
			list(fd, e->d_name, below);
		else
			describe(fd, e->d_name, below);
	}
	closedir(d);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void look(void)
{
	now_count = 0;
	int top = open(base, O_PATH | O_DIRECTORY);
	list(top, "t", "t");
	close(top);
	qsort(now, (size_t)now_count, LINE, by_text);
}

static void print_short(const char *line)
{
	/* The middle of a name of 255 characters says nothing. */
	size_t n = strlen(line);
	if (n > 250)
		printf(" %.40s…%s\n", line, line + n - 100);
	else
		printf(" %s\n", line);
}

/* Prints what changed; true when anything did. */
static bool changes(void)
{
	look();
	bool any = false;
	int i = 0, j = 0;
	while (i < before_count || j < now_count) {
		int c = i == before_count ? 1 : j == now_count ? -1 : strcmp(before[i], now[j]);
		if (c == 0) {
			i++;
			j++;
			continue;
		}
		any = true;
		printf("   %c", c < 0 ? '-' : '+');
		print_short(c < 0 ? before[i++] : now[j++]);
	}
	return any;
}

static void remake(void)
{
	if (chdir(base) != 0)
		fail(base);
	int top = open(".", O_PATH | O_DIRECTORY);
	struct stat st;
	if (fstatat(top, "t", &st, 0) == 0)
		remove_below(top, "t");
	close(top);
	build();
	look();
	memcpy(before, now, sizeof before);
	before_count = now_count;
}

/* --- one case --------------------------------------------------------------------------------------------------------------------------------- */

static const char *error_name(int err)
{
	const char *name = strerrorname_np(err);
	return name != NULL ? name : "?";
}

static bool opens;
static unsigned cases, step = 1;

/* The call, with the identity asked for. */
static void run(const char *label, long nr, long a, long b, long c, long d, long e)
{
	static unsigned turn;
	if (turn++ % step != 0)
		return;
	if (as_uid >= 0) {
		syscall(SYS_setgroups, 0, NULL);
		syscall(SYS_setresgid, -1, as_uid, -1);
		syscall(SYS_setresuid, -1, as_uid, -1);
	}
	long ret = syscall(nr, a, b, c, d, e);
	int err = ret < 0 ? errno : 0;
	if (as_uid >= 0) {
		syscall(SYS_setresuid, -1, 0, -1);
		syscall(SYS_setresgid, -1, 0, -1);
	}
	cases++;
	if (ret < 0) {
		printf("%s: %s\n", label, error_name(err));
		return;
	}
	printf("%s: %s", label, "ok");
	if (opens) {
		struct stat st;
		int fd = (int)ret;
		/* O_NOFOLLOW stays visible in the flags of a file and means nothing there; the supervisor, which opens what it has resolved, cannot leave that trace. */
		printf(" flags %o cloexec %d", fcntl(fd, F_GETFL) & ~O_NOFOLLOW, fcntl(fd, F_GETFD));
		if (fstat(fd, &st) == 0)
			printf(" is %o links %lu size %ld", st.st_mode, (unsigned long)st.st_nlink, S_ISREG(st.st_mode) ? (long)st.st_size : 0);
		close(fd);
	}
	printf("\n");
	if (changes())
		remake();
}

/* --- paths ------------------------------------------------------------------------------------------------------------------------------------ */

struct path {
	const char *label, *text; /* label NULL: the text */
};

static char long_name[256], too_long_name[257], long_path[4400], longest_path[4096];

static const struct path paths[] = {
	{NULL, "file"}, {NULL, "missing"}, {NULL, "dir"}, {NULL, "empty"}, {NULL, "lfile"}, {NULL, "ldir"}, {NULL, "dangling"}, {NULL, "loop"}, {NULL, "loop1"},
	{NULL, "llfile"}, {NULL, "lslash"}, {NULL, "deepdangling"}, {NULL, "dir/inner"}, {NULL, "dir/new"}, {NULL, "ldir/inner"}, {NULL, "ldir/new"},
	{NULL, "missing/x"}, {NULL, "file/x"}, {NULL, "lfile/x"}, {NULL, "loop/x"}, {NULL, "dangling/x"}, {NULL, "unreadable"}, {NULL, "foreign"}, {NULL, "noperm"}, {NULL, "noperm/x"},
	{NULL, "noperm/new"}, {NULL, "lnoperm"}, {NULL, "nowrite/x"}, {NULL, "nowrite/new"}, {NULL, "sticky/x"}, {NULL, "sticky/mine"}, {NULL, "sticky/new"}, {NULL, "sgid/new"},
	{NULL, "acl/new"}, {NULL, "hard"}, {NULL, "fifo"}, {NULL, "sock"}, {NULL, ""}, {NULL, "file/"}, {NULL, "dir/"}, {NULL, "missing/"}, {NULL, "lfile/"}, {NULL, "ldir/"}, {NULL, "dangling/"},
	{NULL, "empty//"}, {NULL, "dir/."}, {NULL, "dir/.."}, {NULL, "empty/."}, {NULL, "."}, {NULL, "file/."}, {NULL, "file/.."}, {NULL, "./file"}, {NULL, "dir/../file"}, {NULL, "ldir/../file"},
	{NULL, "dir//inner"}, {NULL, "missing/../file"}, {"255 characters", long_name}, {"256 characters", too_long_name}, {"path of 4095", longest_path},
	{"path too long", long_path}, {"/proc/self/cwd/file", "/proc/self/cwd/file"}, {NULL, "/proc/self/cwd/new"}, {NULL, "/proc/thread-self/cwd/dir/inner"},
	{NULL, "/proc/self/fd/52"}, {NULL, "/proc/self/fd/53"}, {NULL, "/dev/fd/54"}, {NULL, "/proc/self/fd/55/inner"}, {NULL, "/proc/self/fd/55/new"}, {NULL, "/proc/self/fd/51/file"}, {NULL, "/proc/self/fd/55"},
	{NULL, "/proc/self/fd/52/x"}, {NULL, "/proc/self/fd/65"}, {NULL, "/proc/self/fd/63"}, {NULL, "../fixed/file"}, {NULL, "../fixed/append"}, {NULL, "../fixed/dir"},
	{NULL, "../fixed/dir/x"}, {NULL, "../fixed/dir/new"}, {NULL, "../ro/file"}, {NULL, "../ro/new"}, {NULL, "../ro/dir"},
};
enum { PATHS = sizeof paths / sizeof paths[0] };

/* For calls with two paths: the square of these. */
static const char *const few[] = {"file", "missing", "dir", "empty", "lfile", "ldir", "dangling", "loop", "dir/inner", "dir/new", "hard", "second", "noperm/x", "nowrite/x", "nowrite/new",
                                  "sticky/x", "sticky/mine", "file/", "empty/", "missing/", "ldir/", "dir/.", "..", "", "file/x", "sgid/new", "fifo", "/proc/self/cwd/file", "/proc/self/fd/55/new",
                                  "../fixed/file", "../fixed/dir/x", "../fixed/dir/new", "../ro/file", "../ro/new", "dir/sub/deeper"};
enum { FEW = sizeof few / sizeof few[0] };

static const char *label_of(const struct path *p)
{
	return p->label != NULL ? p->label : p->text;
}

static const char *in_full(const char *text, char *out)
{
	if (text[0] == '/' || strlen(text) > 3000)
		return text;
	snprintf(out, 5000, "%s%s%s", absolute_base, text[0] ? "/" : "", text);
	return out;
}

struct form {
	const char *label;
	int dirfd;
	bool full;
	unsigned every; /* only every n-th path: forms that answer the same for all of them */
};

static const struct form forms[] = {
	{"cwd", AT_FDCWD, false, 1}, {"absolute", AT_FDCWD, true, 1}, {"dirfd", FD_ROOT, false, 1}, {"O_PATH dirfd", FD_ROOT_PATH, false, 3}, {"file as dirfd", FD_FILE, false, 7},
	{"closed dirfd", FD_CLOSED, false, 7}, {"pipe as dirfd", FD_PIPE, false, 7}, {"absolute, closed dirfd", FD_CLOSED, true, 7}, {"link as dirfd", FD_LINK_PATH, false, 11},
	{"dirfd -1", -1, false, 13},
};
enum { FORMS = sizeof forms / sizeof forms[0], PLAIN_FORMS = 2 };

/* `body` once per path and form, with dirfd, text and the label's beginning. A call without dirfd has the first two forms. */
#define FOR_PATHS(at) \
	for (int f_ = 0; f_ < ((at) ? (int)FORMS : (int)PLAIN_FORMS); f_++) \
		for (int p_ = 0; p_ < (int)PATHS; p_++) \
			if (p_ % (int)forms[f_].every == 0 && prepare(&forms[f_], &paths[p_]))

static int at;
static long text;
static char where[600];

static bool prepare(const struct form *f, const struct path *p)
{
	static char full[8192];
	at = f->dirfd;
	text = (long)(f->full ? in_full(p->text, full) : p->text);
	snprintf(where, sizeof where, "%s \"%s\"", f->label, label_of(p));
	return true;
}

static char label[900];
#define CASE(...) snprintf(label, sizeof label, __VA_ARGS__)

/* --- the tables ------------------------------------------------------------------------------------------------------------------------------- */

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

static void table_open(void)
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

static void table_openat2(void)
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

static void table_make(void)
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

static void table_remove(void)
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

static void table_truncate(void)
{
	static const long lengths[] = {0, 3, 100, -1};
	for (int i = 0; i < 4; i++)
		FOR_PATHS(false)
		{
			CASE("truncate %ld %s", lengths[i], where);
			run(label, SYS_truncate, text, lengths[i], 0, 0, 0);
		}
	run("truncate too far", SYS_truncate, (long)"file", 1L << 62, 0, 0, 0);
	run("truncate bad address", SYS_truncate, 8, 0, 0, 0, 0);
}

static void table_rename(void)
{
	static const struct {
		const char *name;
		unsigned flags;
	} ways[] = {{"0", 0}, {"NOREPLACE", 1}, {"EXCHANGE", 2}, {"NOREPLACE|EXCHANGE", 3}, {"unknown", 64}};
	for (int i = 0; i < 5; i++)
		for (int a = 0; a < (int)FEW; a++)
			for (int b = 0; b < (int)FEW; b++) {
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
	}
	run("rename directory into itself", SYS_renameat2, AT_FDCWD, (long)"dir", AT_FDCWD, (long)"dir/below", 0);
	run("rename onto an ancestor", SYS_renameat2, AT_FDCWD, (long)"dir/inner", AT_FDCWD, (long)"dir", 0);
	run("exchange with an ancestor", SYS_renameat2, AT_FDCWD, (long)"dir/inner", AT_FDCWD, (long)"dir", 2);
	run("rename hard links of one file", SYS_renameat2, AT_FDCWD, (long)"second", AT_FDCWD, (long)"hard", 0);
	run("rename bad address", SYS_renameat2, AT_FDCWD, 8, AT_FDCWD, (long)"x", 0);
	run("rename bad second address", SYS_renameat2, AT_FDCWD, (long)"file", AT_FDCWD, 8, 0);
#ifdef SYS_open
	run("rename", SYS_rename, (long)"file", (long)"fresh", 0, 0, 0);
	run("rename missing", SYS_rename, (long)"missing", (long)"fresh", 0, 0, 0);
#endif
#ifdef SYS_renameat
	run("renameat", SYS_renameat, FD_ROOT, (long)"file", FD_DIR, (long)"fresh", 0);
#endif
}

static void table_link(void)
{
	static const struct {
		const char *name;
		int flags;
	} ways[] = {{"0", 0}, {"FOLLOW", AT_SYMLINK_FOLLOW}, {"bad flag", 1}};
	for (int i = 0; i < 3; i++)
		for (int a = 0; a < (int)FEW; a++)
			for (int b = 0; b < (int)FEW; b++) {
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
	}
	for (int fd = FD_ROOT; fd <= FD_CLOSED; fd++) {
		char number[40];
		snprintf(number, sizeof number, "/proc/self/fd/%d", fd);
		CASE("linkat EMPTY_PATH descriptor %d", fd);
		run(label, SYS_linkat, fd, (long)"", AT_FDCWD, (long)"fresh", AT_EMPTY_PATH);
		CASE("linkat FOLLOW descriptor %d", fd);
		run(label, SYS_linkat, AT_FDCWD, (long)number, AT_FDCWD, (long)"fresh", AT_SYMLINK_FOLLOW);
		CASE("linkat 0 descriptor %d", fd);
		run(label, SYS_linkat, AT_FDCWD, (long)number, AT_FDCWD, (long)"fresh", 0);
	}
	run("linkat bad address", SYS_linkat, AT_FDCWD, 8, AT_FDCWD, (long)"x", 0);
	run("linkat bad second address", SYS_linkat, AT_FDCWD, (long)"file", AT_FDCWD, 8, 0);
#ifdef SYS_open
	run("link", SYS_link, (long)"file", (long)"fresh", 0, 0, 0);
	run("link a symlink", SYS_link, (long)"lfile", (long)"fresh", 0, 0, 0);
	run("link existing", SYS_link, (long)"file", (long)"second", 0, 0, 0);
#endif
}

static void table_chmod(void)
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

static void table_chown(void)
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
		}
		remake();
	}
	/* The set-user-ID bit goes with the owner. */
	if (syscall(SYS_fchmodat, AT_FDCWD, "file", 06755) == 0)
		run("fchownat of a set-user-ID file", SYS_fchownat, AT_FDCWD, (long)"file", own, own, 0);
	run("chown bad address", SYS_fchownat, AT_FDCWD, 8, 0, 0, 0);
}

static void table_utime(void)
{
	static const struct {
		const char *name;
		bool given;
		struct timespec t[2];
	} times[] = {
		{"now", false, {{0, 0}, {0, 0}}}, {"fixed", true, {{FIXED, 1}, {FIXED + 5, 999999999}}}, {"omit atime", true, {{0, UTIME_OMIT}, {FIXED, 0}}}, {"omit mtime", true, {{FIXED, 0}, {0, UTIME_OMIT}}},
		{"omit both", true, {{0, UTIME_OMIT}, {0, UTIME_OMIT}}}, {"UTIME_NOW", true, {{0, UTIME_NOW}, {0, UTIME_NOW}}}, {"now and fixed", true, {{0, UTIME_NOW}, {FIXED, 0}}},
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

static void table_xattr(void)
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

static void table_flags(void)
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

static const struct {
	const char *name;
	void (*run)(void);
} tables[] = {{"open", table_open}, {"openat2", table_openat2}, {"make", table_make}, {"remove", table_remove}, {"truncate", table_truncate}, {"rename", table_rename}, {"link", table_link},
              {"chmod", table_chmod}, {"chown", table_chown}, {"utime", table_utime}, {"xattr", table_xattr}, {"flags", table_flags}};

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	snprintf(base, sizeof base, "%s", argv[1]);
	snprintf(absolute_base, sizeof absolute_base, "%s/t", base);
	step = (unsigned)atoi(argv[3]);
	if (argc > 4)
		as_uid = atol(argv[4]);
	memset(long_name, 'n', sizeof long_name - 1);
	memset(too_long_name, 'n', sizeof too_long_name - 1);
	while (strlen(long_path) < 4096)
		strcat(long_path, "./");
	strcat(long_path, "file");
	while (strlen(longest_path) < 4090)
		strcat(longest_path, "./");
	strcat(longest_path, "/file");
	remake();
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (strcmp(argv[2], tables[i].name) == 0) {
			tables[i].run();
			printf("%u cases\n", cases);
			return fflush(stdout) == 0 ? 0 : 1;
		}
	return 2;
}
