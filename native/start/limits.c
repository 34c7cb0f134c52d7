/* Runs with the invoking user's privileges, outside the sandbox, except limits_enter. A cgroup counts the whole session, memory of every kind included. Resource
 * limits count each process by itself, so that many small ones get around them: said in the notice, never passed over. */
#define _GNU_SOURCE
#include "start/limits.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller/caller.h"

#ifndef CGROUP_MAGIC
#define CGROUP_MAGIC 0x63677270 /* CGROUP2_SUPER_MAGIC; a test of the file handling builds with another one */
#endif

static bool read_text(const char *dir, const char *name, char *out, size_t size)
{
	char path[4400];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, out, size - 1) : -1;
	if (fd >= 0)
		close(fd);
	out[n > 0 ? n : 0] = 0;
	return n > 0;
}

static bool write_text(const char *dir, const char *name, const char *text)
{
	char path[4400];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool write_number(const char *dir, const char *name, uint64_t value)
{
	char text[32];
	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	return write_text(dir, name, text);
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = text; (at = strstr(at, word)) != NULL; at += len)
		if ((at == text || isspace((unsigned char)at[-1])) && (at[len] == 0 || isspace((unsigned char)at[len])))
			return true;
	return false;
}

/* The mount point of cgroup2 and the cgroup of this process below it. */
static bool own_cgroup(char *mount, char *own, size_t size)
{
	FILE *mounts = fopen("/proc/self/mounts", "re");
	char line[8192], where[4096], type[64];
	bool found = false;
	while (mounts != NULL && !found && fgets(line, sizeof line, mounts) != NULL)
		found = sscanf(line, "%*s %4095s %63s", where, type) == 2 && strcmp(type, "cgroup2") == 0;
	if (mounts != NULL)
		fclose(mounts);
	FILE *self = fopen("/proc/self/cgroup", "re");
	bool ok = false;
	while (found && self != NULL && fgets(line, sizeof line, self) != NULL) {
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		line[strcspn(line, "\n")] = 0;
		snprintf(mount, size, "%s", where);
		ok = snprintf(own, size, "%s%s", where, strcmp(line + 3, "/") == 0 ? "" : line + 3) < (int)size;
	}
	if (self != NULL)
		fclose(self);
	return ok;
}

/* Left by a session whose launcher was killed. The kernel removes only empty ones. */
static void remove_stale(const char *parent)
{
	DIR *entries = opendir(parent);
	for (struct dirent *e; entries != NULL && (e = readdir(entries)) != NULL;) {
		int pid;
		unsigned long long start;
		if (sscanf(e->d_name, "nono-%d-%llu", &pid, &start) == 2 && caller_start_time(pid) != start)
			unlinkat(dirfd(entries), e->d_name, AT_REMOVEDIR);
	}
	if (entries != NULL)
		closedir(entries);
}

/* Whether a process of ours may move there takes write access to the common ancestor as well: tried by one that does. */
static bool can_join(int procs_fd)
{
	pid_t pid = fork();
	if (pid == 0)
		_exit(write(procs_fd, "0", 1) == 1 ? 0 : 1);
	int status = -1;
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool make_cgroup(const char *parent, struct limits *l)
{
	const struct plan_limits *w = l->wanted;
	char controllers[1024];
	struct statfs fs;
	if (statfs(parent, &fs) != 0 || (unsigned long)fs.f_type != CGROUP_MAGIC || !read_text(parent, "cgroup.subtree_control", controllers, sizeof controllers) ||
	    (w->memory != 0 && !has_word(controllers, "memory")) || (w->processes != 0 && !has_word(controllers, "pids")))
		return false;
	remove_stale(parent);
	int length = snprintf(l->cgroup, sizeof l->cgroup, "%s/nono-%d-%llu", parent, getpid(), (unsigned long long)caller_start_time(getpid()));
	if (length >= (int)sizeof l->cgroup || mkdir(l->cgroup, 0755) != 0) {
		l->cgroup[0] = 0;
		return false;
	}
	char procs[4400];
	snprintf(procs, sizeof procs, "%s/cgroup.procs", l->cgroup);
	bool ok = (w->memory == 0 || write_number(l->cgroup, "memory.max", w->memory)) && (w->processes == 0 || write_number(l->cgroup, "pids.max", w->processes));
	if (ok && w->memory != 0) {
		/* Absent without swap accounting: then the limit is looser, and no swap was counted before either. */
		write_text(l->cgroup, "memory.swap.max", "0");
		/* One of many processes missing leaves a build in a state that nobody understands: all of them or none. */
		write_text(l->cgroup, "memory.oom.group", "1");
	}
	l->procs_fd = ok ? open(procs, O_WRONLY | O_CLOEXEC) : -1;
	if (l->procs_fd >= 0 && can_join(l->procs_fd))
		return true;
	if (l->procs_fd >= 0)
		close(l->procs_fd);
	l->procs_fd = -1;
	limits_remove(l);
	l->cgroup[0] = 0;
	return false;
}

/* A cgroup that holds processes gives no controllers to those below it, so usually an ancestor of our own is the place: the user's delegated one. */
static bool find_cgroup(struct limits *l)
{
	char mount[4096], at[4096];
	if (!own_cgroup(mount, at, sizeof at))
		return false;
	while (strlen(at) >= strlen(mount)) {
		if (make_cgroup(at, l))
			return true;
		char *slash = strrchr(at, '/');
		if (slash == NULL || slash == at)
			return false;
		*slash = 0;
	}
	return false;
}

/* RLIMIT_NPROC counts every task of the user, so what runs already is added to it. */
static uint64_t tasks_of_user(void)
{
	uint64_t count = 0;
	DIR *all = opendir("/proc");
	for (struct dirent *e; all != NULL && (e = readdir(all)) != NULL;) {
		struct caller_status status;
		if (isdigit((unsigned char)e->d_name[0]) && caller_status((pid_t)strtol(e->d_name, NULL, 10), &status) && status.ruid == getuid())
			count += status.threads;
	}
	if (all != NULL)
		closedir(all);
	return count;
}

static void say(struct limits *l, const char *what)
{
	size_t have = strlen(l->notice);
	snprintf(l->notice + have, sizeof l->notice - have, "%s%s", have == 0 ? "limits: " : ", ", what);
}

static void describe(struct limits *l)
{
	const struct plan_limits *w = l->wanted;
	bool group = l->procs_fd >= 0;
	char text[200];
	if (w->memory != 0) {
		snprintf(text, sizeof text, group ? "memory %llu MiB in all (cgroup)" : "memory %llu MiB for each process, what is shared not counted (RLIMIT_DATA)",
		         (unsigned long long)(w->memory >> 20));
		say(l, text);
	}
	if (w->processes != 0 && (group || l->processes != 0)) {
		snprintf(text, sizeof text, group ? "%llu processes and threads in all (cgroup)" : "%llu processes and threads more than you run now (RLIMIT_NPROC)",
		         (unsigned long long)w->processes);
		say(l, text);
	}
	if (w->cpu_seconds != 0) {
		snprintf(text, sizeof text, "%llu s of processor time for each process (RLIMIT_CPU)", (unsigned long long)w->cpu_seconds);
		say(l, text);
	}
	if (w->file_size != 0) {
		snprintf(text, sizeof text, "files of %llu bytes (RLIMIT_FSIZE)", (unsigned long long)w->file_size);
		say(l, text);
	}
}

bool limits_prepare(const struct plan *plan, struct limits *l, struct failure *f)
{
	*l = (struct limits){.wanted = &plan->limits, .procs_fd = -1};
	const struct plan_limits *w = l->wanted;
	if ((w->memory != 0 || w->processes != 0) && !find_cgroup(l) && w->processes != 0) {
		/* The kernel exempts root from RLIMIT_NPROC, and whoever holds either of these capabilities (setrlimit(2)). */
		bool exempt = getuid() == 0 || (plan->cap_keep & (1ULL << 21 | 1ULL << 24)) != 0;
		if (exempt && (plan->flags & PLAN_ALLOW_DEGRADED) == 0)
			return fail(f, 126, 0, "limit the number of processes", "no delegated cgroup here, and the kernel exempts root from RLIMIT_NPROC");
		l->processes = exempt ? 0 : tasks_of_user() + w->processes;
		if (exempt)
			say(l, "the number of processes is NOT limited (no delegated cgroup, and root is exempt from RLIMIT_NPROC)");
	}
	describe(l);
	return true;
}

static bool lower(int resource, uint64_t value)
{
	struct rlimit old, now;
	if (value == 0)
		return true;
	if (getrlimit((__rlimit_resource_t)resource, &old) != 0)
		return false;
	rlim_t least = old.rlim_max < value ? old.rlim_max : (rlim_t)value;
	now = (struct rlimit){.rlim_cur = least, .rlim_max = least};
	return setrlimit((__rlimit_resource_t)resource, &now) == 0;
}

bool limits_enter(const struct limits *l, struct failure *f)
{
	const struct plan_limits *w = l->wanted;
	if (l->procs_fd >= 0 && write(l->procs_fd, "0", 1) != 1)
		return fail(f, 126, errno, "join the session's cgroup", l->cgroup);
	bool group = l->procs_fd >= 0;
	if (!lower(RLIMIT_DATA, group ? 0 : w->memory) || !lower(RLIMIT_NPROC, l->processes) || !lower(RLIMIT_CPU, w->cpu_seconds) ||
	    !lower(RLIMIT_FSIZE, w->file_size))
		return fail(f, 126, errno, "set a resource limit", "");
	/* Node raised its own soft limit; programs that loop over all descriptors, or use select, get what the user has. */
	struct rlimit files;
	if (w->open_files != 0 && getrlimit(RLIMIT_NOFILE, &files) == 0 && w->open_files < files.rlim_cur) {
		files.rlim_cur = w->open_files;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	return true;
}

void limits_remove(const struct limits *l)
{
	if (l->cgroup[0] != 0)
		rmdir(l->cgroup);
}
