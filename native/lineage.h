/* Who descends from the supervisor, asked of many processes at a time: each is asked for its parent once. caller_in_session follows the parents of each one anew, which with a long line of
 * them is a second's work for each of hundreds. */
#ifndef NONO_LINEAGE_H
#define NONO_LINEAGE_H
#include <stdbool.h>
#include <sys/types.h>

/* A new look: what was learnt before is forgotten. */
void lineage_begin(void);
/* As caller_in_session. Past so many questions as a look may ask, nobody does. */
bool lineage_in_session(pid_t pid);
#endif
