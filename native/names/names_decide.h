/* The decision on all names of a call, and the record that shows it. */
#ifndef NONO_NAMES_DECIDE_H
#define NONO_NAMES_DECIDE_H
#include "names/names.h"

/* What changes its path must be as open at either place, or a rename would turn "may write" into "may read". */
uint8_t names_access(const struct name_call *c);
/* Every side must be allowed; the first that is not speaks, one under a DENY rule before all others. */
struct decision names_decide(const struct supervisor *s, const struct name_call *c, unsigned *which);
/* The record shows the side that is not allowed, and the other one beside it. */
void names_describe(const struct supervisor *s, const struct name_call *c, struct access_record *r, struct record_names *names, struct decision d, unsigned which);
#endif
