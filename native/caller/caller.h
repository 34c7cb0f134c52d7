/* What the supervisor learns about a blocked thread. Everything here is read from a process that may be gone or lying: callers of these functions check
 * the notification id afterwards, before acting on what was read. */
#ifndef NONO_CALLER_H
#define NONO_CALLER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CALLER_MAX_GROUPS = 128 };
#ifndef CALLER_MAX_WORKERS
#define CALLER_MAX_WORKERS 1024 /* a test of what happens to the next one builds with fewer */
#endif

/* The fields of /proc/TID/status that matter (proc_pid_status(5)). */
struct caller_status {
	pid_t tgid, ppid;
	unsigned threads, umask, filters; /* filters: seccomp filters in force, 0 when the kernel does not say (before 5.9) */
	uint64_t pending_thread, pending_process, blocked, cap_eff;
	uid_t ruid, euid, suid, fsuid;
	gid_t rgid, egid, sgid, fsgid;
	gid_t groups[CALLER_MAX_GROUPS];
	int group_count;
};

bool caller_status(pid_t tid, struct caller_status *out);
/* Copies from the caller's memory; 0 or a negative errno (-EPERM: the caller made itself non-dumpable). */
int caller_read(pid_t tid, uint64_t address, void *out, size_t size);
/* Copies into the caller's memory; 0 or a negative errno. */
int caller_write(pid_t tid, uint64_t address, const void *from, size_t size);
/* Copies a NUL-terminated string; 0, -ENAMETOOLONG, -EFAULT or -EPERM. */
int caller_string(pid_t tid, uint64_t address, char *out, size_t size);
/* In a pid namespace that was made inside? There numbers name other processes, and orphans go to its init. */
enum elsewhere { AT_HOME, ELSEWHERE, NOT_KNOWN };
enum elsewhere caller_elsewhere(pid_t tid);

/* --- caller_stat.c --- */
/* What a process is called: its "comm", or its program's file where that only names a thread. At most 15 bytes; empty when it is gone. */
void caller_comm(pid_t pid, char out[16]);
/* The letter of proc_pid_stat(5), field 3; 0 when it is gone. */
char caller_state(pid_t tid);
/* It has left its program for good, whatever it still waits for. */
bool caller_exiting(pid_t tid);
/* What waitpid(2) will say of such a process at its end (proc_pid_stat(5), field 52); false where that is not to be seen. */
bool caller_exit_status(pid_t pid, int *status);
/* 0 when it is gone. */
pid_t caller_parent(pid_t pid);
/* The device of its controlling terminal; 0 for none. */
dev_t caller_terminal(pid_t tid);
/* Clock ticks after boot at which the process started (proc_pid_stat(5), field 22); 0 when it is gone. */
uint64_t caller_start_time(pid_t pid);
/* Both of one read; false when it is gone. */
bool caller_origin(pid_t pid, pid_t *parent, uint64_t *start);
/* True when the other threads of the caller's process have stopped (SIGTSTP) and wait for this one. */
bool caller_group_stopping(pid_t tgid, pid_t tid);

/* --- caller_workers.c --- */
/* A worker of this process is a child of it, but outside the sandbox: until it is reaped, also when it was killed and sleeps on. */
void caller_worker_started(pid_t pid);
void caller_worker_ended(pid_t pid);
bool caller_is_worker(pid_t pid);
unsigned caller_workers(void);
#endif
