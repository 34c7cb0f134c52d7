/* The programs on the way from the path of an execve to machine code, and what is to become of the call for their sake. */
#ifndef NONO_EXEC_CHAIN_H
#define NONO_EXEC_CHAIN_H
#include "exec/exec.h"

enum { EXEC_RIGHTS = FLOOR_EXECUTE | FLOOR_READ_FILE };

/* One program on the way from the path to the machine code. */
struct step {
	struct target t;
	bool copy; /* off the floor, to be executed from a copy */
	bool once; /* by a verdict for this one call */
	char path[PLAN_MAX_PATH];
	char interpreter[FIRST_LINE], argument[FIRST_LINE]; /* of its #! line; "" when there is none */
};

struct chain {
	struct step step[MAX_INTERPRETERS + 1];
	unsigned count;
};

enum outcome { LET_PASS, COPY, BUSY, REFUSED, ANSWERED, UNREAD /* a server did not answer */, WAITS /* for c->copy */ };

/* Follows the call to its end or to what stops it. All targets are to be closed (exec_close_chain), whatever comes of it. */
enum outcome exec_follow(struct supervisor *s, struct exec_call *c, struct chain *chain);
/* After COPY: what the kernel would execute in the end, from where the floor allows it. COPY when it is on its way. */
enum outcome exec_redirect(struct supervisor *s, struct exec_call *c, const struct chain *chain);
void exec_close_chain(struct chain *chain);
#endif
