/* The session's own $TMPDIR: made by the host, removed here, and those that killed sessions left behind. */
#ifndef NONO_TMPDIR_H
#define NONO_TMPDIR_H

/* Removes the directory and all below it. Follows no link and leaves no file system, whoever moves things meanwhile. */
void tmpdir_remove(const char *path);
/* Removes the directories beside `path` that belong to this user and to no living host. */
void tmpdir_remove_stale(const char *path);
#endif
