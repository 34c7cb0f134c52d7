/* What is kept of a call on one object that waits for a verdict. */
#ifndef NONO_METADATA_HOLD_H
#define NONO_METADATA_HOLD_H
#include "metadata/metadata.h"

/* Takes the descriptors of `c` when true. */
bool metadata_hold(struct supervisor *s, struct object_call *c);

/* --- metadata.c, for a call that has waited --- */
struct decision metadata_decide(const struct supervisor *s, const struct object_call *c);
/* A Landlock domain that the caller added itself would be stepped over. */
bool metadata_own_domain_decides(const struct supervisor *s, const struct object_call *c);
enum performed metadata_answer(struct supervisor *s, struct object_call *c);
#endif
