/* Changes of names where a server may not answer. The supervisor must be the only one that changes names off the floor, one change after another: a process that makes `hooks`
 * in a directory while the loop renames that directory to `.git` would make what a pattern denies. So the loop waits for the process that makes one, a moment. One that is late
 * may still be made at any time, and until its process has ended no other name there is changed, and no directory moved anywhere: EIO. */
#ifndef NONO_CHANGES_H
#define NONO_CHANGES_H
#include <stdbool.h>

#include "loop/brief.h"

struct change {
	struct brief brief;
	int dir[2];          /* whose names change; below 0: none */
	const char *real[2]; /* the names; NULL: none */
};

/* Must it be refused for now? To be asked before every change of names, wherever it is. */
bool changes_stopped(const int dir[2], bool moves_directory);
/* Makes it, with the result in the brief. False: it is not known whether it was, or will be, made; its caller gets EIO. What was remembered of the names is forgotten. */
bool changes_make(struct change *c);
/* A child ended. True: it was one of those that were late. */
bool changes_ended(pid_t pid);
#endif
