#define _GNU_SOURCE
#include "names/names.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "names/moves.h"
#include "names/names_decide.h"
#include "names/names_hold.h"
#include "names/names_lookup.h"
#include "path/may.h"

enum performed names_answer(struct supervisor *s, struct name_call *c)
{
	int result = names_perform(s, c);
	if (result < 0)
		answer_error(s, c->id, -result);
	else
		answer_value(s, c->id, 0);
	return PERFORMED;
}

/* Would the kernel refuse before any policy is asked, or discretionary access control afterwards? Then there is nothing to ask a person. */
static bool kernel_refuses(const struct name_call *c, const struct names_shape *shape)
{
	for (unsigned i = 0; i < c->sides; i++) {
		const struct name *n = &c->side[i];
		enum expects e = shape->side[i].expects;
		if (c->verb == VERB_RENAME && i == 1 && c->nr == SYS_renameat2)
			e = (c->args[4] & RENAME_NOREPLACE) ? MUST_BE_FREE : (c->args[4] & RENAME_EXCHANGE) ? MUST_EXIST : ANYTHING;
		if ((e == MUST_EXIST && !n->exists) || (e == MUST_BE_FREE && n->exists))
			return true;
	}
	return false;
}

static bool dac_refuses(struct name_call *c)
{
	bool refused = false;
	if (!calling_identity_take(&c->calling))
		return true;
	for (unsigned i = 0; i < c->sides; i++)
		if (c->side[i].parent >= 0)
			refused = refused || !may_access(c->side[i].parent, W_OK | X_OK);
	caller_identity_restore();
	return refused;
}
static void report(struct supervisor *s, const struct name_call *c, struct decision d, unsigned which)
{
	if (s->wire.fd < 0)
		return;
	struct access_record r;
	struct record_names names;
	names_describe(s, c, &r, &names, d, which);
	wire_denied(&s->wire, &r);
}
static void refuse(struct supervisor *s, struct name_call *c, struct decision d, unsigned which)
{
	report(s, c, d, which);
	/* Device nodes as anybody without CAP_MKNOD hears it. */
	answer_error(s, c->id, c->verb == VERB_MKNOD && d.reason == REASON_CANNOT ? EPERM : EACCES);
}

/* Before anything is said about what has not been looked at. False: it was answered. */
static bool looked_now(struct supervisor *s, struct name_call *c)
{
	if (names_look_now(&c->side[0]) == LOOKED)
		return true;
	answer_continue(s, c->id); /* this process cannot look; the floor decides again */
	return false;
}

/* All sides are looked up and at least one is off the floor. */
void names_decide_and_act(struct supervisor *s, struct name_call *c, const struct names_shape *shape)
{
	unsigned which = 0;
	struct decision d = names_decide(s, c, &which);
	if (!d.allow && !c->side[0].looked) {
		if (!looked_now(s, c))
			return;
		d = names_decide(s, c, &which);
	}
	if (d.allow && names_stopped(c)) {
		answer_error(s, c->id, EIO); /* a look through what is moved could wait for what is late */
		return;
	}
	pid_t work;
	int refused = d.allow || d.reason != REASON_RULE ? names_refused(s, c, &work) : EACCES;
	if (refused == MOVES_SLOWLY) {
		if (kernel_refuses(c, shape)) {
			answer_continue(s, c->id); /* as below */
			return;
		}
		if (!caller_still_waits(s, c->id) || names_wait(s, c, work, false))
			return;
		refused = EACCES;
	}
	if (d.allow && refused == 0) {
		if (!caller_still_waits(s, c->id))
			return;
		if (!narrowed_contains(s, c->calling.tid)) {
			names_answer(s, c);
			return;
		}
		if (!looked_now(s, c))
			return;
		refused = EACCES;
	}
	if (kernel_refuses(c, shape) || (d.reason != REASON_RULE && dac_refuses(c))) {
		answer_continue(s, c->id); /* fails in the kernel with its own errno; should the names change meanwhile, the floor refuses */
		return;
	}
	if (refused != 0 && (d.allow || d.reason != REASON_RULE))
		d = (struct decision){.reason = REASON_CANNOT, .rule_id = NO_RULE};
	if (refused == EXDEV && d.reason != REASON_RULE) {
		answer_error(s, c->id, EXDEV); /* mv(1) copies then, and every name is decided on */
		return;
	}
	bool may_ask = s->mode == MODE_ASK && d.reason != REASON_RULE && refused == 0 && caller_still_waits(s, c->id);
	if (may_ask && narrowed_contains(s, c->calling.tid)) {
		d.reason = REASON_CANNOT; /* a yes could not be carried out: nobody is asked */
	} else if (may_ask) {
		if (names_hold(s, c))
			return;
		d.reason = REASON_TOO_MANY;
	}
	refuse(s, c, d, which);
}

static bool quickly_inside(const struct supervisor *s, const struct name_call *c, const struct names_shape *shape, const struct written written[2])
{
	for (unsigned i = 0; i < shape->sides; i++)
		if (written[i].path[0] == 0 || quick_parent(s, c->calling.tid, written[i].dirfd, written[i].path, shape->side[i].rights) != QUICK_INSIDE)
			return false;
	return true;
}

void names_call(struct supervisor *s, const struct seccomp_notif *n)
{
	static struct name_call c; /* large; one thread */
	static struct written written[2];
	const struct names_shape *shape = names_shape_of(n->data.nr);
	if (shape == NULL || !names_read(n, shape, &c, written) || quickly_inside(s, &c, shape, written)) {
		answer_continue(s, n->id); /* inside the floor, or an error of the kernel's own; the floor decides these calls completely */
		return;
	}
	enum looked l = LOOKED;
	int error = 0;
	bool inside = true;
	for (unsigned i = 0; l == LOOKED && i < shape->sides; i++) {
		l = names_look_up(s, &c, shape, i, &written[i], &error);
		inside = inside && c.side[i].on_floor;
	}
	if (l == FAILED)
		answer_error(s, n->id, error);
	else if (l == LEAVE_TO_KERNEL || inside)
		answer_continue(s, n->id); /* as above */
	else
		names_decide_and_act(s, &c, shape);
	names_close(&c);
}
