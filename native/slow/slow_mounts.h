/* Which file systems have a server that may not answer, by the mount table. Nothing here waits for one. */
#ifndef NONO_SLOW_MOUNTS_H
#define NONO_SLOW_MOUNTS_H
#include <stdbool.h>

/* Knows the mount table, as the launcher read it or as it is now; the descriptor that wakes when it changes (EPOLLPRI), or -1. */
int slow_init(void);
/* After something has woken; whether the table had changed. */
bool slow_look_again(void);
/* "\\040" and the like stand for spaces, tabs, newlines and backslashes (proc_pid_mountinfo(5)). */
void slow_unescape(char *s);
/* Is any mounted? slow_any: reads the table first, where nothing did before. */
bool slow_mounted(void);
bool slow_any(void);
/* Does a real path lie on one? Or does one begin below it? */
bool slow_at(const char *real);
bool slow_at_or_below(const char *real);
/* Does what a descriptor is lie on one? Then the call on it may wait too, though the server answered a moment ago. */
bool slow_holds(int fd);
/* Is its mount one of them? By the mount's own number, so whatever path is printed for it; false also where that is not known. What is on one is neither /proc nor a file system
 * of this machine, and statfs(2) would ask the server. */
bool slow_mount_of(int fd);
/* That number, or -1. */
int slow_mount_number(int fd);
/* The number of the one on which a real path lies, or -1. */
int slow_mount_at(const char *real);
/* Of what is on one: may several spellings be one name there? By the kind of file system, which alone can be known without asking. */
bool slow_folds(int fd);
/* Does killing a process take back what it has asked the server there for? FUSE takes back what was not read, and has the process wait for the answer to what was
 * (request_wait_answer in fs/fuse/dev.c). A process that waits for NFS or CIFS ends, and the server may do what it was asked for at any time later. */
bool slow_withdraws(int fd);
#endif
