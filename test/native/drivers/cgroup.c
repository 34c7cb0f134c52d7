/* native/start/limits.c on a directory that stands in for a cgroup: what it writes, joins and removes. PARENT MEMORY PROCESSES; prints the cgroup made, then removes it. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static const char *const files[] = {"memory.max", "memory.swap.max", "memory.oom.group", "pids.max", "cgroup.procs"};

/* As the kernel does: a new cgroup has its files, and goes with them. */
static int fake_mkdir(const char *path, mode_t mode)
{
	char file[4500];
	if (mkdir(path, mode) != 0)
		return -1;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(file, sizeof file, "%s/%s", path, files[i]);
		close(open(file, O_CREAT | O_WRONLY, 0644));
	}
	return 0;
}

static int fake_rmdir(const char *path)
{
	char file[4500];
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		snprintf(file, sizeof file, "%s/%s", path, files[i]);
		unlink(file);
	}
	return rmdir(path);
}

static int fake_statfs(const char *path, struct statfs *fs)
{
	int done = statfs(path, fs);
	fs->f_type = 0x63677270;
	return done;
}

#define mkdir fake_mkdir
#define rmdir fake_rmdir
#define statfs(path, fs) fake_statfs(path, fs)
#include "start/limits.c"
#undef statfs

int main(int argc, char **argv)
{
	struct plan_limits wanted = {.memory = strtoull(argv[argc - 2], NULL, 10), .processes = strtoull(argv[argc - 1], NULL, 10)};
	struct limits l = {.wanted = &wanted, .procs_fd = -1};
	if (!make_cgroup(argv[1], &l)) {
		puts("none");
		return 0;
	}
	char text[64];
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		read_text(l.cgroup, files[i], text, sizeof text);
		printf("%s %s\n", files[i], text);
	}
	describe(&l);
	puts(l.notice);
	puts(l.cgroup);
	limits_remove(&l);
	return 0;
}
