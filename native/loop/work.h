/* What takes long is done by processes of their own, so that the loop goes on for everybody else: copying large executables, looking through large directories. The call waits
 * as a process too, which ends with that one: a signal for the caller ends the wait, while the work goes on and is found done the next time. */
#ifndef NONO_WORK_H
#define NONO_WORK_H
#include <sys/types.h>

/* What takes no longer than a few other calls is copied at once. WORKS_MAX: of each kind at a time. */
enum { COPY_AT_ONCE = 2 * 1024 * 1024, WORKS_MAX = 4 };

/* fork(2) for such a process: it takes signals as usual, and ends with this one. Of the descriptors of this one it has those that it needs (below 0: none). Others' sockets among the rest
 * would stay connected for as long as it waits, after their owners have closed them. */
pid_t work_fork(const int *keep, unsigned kept);
/* For such a process: whatever else is open. */
void work_close_others(const int *keep, unsigned kept);
/* Runs work(arg) in a process, which exits with what it returns; its number, or -1. `keep`: two descriptors that it needs. */
pid_t work_start(int (*work)(void *), void *arg, const int keep[2]);
/* The same with as many descriptors as are named; those below 0 are none. */
pid_t work_start_with(int (*work)(void *), void *arg, const int *keep, unsigned kept);
/* A process that ends when `work`, which is not reaped yet, has ended; its number, or -1. */
pid_t work_wait(pid_t work);
#endif
