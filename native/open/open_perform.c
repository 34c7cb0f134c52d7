/* Performing an open for its caller, on the object or in the directory that was decided on. Runs with the invoking user's privileges; takes the caller's
 * file-system identity for each open. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller_identity.h"
#include "caller/caller_room.h"
#include "caller/identity.h"
#include "caller/masks.h"
#include "floor/owned.h"
#include "loop/work.h"
#include "names/changes.h"
#include "names/moves.h"
#include "open/open_read.h"
#include "path/walk.h"
#include "slow/slow_mounts.h"

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
	int flags = (int)(call->flags & ~(uint64_t)(O_NOFOLLOW | (open_is_tmpfile(call->flags) ? 0 : O_CREAT | O_EXCL)));
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
	return walk_reaches(base, &request, t);
}

struct slow_open {
	const struct supervisor *s;
	const struct open_call *call;
	const struct target *t;
};

static int open_and_answer(void *arg)
{
	const struct slow_open *o = arg;
	int fd = open_existing(o->call, o->t, -1);
	if (fd < 0)
		answer_error(o->s, o->call->id, errno);
	else
		answer_descriptor_waiting(o->s, o->call->id, o->call->tid, fd, (o->call->flags & O_CLOEXEC) != 0);
	return 0;
}

/* An open that may wait (a FIFO without a peer, a file under a lease, a file system whose server may not answer) happens in a process of its own, with its caller's identity and
 * mask as they were taken for it. Closing what was opened may wait as long (FUSE_FLUSH), so no descriptor of it is ever in the supervisor. It dies with this one; should it sleep
 * where not even SIGKILL ends that, it holds the object and the listener, and the host sees the end of its socket all the same. */
static void perform_slowly(struct supervisor *s, const struct open_call *call, const struct target *t)
{
	struct slow_open o = {.s = s, .call = call, .t = t};
	pid_t pid = work_start(open_and_answer, &o, (int[2]){t->object, s->listener});
	if (pid < 0)
		answer_error(s, call->id, ENFILE);
	else
		held_add_worker(s, call->id, call->tid, pid);
}

static void create_and_answer(struct brief *b)
{
	const struct slow_open *o = b->arg;
	int fd = create_missing(o->call, o->t), err = fd < 0 ? errno : 0;
	brief_tell(b, &err);
	if (fd >= 0)
		answer_descriptor_waiting(o->s, o->call->id, o->call->tid, fd, (o->call->flags & O_CLOEXEC) != 0);
}

/* A new name where a server may not answer: by a process as well, and the loop waits for the name (changes.h), not for the end of the process, which closes the descriptor.
 * 0: it is there, and the process answers. */
static int create_slowly(struct supervisor *s, const struct open_call *call, const struct target *t)
{
	struct slow_open o = {.s = s, .call = call, .t = t};
	int err = EIO;
	struct change change = {
		.brief = {.work = create_and_answer, .arg = &o, .keep = {t->parent, s->listener}, .kept = 2, .result = &err, .size = sizeof err},
		.dir = {t->parent, -1},
		.real = {t->real, NULL},
	};
	if (!changes_make(&change))
		return EIO;
	if (err == 0)
		held_add_worker(s, call->id, call->tid, change.brief.pid);
	return err;
}

static void made(const char *real)
{
	owned_made(real);
	moves_made(real);
}

enum performed broker_perform(struct supervisor *s, const struct open_call *call, struct target *t)
{
	struct calling who = {.tid = call->tid};
	mode_t mask = 0;
	bool missing = t->object < 0;
	bool masked = missing || open_is_tmpfile(call->flags);
	/* Creating needs the umask; acting for root's children needs their identity, when it is another one. For others it is this process's own. */
	bool fixed = identity_same_or_read(call->tid, &who.status, &who.known);
	if ((!fixed && !calling_status(&who)) || (masked && !mask_of(&who, &mask))) {
		answer_error(s, call->id, EACCES); /* unless it is gone, this process is short of something; an unanswered caller would wait for ever */
		return PERFORM_FAILED;
	}
	if (!caller_still_waits(s, call->id))
		return PERFORM_FAILED; /* gone: there is nobody to answer */
	if (narrowed_contains(s, call->tid)) {
		report_denied(s, call->tid, call->verb, open_access(call->flags), REASON_CANNOT, NO_RULE, object_kind(t), t->real);
		answer_error(s, call->id, EACCES);
		return PERFORM_FAILED;
	}
	/* A caller with an identity of its own may not even be allowed to come as far as that error. */
	int err = (missing || (call->flags & O_TRUNC) != 0) && !caller_has_room(call->tid) ? EMFILE : missing || !fixed ? 0 : open_early_error(call, t);
	if (err == 0 && !t->walked && (missing ? !parent_confirmed(t) : t->proc_pid == 0 && !resolve_confirms(t->real, &t->st)))
		return PERFORM_CHANGED;
	int fd = -1;
	if (err == 0) {
		bool may = fixed || caller_identity_take(call->tid, &who.status);
		if (may && caller_identity_taken()) {
			caller_identity_restore();
			int base = resolve_base(call->tid, call->dirfd); /* found with this process's own identity */
			may = caller_identity_take(call->tid, &who.status) && caller_reaches(call, base, t);
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
			umask(mask);
		err = missing || fixed ? 0 : open_early_error(call, t);
		if (err == 0 && missing && changes_stopped((int[2]){t->parent, -1}, false))
			err = EIO;
		bool slow = err == 0 && slow_holds(missing ? t->parent : t->object);
		if (slow && missing) {
			err = create_slowly(s, call, t);
			slow = err == 0;
			if (slow)
				made(t->real);
		} else if (slow) {
			perform_slowly(s, call, t);
		} else if (err == 0) {
			fd = missing ? create_missing(call, t) : open_at_once(call, t);
			err = errno;
			if (missing && fd >= 0)
				made(t->real);
		}
		if (masked)
			umask(0);
		bool blocks = !slow && fd < 0 && would_block(call, t, err);
		if (blocks)
			perform_slowly(s, call, t);
		caller_identity_restore();
		if (slow || blocks)
			return PERFORMED;
	}
	if (fd < 0 && missing && err == EEXIST && !(call->flags & O_EXCL))
		return PERFORM_CHANGED;
	if (fd < 0)
		answer_error(s, call->id, err);
	else
		answer_descriptor(s, call->id, call->tid, fd, (call->flags & O_CLOEXEC) != 0);
	return PERFORMED;
}
