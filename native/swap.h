/* Executing what was made off the floor: the file takes an inode that is on it. */
#ifndef NONO_SWAP_H
#define NONO_SWAP_H
#include "supervisor.h"

enum swapped { SWAPPED, SWAP_BUSY /* somebody writes it: ETXTBSY, as execve(2) */, SWAP_NOT };
/* Exchanges the file `t`, which policy lets the caller read and write, for a copy of it on the floor. Called with this process's own identity. */
enum swapped swap_executable(struct supervisor *s, struct target *t);
/* Copies content, permissions, times, owner and extended attributes. False: not all of it could be. */
bool swap_copy(int from, int to, const struct stat *st);
#endif
