#define _GNU_SOURCE
#include "metadata/metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loop/work.h"
#include "metadata/metadata_hold.h"
#include "metadata/metadata_object.h"
#include "metadata/metadata_slow.h"
#include "path/devices.h"
#include "path/may.h"
#include "path/terminals.h"
#include "slow/slow_mounts.h"

/* --- the decision ------------------------------------------------------------------------------------------------------------------------------- */

static bool both_now(const struct object_call *c)
{
	return c->verb == VERB_UTIME && (!c->times_given || (c->times[0].tv_nsec == UTIME_NOW && c->times[1].tv_nsec == UTIME_NOW));
}

/* Mode and owner of a terminal stay when the command has ended: whoever else may read it then sees what is typed into the shell outside. */
static bool opens_to_others(const struct object_call *c)
{
	enum { MESG = 0620 /* mesg(1): who may write to the user, by programs of the terminals' group */ };
	const struct stat *st = &c->t.st;
	switch (c->verb) {
	case VERB_CHMOD:
		return (c->mode & ~(MESG | st->st_mode)) != 0;
	case VERB_CHOWN:
		return (c->uid != (uid_t)-1 && c->uid != st->st_uid) || (c->gid != (gid_t)-1 && c->gid != st->st_gid);
	default:
		return c->verb == VERB_SETXATTR; /* an access list */
	}
}

/* Anything that may be done to a device's node, besides touching it, is done to a machine's or another user's: except to the terminal one sits at (mesg). */
static bool device_refused(const struct object_call *c)
{
	if (!devices_is_one(c->t.st.st_mode))
		return false;
	return !both_now(c) && (opens_to_others(c) || !terminal_is_own(c->calling.tid, &c->t));
}

/* Where an object without a name is decided: by the path it was removed from, into `out`. */
enum nameless { INTERNAL /* pipes, sockets, eventfds: no path ever led there */, REMOVED, UNKNOWN };

static enum nameless nameless(const struct object_call *c, char out[PLAN_MAX_PATH])
{
	static const char removed[] = " (deleted)";
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", c->t.object);
	ssize_t n = readlink(link, out, PLAN_MAX_PATH - 1);
	size_t tail = sizeof removed - 1;
	if (n <= 0 || n >= (ssize_t)PLAN_MAX_PATH - 1)
		return UNKNOWN;
	out[n] = 0;
	if (out[0] != '/')
		return strchr(out, ':') != NULL && out[0] != '(' ? INTERNAL : UNKNOWN; /* "pipe:[…]", "anon_inode:…"; not "(unreachable)…" */
	if (c->t.st.st_nlink > 0 || (size_t)n <= tail || strcmp(out + n - tail, removed) != 0)
		return UNKNOWN;
	out[(size_t)n - tail] = 0;
	return REMOVED;
}

struct decision metadata_decide(const struct supervisor *s, const struct object_call *c)
{
	static const struct decision cannot = {.reason = REASON_CANNOT, .rule_id = NO_RULE};
	struct decision d = {.allow = true, .rule_id = NO_RULE};
	char real[PLAN_MAX_PATH];
	/* Held open for writing, what has no name is the caller's to change. Held for reading, or only by a path, it is decided by where it was; and what still has
	 * names, but none that can be found (moved with a mount, one of several hard links removed), not at all. */
	enum nameless kind = c->named || c->writable ? INTERNAL : nameless(c, real);
	if (c->named)
		d = rules_decide(&s->rules, c->t.real, ACCESS_WRITE);
	else if (kind == REMOVED)
		d = rules_decide(&s->rules, real, ACCESS_WRITE);
	else if (kind == UNKNOWN)
		d = cannot;
	return d.allow && device_refused(c) ? cannot : d;
}

/* In a process of its own, which waits for the lease. */
static enum performed perform_slowly(struct supervisor *s, struct object_call *c)
{
	pid_t pid = work_fork((const int[3]){c->t.object, c->file, s->listener}, 3);
	if (pid == 0) {
		int result = metadata_perform_blocking(c);
		if (c->past_limit)
			metadata_tell_of_limit(s, c->id, c->calling.tid);
		if (result < 0)
			answer_error(s, c->id, -result);
		else
			answer_value(s, c->id, 0);
		_exit(0);
	}
	if (pid < 0) {
		answer_error(s, c->id, ENOMEM);
		return PERFORM_FAILED;
	}
	held_add_worker(s, c->id, c->calling.tid, pid);
	return PERFORMED;
}

enum performed metadata_answer(struct supervisor *s, struct object_call *c)
{
	if (slow_holds(c->t.object))
		return metadata_begin_slowly(s, c);
	int result = metadata_perform(s, c);
	if (result == METADATA_SLOWLY)
		return perform_slowly(s, c);
	if (result < 0)
		answer_error(s, c->id, -result);
	else
		answer_value(s, c->id, 0);
	return PERFORMED;
}

/* A Landlock domain that the caller added itself would be stepped over. Of these calls it decides truncate alone; the others it lets pass, and so it is no less kept
 * when they are performed here (landlock(7), "Current limitations"). */
bool metadata_own_domain_decides(const struct supervisor *s, const struct object_call *c)
{
	return c->verb == VERB_TRUNCATE && narrowed_contains(s, c->calling.tid);
}

static const char *shown(struct object_call *c)
{
	if (!c->named && !resolve_descriptor(c->t.object, c->t.real))
		c->t.real[0] = 0;
	return c->t.real;
}

/* --- the call ----------------------------------------------------------------------------------------------------------------------------------- */

/* The errno with which the kernel would refuse this caller whatever policy says; 0 when it would not. Nobody is asked about such a call. */
static int kernel_refuses(struct object_call *c)
{
	if (c->verb == VERB_TRUNCATE && !S_ISREG(c->t.st.st_mode))
		return S_ISDIR(c->t.st.st_mode) ? EISDIR : EINVAL;
	if (!calling_identity_take(&c->calling))
		return EACCES;
	bool writes = may_access(c->t.object, W_OK);
	caller_identity_restore();
	/* Not known when it is who this process is. */
	uid_t fsuid = c->calling.known ? c->calling.status.fsuid : geteuid();
	bool owner = c->t.st.st_uid == fsuid || caller_has_fowner(c->calling.known ? &c->calling.status : NULL);
	switch (c->verb) {
	case VERB_TRUNCATE:
	case VERB_SETXATTR:
	case VERB_REMOVEXATTR:
		return writes ? 0 : EACCES;
	case VERB_UTIME:
		return owner || (writes && both_now(c)) ? 0 : both_now(c) ? EACCES : EPERM;
	default:
		return owner ? 0 : EPERM;
	}
}

static void refuse(struct supervisor *s, struct object_call *c, struct decision d)
{
	report_denied(s, c->calling.tid, c->verb, ACCESS_WRITE, d.reason, d.rule_id, object_kind(&c->t), shown(c));
	/* As an ordinary user hears it about somebody else's node. */
	answer_error(s, c->id, d.reason == REASON_CANNOT && device_refused(c) ? EPERM : EACCES);
}

static void decide_and_act(struct supervisor *s, struct object_call *c)
{
	struct decision d = metadata_decide(s, c);
	if (!caller_still_waits(s, c->id))
		return; /* what was read may be another process's that got the number */
	bool narrowed = metadata_own_domain_decides(s, c);
	if (d.allow && !narrowed) {
		metadata_answer(s, c);
		return;
	}
	if (d.allow) {
		d = (struct decision){.reason = REASON_CANNOT, .rule_id = NO_RULE};
	} else if (d.reason != REASON_RULE && d.reason != REASON_CANNOT) {
		int err = kernel_refuses(c);
		if (err != 0) {
			answer_error(s, c->id, err);
			return;
		}
		if (s->mode == MODE_ASK && narrowed) {
			d.reason = REASON_CANNOT; /* a yes could not be carried out: nobody is asked */
		} else if (s->mode == MODE_ASK && c->named) {
			if (metadata_hold(s, c))
				return;
			d.reason = REASON_TOO_MANY;
		}
	}
	refuse(s, c, d);
}

/* The one call here that Landlock decides (since ABI 3): inside the floor it may go on. */
static bool truncate_inside(const struct supervisor *s, const struct object_call *c)
{
	return c->verb == VERB_TRUNCATE && s->floor->abi >= 3 && c->named &&
	       floor_holds(s->floor, c->t.real, c->t.st.st_dev, c->t.st.st_ino, FLOOR_WRITE_FILE);
}

static void begin(struct object_call *c, const struct seccomp_notif *n, const struct metadata_shape *shape)
{
	memset(c, 0, offsetof(struct object_call, t));
	target_clear(&c->t);
	c->name[0] = 0;
	c->id = n->id;
	c->calling.tid = (pid_t)n->pid;
	c->nr = n->data.nr;
	c->verb = shape->verb;
	c->file = -1;
}

void metadata_call(struct supervisor *s, const struct seccomp_notif *n)
{
	static struct object_call c; /* large; one thread */
	const struct metadata_shape *shape = metadata_shape_of(n->data.nr);
	if (shape == NULL) {
		answer_error(s, n->id, ENOSYS);
		return;
	}
	begin(&c, n, shape);
	int err = shape->read(n, shape, &c);
	if (err == 0)
		err = metadata_find(n, shape, &c);
	if (err == -EPERM && shape->verb == VERB_TRUNCATE && s->floor->abi >= 3) {
		answer_continue(s, n->id); /* unreadable; the floor decides truncation completely, so it may go on */
		metadata_close(&c);
		return;
	}
	if (err == -EPERM || (err == -EACCES && shape->path < 0)) {
		/* A caller that made itself non-dumpable: this process may not even see what it means. It would have to go on unseen, so it does not go on. */
		report_denied(s, c.calling.tid, c.verb, ACCESS_WRITE, REASON_UNREADABLE, NO_RULE, OBJECT_OTHER, "");
		err = -EACCES;
	}
	if (err == NOTHING_TO_DO)
		answer_value(s, n->id, 0);
	else if (err < 0)
		answer_error(s, n->id, -err);
	else if (truncate_inside(s, &c))
		answer_continue(s, n->id); /* inside the floor, which decides truncation again; in the kernel, the caller's own limits and leases hold */
	else
		decide_and_act(s, &c);
	metadata_close(&c);
}
