/* Calls on names: mkdir, rmdir, unlink, rename, link, symlink, mknod. On the floor they CONTINUE; off it they are decided by the rules, held where nothing grants
 * them (mode ask), and performed by the supervisor on directories that it has resolved. */
#ifndef NONO_NAMES_H
#define NONO_NAMES_H
#include "loop/supervisor.h"
#include "path/walk.h"

/* One path argument: the directory it is in, open, and the name in it. */
struct name {
	int parent, object;    /* O_PATH; object: only the source of a hard link, else -1 */
	char leaf[258];        /* as written, a trailing slash included: the kernel gives that its meaning */
	char real[PLAN_MAX_PATH]; /* without the slash; empty for the source of a link that has no name yet (O_TMPFILE) */
	bool exists, on_floor;
	bool looked;           /* false: not yet, `exists` is what the call needs (names_look_now) */
	struct stat st;        /* when `exists` */
};

struct name_call {
	uint64_t id;
	struct calling calling;
	int nr;
	uint16_t verb;
	unsigned sides;
	uint64_t args[6];
	struct name side[2]; /* rename and link: from, to */
	char text[PLAN_MAX_PATH]; /* where a symlink is to lead */
	unsigned rounds;          /* how often it has waited for a look through what it moves */
};

void names_call(struct supervisor *s, const struct seccomp_notif *n);
/* The name that a path leads to for the caller, in an open directory (n->parent, to be closed). False: there is no such directory, or none to act in. */
bool name_at(pid_t tid, int dirfd, const char *path, struct name *n);
/* A child has ended. True when a call waited for it: one that still waits goes on. */
bool names_waited(struct supervisor *s, pid_t pid);
/* 0, or the errno with which this is refused whatever the verdict on the names themselves (names_perform.c); MOVES_SLOWLY and `work`: see moves.h. */
int names_refused(const struct supervisor *s, const struct name_call *c, pid_t *work);
/* Nothing of the kind is done for now, whatever the verdict: EIO (changes.h). names_perform asks as well. */
bool names_stopped(const struct name_call *c);
/* Performs the call as its caller; 0 or a negative errno. */
int names_perform(struct supervisor *s, struct name_call *c);
#endif
