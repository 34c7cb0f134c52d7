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

/* A program that works in a tree whose writes are brokered is refused again and again, and each refusal is a walk for nothing. After some in a row, most calls of its
 * kind are made the trapped way at once, which is always right; now and then one asks the floor, and one that it grants ends this. Reading is not among
 * them: programs read on the floor and off it by turns. Threads share this and may miscount: that costs time only. */
enum { IN_A_ROW = 4, NOT_ASKED = 15 };

static unsigned char *refusals_of(long nr, long c)
{
	static unsigned char makes, removes, opens;
	if (nr == NR_openat)
		return (c & (O_WRONLY | O_RDWR | O_CREAT)) != 0 ? &opens : NULL;
	if (nr == NR_openat2)
		return NULL; /* what it is for lies in memory */
	return nr == NR_unlinkat ? &removes : &makes;
}

static bool ask_floor(unsigned char *refusals)
{
	unsigned char count = refusals != NULL ? __atomic_load_n(refusals, __ATOMIC_RELAXED) : 0;
	if (count < IN_A_ROW)
		return true;
	__atomic_store_n(refusals, count < IN_A_ROW + NOT_ASKED ? count + 1 : IN_A_ROW - 1, __ATOMIC_RELAXED);
	return false;
}

static void learn(unsigned char *refusals, bool refused)
{
	unsigned char count = __atomic_load_n(refusals, __ATOMIC_RELAXED);
	if (refused ? count < IN_A_ROW : count != 0)
		__atomic_store_n(refusals, refused ? count + 1 : 0, __ATOMIC_RELAXED);
}

long fast_call(long nr, long a, long b, long c, long d, long e)
{
	unsigned char *refusals = refusals_of(nr, c);
	if (ask_floor(refusals)) {
		long result = system_call(nr, a, b, c, d, e, (long)((uint64_t)b ^ FAST_PATH_MARK));
		bool refused = refused_by_floor(result);
		if (refusals != NULL)
			learn(refusals, refused);
		if (!refused)
			return result;
	}
	return system_call(nr, a, b, c, d, e, 0);
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
