/* The session's own $TMPDIR: made by the host, removed here, and those that killed sessions left behind. */
#ifndef NONO_TMPDIR_H
#define NONO_TMPDIR_H
#include <stdbool.h>
#include <sys/types.h>

enum { TMPDIR_NAME = sizeof "nono-tmp-0000000-000000000000-AAAAAA" };

/* A new name for the directory of a session with this host, as src/policy/resolve/session-directory.ts gives it; NUL-terminated. */
bool tmpdir_name(pid_t host, char name[TMPDIR_NAME]);
bool tmpdir_is_name(const char *name);
/* Such a name, and what lies there is a directory of this user's that is closed to all others. */
bool tmpdir_is_one(int parent, const char *name);
/* Removes the directory and all below it. Follows no link and leaves no file system, whoever moves things meanwhile. */
void tmpdir_remove(const char *path);
/* Says that a living session has the directory, as long as the descriptor is open in any process; -1: it cannot be said. */
int tmpdir_hold(const char *path);
/* Removes the directories beside `path` that belong to this user and to no living host, and are held by nobody; once `over` says so, the rest stays for another time. */
void tmpdir_remove_stale(const char *path, bool (*over)(void));
#endif
