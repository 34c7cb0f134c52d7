/* What comes before the loop, in this order. */
#ifndef NONO_SUPERVISE_START_H
#define NONO_SUPERVISE_START_H
#include "loop/loop.h"
#include "start/front.h"

/* Signals, the guardian. */
bool supervise_prepare(struct loop *l, struct failure *f);
/* Forks the command, which confines itself meanwhile. */
bool supervise_fork_child(struct loop *l, const struct plan *plan, const struct limits *limits, const char *program, char *const argv[], char *const *fast_env, struct failure *f);
/* Becomes what the loop needs: rules, identity, descriptors, limits; while the command confines itself. */
bool supervise_become(struct loop *l, const struct plan *plan, const struct limits *limits, struct failure *f);
/* Waits until the command has installed its filter: the listener is here, and it waits. */
bool supervise_take_listener(struct loop *l, struct failure *f);
/* Lets it execute; with `held`, when the host says so. False: the host is gone, or the guardian. */
bool supervise_release_child(struct loop *l, const struct front *held);
/* Leaves the standard streams to the command; what the host is to know. */
void supervise_begin(struct loop *l, const struct limits *limits);
#endif
