/* Whether a caller may have one more descriptor. */
#ifndef NONO_CALLER_ROOM_H
#define NONO_CALLER_ROOM_H
#include <stdbool.h>
#include <sys/types.h>

/* To be asked before anything is made or truncated for a descriptor. True where it cannot be told. */
bool caller_has_room(pid_t tid);
#endif
