/* /proc/PID/stat and comm: a line each, read anew every time. */
#include "caller/caller.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { LINE = 1024 };
/* Numbers of proc_pid_stat(5). */
enum { STATE = 3, PARENT = 4, TERMINAL = 7, FLAGS = 9, START = 22, EXIT_STATUS = 52 };

static ssize_t read_file(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, out, size - 1);
	close(fd);
	out[n > 0 ? n : 0] = 0;
	return n;
}

/* From field `number` on, or NULL: it is gone. The second one, comm, may hold spaces and parentheses. */
static const char *stat_at(const char *path, int number, char line[LINE])
{
	const char *at = read_file(path, line, LINE) > 0 ? strrchr(line, ')') : NULL;
	for (int field = 2; at != NULL && field < number; field++)
		at = strchr(at + 1, ' ');
	return at != NULL ? at + 1 : NULL;
}

static const char *stat_of(pid_t tid, int number, char line[LINE])
{
	char path[40];
	snprintf(path, sizeof path, "/proc/%d/stat", tid);
	return stat_at(path, number, line);
}

static void keep_name(const char *text, size_t len, char out[16])
{
	len = len < 15 ? len : 15;
	memcpy(out, text, len);
	out[len] = 0;
}

/* Node.js calls its first thread that since version 24, which tells whoever reads the list nothing: then the program's file. */
static bool is_a_thread_s(const char *comm)
{
	return strcmp(comm, "MainThread") == 0;
}

void caller_comm(pid_t pid, char out[16])
{
	char path[40], text[32], file[LINE];
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	ssize_t n = read_file(path, text, sizeof text);
	keep_name(text, n > 0 ? strcspn(text, "\n") : 0, out);
	if (!is_a_thread_s(out))
		return;
	snprintf(path, sizeof path, "/proc/%d/exe", pid);
	n = readlink(path, file, sizeof file - 1);
	if (n <= 0)
		return;
	file[n] = 0;
	const char *name = strrchr(file, '/');
	keep_name(name != NULL ? name + 1 : file, strcspn(name != NULL ? name + 1 : file, " "), out);
}

char caller_state(pid_t tid)
{
	char line[LINE];
	const char *at = stat_of(tid, STATE, line);
	return at != NULL ? at[0] : 0;
}

bool caller_exiting(pid_t tid)
{
	enum { EXITING = 4 /* PF_EXITING, include/linux/sched.h */ };
	char line[LINE];
	const char *at = stat_of(tid, FLAGS, line);
	return at != NULL && (strtoul(at, NULL, 10) & EXITING) != 0;
}

bool caller_exit_status(pid_t pid, int *status)
{
	char path[40], line[LINE], some[32];
	/* To who may not see it the kernel shows 0. */
	snprintf(path, sizeof path, "/proc/%d/ns/pid", pid);
	if (!caller_exiting(pid) || readlink(path, some, sizeof some) <= 0)
		return false;
	const char *at = stat_of(pid, EXIT_STATUS, line);
	*status = at != NULL ? atoi(at) : 0;
	return at != NULL;
}

bool caller_origin(pid_t pid, pid_t *parent, uint64_t *start)
{
	char line[LINE];
	const char *at = stat_of(pid, PARENT, line);
	*parent = at != NULL ? (pid_t)strtol(at, NULL, 10) : 0;
	for (int field = PARENT; at != NULL && field < START; field++)
		at = strchr(at + 1, ' ');
	*start = at != NULL ? strtoull(at, NULL, 10) : 0;
	return at != NULL;
}

pid_t caller_parent(pid_t pid)
{
	char line[LINE];
	const char *at = stat_of(pid, PARENT, line);
	return at != NULL ? (pid_t)strtol(at, NULL, 10) : 0;
}

dev_t caller_terminal(pid_t tid)
{
	char line[LINE];
	const char *at = stat_of(tid, TERMINAL, line);
	/* As the kernel packs it for old programs: minor 0-7 and 20-31, major 8-19. */
	unsigned tty = at != NULL ? (unsigned)strtol(at, NULL, 10) : 0;
	return tty == 0 ? 0 : makedev((tty >> 8) & 0xfff, (tty & 0xff) | ((tty >> 12) & 0xfff00));
}

uint64_t caller_start_time(pid_t pid)
{
	char line[LINE];
	const char *at = stat_of(pid, START, line);
	return at != NULL ? strtoull(at, NULL, 10) : 0;
}

static char thread_state(const char *tgid, const char *tid)
{
	char path[300], line[LINE];
	snprintf(path, sizeof path, "/proc/%s/task/%s/stat", tgid, tid);
	const char *at = stat_at(path, STATE, line);
	return at != NULL ? at[0] : 0;
}

bool caller_group_stopping(pid_t tgid, pid_t tid)
{
	char path[40], number[16], own[16];
	snprintf(number, sizeof number, "%d", tgid);
	snprintf(own, sizeof own, "%d", tid);
	snprintf(path, sizeof path, "/proc/%d/task", tgid);
	DIR *tasks = opendir(path);
	if (tasks == NULL)
		return false;
	/* Threads in D may be held as well; the first that is not shows what the process is at. */
	char state = 'D';
	for (struct dirent *e; state == 'D' && (e = readdir(tasks)) != NULL;)
		if (e->d_name[0] != '.' && strcmp(e->d_name, own) != 0)
			state = thread_state(number, e->d_name);
	closedir(tasks);
	return state == 'T';
}
