/* A directory of this session's own, outside the sandbox's reach, that is gone when the session is. */
#ifndef NONO_SCRATCH_H
#define NONO_SCRATCH_H
#include <stdbool.h>

struct scratch {
	int place; /* the directory that it is in, or -1 */
	int fd;    /* itself, locked (flock) as long as a process of ours holds this */
	char name[24];
};

/* Makes one in `place`, which is made too, and removes what killed sessions left there. False with errno: no such directory could be had. */
bool scratch_make(const char *place, struct scratch *s);
/* Removes it with all that is in it. */
void scratch_remove(struct scratch *s);
#endif
