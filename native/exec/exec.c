/* On the floor an execve CONTINUEs: the floor decides again. Off it, and allowed by policy, the program is brought onto the floor first: a file that the caller
 * may write takes a granted inode (swap.c), any other is executed from a copy (annex.c, redirect.c). A script needs its interpreter on the floor too. */
#include "exec/exec.h"

#include <errno.h>

#include "caller/caller.h"
#include "caller/identity.h"
#include "caller/masks.h"
#include "exec/exec_chain.h"
#include "exec/exec_hold.h"
#include "exec/exec_read.h"
#include "exec/refused.h"
#include "path/straight.h"

enum performed exec_perform(struct supervisor *s, struct exec_call *c)
{
	static struct chain chain; /* large; one thread */
	bool told = false; /* why it was refused */
	enum outcome outcome = exec_follow(s, c, &chain);
	if (outcome == COPY && c->only_asks)
		answer_value(s, c->id, 0); /* it would be executed, from a copy; no call is changed into one that does */
	else if (outcome == COPY)
		outcome = exec_redirect(s, c, &chain);
	else if (outcome == REFUSED)
		told = true;
	if (outcome == WAITS && !exec_wait(s, c))
		outcome = REFUSED;
	if (outcome == REFUSED && !told)
		report_denied(s, c->tid, c->verb, ACCESS_READ, REASON_CANNOT, NO_RULE, object_kind(&chain.step[0].t), chain.step[0].t.real);
	if (outcome == LET_PASS) {
		if ((s->options & PLAN_REPORT_EXEC) != 0 && chain.count > 0 && !c->only_asks)
			wire_exec(&s->wire, c->tid, caller_parent(c->tid), chain.step[0].t.real);
		answer_continue(s, c->id); /* on the floor, which decides again; or failing in the kernel */
	} else if (outcome == BUSY || outcome == UNREAD) {
		answer_error(s, c->id, outcome == BUSY ? ETXTBSY : EIO);
	} else if (outcome == REFUSED) {
		answer_error(s, c->id, EACCES);
	} else if (outcome == COPY && (s->options & PLAN_REPORT_EXEC) != 0 && !c->only_asks) {
		wire_exec(&s->wire, c->tid, caller_parent(c->tid), chain.step[0].t.real);
	}
	exec_close_chain(&chain);
	return outcome == REFUSED || outcome == BUSY || outcome == UNREAD ? PERFORM_FAILED : PERFORMED;
}

/* On the floor, but its interpreter need not be. UNREAD, LET_PASS, or REFUSED: not without a look. */
static enum outcome look_for_interpreter(const struct exec_call *c)
{
	static struct step step; /* large; one thread */
	bool read = true;
	step.interpreter[0] = 0;
	/* Whoever asks: only its first line is looked at. */
	if (straight_target(c->tid, c->dirfd, c->path, false, &step.t) == RESOLVED && S_ISREG(step.t.st.st_mode))
		read = first_line_soon(step.t.object, step.interpreter, step.argument);
	target_close(&step.t);
	return !read ? UNREAD : step.interpreter[0] == 0 ? LET_PASS : REFUSED;
}

void exec_call(struct supervisor *s, const struct seccomp_notif *n)
{
	static struct exec_call c; /* large; one thread */
	identity_executes((pid_t)n->pid);
	masks_execute((pid_t)n->pid);
	if (!exec_read(n, &c)) {
		answer_continue(s, n->id); /* unreadable memory, or no path: the kernel's errors, and the floor's */
		return;
	}
	if (exec_has_unknown_flags(n)) {
		answer_error(s, n->id, EINVAL); /* a later kernel's may mean another call than the one that would be made from a copy */
		return;
	}
	if ((s->options & PLAN_REPORT_EXEC) == 0 && !refused_any() && !c.by_descriptor && quick_look(s, c.tid, c.dirfd, c.path, c.nofollow, EXEC_RIGHTS, 0) == QUICK_INSIDE) {
		enum outcome outcome = look_for_interpreter(&c);
		if (outcome == UNREAD)
			answer_error(s, n->id, EIO);
		else if (outcome == LET_PASS)
			answer_continue(s, n->id); /* inside the floor, which decides again */
		if (outcome != REFUSED)
			return;
	}
	exec_perform(s, &c);
}
