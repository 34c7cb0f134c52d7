/* execve and execveat: reported, held, and brought onto the floor where policy allows what the floor does not hold. */
#ifndef NONO_EXEC_H
#define NONO_EXEC_H
#include "exec/first_line.h"
#include "loop/supervisor.h"

/* A program that somebody has said yes to, for this call. Not by its number alone: that of a file removed since is the next one's. */
struct approved {
	dev_t dev;
	ino_t ino;
	struct timespec changed;
};

struct exec_call {
	uint64_t id;
	pid_t tid;
	uint16_t verb;
	int dirfd;
	uint64_t path_at, argv, envp;
	bool nofollow, by_descriptor;
	bool only_asks; /* whether the file may be executed (AT_EXECVE_CHECK); nothing is */
	char path[PLAN_MAX_PATH];
	struct target asked; /* held: what the person was asked about */
	uint8_t reason;
	struct approved approved[MAX_INTERPRETERS + 1]; /* a script and its interpreter are asked about one after the other */
	unsigned approved_count;
	unsigned rounds;
	pid_t copy; /* of what is executed, under way */
};

void exec_call(struct supervisor *s, const struct seccomp_notif *n);
/* A child has ended. True when a call waited for it: one that still waits goes on (exec_hold.c). */
bool exec_waited(struct supervisor *s, pid_t pid);
#endif
