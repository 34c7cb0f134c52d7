/* Terminals in /dev/pts: whose they are. */
#ifndef NONO_TERMINALS_H
#define NONO_TERMINALS_H
#include <sys/stat.h>

#include "loop/supervisor.h"

/* Before this process gives up its standard streams: they are the session's. */
void terminals_init(void);
/* Is it the slave of a pseudo-terminal? */
bool terminal_is(const struct stat *st);
/* Is it the controlling terminal of the caller? */
bool terminal_is_own(pid_t tid, const struct target *t);
/* Opens it for a caller that it belongs to: held open by the caller, its controlling terminal, what the session was started on, or the other end of a master that
 * somebody inside holds. A descriptor, or a negative errno. */
int terminal_open(const struct supervisor *s, pid_t tid, const struct target *t, uint8_t access, int flags);
/* Handles ioctl(TIOCGPTPEER), the open of a slave by its master. */
void terminal_peer_call(struct supervisor *s, const struct seccomp_notif *n);
#endif
