/* open(2) and its relatives, by the names that the C libraries give them. The 64 forms differ in nothing on 64-bit machines; the fortified ones (__open_2 …) are what
 * _FORTIFY_SOURCE makes of a call without a mode. */
#include "system.h"

typedef int (*open_function)(const char *, int, ...);
typedef int (*openat_function)(int, const char *, int, ...);
typedef int (*creat_function)(const char *, unsigned);

static bool takes_mode(int flags)
{
	return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

#define READ_MODE(flags)                                                                                                                                    \
	unsigned mode = 0;                                                                                                                                      \
	if (takes_mode(flags)) {                                                                                                                                \
		va_list rest;                                                                                                                                       \
		va_start(rest, flags);                                                                                                                              \
		mode = va_arg(rest, unsigned);                                                                                                                      \
		va_end(rest);                                                                                                                                       \
	}

#define DEFINE_OPEN(name)                                                                                                                                   \
	EXPORTED int name(const char *path, int flags, ...);                                                                                                    \
	int name(const char *path, int flags, ...)                                                                                                              \
	{                                                                                                                                                       \
		READ_MODE(flags)                                                                                                                                    \
		LEAVE_TO_OTHER(name, open_function, path, flags, mode);                                                                                             \
		return returned(fast_open(AT_FDCWD, path, flags, mode));                                                                                            \
	}

#define DEFINE_OPENAT(name)                                                                                                                                 \
	EXPORTED int name(int dirfd, const char *path, int flags, ...);                                                                                         \
	int name(int dirfd, const char *path, int flags, ...)                                                                                                   \
	{                                                                                                                                                       \
		READ_MODE(flags)                                                                                                                                    \
		LEAVE_TO_OTHER(name, openat_function, dirfd, path, flags, mode);                                                                                    \
		return returned(fast_open(dirfd, path, flags, mode));                                                                                               \
	}

#define DEFINE_CREAT(name)                                                                                                                                  \
	EXPORTED int name(const char *path, unsigned mode);                                                                                                     \
	int name(const char *path, unsigned mode)                                                                                                               \
	{                                                                                                                                                       \
		LEAVE_TO_OTHER(name, creat_function, path, mode);                                                                                                   \
		return returned(fast_open(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode));                                                                     \
	}

/* A fortified call that lacks the mode it needs: the C library ends the program with a message. */
#define DEFINE_OPEN_2(name)                                                                                                                                 \
	EXPORTED int name(const char *path, int flags);                                                                                                         \
	int name(const char *path, int flags)                                                                                                                   \
	{                                                                                                                                                       \
		any_function other = left_to[F_##name] != NULL || takes_mode(flags) ? next_definition(F_##name) : NULL;                                             \
		if (other != NULL)                                                                                                                                  \
			return ((int (*)(const char *, int))other)(path, flags);                                                                                        \
		return takes_mode(flags) ? returned(-EINVAL) : returned(fast_open(AT_FDCWD, path, flags, 0));                                                       \
	}

#define DEFINE_OPENAT_2(name)                                                                                                                               \
	EXPORTED int name(int dirfd, const char *path, int flags);                                                                                              \
	int name(int dirfd, const char *path, int flags)                                                                                                        \
	{                                                                                                                                                       \
		any_function other = left_to[F_##name] != NULL || takes_mode(flags) ? next_definition(F_##name) : NULL;                                             \
		if (other != NULL)                                                                                                                                  \
			return ((int (*)(int, const char *, int))other)(dirfd, path, flags);                                                                            \
		return takes_mode(flags) ? returned(-EINVAL) : returned(fast_open(dirfd, path, flags, 0));                                                          \
	}

DEFINE_OPEN(open)
DEFINE_OPEN(open64)
DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)
DEFINE_CREAT(creat)
DEFINE_CREAT(creat64)
DEFINE_OPEN_2(__open_2)
DEFINE_OPEN_2(__open64_2)
DEFINE_OPENAT_2(__openat_2)
DEFINE_OPENAT_2(__openat64_2)
