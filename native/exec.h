/* execve and execveat: reported, held, and brought onto the floor where policy allows what the floor does not hold. */
#ifndef NONO_EXEC_H
#define NONO_EXEC_H
#include "supervisor.h"

void exec_call(struct supervisor *s, const struct seccomp_notif *n);
/* A child has ended. True when a call waited for it: one that still waits goes on. */
bool exec_waited(struct supervisor *s, pid_t pid);
#endif
