/* Mounts that somebody outside makes while the session runs, below what it was granted as a whole: the floor reaches into them, and what the plan knows of second names does not. */
#ifndef NONO_LATER_MOUNTS_H
#define NONO_LATER_MOUNTS_H
#include "floor/floor.h"
#include "loop/wire.h"

/* Each line of the mount table as it is read, then its end. What the first reading has is no news. */
void later_line(const char *line);
void later_end(void);
/* Says what of the news since the last time the floor reaches into. */
void later_tell(const struct floor *floor, struct wire *w);
#endif
