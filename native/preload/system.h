/* What the library needs of a system, without its headers: it is one file for glibc and musl, and takes nothing from either that both do not have.
 * Layouts and numbers: open(2), syscalls(2); the same in every C library of the architecture. */
#ifndef NONO_FAST_PATH_SYSTEM_H
#define NONO_FAST_PATH_SYSTEM_H
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mark.h"

#define EXPORTED __attribute__((visibility("default")))
#define WEAK __attribute__((weak, visibility("default")))

enum { EACCES = 13, EXDEV = 18, EINVAL = 22, ENOENT = 2 };
enum { AT_FDCWD = -100, AT_REMOVEDIR = 0x200 };
enum { O_RDONLY = 0, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0100, O_EXCL = 0200, O_TRUNC = 01000, O_APPEND = 02000, O_NONBLOCK = 04000, O_CLOEXEC = 02000000 };
#if defined(__x86_64__)
enum { O_DIRECTORY = 0200000, O_LARGEFILE = 0100000 };
enum { NR_openat = 257, NR_mkdirat = 258, NR_unlinkat = 263, NR_renameat2 = 316, NR_linkat = 265, NR_symlinkat = 266, NR_close = 3, NR_lseek = 8 };
#elif defined(__aarch64__)
enum { O_DIRECTORY = 040000, O_LARGEFILE = 0400000 };
enum { NR_openat = 56, NR_mkdirat = 34, NR_unlinkat = 35, NR_renameat2 = 276, NR_linkat = 37, NR_symlinkat = 36, NR_close = 57, NR_lseek = 62 };
#else
#error "the fast path knows the system calls of x86-64 and arm64 only"
#endif
enum { TMPFILE_BIT = 020000000, O_TMPFILE = TMPFILE_BIT | O_DIRECTORY };

/* One system call with a sixth argument, which is cleared again: what follows in this thread must not carry a mark. */
static inline long system_call(long nr, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;
	__asm__ volatile("syscall\n\txorl %%r9d, %%r9d"
	                 : "=a"(ret), "+r"(r9)
	                 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
	                 : "rcx", "r11", "memory", "cc");
	return ret;
#else
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;
	__asm__ volatile("svc #0\n\tmov x5, xzr" : "+r"(x0), "+r"(x5) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory", "cc");
	return x0;
#endif
}

/* --- the calls themselves (fast.c) ---------------------------------------------------------------------------------------------------------- */
/* Performs the call on the floor; what the floor refuses is repeated the trapped way, where the supervisor answers. A result or a negative errno. */
long fast_call(long nr, long a, long b, long c, long d, long e);
/* The same as a cancellation point (pthreads(7)). */
long fast_open(long dirfd, const char *path, long flags, long mode);
long fast_open_uncancelled(long dirfd, const char *path, long flags, long mode);
/* −1 and errno, which is left alone on success. */
int returned(long result);

/* --- whose functions these are (next.c) ------------------------------------------------------------------------------------------------------ */
enum function {
	F_open, F_open64, F_openat, F_openat64, F_creat, F_creat64, F___open_2, F___open64_2, F___openat_2, F___openat64_2, F_fopen, F_fopen64, F_opendir,
	F_mkdir, F_mkdirat, F_rmdir, F_unlink, F_unlinkat, F_rename, F_renameat, F_renameat2, F_link, F_linkat, F_symlink, F_symlinkat, FUNCTIONS
};
typedef void (*any_function)(void);
/* Not NULL when this function is to be left to somebody behind this library: a sanitizer's runtime, another library that interposes opens. */
extern any_function left_to[FUNCTIONS];
/* The definition behind this library, or NULL. */
any_function next_definition(enum function f);

/* `return` what the other definition answers, where there is one. */
#define LEAVE_TO_OTHER(name, type, ...)                                                                                                                     \
	do {                                                                                                                                                    \
		if (__builtin_expect(left_to[F_##name] != NULL, 0))                                                                                                 \
			return ((type)left_to[F_##name])(__VA_ARGS__);                                                                                                  \
	} while (0)
#endif
