/* An open as its caller wrote it, and what its flags mean. */
#ifndef NONO_OPEN_READ_H
#define NONO_OPEN_READ_H
#include "loop/supervisor.h"

/* False: the kernel should answer. */
bool open_read(const struct seccomp_notif *n, struct open_call *call);
bool open_is_tmpfile(uint64_t flags);
/* ACCESS_READ and ACCESS_WRITE, of what is there. */
uint8_t open_access(uint64_t flags);
/* What the kernel would answer about an object that is there, before asking any policy; 0 when the open may be performed. */
int open_early_error(const struct open_call *call, const struct target *t);
#endif
