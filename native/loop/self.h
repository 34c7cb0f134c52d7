/* What `nono why --self` asks: the session's own policy, handed to whoever asks inside (PROTOCOL.md, "The session's own record"). */
#ifndef NONO_SELF_H
#define NONO_SELF_H
#include "loop/supervisor.h"

/* No file of this name can be made: /proc takes none. So only the supervisor can answer an open of it. */
#define SELF_PATH "/proc/nono/session"

/* Keeps the plan's text. */
void self_init(const struct plan *plan);
/* The host has changed the rules: kept as it was sent. */
void self_changed(const struct command *c);
bool self_is_asked(const struct open_call *call);
/* Answers the open with a sealed, read-only file of the text and what was changed since. */
void self_answer(struct supervisor *s, const struct open_call *call);
/* nono-launch --session: prints the record. 0: printed, 1: there is no session to ask, 2: it was asked, and what came is no answer of a supervisor. */
int self_print(void);
#endif
