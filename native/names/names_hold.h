/* Calls on names that wait: for a verdict, or for a look through what they would move. */
#ifndef NONO_NAMES_HOLD_H
#define NONO_NAMES_HOLD_H
#include "names/names_read.h"

/* Keeps the call for a verdict; takes its descriptors when true. */
bool names_hold(struct supervisor *s, struct name_call *c);
/* Keeps it until `work` has ended. `verdict`: somebody has said yes to it. Takes its descriptors when true. */
bool names_wait(struct supervisor *s, struct name_call *c, pid_t work, bool verdict);

/* --- names.c, for a call that has waited --- */
enum performed names_answer(struct supervisor *s, struct name_call *c);
void names_decide_and_act(struct supervisor *s, struct name_call *c, const struct names_shape *shape);
#endif
