/* Policy, floor and refused commands for every program of a chain, as the caller means each path. Runs with the supervisor's identity but where it says otherwise. */
#define _GNU_SOURCE
#include "exec/exec_chain.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "exec/annex.h"
#include "exec/exec_hold.h"
#include "exec/redirect.h"
#include "exec/refused.h"
#include "exec/swap.h"
#include "path/may.h"
#include "path/walk.h"

/* So often a call waits for room on the floor; then it is executed from a copy elsewhere. */
enum { SWAP_ROUNDS = 4 };

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
	bool fixed = caller_identity_fixed();
	bool may = fixed || (caller_status(c->tid, &status) && caller_identity_take(c->tid, &status));
	may = may && may_access(t->object, X_OK | R_OK);
	if (may && !fixed) {
		int base = resolve_base(c->tid, c->dirfd);
		struct path_request request = {.tid = c->tid, .dirfd = c->dirfd, .path = c->path};
		may = !caller_identity_taken() || c->by_descriptor || walk_reaches(base, &request, t);
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

/* Policy and floor for one program. */
static enum outcome settle(struct supervisor *s, struct exec_call *c, struct step *step)
{
	struct target *t = &step->t;
	if (floor_holds(s->floor, t->real, t->st.st_dev, t->st.st_ino, EXEC_RIGHTS))
		return LET_PASS;
	if (!may_execute(c, t))
		return LET_PASS; /* the kernel refuses, with its own errno */
	struct decision d = rules_decide(&s->rules, t->real, ACCESS_READ);
	step->once = !d.allow;
	if (!d.allow && (d.reason == REASON_RULE || !exec_approved(c, &t->st))) {
		bool may_ask = s->mode == MODE_ASK && d.reason != REASON_RULE && !narrowed_contains(s, c->tid) && caller_still_waits(s, c->id);
		if (may_ask && exec_hold(s, c, t, d.reason))
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

enum outcome exec_follow(struct supervisor *s, struct exec_call *c, struct chain *chain)
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
		enum outcome one = settle(s, c, step);
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

enum outcome exec_redirect(struct supervisor *s, struct exec_call *c, const struct chain *chain)
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

void exec_close_chain(struct chain *chain)
{
	for (unsigned i = 0; i <= MAX_INTERPRETERS; i++)
		target_close(&chain->step[i].t);
}
