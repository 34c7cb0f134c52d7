/* What comes before the loop, in this order. */
#ifndef NONO_SUPERVISE_START_H
#define NONO_SUPERVISE_START_H
#include "front.h"
#include "loop.h"

/* Signals, the guardian, the rules. */
bool supervise_prepare(struct loop *l, const struct plan *plan, struct failure *f);
/* Forks the command, as far as its filter: the listener is here and it waits. */
bool supervise_start_child(struct loop *l, const struct plan *plan, const struct limits *limits, const char *program, char *const argv[], char *const *fast_env, struct failure *f);
/* Lets it execute; with `held`, when the host says so. False: the host is gone, or the guardian. */
bool supervise_release_child(struct loop *l, const struct front *held);
/* Becomes what the loop needs: identity, descriptors, limits. */
void supervise_begin(struct loop *l, const struct plan *plan, const struct limits *limits);
#endif
