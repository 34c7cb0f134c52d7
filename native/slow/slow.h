/* File systems whose server may not answer: a path on one is looked at by a process of its own before the loop touches it. */
#ifndef NONO_SLOW_H
#define NONO_SLOW_H
#include <linux/seccomp.h>
#include <stdbool.h>
#include <sys/types.h>

struct supervisor;

/* True when the call waits for such a process; it is handled when that has ended. */
bool slow_look(struct supervisor *s, const struct seccomp_notif *n);
/* A child ended. True with *n filled in when a call waited for it and still waits. `well`: it has looked; where it was killed its call is lost (held_worker_lost). */
bool slow_looked(struct supervisor *s, pid_t pid, bool well, struct seccomp_notif *n);
/* Asks the server of a real path again, which the loop waits for, a second at most. False: it has not answered. `executes`: it is about to be executed. */
bool slow_answers_again(const char *real, bool executes);
/* Closing a copy of a descriptor asks the server too (FUSE_FLUSH), and cannot be left to another process. False: it does not answer now, so the caller's is not copied. */
bool slow_lets_close(pid_t tid, int fd);
#endif
