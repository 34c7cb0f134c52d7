/* Which object a call is about, as its caller means it. */
#ifndef NONO_METADATA_OBJECT_H
#define NONO_METADATA_OBJECT_H
#include "metadata/metadata_read.h"

/* Finds the object. 0 or a negative errno; either way metadata_close closes what was opened. */
int metadata_find(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c);
void metadata_close(struct object_call *c);
#endif
