/* The session's own $TMPDIR: made by the host, removed here, and those that killed sessions left behind. */
#ifndef NONO_TMPDIR_H
#define NONO_TMPDIR_H
#include <stdbool.h>
#include <sys/types.h>

/* MOST: who adds to a directory as fast as it is emptied keeps no session from ending. */
enum { TMPDIR_NAME = sizeof "nono-tmp-0000000-000000000000-AAAAAA", TMPDIR_MOST = 1000000 };

/* A new name for the directory of a session with this host, as src/policy/resolve/session-directory.ts gives it; NUL-terminated. */
bool tmpdir_name(pid_t host, char name[TMPDIR_NAME]);
bool tmpdir_is_name(const char *name);
/* Such a name, and what lies there is a directory of this user's that is closed to all others. */
bool tmpdir_is_one(int parent, const char *name);
/* Removes the directory and all below it, at most `most` names. Follows no link and leaves no file system, whoever moves things meanwhile. False: something is left, for a later session
 * to remove (tmpdir_remove_stale). */
bool tmpdir_remove(const char *path, unsigned long most);
/* Says that a living session has the directory, as long as the descriptor is open in any process; -1: it cannot be said. */
int tmpdir_hold(const char *path);
/* Removes the directories beside `path` that belong to this user and to no living host, and are held by nobody; once `over` says so, or TMPDIR_MOST names are gone, the rest stays for
 * another time. */
void tmpdir_remove_stale(const char *path, bool (*over)(void));
#endif
