#include "system.h"

extern int *__errno_location(void) WEAK;
extern int pthread_setcanceltype(int type, int *old) WEAK;
extern char __libc_single_threaded WEAK; /* glibc from 2.32 on */

/* In every libc: deferred is 0, asynchronous is 1. */
enum { CANCEL_ASYNCHRONOUS = 1 };

int returned(long result)
{
	if (result >= 0)
		return (int)result;
	if (__errno_location != NULL)
		*__errno_location() = (int)-result;
	return -1;
}

/* Landlock answers EACCES, and EXDEV where a link or rename needs more rights than the floor holds. Everything else the kernel found before it asked Landlock, or
 * after Landlock agreed: the trapped way would find the same. */
static bool refused_by_floor(long result)
{
	return result == -EACCES || result == -EXDEV;
}

long fast_call(long nr, long a, long b, long c, long d, long e)
{
	long result = system_call(nr, a, b, c, d, e, (long)((uint64_t)b ^ FAST_PATH_MARK));
	return refused_by_floor(result) ? system_call(nr, a, b, c, d, e, 0) : result;
}

long fast_open_uncancelled(long dirfd, const char *path, long flags, long mode)
{
	return fast_call(NR_openat, dirfd, (long)path, flags, mode, 0);
}

static bool one_thread(void)
{
	return &__libc_single_threaded != NULL && __libc_single_threaded != 0;
}

/* An open may wait for ever (a FIFO, a held call), and a thread that waits there can be cancelled. As in glibc before 2.41, cancellation is asynchronous for the length
 * of the call. Nothing here needs cleaning up when it strikes. */
long fast_open(long dirfd, const char *path, long flags, long mode)
{
	if (pthread_setcanceltype == NULL || one_thread())
		return fast_open_uncancelled(dirfd, path, flags, mode);
	int old, ignored;
	pthread_setcanceltype(CANCEL_ASYNCHRONOUS, &old);
	long result = fast_open_uncancelled(dirfd, path, flags, mode);
	pthread_setcanceltype(old, &ignored);
	return result;
}
