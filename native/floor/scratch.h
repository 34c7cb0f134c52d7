/* A directory of this session's own, outside the sandbox's reach, that is gone when the session is, or parked for the next one. Making inodes again and again is
 * slow: ext4 does not use a number again for seconds after its deletion, and looks for another one at every start. */
#ifndef NONO_SCRATCH_H
#define NONO_SCRATCH_H
#include <stdbool.h>

struct scratch {
	int place; /* the directory that it is in, or -1 */
	int fd;    /* itself, locked (flock) as long as a process of ours holds this */
	char name[24];
};

/* Takes a parked one over or makes one in `place`, which is made too, and removes what killed sessions left there. What is in a parked one must be looked at before
 * it is used. False with errno: no such directory could be had. */
bool scratch_make(const char *place, struct scratch *s);
/* Removes it with all that is in it. */
void scratch_remove(struct scratch *s);
/* Leaves it, with what is in it, to a later session. */
void scratch_park(struct scratch *s);
/* Removes one name in it, whatever it is. */
void scratch_discard(const struct scratch *s, const char *name);
#endif
