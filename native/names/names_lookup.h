/* The names of a call, looked up as its caller would: directories and objects held open, their real paths, and whether they are on the floor. */
#ifndef NONO_NAMES_LOOKUP_H
#define NONO_NAMES_LOOKUP_H
#include "names/names_read.h"

enum looked { LOOKED, LEAVE_TO_KERNEL, FAILED };
/* Fills c->side[i], whose descriptors are closed by names_close. FAILED: with the caller's own `error`. */
enum looked names_look_up(const struct supervisor *s, struct name_call *c, const struct names_shape *shape, unsigned i, const struct written *w, int *error);
/* What names_look_up has put off: whether the name is there. */
enum looked names_look_now(struct name *n);
/* Is each side still what was shown? */
bool names_unchanged(const struct name_call *c);
void names_close(struct name_call *c);
#endif
