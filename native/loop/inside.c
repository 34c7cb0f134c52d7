#define _GNU_SOURCE
#include "loop/inside.h"

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

#include "caller/caller.h"
#include "caller/lineage.h"
#include "loop/clock.h"

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

/* So many at a time: who has new children end for ever does not keep the others from being killed. */
bool inside_empty(void)
{
	enum { AT_A_TIME = 1024 };
	pid_t pid = 1;
	for (unsigned i = 0; i < AT_A_TIME && pid > 0; i++)
		pid = waitpid(-1, NULL, WNOHANG);
	return pid < 0 && errno == ECHILD;
}

/* Asleep where not even SIGKILL ends it (a file system whose server hangs): when it wakes up it ends, it never runs again. In a call the signal is pending still. Closing its files
 * at its end it is not, and who ended by itself before it was killed sleeps as if a signal could wake it. */
static bool thread_doomed(pid_t tid)
{
	struct caller_status status;
	char state = caller_state(tid);
	if (state == 'Z' || state == 'X' || state == 0)
		return true;
	if (caller_exiting(tid))
		return state == 'D' || state == 'S';
	return state == 'D' && caller_status(tid, &status) && (status.pending_thread & (1ULL << (SIGKILL - 1))) != 0;
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

/* Pinned before it is asked whose it is: what is signalled is that process, or nobody. */
static void kill_pinned(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd >= 0 && lineage_in_session(pid))
		syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
	if (fd >= 0)
		close(fd);
}

/* A leader that is gone while its threads hang is not seen as one. */
static bool hangs(pid_t pid)
{
	char state = caller_state(pid);
	return (state == 'D' || state == 'S') && !caller_is_worker(pid);
}

/* Also below one that does not end, whose children are never handed to us. True: nobody is left but the doomed, whom `left` tells. */
static bool kill_found(struct inside_left *left)
{
	DIR *all = opendir("/proc");
	bool doomed = all != NULL;
	*left = (struct inside_left){0};
	for (struct dirent *e; all != NULL && (e = readdir(all)) != NULL;) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)strtol(e->d_name, NULL, 10) : 0;
		if (pid <= 1 || (!caller_is_worker(pid) && !lineage_in_session(pid)))
			continue;
		if (!process_doomed(pid)) {
			kill_pinned(pid);
			doomed = false;
		} else if (hangs(pid)) {
			left->first = left->count++ == 0 ? pid : left->first;
		}
	}
	if (all != NULL)
		closedir(all);
	return doomed;
}

bool inside_kill(struct inside_end *e)
{
	/* Whoever dies as others do has died by then; one that waits for a disk gets that long as well. */
	enum { PATIENCE_MS = 500, BETWEEN_LOOKS_MS = 100, LOOKS_PER_COST = 4 };
	int64_t began = monotonic_ms();
	/* Killing a parent hands its children to us, so each round reaches one level deeper; a fork bomb loses because the dead do not fork. */
	inside_signal(SIGKILL);
	if (e->give_up_at == 0) {
		e->give_up_at = began + PATIENCE_MS;
		e->look_at = began + BETWEEN_LOOKS_MS;
	}
	if (began < e->look_at)
		return false;
	bool before = e->only_doomed;
	e->only_doomed = kill_found(&e->left);
	int64_t now = monotonic_ms();
	e->look_at = now + BETWEEN_LOOKS_MS + LOOKS_PER_COST * (now - began);
	/* Twice: one who was made during a look, with a number that had been passed, is seen by the next one. */
	return before && e->only_doomed && began >= e->give_up_at;
}

void inside_kill_all(void)
{
	struct inside_end end = {0};
	while (!inside_empty() && !inside_kill(&end)) {
		struct timespec pause = {.tv_nsec = 1000000};
		nanosleep(&pause, NULL);
	}
}
