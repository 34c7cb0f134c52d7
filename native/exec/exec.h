/* execve and execveat: reported, held, and brought onto the floor where policy allows what the floor does not hold. */
#ifndef NONO_EXEC_H
#define NONO_EXEC_H
#include "loop/supervisor.h"

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
	unsigned rounds;
	pid_t copy; /* of what is executed, under way */
};

void exec_call(struct supervisor *s, const struct seccomp_notif *n);
/* A child has ended. True when a call waited for it: one that still waits goes on (exec_hold.c). */
bool exec_waited(struct supervisor *s, pid_t pid);
#endif
