/* Where a caller's relative path begins. */
#ifndef NONO_CALLER_DIRECTORY_H
#define NONO_CALLER_DIRECTORY_H
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000U
#endif

/* Before each call that is answered: where a caller's directory was seen holds no longer than its call. */
void caller_directory_begin(void);
/* What the directory `dirfd` of the caller, or AT_FDCWD, is called, by what was remembered of it or by what the kernel prints: a guess, to be checked by one of the two
 * below. NULL: nothing that a path leads to. */
const char *caller_directory(pid_t tid, int dirfd);
/* What the kernel prints of it now, PLAN_MAX_PATH bytes at most: real by nature, so no link is hidden in it. False: nothing that a path leads to. */
bool caller_directory_printed(pid_t tid, int dirfd, char *out);
/* Is this the very directory that was asked about last? */
bool caller_directory_is(dev_t dev, ino_t ino);
/* Is `fd`, which a walk of the guess has opened (-1: it has not), that directory, on its mount? What it is, in `st`: at least STATX_BASIC_STATS. Otherwise the guess is
 * forgotten. */
bool caller_directory_confirm(int fd, struct statx *st);
#endif
