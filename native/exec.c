/* On the floor an execve CONTINUEs: the floor decides again. Off it, and allowed by policy, the program is brought onto the floor first: a file that the caller
 * may write takes a granted inode (swap.c), any other is executed from a copy (annex.c, redirect.c). A script needs its interpreter on the floor too. */
#define _GNU_SOURCE
#include "exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "annex.h"
#include "caller.h"
#include "caller_identity.h"
#include "first_line.h"
#include "identity.h"
#include "masks.h"
#include "redirect.h"
#include "refused.h"
#include "straight.h"
#include "swap.h"
#include "work.h"

#ifndef AT_EXECVE_CHECK
#define AT_EXECVE_CHECK 0x10000 /* Linux 6.14 */
#endif

/* ROUNDS: how often a call waits for a copy, its own or one of those that were begun before; what changes all the time is never copied. SWAP_ROUNDS: then from a
 * copy elsewhere, should there be no room here. */
enum { EXEC_RIGHTS = FLOOR_EXECUTE | FLOOR_READ_FILE, ROUNDS = 32, SWAP_ROUNDS = 4 };

struct exec_call {
	uint64_t id;
	pid_t tid;
	uint16_t verb;
	int dirfd;
	uint64_t path_at, argv, envp;
	bool nofollow, by_descriptor;
	bool only_asks; /* whether the file may be executed (AT_EXECVE_CHECK); nothing is */
	char path[PLAN_MAX_PATH];
	struct target asked; /* held: what the person was asked about */
	uint8_t reason;
	unsigned rounds;
	pid_t copy; /* of what is executed, under way */
};

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

static bool read_call(const struct seccomp_notif *n, struct exec_call *c)
{
	const __u64 *a = n->data.args;
	bool at = n->data.nr == SYS_execveat;
	uint32_t flags = at ? (uint32_t)a[4] : 0;
	*c = (struct exec_call){.id = n->id, .tid = (pid_t)n->pid, .verb = at ? VERB_EXECVEAT : VERB_EXECVE, .asked = {.object = -1, .parent = -1}};
	c->dirfd = at ? (int)a[0] : AT_FDCWD;
	c->path_at = a[at ? 1 : 0];
	c->argv = a[at ? 2 : 1];
	c->envp = a[at ? 3 : 2];
	c->nofollow = (flags & AT_SYMLINK_NOFOLLOW) != 0;
	c->only_asks = (flags & AT_EXECVE_CHECK) != 0;
	if (caller_string(c->tid, c->path_at, c->path, sizeof c->path) != 0)
		return false;
	c->by_descriptor = c->path[0] == 0;
	return !c->by_descriptor || (flags & AT_EMPTY_PATH) != 0;
}

/* The file that a descriptor stands for. A memfd has no path that leads back to it: it is the kernel's, whose floor does not decide on it. */
static bool resolve_held(const struct exec_call *c, struct target *t)
{
	*t = (struct target){.parent = -1, .object = resolve_base(c->tid, c->dirfd)};
	t->held_by_caller = true;
	return t->object >= 0 && fstat(t->object, &t->st) == 0 && S_ISREG(t->st.st_mode) && resolve_descriptor(t->object, t->real) && !resolve_in_other_proc(t->object, t->real) &&
	       resolve_confirms(t->real, &t->st);
}

static bool resolve_step(const struct exec_call *c, struct step *step, unsigned depth)
{
	if (depth == 0 && c->by_descriptor)
		return resolve_held(c, &step->t);
	struct path_request request = {.tid = c->tid, .dirfd = depth == 0 ? c->dirfd : AT_FDCWD, .path = step->path, .nofollow = depth == 0 && c->nofollow};
	enum resolve_status status = resolve_as_caller(&request, &step->t);
	return (status == RESOLVED || status == RESOLVED_FILE) && step->t.proc_pid == 0 && S_ISREG(step->t.st.st_mode);
}

/* As the kernel would ask for the caller; the copy is made with this process's authority. */
static bool may_execute(const struct exec_call *c, const struct target *t)
{
	struct caller_status status;
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", t->object);
	bool fixed = caller_identity_fixed();
	bool may = fixed || (caller_status(c->tid, &status) && caller_identity_take(c->tid, &status));
	may = may && syscall(SYS_faccessat2, AT_FDCWD, link, X_OK | R_OK, AT_EACCESS) == 0;
	if (may && !fixed) {
		int base = resolve_base(c->tid, c->dirfd);
		struct path_request request = {.tid = c->tid, .dirfd = c->dirfd, .path = c->path};
		may = !caller_identity_taken() || c->by_descriptor || resolve_reaches(base, &request, t);
		if (base >= 0)
			close(base);
	}
	caller_identity_restore();
	return may;
}

static bool acts_as_itself(const struct exec_call *c)
{
	struct caller_status status;
	if (caller_identity_fixed())
		return true;
	bool same = caller_status(c->tid, &status) && caller_identity_take(c->tid, &status) && !caller_identity_taken();
	caller_identity_restore();
	return same;
}

static void report(struct supervisor *s, const struct exec_call *c, const struct target *t, uint8_t reason, uint32_t rule)
{
	report_denied(s, c->tid, c->verb, ACCESS_READ, reason, rule, object_kind(t), t->real);
}

static const struct held_kind held_exec;

/* Keeps a call until a person has decided on the program `t`. */
static bool hold(struct supervisor *s, const struct exec_call *c, struct target *t, uint8_t reason)
{
	struct exec_call *kept = malloc(sizeof *kept);
	if (kept == NULL)
		return false;
	*kept = *c;
	kept->asked = *t;
	kept->reason = reason;
	if (!held_add(s, &held_exec, kept, c->id, c->tid, held_subject(c->verb, ACCESS_READ, t->real))) {
		free(kept);
		return false;
	}
	t->object = t->parent = -1;
	return true;
}

/* Policy and floor for one program. `asked`: the object that a verdict was just given about. */
static enum outcome settle(struct supervisor *s, struct exec_call *c, struct step *step, bool verdict)
{
	struct target *t = &step->t;
	if (floor_holds(s->floor, t->real, t->st.st_dev, t->st.st_ino, EXEC_RIGHTS))
		return LET_PASS;
	if (!may_execute(c, t))
		return LET_PASS; /* the kernel refuses, with its own errno */
	struct decision d = rules_decide(&s->rules, t->real, ACCESS_READ);
	bool same = verdict && t->st.st_dev == c->asked.st.st_dev && t->st.st_ino == c->asked.st.st_ino;
	step->once = !d.allow;
	if (!d.allow && !(same && d.reason != REASON_RULE)) {
		bool may_ask = s->mode == MODE_ASK && d.reason != REASON_RULE && !narrowed_contains(s, c->tid) && caller_still_waits(s, c->id);
		if (may_ask && hold(s, c, t, d.reason))
			return ANSWERED;
		report(s, c, t, may_ask ? REASON_TOO_MANY : d.reason, d.rule_id);
		return REFUSED;
	}
	if (narrowed_contains(s, c->tid))
		return LET_PASS; /* its own domain decides, which a copy would step over */
	if (!resolve_confirms(t->real, &t->st))
		return REFUSED;
	if (!step->once && c->rounds < SWAP_ROUNDS && acts_as_itself(c) && rules_decide(&s->rules, t->real, ACCESS_READ | ACCESS_WRITE).allow) {
		enum swapped swapped = swap_executable(s, t, &c->copy);
		if (swapped != SWAP_NOT)
			return swapped == SWAPPED ? LET_PASS : swapped == SWAP_SLOWLY ? WAITS : BUSY;
	}
	step->copy = true;
	return COPY;
}

static enum outcome walk(struct supervisor *s, struct exec_call *c, struct chain *chain, bool verdict)
{
	enum outcome outcome = LET_PASS;
	for (unsigned i = 0; i <= MAX_INTERPRETERS; i++)
		chain->step[i].t.object = chain->step[i].t.parent = -1; /* all are closed in the end */
	for (chain->count = 0; chain->count <= MAX_INTERPRETERS; chain->count++) {
		struct step *step = &chain->step[chain->count], *above = step - 1;
		*step = (struct step){.t = {.object = -1, .parent = -1}};
		memcpy(step->path, chain->count == 0 ? c->path : above->interpreter, chain->count == 0 ? sizeof step->path : sizeof above->interpreter);
		bool resolved = resolve_step(c, step, chain->count);
		/* What does not exist is said not to exist; of what only the caller can name it is not known. */
		bool callers = step->path[0] != '/' || strncmp(step->path, "/proc/", 6) == 0;
		bool there = resolved || step->t.object >= 0 || (step->t.parent < 0 && (callers || access(step->path, F_OK) == 0));
		if (there && refused_command(step->path, resolved ? &step->t : NULL)) {
			if (!resolved)
				memcpy(step->t.real, step->path, sizeof step->t.real);
			report(s, c, &step->t, REASON_COMMAND, NO_RULE);
			return REFUSED;
		}
		if (!resolved)
			break; /* fails in the kernel, or is the kernel's alone */
		enum outcome one = settle(s, c, step, verdict);
		if (one == COPY)
			outcome = COPY;
		else if (one != LET_PASS)
			return one;
		if (c->only_asks) { /* of the file itself, as the kernel does, and not of its interpreter */
			chain->count++;
			break;
		}
		if (!first_line_soon(step->t.object, step->interpreter, step->argument))
			return UNREAD;
		if (step->interpreter[0] == 0) {
			chain->count++;
			break;
		}
	}
	return outcome;
}

/* What the kernel would execute in the end, from where the floor allows it: COPY when it is on its way. */
static enum outcome redirect(struct supervisor *s, struct exec_call *c, const struct chain *chain)
{
	struct redirect r = {.tid = c->tid, .notification = c->id, .path = c->path_at, .argv = c->argv, .envp = c->envp, .path_length = strlen(c->path), .program = -1};
	const struct step *last = chain->count > 0 ? &chain->step[chain->count - 1] : NULL;
	if (last == NULL || last->interpreter[0] != 0 || (c->by_descriptor && chain->count > 1))
		return REFUSED;
	for (unsigned i = chain->count - 1; i-- > 0;) {
		r.word[r.words++] = chain->step[i].interpreter;
		if (chain->step[i].argument[0] != 0)
			r.word[r.words++] = chain->step[i].argument;
	}
	if (r.words > 0)
		r.word[r.words++] = NULL;
	if (last->copy && (r.program = annex_copy(&last->t, last->once ? c->id : 0, &c->copy)) < 0)
		return r.program == ANNEX_SLOWLY ? WAITS : REFUSED;
	if (redirect_begin(s, &r))
		return COPY;
	if (r.program >= 0)
		close(r.program);
	return REFUSED;
}

/* --- waiting for a copy --------------------------------------------------------------------------------------------------------------------------- */

struct waiting {
	struct waiting *next;
	pid_t pid; /* the process that stands for it */
	bool verdict;
	struct exec_call call;
};

static struct waiting *waiting;

static bool wait_for_copy(struct supervisor *s, const struct exec_call *c, bool verdict)
{
	struct waiting *w = c->rounds < ROUNDS ? malloc(sizeof *w) : NULL;
	pid_t pid = w != NULL ? work_wait(c->copy) : -1;
	if (pid <= 0) {
		free(w);
		return false;
	}
	*w = (struct waiting){.next = waiting, .pid = pid, .verdict = verdict, .call = *c};
	w->call.rounds++;
	w->call.asked.object = w->call.asked.parent = -1; /* those are the held call's; which object it was stays known */
	waiting = w;
	held_add_worker(s, c->id, c->tid, pid);
	return true;
}

static enum performed perform(struct supervisor *s, struct exec_call *c, bool verdict)
{
	static struct chain chain; /* large; one thread */
	bool told = false; /* why it was refused */
	enum outcome outcome = walk(s, c, &chain, verdict);
	if (outcome == COPY && c->only_asks)
		answer_value(s, c->id, 0); /* it would be executed, from a copy; no call is changed into one that does */
	else if (outcome == COPY)
		outcome = redirect(s, c, &chain);
	else if (outcome == REFUSED)
		told = true;
	if (outcome == WAITS && !wait_for_copy(s, c, verdict))
		outcome = REFUSED;
	if (outcome == REFUSED && !told)
		report(s, c, &chain.step[0].t, REASON_CANNOT, NO_RULE);
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
	for (unsigned i = 0; i <= MAX_INTERPRETERS; i++)
		target_close(&chain.step[i].t);
	return outcome == REFUSED || outcome == BUSY || outcome == UNREAD ? PERFORM_FAILED : PERFORMED;
}

bool exec_waited(struct supervisor *s, pid_t pid)
{
	for (struct waiting **link = &waiting; *link != NULL; link = &(*link)->next) {
		struct waiting *w = *link;
		if (w->pid != pid)
			continue;
		*link = w->next;
		if (held_worker_ended(s, pid) && caller_still_waits(s, w->call.id))
			perform(s, &w->call, w->verdict);
		free(w);
		return true;
	}
	return false;
}

/* --- held ----------------------------------------------------------------------------------------------------------------------------------------- */

static struct decision held_decide(const struct supervisor *s, const void *call)
{
	return rules_decide(&s->rules, ((const struct exec_call *)call)->asked.real, ACCESS_READ);
}

static bool held_announce(struct supervisor *s, uint64_t hold_id, const void *call)
{
	const struct exec_call *c = call;
	struct access_record r;
	struct record_names names;
	fill_record(&r, &names, c->tid, c->verb, ACCESS_READ, c->reason, NO_RULE, object_kind(&c->asked), c->asked.real);
	return wire_held(&s->wire, hold_id, &r);
}

static enum performed held_perform(struct supervisor *s, void *call)
{
	struct exec_call *c = call;
	if (!caller_still_waits(s, c->id))
		return PERFORM_FAILED;
	if (!resolve_confirms(c->asked.real, &c->asked.st))
		return PERFORM_CHANGED;
	return perform(s, c, true);
}

static void held_discard(void *call)
{
	target_close(&((struct exec_call *)call)->asked);
	free(call);
}

static const struct held_kind held_exec = {held_decide, held_announce, held_perform, held_discard};

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

static bool has_unknown_flags(const struct seccomp_notif *n)
{
	enum { KNOWN = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_EXECVE_CHECK };
	return n->data.nr == SYS_execveat && ((uint32_t)n->data.args[4] & ~(uint32_t)KNOWN) != 0;
}

void exec_call(struct supervisor *s, const struct seccomp_notif *n)
{
	static struct exec_call c; /* large; one thread */
	identity_executes((pid_t)n->pid);
	masks_execute((pid_t)n->pid);
	if (has_unknown_flags(n)) {
		answer_error(s, n->id, EINVAL); /* a later kernel's may mean another call than the one that would be made from a copy */
		return;
	}
	if (!read_call(n, &c)) {
		answer_continue(s, n->id); /* unreadable memory, or no path: the kernel's errors, and the floor's */
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
	perform(s, &c, false);
}
