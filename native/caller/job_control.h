/* Process groups in the session (setsid) that the command was started in: whose they are. */
#ifndef NONO_JOB_CONTROL_H
#define NONO_JOB_CONTROL_H
#include "loop/supervisor.h"

/* Handles setpgid(2). */
void group_call(struct supervisor *s, const struct seccomp_notif *n);
/* Handles ioctl(TIOCSPGRP), by which a terminal gets another foreground group (tcsetpgrp(3)). */
void foreground_call(struct supervisor *s, const struct seccomp_notif *n);
#endif
