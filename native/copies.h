/* Large executables are copied by processes of their own, so that the loop goes on for everybody else. Whoever executes one waits as a process too, which ends with the
 * copy: a signal for the caller ends that one, and the copy goes on and is found the next time. */
#ifndef NONO_COPIES_H
#define NONO_COPIES_H
#include <stdbool.h>
#include <sys/types.h>

/* What takes no longer than a few other calls is copied at once. */
enum { COPY_AT_ONCE = 2 * 1024 * 1024, COPIES_MAX = 4 };

/* Runs work(arg) in a process, which exits with 0 when it returns true; its number, or -1. `keep`: two descriptors that it needs. */
pid_t copies_start(bool (*work)(void *), void *arg, const int keep[2]);
/* A process that ends when `copy`, which is not reaped yet, has ended; its number, or -1. */
pid_t copies_wait(pid_t copy);
#endif
