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

/* A program that works in a tree off the floor is refused again and again, and each refusal is a walk for nothing. After some in a row, a spell of calls of its kind is made
 * the trapped way at once, which is always right; then one asks the floor, and one that it grants ends this. Programs read on the floor and off it by turns: a first
 * spell of reading is short, so that what it may cost stays below what the refusals before it did. Threads share this and may miscount: that costs time only. */
struct refusals {
	unsigned char in_a_row, left; /* left: of the spell */
	unsigned char spell, first;
};
enum { IN_A_ROW = 4, LONGEST = 15, SHORT = 3 };

static struct refusals *refusals_of(long nr, long c)
{
	static struct refusals makes = {.first = LONGEST}, removes = {.first = LONGEST}, writes = {.first = LONGEST}, reads = {.first = SHORT};
	if (nr == NR_openat)
		return (c & (O_WRONLY | O_RDWR | O_CREAT)) != 0 ? &writes : &reads;
	return nr == NR_unlinkat ? &removes : &makes;
}

static unsigned char get(const unsigned char *of)
{
	return __atomic_load_n(of, __ATOMIC_RELAXED);
}

static void set(unsigned char *of, int to)
{
	__atomic_store_n(of, (unsigned char)to, __ATOMIC_RELAXED);
}

static bool ask_floor(struct refusals *r)
{
	unsigned char left = get(&r->left);
	if (left > 0)
		set(&r->left, left - 1);
	return left == 0;
}

static void learn(struct refusals *r, bool refused)
{
	unsigned char count = get(&r->in_a_row), spell = get(&r->spell);
	if (!refused) {
		if (count != 0)
			set(&r->in_a_row, 0);
		return;
	}
	if (count < IN_A_ROW)
		set(&r->in_a_row, count + 1);
	if (count + 1 < IN_A_ROW)
		return;
	int next = count < IN_A_ROW ? r->first : 2 * spell + 1;
	set(&r->spell, next < LONGEST ? next : LONGEST);
	set(&r->left, next < LONGEST ? next : LONGEST);
}

long fast_call(long nr, long a, long b, long c, long d, long e)
{
	struct refusals *refusals = refusals_of(nr, c);
	if (ask_floor(refusals)) {
		long result = system_call(nr, a, b, c, d, e, (long)((uint64_t)b ^ FAST_PATH_MARK));
		bool refused = refused_by_floor(result);
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
