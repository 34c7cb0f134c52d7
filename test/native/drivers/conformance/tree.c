/* The tree, and what a call has changed in it. */
#include "conformance.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { LINES_MAX = 400, LINE = 640 };

char base[1024];
long as_uid = -1;
mode_t mask = 022;

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

void fail(const char *what)
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

const unsigned char default_acl[28] = {2, 0, 0, 0, 1, 0, 7, 0, 255, 255, 255, 255, 4, 0, 5, 0, 255, 255, 255, 255, 0x20, 0, 0, 0, 255, 255, 255, 255};

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

bool changes(void)
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

void remake(void)
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
