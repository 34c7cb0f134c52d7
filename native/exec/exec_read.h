/* An execve as its caller wrote it. */
#ifndef NONO_EXEC_READ_H
#define NONO_EXEC_READ_H
#include "exec/exec.h"

bool exec_has_unknown_flags(const struct seccomp_notif *n);
/* False: the kernel should answer. */
bool exec_read(const struct seccomp_notif *n, struct exec_call *c);
#endif
