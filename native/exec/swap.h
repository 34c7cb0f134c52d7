/* Executing what was made off the floor: the file takes an inode that is on it. */
#ifndef NONO_SWAP_H
#define NONO_SWAP_H
#include "loop/supervisor.h"

enum swapped { SWAPPED, SWAP_BUSY /* somebody writes it: ETXTBSY, as execve(2) */, SWAP_NOT, SWAP_SLOWLY /* process *copy copies it */ };
/* Exchanges the file `t`, which policy lets the caller read and write, for a copy of it on the floor. Called with this process's own identity. */
enum swapped swap_executable(struct supervisor *s, struct target *t, pid_t *copy);
/* A child has ended. True when it was such a copy, which has taken its place now if it could. */
bool swap_ended(struct supervisor *s, pid_t pid, bool well);
/* Copies content, permissions, times, owner and extended attributes. False: not all of it could be. */
bool swap_copy(int from, int to, const struct stat *st);
#endif
