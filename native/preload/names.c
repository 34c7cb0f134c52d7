/* Calls on names that the floor decides completely: on it they need no supervisor. What it does not decide (chmod, xattr, connect …) is not here. */
#include "system.h"

EXPORTED int mkdir(const char *path, unsigned mode);
int mkdir(const char *path, unsigned mode)
{
	LEAVE_TO_OTHER(mkdir, int (*)(const char *, unsigned), path, mode);
	return returned(fast_call(NR_mkdirat, AT_FDCWD, (long)path, mode, 0, 0));
}

EXPORTED int mkdirat(int dirfd, const char *path, unsigned mode);
int mkdirat(int dirfd, const char *path, unsigned mode)
{
	LEAVE_TO_OTHER(mkdirat, int (*)(int, const char *, unsigned), dirfd, path, mode);
	return returned(fast_call(NR_mkdirat, dirfd, (long)path, mode, 0, 0));
}

EXPORTED int rmdir(const char *path);
int rmdir(const char *path)
{
	LEAVE_TO_OTHER(rmdir, int (*)(const char *), path);
	return returned(fast_call(NR_unlinkat, AT_FDCWD, (long)path, AT_REMOVEDIR, 0, 0));
}

EXPORTED int unlink(const char *path);
int unlink(const char *path)
{
	LEAVE_TO_OTHER(unlink, int (*)(const char *), path);
	return returned(fast_call(NR_unlinkat, AT_FDCWD, (long)path, 0, 0, 0));
}

EXPORTED int unlinkat(int dirfd, const char *path, int flags);
int unlinkat(int dirfd, const char *path, int flags)
{
	LEAVE_TO_OTHER(unlinkat, int (*)(int, const char *, int), dirfd, path, flags);
	return returned(fast_call(NR_unlinkat, dirfd, (long)path, flags, 0, 0));
}

EXPORTED int rename(const char *from, const char *to);
int rename(const char *from, const char *to)
{
	LEAVE_TO_OTHER(rename, int (*)(const char *, const char *), from, to);
	return returned(fast_call(NR_renameat2, AT_FDCWD, (long)from, AT_FDCWD, (long)to, 0));
}

EXPORTED int renameat(int from_fd, const char *from, int to_fd, const char *to);
int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
	LEAVE_TO_OTHER(renameat, int (*)(int, const char *, int, const char *), from_fd, from, to_fd, to);
	return returned(fast_call(NR_renameat2, from_fd, (long)from, to_fd, (long)to, 0));
}

EXPORTED int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags);
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	LEAVE_TO_OTHER(renameat2, int (*)(int, const char *, int, const char *, unsigned), from_fd, from, to_fd, to, flags);
	return returned(fast_call(NR_renameat2, from_fd, (long)from, to_fd, (long)to, flags));
}

EXPORTED int link(const char *from, const char *to);
int link(const char *from, const char *to)
{
	LEAVE_TO_OTHER(link, int (*)(const char *, const char *), from, to);
	return returned(fast_call(NR_linkat, AT_FDCWD, (long)from, AT_FDCWD, (long)to, 0));
}

EXPORTED int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags);
int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
	LEAVE_TO_OTHER(linkat, int (*)(int, const char *, int, const char *, int), from_fd, from, to_fd, to, flags);
	return returned(fast_call(NR_linkat, from_fd, (long)from, to_fd, (long)to, flags));
}

EXPORTED int symlink(const char *target, const char *path);
int symlink(const char *target, const char *path)
{
	LEAVE_TO_OTHER(symlink, int (*)(const char *, const char *), target, path);
	return returned(fast_call(NR_symlinkat, (long)target, AT_FDCWD, (long)path, 0, 0));
}

EXPORTED int symlinkat(const char *target, int dirfd, const char *path);
int symlinkat(const char *target, int dirfd, const char *path)
{
	LEAVE_TO_OTHER(symlinkat, int (*)(const char *, int, const char *), target, dirfd, path);
	return returned(fast_call(NR_symlinkat, (long)target, dirfd, (long)path, 0, 0));
}
