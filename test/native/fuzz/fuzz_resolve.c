/* Any path over a prepared tree: what the resolver says a path means is compared with what the kernel opens for it. A child stands for the caller. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/lineage.h"
#include "path/resolve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char tree[64];
static pid_t child;
static int base_fd, in_child_fd = 63; /* the directory a/, by the child's number */

static void check(bool ok, const char *what, const char *path)
{
	if (ok)
		return;
	fprintf(stderr, "resolver: %s: %s (%s)\n", what, path, strerror(errno));
	abort();
}

static void remove_tree(void)
{
	char command[128];
	kill(child, SIGKILL);
	snprintf(command, sizeof command, "rm -rf %s", tree);
	if (system(command) != 0)
		fprintf(stderr, "left behind: %s\n", tree);
}

static void prepare(void)
{
	static const struct {
		const char *target, *path;
	} links[] = {{"a", "to-a"}, {"a/file", "to-file"}, {"loop", "loop"}, {"two", "one"}, {"one", "two"}, {"nothing", "dangling"}, {"a/none", "a/dangling"},
	             {"..", "a/up"}, {"../../a/b", "a/b/round"}, {"/proc/self/cwd", "own-cwd"}, {"/proc/self/fd/63", "own-fd"}, {"/proc/self/root", "own-root"},
	             {"to-file/", "file-slash"}, {"", ""}, {"a//b/./file", "untidy"}, {"/dev/fd/63", "dev-fd"}, {"/proc/thread-self/cwd/a", "thread"}};
	int home = open(".", O_PATH | O_DIRECTORY);
	snprintf(tree, sizeof tree, "/tmp/nono-resolve-XXXXXX");
	check(mkdtemp(tree) != NULL && chdir(tree) == 0, "no tree", tree);
	mkdir("a", 0755);
	mkdir("a/b", 0755);
	mkdir("closed", 0);
	close(open("a/file", O_CREAT | O_WRONLY, 0644));
	close(open("a/b/file", O_CREAT | O_WRONLY, 0644));
	mkfifo("fifo", 0600);
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
		if (links[i].path[0] != 0)
			check(symlink(links[i].target, links[i].path) == 0, "no link", links[i].path);
	for (int i = 0; i < 45; i++) {
		char from[16], to[16];
		snprintf(from, sizeof from, "chain%d", i);
		snprintf(to, sizeof to, "chain%d", i + 1);
		check(symlink(to, from) == 0, "no chain", from);
	}
	check(symlink("a/file", "chain45") == 0, "no chain", "");
	base_fd = open(".", O_PATH | O_DIRECTORY);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(open("a", O_RDONLY | O_DIRECTORY), in_child_fd);
		for (;;)
			pause();
	}
	/* The fuzzer keeps its corpus by relative names. */
	check(fchdir(home) == 0, "no way back", "");
	close(home);
	atexit(remove_tree);
	/* Its descriptor is there before the first question. */
	char link[64];
	snprintf(link, sizeof link, "/proc/%d/fd/%d", child, in_child_fd);
	for (int i = 0; i < 1000 && access(link, F_OK) != 0; i++)
		usleep(1000);
}

static const char *const words[] = {"a", "b", "file", "to-a", "to-file", "loop", "one", "dangling", "up", "round", "own-cwd", "own-fd", "own-root", "closed", "fifo", "chain0", "chain9",
                                    "chain30", "..", ".", "", "none", "proc", "self", "thread-self", "task", "fd", "63", "0", "cwd", "root", "exe", "dev", "stdin", "untidy",
                                    "file-slash", "dev-fd", "thread", "a (deleted)", "status"};

static size_t make_path(const uint8_t *data, size_t size, char *out, size_t room)
{
	size_t n = 0, used = 0;
	if (size > 0 && data[0] % 3 == 0)
		n = (size_t)snprintf(out, room, "%s/", tree);
	else if (size > 0 && data[0] % 3 == 1 && (data[0] & 64))
		n = (size_t)snprintf(out, room, "/");
	for (used = 1; used < size && used < 40; used++) {
		const char *word = words[data[used] % (sizeof words / sizeof words[0])];
		int len = snprintf(out + n, room - n, "%s%s", word, data[used] & 128 ? "//" : "/");
		if (len < 0 || (size_t)len >= room - n)
			break;
		n += (size_t)len;
	}
	/* Usually without the last slash. */
	while (n > 1 && out[n - 1] == '/' && (size == 0 || (data[0] & 32) == 0))
		n--;
	out[n] = 0;
	return n;
}

static bool about_processes(const char *path)
{
	return strstr(path, "proc") != NULL || strstr(path, "own-") != NULL || strstr(path, "dev") != NULL || strstr(path, "thread") != NULL;
}

/* How many descriptors are open, with the one on the caller's status that the resolver keeps (caller.c): asked for first, it is always among them. */
static int open_descriptors(void)
{
	struct caller_status s;
	int count = 0;
	caller_status(child, &s);
	for (int fd = 0; fd < 64; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint64_t resolves[] = {0, 0, 0, RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_SYMLINKS, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_XDEV};
	char path[PLAN_MAX_PATH] = "", again[PLAN_MAX_PATH];
	if (child == 0)
		prepare();
	if (size < 2)
		return 0;
	bool nofollow = data[0] & 1, by_descriptor = data[0] & 2;
	uint64_t resolve = resolves[(data[0] >> 2) % 8];
	make_path(data + 1, size - 1, path, sizeof path - 1);
	if (path[0] == 0)
		return 0;
	struct target t;
	struct stat st, kernel;
	int before = open_descriptors();
	struct path_request r = {.tid = child, .dirfd = by_descriptor ? in_child_fd : AT_FDCWD, .path = path, .nofollow = nofollow, .resolve = resolve};
	enum resolve_status status = resolve_as_caller(&r, &t);

	/* What the kernel says; it asks as this process, so what names processes is only judged by its owner. */
	int from = by_descriptor ? openat(base_fd, "a", O_PATH | O_DIRECTORY) : base_fd;
	struct open_how how = {.flags = O_PATH | (nofollow ? O_NOFOLLOW : 0), .resolve = resolve};
	int fd = (int)syscall(SYS_openat2, from, path, &how, sizeof how);
	int err = errno;
	bool judged = !about_processes(path);
	if (status == RESOLVED || status == RESOLVED_FILE) {
		check(fstat(t.object, &st) == 0 && st.st_ino == t.st.st_ino && st.st_dev == t.st.st_dev, "not the object it says", path);
		check(t.real[0] == '/' && strstr(t.real, "/../") == NULL && strstr(t.real, "//") == NULL, "not a real path", t.real);
		if (t.proc_pid != 0)
			check(lineage_in_session(t.proc_pid) && t.proc_pid != getpid(), "a process outside", path);
		else
			check(resolve_descriptor(t.object, again) && strcmp(again, t.real) == 0, "another real path", t.real);
		/* A chain of more than forty links: the resolver goes on counting from its last part; what it reaches is decided on all the same. */
		if (judged && status == RESOLVED && !(fd < 0 && err == ELOOP)) {
			check(fd >= 0 && fstat(fd, &kernel) == 0, "the kernel opens nothing", path);
			check(kernel.st_ino == st.st_ino && kernel.st_dev == st.st_dev, "the kernel opens another object", path);
			check(resolve_confirms(t.real, &st), "not confirmed", t.real);
			struct stat other = st;
			other.st_ino++;
			check(!resolve_confirms(t.real, &other), "another inode confirmed", t.real);
		}
	} else if (status == RESOLVED_PARENT) {
		check(t.leaf[0] != 0 && strchr(t.leaf, '/') == NULL && strcmp(t.leaf, ".") != 0 && strcmp(t.leaf, "..") != 0, "not a name", t.leaf);
		check(fstatat(t.parent, t.leaf, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT, "it is there", path);
		check(resolve_descriptor(t.parent, again), "no parent", path);
		size_t n = strcmp(again, "/") == 0 ? 0 : strlen(again);
		check(strncmp(t.real, again, n) == 0 && t.real[n] == '/' && strcmp(t.real + n + 1, t.leaf) == 0, "not below its parent", t.real);
		check(!judged || (fd < 0 && (err == ENOENT || err == ELOOP)), "the kernel finds something", path);
	}
	if (fd >= 0)
		close(fd);
	if (from != base_fd)
		close(from);
	target_close(&t);
	check(open_descriptors() == before, "a descriptor is left open", path);
	return 0;
}
