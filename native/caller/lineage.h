/* Who descends from this process: everything inside, and nobody else. What descends from it always will, since it is the subreaper of all of it, and nobody else ever comes to: so a
 * process is followed up its parents once, and asked for no more than when it started afterwards. */
#ifndef NONO_LINEAGE_H
#define NONO_LINEAGE_H
#include <stdbool.h>
#include <sys/types.h>

/* Also of a thread. This process's own workers (caller_is_worker) are outside. */
bool lineage_in_session(pid_t pid);
/* The same, for a look at many: `left` counts the questions down, each of which costs 8 µs; when there are none nobody is inside. */
bool lineage_in_session_within(pid_t pid, unsigned *left);
/* Of a child that is none of the session's: it is not taken for one, as long as it is not forgotten for others. */
void lineage_outside(pid_t pid);
#endif
