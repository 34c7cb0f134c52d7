/* Opens that the floor does not grant: decided here, performed here on the very object that was decided on, and injected into the caller.
 * Runs with the invoking user's privileges; takes the caller's file-system identity for each open it performs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <signal.h>
#include <unistd.h>

#include "caller.h"
#include "fast-path.h"
#include "identity.h"
#include "moves.h"
#include "owned.h"
#include "self.h"
#include "straight.h"
#include "supervisor.h"
#include "terminals.h"
#include "walk.h"

enum reading { READ_OK, READ_LEAVE_TO_KERNEL };

static enum reading read_how(pid_t tid, uint64_t address, uint64_t size, struct open_call *call)
{
	struct {
		struct open_how how;
		unsigned char more[4096 - sizeof(struct open_how)];
	} larger = {0};
	/* A newer program's structure means the same when what is new in it is zero. Other sizes are errors; the kernel says which. */
	if (size < sizeof larger.how || size > sizeof larger || caller_read(tid, address, &larger, size) != 0)
		return READ_LEAVE_TO_KERNEL;
	for (size_t i = 0; i < size - sizeof larger.how; i++)
		if (larger.more[i] != 0)
			return READ_LEAVE_TO_KERNEL;
	struct open_how how = larger.how;
	/* Refused by the kernel (EINVAL); what this file would make of it is another call. */
	bool creates = (how.flags & (O_CREAT | O_TMPFILE)) != 0;
	if (how.flags >> 32 != 0 || (how.mode & ~07777ULL) != 0 || (how.mode != 0 && !creates))
		return READ_LEAVE_TO_KERNEL;
	call->flags = how.flags;
	call->mode = how.mode;
	call->resolve = how.resolve;
	return READ_OK;
}

static bool is_tmpfile(uint64_t flags)
{
	return (flags & O_TMPFILE) == O_TMPFILE;
}

/* What the kernel refuses before it asks any policy: EINVAL, and EISDIR for a file to be made by a name with a slash behind it. */
static bool refused_by_flags(const struct open_call *call)
{
	bool creates = (call->flags & O_CREAT) != 0 && !is_tmpfile(call->flags);
	if (is_tmpfile(call->flags))
		return (call->flags & O_ACCMODE) == O_RDONLY || (call->flags & O_CREAT) != 0;
	return creates && ((call->flags & O_DIRECTORY) != 0 || call->path[strlen(call->path) - 1] == '/');
}

static enum reading read_call(const struct seccomp_notif *n, struct open_call *call)
{
	const __u64 *a = n->data.args;
	uint64_t path = a[1];
	call->id = n->id;
	call->tid = (pid_t)n->pid;
	call->dirfd = (int)a[0];
	call->resolve = 0;
	switch (n->data.nr) {
	case SYS_openat:
		call->verb = VERB_OPENAT;
		call->flags = a[2];
		call->mode = a[3];
		break;
	case SYS_openat2:
		call->verb = VERB_OPENAT2;
		if (read_how(call->tid, a[2], a[3], call) != READ_OK)
			return READ_LEAVE_TO_KERNEL;
		break;
#ifdef SYS_open
	case SYS_open:
		call->verb = VERB_OPEN;
		call->dirfd = AT_FDCWD;
		call->flags = a[1];
		call->mode = a[2];
		path = a[0];
		break;
	case SYS_creat:
		call->verb = VERB_CREAT;
		call->dirfd = AT_FDCWD;
		call->flags = O_CREAT | O_WRONLY | O_TRUNC;
		call->mode = a[1];
		path = a[0];
		break;
#endif
	default:
		return READ_LEAVE_TO_KERNEL;
	}
	call->flags &= 0xffffffffU;
	call->mode &= 07777;
	/* Unreadable memory: EFAULT, or a caller that made itself non-dumpable (ssh-agent). The floor decides an open completely, so it may go on. */
	if (caller_string(call->tid, path, call->path, sizeof call->path) != 0 || call->path[0] == 0)
		return READ_LEAVE_TO_KERNEL;
	return refused_by_flags(call) ? READ_LEAVE_TO_KERNEL : READ_OK;
}

static uint8_t wanted_access(uint64_t flags)
{
	uint8_t access = 0;
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		access = ACCESS_READ;
		break;
	case O_WRONLY:
		access = ACCESS_WRITE;
		break;
	default:
		access = ACCESS_READ | ACCESS_WRITE;
		break;
	}
	return flags & O_TRUNC ? access | ACCESS_WRITE : access;
}

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

/* What the kernel would answer before asking any policy; 0 when the open may be performed. */
static int early_error(const struct open_call *call, const struct target *t)
{
	if ((call->flags & O_CREAT) && (call->flags & O_EXCL) && !is_tmpfile(call->flags))
		return EEXIST;
	if ((call->flags & O_CREAT) && !is_tmpfile(call->flags) && S_ISDIR(t->st.st_mode))
		return EISDIR;
	if ((call->flags & O_DIRECTORY) && !S_ISDIR(t->st.st_mode))
		return ENOTDIR;
	if ((wanted_access(call->flags) & ACCESS_WRITE) && S_ISDIR(t->st.st_mode) && !is_tmpfile(call->flags))
		return EISDIR;
	return 0;
}

/* This process's descriptors by number: from here the walk to one is a third shorter. Not for a child of it, which has its own. */
static int own_descriptors(void)
{
	static int dir = -1;
	if (dir < 0)
		dir = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir;
}

/* `own`: own_descriptors, or -1. */
static int open_existing(const struct open_call *call, const struct target *t, int own)
{
	char link[40];
	snprintf(link, sizeof link, "%s%d", own >= 0 ? "" : "/proc/self/fd/", t->object);
	/* Reopening the O_PATH descriptor opens the inode that was decided on, whatever the path names by now. */
	int flags = (int)(call->flags & ~(uint64_t)(O_NOFOLLOW | (is_tmpfile(call->flags) ? 0 : O_CREAT | O_EXCL)));
	return openat(own, link, flags | O_CLOEXEC | O_NOCTTY, (mode_t)call->mode);
}

/* A lease (F_SETLEASE) that a process inside took on its own file would stop this process, and with it every other call, for 45 s: with O_NONBLOCK such an
 * open answers EWOULDBLOCK instead, and a worker waits. */
static int open_at_once(const struct open_call *call, const struct target *t)
{
	if (!S_ISREG(t->st.st_mode) || (call->flags & O_NONBLOCK))
		return open_existing(call, t, own_descriptors());
	struct open_call hasty = {.flags = call->flags | O_NONBLOCK, .mode = call->mode};
	int fd = open_existing(&hasty, t, own_descriptors());
	if (fd >= 0)
		fcntl(fd, F_SETFL, (int)call->flags);
	return fd;
}

static bool would_block(const struct open_call *call, const struct target *t, int err)
{
	return err == EWOULDBLOCK && t->object >= 0 && S_ISREG(t->st.st_mode) && (call->flags & O_NONBLOCK) == 0;
}

static int create_missing(const struct open_call *call, const struct target *t)
{
	/* O_EXCL even if the caller did not ask: the decision was about a name that is free. If it is taken now, decide again.
	 * It follows no symlink either; said as O_NOFOLLOW that would stay among the descriptor's flags. */
	struct open_how how = {.flags = call->flags | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, .mode = call->mode,
	                       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
	return (int)syscall(SYS_openat2, t->parent, t->leaf, &how, sizeof how);
}

static bool parent_confirmed(const struct target *t)
{
	char dir[PLAN_MAX_PATH];
	struct stat st;
	snprintf(dir, sizeof dir, "%s", t->real);
	char *slash = strrchr(dir, '/');
	slash[slash == dir ? 1 : 0] = 0;
	return fstat(t->parent, &st) == 0 && resolve_confirms(dir, &st);
}

/* A descriptor of root's supervisor leads into directories that a caller of another identity may not search; to be asked with that identity taken. */
static bool caller_reaches(const struct open_call *call, int base, const struct target *t)
{
	if (!caller_identity_taken())
		return true;
	bool nofollow = (call->flags & O_NOFOLLOW) != 0;
	struct path_request request = {.tid = call->tid, .dirfd = call->dirfd, .path = call->path, .nofollow = nofollow, .resolve = call->resolve};
	return resolve_reaches(base, &request, t);
}

/* A blocking open (a FIFO without a peer, a file under a lease) happens in a process of its own; it dies with this one. */
static void perform_slowly(struct supervisor *s, const struct open_call *call, const struct target *t)
{
	pid_t pid = fork();
	if (pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		int fd = open_existing(call, t, -1);
		if (fd < 0)
			answer_error(s, call->id, errno);
		else
			answer_descriptor(s, call->id, call->tid, fd, (call->flags & O_CLOEXEC) != 0);
		_exit(0);
	}
	if (pid < 0)
		answer_error(s, call->id, ENFILE);
	else
		held_add_worker(s, call->id, call->tid, pid);
}

enum performed broker_perform(struct supervisor *s, const struct open_call *call, struct target *t)
{
	struct caller_status status = {0};
	bool missing = t->object < 0;
	bool masked = missing || is_tmpfile(call->flags), known = false;
	/* Creating needs the umask; acting for root's children needs their identity, when it is another one. For others it is this process's own. */
	bool fixed = identity_same_or_read(call->tid, &status, &known);
	if ((!fixed || masked) && !known && !caller_status(call->tid, &status)) {
		answer_error(s, call->id, EACCES); /* unless it is gone, this process is short of something; an unanswered caller would wait for ever */
		return PERFORM_FAILED;
	}
	if (!caller_still_waits(s, call->id))
		return PERFORM_FAILED; /* gone: there is nobody to answer */
	if (narrowed_contains(s, call->tid)) {
		report_denied(s, call->tid, call->verb, wanted_access(call->flags), REASON_CANNOT, NO_RULE, object_kind(t), t->real);
		answer_error(s, call->id, EACCES);
		return PERFORM_FAILED;
	}
	/* A caller with an identity of its own may not even be allowed to come as far as that error. */
	int err = missing || !fixed ? 0 : early_error(call, t);
	if (err == 0 && !t->walked && (missing ? !parent_confirmed(t) : t->proc_pid == 0 && !resolve_confirms(t->real, &t->st)))
		return PERFORM_CHANGED;
	int fd = -1;
	if (err == 0) {
		bool may = fixed || caller_identity_take(call->tid, &status);
		if (may && caller_identity_taken()) {
			caller_identity_restore();
			int base = resolve_base(call->tid, call->dirfd); /* found with this process's own identity */
			may = caller_identity_take(call->tid, &status) && caller_reaches(call, base, t);
			if (base >= 0)
				close(base);
		}
		if (!may) {
			caller_identity_restore();
			answer_error(s, call->id, EACCES);
			return PERFORM_FAILED;
		}
		if (!missing && S_ISFIFO(t->st.st_mode) && (call->flags & (O_NONBLOCK | O_RDWR)) == 0) {
			perform_slowly(s, call, t);
			caller_identity_restore();
			return PERFORMED;
		}
		if (masked)
			umask((mode_t)status.umask);
		err = missing || fixed ? 0 : early_error(call, t);
		if (err == 0) {
			fd = missing ? create_missing(call, t) : open_at_once(call, t);
			err = errno;
			if (missing && fd >= 0) {
				owned_made(t->real);
				moves_made(t->real);
			}
		}
		if (masked)
			umask(0);
		if (fd < 0 && would_block(call, t, err)) {
			perform_slowly(s, call, t);
			caller_identity_restore();
			return PERFORMED;
		}
		caller_identity_restore();
	}
	if (fd < 0 && missing && err == EEXIST && !(call->flags & O_EXCL))
		return PERFORM_CHANGED;
	if (fd < 0)
		answer_error(s, call->id, err);
	else
		answer_descriptor(s, call->id, call->tid, fd, (call->flags & O_CLOEXEC) != 0);
	return PERFORMED;
}

/* Would discretionary access control refuse the caller anyway? Then no person needs to be asked. Judged with this process's identity: for the usual caller
 * it is the same one, and for others the open itself is performed as the caller. */
static bool dac_refuses(const struct target *t, uint8_t access)
{
	int mode = ((access & ACCESS_READ) ? R_OK : 0) | ((access & ACCESS_WRITE) ? W_OK : 0);
	int fd = t->object >= 0 ? t->object : t->parent;
	if (t->object < 0)
		mode = W_OK | X_OK;
	return syscall(SYS_faccessat2, fd, "", mode, AT_EACCESS | AT_EMPTY_PATH) != 0;
}

static void refuse(struct supervisor *s, const struct open_call *call, const struct target *t, uint8_t access, struct decision d)
{
	report_denied(s, call->tid, call->verb, access, d.reason, d.rule_id, object_kind(t), t->real);
	answer_error(s, call->id, EACCES);
}

/* True when the call must be decided again from the start, because the object changed under it. */
static bool decide_and_act(struct supervisor *s, const struct open_call *call, struct target *t, enum resolve_status status)
{
	bool missing = status == RESOLVED_PARENT;
	if ((missing ? t->parent : t->object) < 0) {
		answer_error(s, call->id, EACCES); /* nothing was resolved: there is nothing to decide on */
		return false;
	}
	uint8_t access = wanted_access(call->flags) | (missing || is_tmpfile(call->flags) ? ACCESS_WRITE : 0);
	uint32_t rights;
	if (missing) {
		/* Creating needs MAKE where the name will be; `real` has no inode yet, so only rules above it can match. */
		rights = floor_rights(s->floor, t->real, 0, 0);
		if (((needed_rights(access, false) | FLOOR_MAKE) & ~rights) == 0) {
			answer_continue(s, call->id); /* inside the floor, which decides again */
			return false;
		}
	} else {
		rights = floor_rights(s->floor, t->real, t->st.st_dev, t->st.st_ino);
		bool unnamed = is_tmpfile(call->flags);
		/* A file without a name is still made, to Landlock: without MAKE it would refuse what policy allows. */
		if (((needed_rights(access, S_ISDIR(t->st.st_mode) && !unnamed) | (unnamed ? FLOOR_MAKE : 0)) & ~rights) == 0) {
			answer_continue(s, call->id); /* inside the floor, which decides again */
			return false;
		}
	}
	if (!missing && terminal_is(&t->st) && early_error(call, t) == 0 && rules_decide(&s->rules, t->real, access).allow && caller_still_waits(s, call->id)) {
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
		answer_continue(s, call->id);
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
	if (d.allow) {
		enum performed p = broker_perform(s, call, t);
		return p == PERFORM_CHANGED;
	}
	if (!missing && early_error(call, t) != 0) {
		answer_continue(s, call->id); /* a hard error is no denial: the kernel gives it, and should the object change meanwhile, the floor decides */
		return false;
	}
	if (d.reason != REASON_RULE && t->proc_pid == 0 && dac_refuses(t, access)) {
		answer_continue(s, call->id); /* off the floor as well; the kernel gives the errno that belongs to it */
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

void broker_open(struct supervisor *s, const struct seccomp_notif *n)
{
	static struct open_call call; /* large; one thread */
	if (read_call(n, &call) != READ_OK || (call.flags & O_PATH)) {
		answer_continue(s, n->id); /* O_PATH opens no data: Landlock lets them pass and so does policy; the rest see read_call */
		return;
	}
	if (self_is_asked(&call)) {
		self_answer(s, &call);
		return;
	}
	if (s->fast_path && fast_path_is_library(call.path)) {
		int library = (call.flags & (O_ACCMODE | O_CREAT | O_TRUNC | O_CLOEXEC)) == (O_RDONLY | O_CLOEXEC) ? fast_path_open_library() : -1;
		if (library >= 0)
			answer_descriptor(s, n->id, call.tid, library, true);
		else
			answer_continue(s, n->id); /* on the floor, which decides again */
		return;
	}
	bool nofollow = (call.flags & O_NOFOLLOW) != 0 || ((call.flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL));
	uint8_t access = wanted_access(call.flags);
	uint32_t missing = (call.flags & O_CREAT) ? needed_rights(access, false) | FLOOR_MAKE : 0;
	if (!is_tmpfile(call.flags) && call.resolve == 0 &&
	    quick_look(s, call.tid, call.dirfd, call.path, nofollow, needed_rights(access, false), missing) == QUICK_INSIDE) {
		answer_continue(s, call.id); /* inside the floor, which decides again */
		return;
	}
	for (int attempt = 0; attempt < 8; attempt++) {
		struct target t;
		struct path_request request = {.tid = call.tid, .dirfd = call.dirfd, .path = call.path, .nofollow = nofollow, .resolve = call.resolve};
		bool straight = attempt == 0 && call.resolve == 0 && !is_tmpfile(call.flags) && identity_same(call.tid);
		enum resolve_status status = straight ? straight_target(call.tid, call.dirfd, call.path, &t) : RESOLVE_KERNEL;
		if (status == RESOLVED && !S_ISREG(t.st.st_mode) && !S_ISDIR(t.st.st_mode)) {
			target_close(&t);
			status = RESOLVE_KERNEL;
		}
		if (status == RESOLVE_KERNEL)
			status = resolve_as_caller(&request, &t);
		bool again = false;
		int magic = status == RESOLVE_KERNEL ? walk_magic(&call, nofollow, &t, &status) : -EACCES;
		if (magic == 0)
			again = decide_and_act(s, &call, &t, status);
		else if (magic == -ENOENT)
			answer_error(s, call.id, ENOENT); /* so the kernel would say; should the file be made meanwhile, the floor would not */
		else if (status == RESOLVED_PARENT && !(call.flags & O_CREAT) && missing_for_caller(&call))
			answer_error(s, call.id, ENOENT);
		else if (status == RESOLVE_OUTSIDE)
			answer_error(s, call.id, ENOENT); /* as a /proc mounted with hidepid=2 answers (proc(5)) */
		else if (status == RESOLVE_KERNEL || (status == RESOLVED_PARENT && !(call.flags & O_CREAT)))
			answer_continue(s, call.id); /* fails in the kernel, or names what only the caller can name; the floor decides */
		else
			again = decide_and_act(s, &call, &t, status);
		target_close(&t);
		if (!again)
			return;
	}
	answer_error(s, call.id, EACCES); /* somebody keeps swapping the object */
}
