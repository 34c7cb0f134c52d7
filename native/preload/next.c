/* Who else defines these functions. The library stays out of the way, for the whole process, of
 * - a sanitizer: its runtime interposes the same functions and must see them,
 * - any other library between this one and the C library that interposes open. */
#include "system.h"

extern void *dlsym(void *handle, const char *name) WEAK; /* in glibc's libdl before 2.34: may be missing */
extern int __open(const char *path, int flags, ...) WEAK; /* glibc's own name of its open */
extern void __asan_init(void) WEAK;
extern void __hwasan_init(void) WEAK;
extern void __tsan_init(void) WEAK;
extern void __msan_init(void) WEAK;
extern void __dfsan_init(void) WEAK;
extern void __rtsan_init(void) WEAK;

#define RTLD_NEXT ((void *)-1L)

any_function left_to[FUNCTIONS];

static const char *const names[FUNCTIONS] = {
#define NAME(f) [F_##f] = #f
	NAME(open), NAME(open64), NAME(openat), NAME(openat64), NAME(creat), NAME(creat64), NAME(__open_2), NAME(__open64_2), NAME(__openat_2),
	NAME(__openat64_2), NAME(fopen), NAME(fopen64), NAME(opendir), NAME(mkdir), NAME(mkdirat), NAME(rmdir), NAME(unlink), NAME(unlinkat), NAME(rename),
	NAME(renameat), NAME(renameat2), NAME(link), NAME(linkat), NAME(symlink), NAME(symlinkat),
#undef NAME
};

any_function next_definition(enum function f)
{
	return dlsym != NULL ? (any_function)dlsym(RTLD_NEXT, names[f]) : NULL;
}

static bool sanitized(void)
{
	return __asan_init != NULL || __hwasan_init != NULL || __tsan_init != NULL || __msan_init != NULL || __dfsan_init != NULL || __rtsan_init != NULL;
}

static bool interposed_behind(void)
{
	return dlsym != NULL && __open != NULL && next_definition(F_open) != (any_function)__open;
}

/* Calls that come before this, from constructors of other libraries, are fast and right; only a sanitizer would not see them. */
__attribute__((constructor)) static void look_behind(void)
{
	if (!sanitized() && !interposed_behind())
		return;
	for (int f = 0; f < FUNCTIONS; f++)
		left_to[f] = next_definition((enum function)f);
}
