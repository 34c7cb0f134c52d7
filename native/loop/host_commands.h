/* The host at the other end of the socket: its commands, and its end. */
#ifndef NONO_HOST_COMMANDS_H
#define NONO_HOST_COMMANDS_H
#include "loop/loop.h"

/* Carries out what has come. */
void host_serve(struct loop *l);
/* The host hung up or speaks nonsense: nothing is granted any more and nothing inside lives on. Does not return. */
void host_lost(struct loop *l);
#endif
