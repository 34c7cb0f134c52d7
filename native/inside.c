#define _GNU_SOURCE
#include "inside.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "caller.h"

enum { MAX_DEPTH = 256 };

static void signal_children(pid_t parent, int sig, int depth);

/* A child of ours keeps its number until we reap it. A deeper one may be gone already and its number be anybody's, so it is pinned and asked for its parent. */
static void signal_one(pid_t pid, pid_t parent, int sig)
{
	if (parent == getpid()) {
		kill(pid, sig);
		return;
	}
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0)
		return;
	if (caller_parent(pid) == parent)
		syscall(SYS_pidfd_send_signal, fd, sig, NULL, 0);
	close(fd);
}

static void signal_tree(pid_t pid, pid_t parent, int sig, int depth)
{
	if (pid <= 1)
		return;
	if (depth + 1 < MAX_DEPTH && sig != SIGKILL)
		signal_children(pid, sig, depth + 1);
	signal_one(pid, parent, sig);
	if (sig == SIGHUP || sig == SIGTERM)
		signal_one(pid, parent, SIGCONT); /* a stopped job must wake to see it */
}

/* proc_pid_children(5). Every number there is followed by a space: one that is cut off at the end of the buffer waits for its rest, or with enough children
 * the pid of a process outside would be read. False: this kernel has no such file. */
static bool signal_listed(pid_t parent, const char *thread, int sig, int depth)
{
	char path[300], text[1024];
	snprintf(path, sizeof path, "/proc/%d/task/%s/children", parent, thread);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size_t have = 0;
	ssize_t n;
	while ((n = read(fd, text + have, sizeof text - 1 - have)) > 0) {
		text[have + (size_t)n] = 0;
		char *at = text;
		for (char *space; (space = strchr(at, ' ')) != NULL; at = space + 1)
			signal_tree((pid_t)strtol(at, NULL, 10), parent, sig, depth);
		have = strlen(at);
		memmove(text, at, have);
	}
	close(fd);
	return true;
}

/* Kernels without CONFIG_PROC_CHILDREN: everybody is asked for its parent. */
static void signal_found(pid_t parent, int sig, int depth)
{
	DIR *all = opendir("/proc");
	for (struct dirent *e; all != NULL && (e = readdir(all)) != NULL;) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)strtol(e->d_name, NULL, 10) : 0;
		if (pid > 1 && caller_parent(pid) == parent)
			signal_tree(pid, parent, sig, depth);
	}
	if (all != NULL)
		closedir(all);
}

/* Each thread has its own children. */
static void signal_children(pid_t parent, int sig, int depth)
{
	char path[40];
	snprintf(path, sizeof path, "/proc/%d/task", parent);
	DIR *threads = opendir(path);
	bool listed = false;
	for (struct dirent *e; threads != NULL && (e = readdir(threads)) != NULL;)
		if (e->d_name[0] != '.')
			listed |= signal_listed(parent, e->d_name, sig, depth);
	if (threads != NULL)
		closedir(threads);
	if (!listed && threads != NULL)
		signal_found(parent, sig, depth);
}

void inside_signal(int sig)
{
	signal_children(getpid(), sig, 0);
}

bool inside_empty(void)
{
	int status;
	pid_t pid;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		continue;
	return pid < 0 && errno == ECHILD;
}

static bool descends(pid_t pid)
{
	for (int depth = 0; pid > 1 && depth < 4096; depth++)
		if ((pid = caller_parent(pid)) == getpid())
			return true;
	return false;
}

/* Killed, and asleep where even that waits (a file system whose server hangs): when it wakes up it ends, it never runs again. In a call the signal is pending still; closing its
 * files at its end it is not. */
static bool thread_doomed(pid_t tid)
{
	struct caller_status status;
	char state = caller_state(tid);
	if (state != 'D')
		return state == 'Z' || state == 'X' || state == 0;
	return caller_exiting(tid) || (caller_status(tid, &status) && (status.pending_thread & (1ULL << (SIGKILL - 1))) != 0);
}

static bool process_doomed(pid_t pid)
{
	char path[40];
	snprintf(path, sizeof path, "/proc/%d/task", pid);
	DIR *threads = opendir(path);
	bool all = true;
	for (struct dirent *e; all && threads != NULL && (e = readdir(threads)) != NULL;)
		all = e->d_name[0] == '.' || thread_doomed((pid_t)strtol(e->d_name, NULL, 10));
	if (threads != NULL)
		closedir(threads);
	return all;
}

bool inside_doomed(void)
{
	DIR *all = opendir("/proc");
	bool doomed = all != NULL;
	for (struct dirent *e; doomed && (e = readdir(all)) != NULL;) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)strtol(e->d_name, NULL, 10) : 0;
		doomed = pid <= 1 || !descends(pid) || process_doomed(pid);
	}
	if (all != NULL)
		closedir(all);
	return doomed;
}

void inside_kill_all(void)
{
	enum { ROUNDS_BETWEEN_LOOKS = 256 };
	/* Killing a parent hands its children to us, so each round reaches one level deeper; a fork bomb loses because the dead do not fork. */
	for (unsigned round = 1; !inside_empty(); round++) {
		inside_signal(SIGKILL);
		if (round % ROUNDS_BETWEEN_LOOKS == 0 && inside_doomed())
			return;
		struct timespec pause = {.tv_nsec = 1000000};
		nanosleep(&pause, NULL);
	}
}
