/* Opens that the floor does not grant: decided here, performed on the very object that was decided on (open_perform.c), and injected into the caller. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/identity.h"
#include "filter/fast-path.h"
#include "floor/owned.h"
#include "loop/self.h"
#include "loop/supervisor.h"
#include "open/open_how.h"
#include "open/open_read.h"
#include "path/may.h"
#include "path/straight.h"
#include "path/terminals.h"
#include "path/walk.h"

static uint32_t needed_rights(uint8_t access, bool directory)
{
	return ((access & ACCESS_READ) ? (directory ? FLOOR_READ_DIR : FLOOR_READ_FILE) : 0) | ((access & ACCESS_WRITE) ? FLOOR_WRITE_FILE : 0);
}

/* Files below /proc/<pid> of a session process. Reading is served, except another process's memory; writing only to one's own entries that carry no
 * authority beyond the caller's. Opening through this process would skip the checks that the kernel makes for the caller. */
static bool proc_entry_allowed(const struct open_call *call, const struct target *t, uint8_t access)
{
	static const char *const writable[] = {"comm", "oom_score_adj", "coredump_filter", "timerslack_ns", "setgroups", "uid_map", "gid_map"};
	struct caller_status status;
	if (!caller_status(call->tid, &status))
		return false;
	const char *name = strrchr(t->real, '/') + 1;
	bool own = status.tgid == t->proc_pid;
	if (!own && (strcmp(name, "mem") == 0 || strcmp(name, "environ") == 0))
		return false;
	if ((access & ACCESS_WRITE) == 0)
		return true;
	for (size_t i = 0; own && i < sizeof writable / sizeof writable[0]; i++)
		if (strcmp(name, writable[i]) == 0)
			return true;
	return false;
}

/* Would discretionary access control refuse the caller anyway? Then no person needs to be asked. Judged with this process's identity: for the usual caller
 * it is the same one, and for others the open itself is performed as the caller. */
static bool dac_refuses(const struct target *t, uint8_t access)
{
	int mode = ((access & ACCESS_READ) ? R_OK : 0) | ((access & ACCESS_WRITE) ? W_OK : 0);
	int fd = t->object >= 0 ? t->object : t->parent;
	if (t->object < 0)
		mode = W_OK | X_OK;
	return !may_access(fd, mode);
}

static void refuse(struct supervisor *s, const struct open_call *call, const struct target *t, uint8_t access, struct decision d)
{
	report_denied(s, call->tid, call->verb, access, d.reason, d.rule_id, object_kind(t), t->real);
	answer_error(s, call->id, EACCES);
}

/* To the kernel, which has this error for it; openat2 gets it from here. */
static void leave(const struct supervisor *s, const struct open_call *call, int err)
{
	if (call->verb == VERB_OPENAT2)
		answer_error(s, call->id, err);
	else
		answer_continue(s, call->id);
}

/* On the floor, which decides again; openat2 is performed here. True when it is answered. */
static bool left_to_floor(const struct supervisor *s, const struct open_call *call, const struct target *t)
{
	if (call->verb == VERB_OPENAT2 && open_how_performs(t) && !narrowed_contains(s, call->tid))
		return false;
	leave(s, call, t->object < 0 ? ENOSYS : S_ISLNK(t->st.st_mode) ? ELOOP : S_ISSOCK(t->st.st_mode) ? ENXIO : ENOSYS);
	return true;
}

/* True when the call must be decided again from the start, because the object changed under it. */
static bool decide_and_act(struct supervisor *s, const struct open_call *call, struct target *t, enum resolve_status status)
{
	bool missing = status == RESOLVED_PARENT;
	if ((missing ? t->parent : t->object) < 0) {
		answer_error(s, call->id, EACCES); /* nothing was resolved: there is nothing to decide on */
		return false;
	}
	uint8_t access = open_access(call->flags) | (missing || open_is_tmpfile(call->flags) ? ACCESS_WRITE : 0);
	bool on_floor;
	if (missing) {
		/* Creating needs MAKE where the name will be; `real` has no inode yet, so only rules above it can match. */
		on_floor = floor_holds(s->floor, t->real, 0, 0, needed_rights(access, false) | FLOOR_MAKE);
	} else {
		bool unnamed = open_is_tmpfile(call->flags);
		/* A file without a name is still made, to Landlock: without MAKE it would refuse what policy allows. */
		uint32_t rights = needed_rights(access, S_ISDIR(t->st.st_mode) && !unnamed) | (unnamed ? FLOOR_MAKE : 0);
		on_floor = floor_holds(s->floor, t->real, t->st.st_dev, t->st.st_ino, rights);
	}
	if (on_floor && left_to_floor(s, call, t))
		return false;
	if (!missing && terminal_is(&t->st) && open_early_error(call, t) == 0 && rules_decide(&s->rules, t->real, access).allow && caller_still_waits(s, call->id)) {
		int fd = terminal_open(s, call->tid, t, access, (int)call->flags);
		if (fd >= 0) {
			answer_descriptor(s, call->id, call->tid, fd, (call->flags & O_CLOEXEC) != 0);
			return false;
		}
		report_denied(s, call->tid, call->verb, access, REASON_CANNOT, NO_RULE, OBJECT_OTHER, t->real);
		answer_error(s, call->id, -fd);
		return false;
	}
	if (!missing && (S_ISCHR(t->st.st_mode) || S_ISBLK(t->st.st_mode) || S_ISSOCK(t->st.st_mode) || S_ISLNK(t->st.st_mode)) &&
	    !(S_ISSOCK(t->st.st_mode) && rules_decide(&s->rules, t->real, access).allow)) {
		struct decision d = rules_decide(&s->rules, t->real, access);
		/* Opening a device from here would act on this process (a terminal, a watchdog). The kernel and the floor answer: EACCES, ENXIO, ELOOP. */
		if (!S_ISLNK(t->st.st_mode) && !S_ISSOCK(t->st.st_mode))
			report_denied(s, call->tid, call->verb, access, d.allow ? REASON_CANNOT : d.reason, d.rule_id, OBJECT_OTHER, t->real);
		leave(s, call, S_ISLNK(t->st.st_mode) ? ELOOP : S_ISSOCK(t->st.st_mode) ? ENXIO : EACCES);
		return false;
	}
	struct decision d = owned_decide(&s->rules, t->real, access, !missing || (call->flags & O_CREAT) == 0);
	if (t->proc_pid != 0 && !(d.reason == REASON_RULE && !d.allow)) {
		d.allow = proc_entry_allowed(call, t, access);
		d.reason = REASON_NOT_GRANTED;
	}
	/* A file where a pattern names a directory (".git") can say that the directory is elsewhere. */
	uint32_t rule;
	if (missing && s->rules.pattern_count > 0 && (d.allow || d.reason != REASON_RULE) && rules_names_prefix(&s->rules, t->real, &rule) == PREFIX_LITERAL)
		d = (struct decision){.reason = REASON_RULE, .rule_id = rule};
	/* The floor holds nothing that a rule denies (a check before every start). */
	d.allow |= on_floor;
	if (d.allow) {
		enum performed p = broker_perform(s, call, t);
		return p == PERFORM_CHANGED;
	}
	if (!missing && open_early_error(call, t) != 0) {
		leave(s, call, open_early_error(call, t)); /* a hard error is no denial: the kernel gives it, and should the object change meanwhile, the floor decides */
		return false;
	}
	if (d.reason != REASON_RULE && t->proc_pid == 0 && dac_refuses(t, access)) {
		leave(s, call, EACCES); /* off the floor as well; the kernel gives the errno that belongs to it */
		return false;
	}
	bool may_ask = s->mode == MODE_ASK && d.reason != REASON_RULE && t->proc_pid == 0;
	if (may_ask && narrowed_contains(s, call->tid)) {
		d.reason = REASON_CANNOT; /* a yes could not be carried out: nobody is asked */
	} else if (may_ask && caller_still_waits(s, call->id)) {
		if (open_hold(s, call, t, access, d.reason))
			return false;
		d.reason = REASON_TOO_MANY;
	}
	refuse(s, call, t, access, d);
	return false;
}

/* A path through a magic link (/proc/self/cwd/x, /dev/fd/3/x): walked to where it leads for the caller. 0 with `t` and `status` filled, the caller's own
 * -ENOENT, or another number: the kernel should answer, `status` is as it was. */
static int walk_magic(const struct open_call *call, bool nofollow, struct target *t, enum resolve_status *status)
{
	struct calling c = {.tid = call->tid};
	char leaf[258];
	if (call->resolve != 0)
		return -EXDEV;
	target_close(t);
	*t = (struct target){.object = -1, .parent = -1, .held_by_caller = true};
	int base = walk_base(&c, call->dirfd, call->path);
	if (base < 0 && base != AT_FDCWD)
		return base;
	int err = walk_object(&c, base, call->path, !nofollow, t);
	bool found = err == 0 && walk_named(t) && strncmp(t->real, "/proc/", 6) != 0;
	bool creates = false;
	if (err == -ENOENT && (call->flags & O_CREAT) && walk_parent(&c, base, call->path, &t->parent, leaf) == 0 && strlen(leaf) < sizeof t->leaf) {
		char dir[PLAN_MAX_PATH];
		struct stat st;
		strcpy(t->leaf, leaf);
		found = resolve_descriptor(t->parent, dir) && strncmp(dir, "/proc/", 6) != 0 && fstatat(t->parent, leaf, &st, AT_SYMLINK_NOFOLLOW) != 0 &&
		        snprintf(t->real, sizeof t->real, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, leaf) < (int)sizeof t->real;
		creates = true;
	}
	if (base >= 0)
		close(base);
	if (found)
		*status = creates ? RESOLVED_PARENT : RESOLVED;
	return found ? 0 : err == 0 ? -EACCES : err;
}

/* The file is missing for this process; for the caller too? Then it is told so at once: if somebody made the file meanwhile, the floor would answer EACCES. */
static bool missing_for_caller(const struct open_call *call)
{
	struct calling c = {.tid = call->tid};
	struct target t = {.object = -1, .parent = -1};
	if (call->resolve != 0)
		return false;
	if (identity_same(call->tid))
		return true;
	int base = walk_base(&c, call->dirfd, call->path);
	if (base < 0 && base != AT_FDCWD)
		return false;
	int err = walk_object(&c, base, call->path, (call->flags & O_NOFOLLOW) == 0, &t);
	if (base >= 0)
		close(base);
	target_close(&t);
	return err == -ENOENT;
}

static void decide_open(struct supervisor *s, struct open_call *call)
{
	bool how = call->verb == VERB_OPENAT2;
	if (self_is_asked(call)) {
		self_answer(s, call);
		return;
	}
	if (s->fast_path && !how && fast_path_is_library(call->path)) {
		int library = (call->flags & (O_ACCMODE | O_CREAT | O_TRUNC | O_CLOEXEC)) == (O_RDONLY | O_CLOEXEC) ? fast_path_open_library() : -1;
		if (library >= 0)
			answer_descriptor(s, call->id, call->tid, library, true);
		else
			answer_continue(s, call->id); /* on the floor, which decides again */
		return;
	}
	bool nofollow = (call->flags & O_NOFOLLOW) != 0 || ((call->flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL));
	uint8_t access = open_access(call->flags);
	uint32_t missing = (call->flags & O_CREAT) ? needed_rights(access, false) | FLOOR_MAKE : 0;
	if (!open_is_tmpfile(call->flags) && !how &&
	    quick_look(s, call->tid, call->dirfd, call->path, nofollow, needed_rights(access, false), missing) == QUICK_INSIDE) {
		answer_continue(s, call->id); /* inside the floor, which decides again */
		return;
	}
	for (int attempt = 0; attempt < 8; attempt++) {
		struct target t;
		struct path_request request = {.tid = call->tid, .dirfd = call->dirfd, .path = call->path, .nofollow = nofollow, .resolve = call->resolve};
		bool straight = attempt == 0 && call->resolve == 0 && !open_is_tmpfile(call->flags) && identity_same(call->tid);
		enum resolve_status status = straight ? straight_target(call->tid, call->dirfd, call->path, (call->flags & O_CREAT) != 0, &t) : RESOLVE_KERNEL;
		if (status == RESOLVED && !S_ISREG(t.st.st_mode) && !S_ISDIR(t.st.st_mode)) {
			target_close(&t);
			status = RESOLVE_KERNEL;
		}
		if (status == RESOLVE_KERNEL)
			status = resolve_as_caller(&request, &t);
		bool again = false;
		int magic = status == RESOLVE_KERNEL ? walk_magic(call, nofollow, &t, &status) : -EACCES;
		if (magic == 0)
			again = decide_and_act(s, call, &t, status);
		else if (magic == -ENOENT || (how && magic == -ENOTDIR))
			answer_error(s, call->id, -magic); /* so the kernel would say; should the file be made meanwhile, the floor would not */
		else if (status == RESOLVED_PARENT && !(call->flags & O_CREAT) && missing_for_caller(call))
			answer_error(s, call->id, ENOENT);
		else if (status == RESOLVE_OUTSIDE)
			answer_error(s, call->id, ENOENT); /* as a /proc mounted with hidepid=2 answers (proc(5)) */
		else if (how && (status == RESOLVE_KERNEL || (status == RESOLVED_PARENT && !(call->flags & O_CREAT))))
			open_how_unresolved(s, call);
		else if (status == RESOLVE_KERNEL || (status == RESOLVED_PARENT && !(call->flags & O_CREAT)))
			answer_continue(s, call->id); /* fails in the kernel, or names what only the caller can name; the floor decides */
		else
			again = decide_and_act(s, call, &t, status);
		target_close(&t);
		if (!again)
			return;
	}
	answer_error(s, call->id, EACCES); /* somebody keeps swapping the object */
}

void broker_open(struct supervisor *s, const struct seccomp_notif *n)
{
	static struct open_call call; /* large; one thread */
	if (!open_read(n, &call) || (call.flags & O_PATH)) {
		answer_continue(s, n->id); /* O_PATH opens no data: Landlock lets them pass and so does policy; the rest see open_read */
		return;
	}
	decide_open(s, &call);
}

void broker_open_how(struct supervisor *s, const struct seccomp_notif *n)
{
	static struct open_call call;
	int err = open_how_read(n, &call);
	if (err != 0)
		answer_error(s, n->id, err);
	else if (open_how_names_directory(&call))
		open_how_unresolved(s, &call);
	else
		decide_open(s, &call);
}
