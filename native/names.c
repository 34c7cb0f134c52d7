#define _GNU_SOURCE
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "moves.h"
#include "owned.h"
#include "straight.h"
#include "work.h"

enum { ROUNDS = 8 }; /* looks through what is moved: who keeps making names in it waits for no more */

/* What must be true of the name for the call to get as far as the floor; otherwise the kernel has its own errno. */
enum expects { MUST_EXIST, MUST_BE_FREE, ANYTHING };

struct side {
	signed char dirfd, path; /* argument indexes; dirfd -1: the working directory */
	enum expects expects;
	uint32_t rights; /* on the directory above */
};

struct shape {
	int nr;
	uint16_t verb;
	signed char flags; /* argument index, or -1 */
	unsigned flags_known;
	struct side side[2];
	unsigned sides;
};

/* RENAME_WHITEOUT would make a device node: unknown here, so the kernel and the floor answer. */
static const struct shape shapes[] = {
	{SYS_mkdirat, VERB_MKDIR, -1, 0, {{0, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_unlinkat, VERB_UNLINK, 2, AT_REMOVEDIR, {{0, 1, MUST_EXIST, FLOOR_REMOVE}}, 1},
	{SYS_renameat2, VERB_RENAME, 4, RENAME_NOREPLACE | RENAME_EXCHANGE, {{0, 1, MUST_EXIST, FLOOR_REMOVE}, {2, 3, ANYTHING, FLOOR_MAKE}}, 2},
	{SYS_linkat, VERB_LINK, 4, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH, {{0, 1, MUST_EXIST, FLOOR_REFER}, {2, 3, MUST_BE_FREE, FLOOR_MAKE}}, 2},
	{SYS_symlinkat, VERB_SYMLINK, -1, 0, {{1, 2, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_mknodat, VERB_MKNOD, -1, 0, {{0, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
#ifdef SYS_open
	{SYS_mkdir, VERB_MKDIR, -1, 0, {{-1, 0, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_rmdir, VERB_RMDIR, -1, 0, {{-1, 0, MUST_EXIST, FLOOR_REMOVE}}, 1},
	{SYS_unlink, VERB_UNLINK, -1, 0, {{-1, 0, MUST_EXIST, FLOOR_REMOVE}}, 1},
	{SYS_rename, VERB_RENAME, -1, 0, {{-1, 0, MUST_EXIST, FLOOR_REMOVE}, {-1, 1, ANYTHING, FLOOR_MAKE}}, 2},
	{SYS_link, VERB_LINK, -1, 0, {{-1, 0, MUST_EXIST, FLOOR_REFER}, {-1, 1, MUST_BE_FREE, FLOOR_MAKE}}, 2},
	{SYS_symlink, VERB_SYMLINK, -1, 0, {{-1, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_mknod, VERB_MKNOD, -1, 0, {{-1, 0, MUST_BE_FREE, FLOOR_MAKE}}, 1},
#endif
#ifdef SYS_renameat
	{SYS_renameat, VERB_RENAME, -1, 0, {{0, 1, MUST_EXIST, FLOOR_REMOVE}, {2, 3, ANYTHING, FLOOR_MAKE}}, 2},
#endif
};

static const struct shape *shape_of(int nr)
{
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		if (shapes[i].nr == nr)
			return &shapes[i];
	return NULL;
}

/* What was read of one side before anything is looked up. */
struct written {
	int dirfd;
	char path[PLAN_MAX_PATH];
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void close_sides(struct name_call *c)
{
	for (unsigned i = 0; i < 2; i++) {
		close_fd(&c->side[i].parent);
		close_fd(&c->side[i].object);
	}
}

/* The name's path, from the directory's. False when that directory is no place to act in: /proc, removed, or not where it says it is (a detached mount prints an
 * innocent path). */
static bool name_real(struct name *n)
{
	char dir[PLAN_MAX_PATH];
	struct stat st;
	if (fstat(n->parent, &st) != 0 || st.st_nlink == 0 || !resolve_descriptor(n->parent, dir) || !resolve_confirms(dir, &st))
		return false;
	if (strncmp(dir, "/proc", 5) == 0 && (dir[5] == '/' || dir[5] == 0))
		return false;
	int written = snprintf(n->real, sizeof n->real, "%s/%.*s", strcmp(dir, "/") == 0 ? "" : dir, (int)strcspn(n->leaf, "/"), n->leaf);
	return written < (int)sizeof n->real;
}

/* Looks the name up without its slash: not followed either way. */
static bool name_look(const struct name *n, struct stat *st)
{
	char leaf[258];
	snprintf(leaf, sizeof leaf, "%.*s", (int)strcspn(n->leaf, "/"), n->leaf);
	return fstatat(n->parent, leaf, st, AT_SYMLINK_NOFOLLOW) == 0;
}

bool name_at(pid_t tid, int dirfd, const char *path, struct name *n)
{
	struct calling c = {.tid = tid};
	*n = (struct name){.parent = -1, .object = -1};
	int base = path[0] != 0 ? walk_base(&c, dirfd, path) : -ENOENT;
	bool found = (base >= 0 || base == AT_FDCWD) && walk_parent(&c, base, path, &n->parent, n->leaf) == 0 && name_real(n);
	if (base >= 0)
		close(base);
	n->exists = found && name_look(n, &n->st);
	if (!found)
		close_fd(&n->parent);
	return found;
}

enum looked { LOOKED, LEAVE_TO_KERNEL, FAILED };

/* The caller's own error, found by a walk as the caller: answered at once, since between this walk and the kernel's own somebody may make what was missing, and
 * then the floor would answer EACCES instead. Errors of this process's own are not the caller's. */
static enum looked walk_error(int err, int *error)
{
	static const int callers[] = {ENOENT, ENOTDIR, ELOOP, EACCES, ENAMETOOLONG, EBADF};
	for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++)
		if (err == -callers[i]) {
			*error = callers[i];
			return FAILED;
		}
	return LEAVE_TO_KERNEL;
}

/* The source of a hard link is an object: the one that the path leads to, or that a descriptor is (O_TMPFILE has no name yet). */
static enum looked link_source(struct name_call *c, const struct written *w, int base, struct name *n, int *error)
{
	unsigned flags = c->nr == SYS_linkat ? (unsigned)c->args[4] : 0;
	struct target t = {.object = -1, .parent = -1};
	if (w->path[0] == 0) {
		/* AT_EMPTY_PATH asks for a capability or, since 6.10, for credentials unchanged since the descriptor was opened. Whether they are is seen only where they
		 * cannot change; who is refused here can use /proc/self/fd. */
		if (!caller_identity_fixed() && (!calling_status(&c->calling) || (c->calling.status.cap_eff & 1U << CAP_DAC_READ_SEARCH) == 0)) {
			*error = ENOENT;
			return FAILED;
		}
		t.object = fcntl(base, F_DUPFD_CLOEXEC, 0);
		if (t.object < 0 || fstat(t.object, &t.st) != 0)
			return LEAVE_TO_KERNEL;
	} else {
		int err = walk_object(&c->calling, base, w->path, (flags & AT_SYMLINK_FOLLOW) != 0, &t);
		if (err != 0)
			return walk_error(err, error);
	}
	n->object = t.object;
	n->st = t.st;
	n->exists = true;
	if (t.st.st_nlink == 0)
		return LOOKED; /* O_TMPFILE may be given a name; a removed file may not, says the kernel */
	if (!walk_named(&t) || strncmp(t.real, "/proc/", 6) == 0)
		return LEAVE_TO_KERNEL;
	strcpy(n->real, t.real);
	return LOOKED;
}

static enum looked look_up(const struct supervisor *s, struct name_call *c, const struct shape *shape, unsigned i, const struct written *w, int *error)
{
	struct name *n = &c->side[i];
	bool source = shape->verb == VERB_LINK && i == 0;
	if (w->path[0] == 0 && !source) {
		*error = ENOENT;
		return FAILED;
	}
	bool straight = !source && calling_is_us(&c->calling) && (n->parent = straight_parent(c->calling.tid, w->dirfd, w->path, n->leaf, n->real)) >= 0;
	int base = straight ? AT_FDCWD : walk_base(&c->calling, w->dirfd, w->path);
	if (base < 0 && base != AT_FDCWD)
		return walk_error(base, error);
	enum looked l = LOOKED;
	if (source) {
		l = link_source(c, w, base, n, error);
	} else if (!straight) {
		int err = walk_parent(&c->calling, base, w->path, &n->parent, n->leaf);
		l = err != 0 ? walk_error(err, error) : name_real(n) ? LOOKED : LEAVE_TO_KERNEL;
	}
	if (!source) {
		n->exists = l == LOOKED && name_look(n, &n->st);
		if (l == LOOKED && !n->exists && errno != ENOENT)
			l = LEAVE_TO_KERNEL;
	}
	if (base >= 0)
		close(base);
	if (l == LOOKED && n->parent >= 0)
		n->on_floor = (shape->side[i].rights & ~floor_rights_above(s->floor, n->real, n->parent)) == 0;
	return l;
}

/* What changes its path must be as open at either place, or a rename would turn "may write" into "may read". */
static uint8_t access_of(const struct name_call *c)
{
	return c->verb == VERB_RENAME || c->verb == VERB_LINK ? ACCESS_READ | ACCESS_WRITE : ACCESS_WRITE;
}

/* A directory that changes its path takes along what lies in it: a rule for the directory by itself (to list it, to touch it) is none for that. */
static bool takes_along(const struct name_call *c, unsigned i)
{
	bool exchange = c->nr == SYS_renameat2 && (c->args[4] & RENAME_EXCHANGE) != 0;
	return c->verb == VERB_RENAME && (i == 0 || exchange) && c->side[i].exists && S_ISDIR(c->side[i].st.st_mode);
}

static struct decision decide_side(const struct supervisor *s, const struct name_call *c, unsigned i)
{
	const struct name *n = &c->side[i];
	char below[PLAN_MAX_PATH];
	struct decision d = owned_decide(&s->rules, n->real, access_of(c), n->exists);
	if (!d.allow || !takes_along(c, i))
		return d;
	/* Stands for any name: only rules for trees reach it. What is denied further down keeps the directory where it is (moves.c). */
	if (snprintf(below, sizeof below, "%s/nono-any", n->real) >= (int)sizeof below)
		return (struct decision){.reason = REASON_CANNOT, .rule_id = NO_RULE};
	return owned_decide(&s->rules, below, access_of(c), true);
}

/* Every side must be allowed; the first that is not speaks, one under a DENY rule before all others. */
static struct decision decide_sides(const struct supervisor *s, const struct name_call *c, unsigned *which)
{
	struct decision found = {.allow = true, .rule_id = NO_RULE};
	for (unsigned i = 0; i < c->sides; i++) {
		if (c->side[i].real[0] == 0)
			continue; /* a file without a name that the caller holds */
		struct decision d = decide_side(s, c, i);
		if (!d.allow && (found.allow || (d.reason == REASON_RULE && found.reason != REASON_RULE))) {
			found = d;
			*which = i;
		}
	}
	return found;
}

static uint8_t kind_of(const struct name *n)
{
	return !n->exists ? OBJECT_MISSING : S_ISREG(n->st.st_mode) ? OBJECT_FILE : S_ISDIR(n->st.st_mode) ? OBJECT_DIRECTORY : OBJECT_OTHER;
}

/* The record shows the side that is not allowed, and the other one beside it. */
static void describe(const struct supervisor *s, const struct name_call *c, struct access_record *r, struct record_names *names, struct decision d, unsigned which)
{
	const struct name *n = &c->side[which];
	fill_record(r, names, c->calling.tid, c->verb, access_of(c), d.reason, d.rule_id, kind_of(n), n->real);
	if (c->sides == 2 && c->side[1 - which].real[0] != 0) {
		r->other = c->side[1 - which].real;
		r->other_first = which == 1;
		r->other_allowed = decide_side(s, c, 1 - which).allow;
	}
}

static void report(struct supervisor *s, const struct name_call *c, struct decision d, unsigned which)
{
	if (s->wire.fd < 0)
		return;
	struct access_record r;
	struct record_names names;
	describe(s, c, &r, &names, d, which);
	wire_denied(&s->wire, &r);
}

/* --- held ------------------------------------------------------------------------------------------------------------------------------------- */

static struct decision held_decide(const struct supervisor *s, const void *call)
{
	unsigned which = 0;
	struct decision d = decide_sides(s, call, &which);
	/* A rule that came meanwhile may lie below a side. What lies below otherwise is looked at again when it is performed: this is asked of every held call. */
	if (names_refused(s, call, NULL) != 0)
		d = (struct decision){.allow = false, .reason = REASON_RULE, .rule_id = NO_RULE};
	return d;
}

static bool held_announce(struct supervisor *s, uint64_t hold_id, const void *call)
{
	struct access_record r;
	struct record_names names;
	unsigned which = 0;
	struct decision d = decide_sides(s, call, &which);
	describe(s, call, &r, &names, d, which);
	return wire_held(&s->wire, hold_id, &r);
}

/* Is each side still what was shown? */
static bool unchanged(const struct name_call *c)
{
	for (unsigned i = 0; i < c->sides; i++) {
		const struct name *n = &c->side[i];
		struct name again = {.parent = n->parent, .object = -1};
		struct stat st;
		if (n->object >= 0) {
			if (n->real[0] != 0 && !resolve_confirms(n->real, &n->st))
				return false;
			continue;
		}
		strcpy(again.leaf, n->leaf);
		bool exists = name_look(n, &st);
		if (!name_real(&again) || strcmp(again.real, n->real) != 0 || exists != n->exists)
			return false;
		if (exists && (st.st_dev != n->st.st_dev || st.st_ino != n->st.st_ino))
			return false;
	}
	return true;
}

static enum performed answer(struct supervisor *s, struct name_call *c)
{
	int result = names_perform(s, c);
	if (result < 0)
		answer_error(s, c->id, -result);
	else
		answer_value(s, c->id, 0);
	return result < 0 ? PERFORM_FAILED : PERFORMED;
}

static void keep_sides(struct name_call *c)
{
	for (unsigned i = 0; i < 2; i++)
		c->side[i].parent = c->side[i].object = -1;
}

/* --- waiting for a look through what is moved ---------------------------------------------------------------------------------------------------------- */

struct waiting {
	struct waiting *next;
	pid_t pid; /* the process that stands for it */
	bool verdict;
	struct name_call call;
};

static struct waiting *waiting;

/* Takes the descriptors of `c` when true. */
static bool wait_for_look(struct supervisor *s, struct name_call *c, pid_t work, bool verdict)
{
	struct waiting *w = c->rounds < ROUNDS ? malloc(sizeof *w) : NULL;
	pid_t pid = w != NULL ? work_wait(work) : -1;
	if (pid <= 0) {
		free(w);
		return false;
	}
	*w = (struct waiting){.next = waiting, .pid = pid, .verdict = verdict, .call = *c};
	w->call.rounds++;
	waiting = w;
	keep_sides(c);
	held_add_worker(s, w->call.id, w->call.calling.tid, pid);
	return true;
}

static enum performed held_perform(struct supervisor *s, void *call)
{
	struct name_call *c = call;
	if (!caller_still_waits(s, c->id))
		return PERFORM_FAILED;
	if (narrowed_contains(s, c->calling.tid) || !unchanged(c))
		return PERFORM_CHANGED;
	c->calling.known = false; /* its umask and identity are those of now */
	pid_t work;
	int refused = names_refused(s, c, &work);
	if (refused == MOVES_SLOWLY && wait_for_look(s, c, work, true))
		return PERFORMED;
	return refused == 0 ? answer(s, c) : PERFORM_CHANGED;
}

static void held_discard(void *call)
{
	close_sides(call);
	free(call);
}

static const struct held_kind held_names = {.decide = held_decide, .announce = held_announce, .perform = held_perform, .discard = held_discard};

static bool hold(struct supervisor *s, struct name_call *c)
{
	struct name_call *kept = malloc(sizeof *kept);
	if (kept == NULL)
		return false;
	*kept = *c;
	char both[2 * PLAN_MAX_PATH];
	snprintf(both, sizeof both, "%s\n%s", c->side[0].real, c->sides == 2 ? c->side[1].real : "");
	if (!held_add(s, &held_names, kept, c->id, c->calling.tid, held_subject(c->verb, access_of(c), both))) {
		free(kept); /* the descriptors are still in `c` */
		return false;
	}
	keep_sides(c);
	return true;
}

/* --- the call --------------------------------------------------------------------------------------------------------------------------------- */

/* Would the kernel refuse before any policy is asked, or discretionary access control afterwards? Then there is nothing to ask a person. */
static bool kernel_refuses(const struct name_call *c, const struct shape *shape)
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
			refused = refused || syscall(SYS_faccessat2, c->side[i].parent, "", W_OK | X_OK, AT_EACCESS | AT_EMPTY_PATH) != 0;
	caller_identity_restore();
	return refused;
}

static void refuse(struct supervisor *s, struct name_call *c, struct decision d, unsigned which)
{
	report(s, c, d, which);
	/* Device nodes as anybody without CAP_MKNOD hears it. */
	answer_error(s, c->id, c->verb == VERB_MKNOD && d.reason == REASON_CANNOT ? EPERM : EACCES);
}

/* All sides are looked up and at least one is off the floor. */
static void decide_and_act(struct supervisor *s, struct name_call *c, const struct shape *shape)
{
	unsigned which = 0;
	struct decision d = decide_sides(s, c, &which);
	pid_t work;
	int refused = d.allow || d.reason != REASON_RULE ? names_refused(s, c, &work) : EACCES;
	if (refused == MOVES_SLOWLY) {
		if (kernel_refuses(c, shape)) {
			answer_continue(s, c->id); /* as below */
			return;
		}
		if (!caller_still_waits(s, c->id) || wait_for_look(s, c, work, false))
			return;
		refused = EACCES;
	}
	if (d.allow && refused == 0) {
		if (!caller_still_waits(s, c->id))
			return;
		if (!narrowed_contains(s, c->calling.tid)) {
			answer(s, c);
			return;
		}
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
		if (hold(s, c))
			return;
		d.reason = REASON_TOO_MANY;
	}
	refuse(s, c, d, which);
}

bool names_waited(struct supervisor *s, pid_t pid)
{
	for (struct waiting **link = &waiting; *link != NULL; link = &(*link)->next) {
		struct waiting *w = *link;
		if (w->pid != pid)
			continue;
		*link = w->next;
		struct name_call *c = &w->call;
		bool waits = held_worker_ended(s, pid) && caller_still_waits(s, c->id);
		c->calling.known = false;
		if (waits && !w->verdict && unchanged(c))
			decide_and_act(s, c, shape_of(c->nr));
		else if (waits && (!w->verdict || held_perform(s, c) == PERFORM_CHANGED))
			answer_error(s, c->id, EACCES); /* somebody keeps swapping what is moved */
		close_sides(c);
		free(w);
		return true;
	}
	return false;
}

/* Reads what the call is about; false when the kernel should answer. */
static bool read_call(const struct seccomp_notif *n, const struct shape *shape, struct name_call *c, struct written written[2])
{
	*c = (struct name_call){.id = n->id, .calling = {.tid = (pid_t)n->pid}, .nr = n->data.nr, .verb = shape->verb, .sides = shape->sides};
	memcpy(c->args, n->data.args, sizeof c->args);
	for (unsigned i = 0; i < 2; i++)
		c->side[i].parent = c->side[i].object = -1;
	unsigned flags = shape->flags < 0 ? 0 : (unsigned)c->args[(int)shape->flags];
	if ((flags & ~shape->flags_known) != 0 || (shape->verb == VERB_RENAME && flags == (RENAME_NOREPLACE | RENAME_EXCHANGE)))
		return false; /* EINVAL */
	if (c->nr == SYS_unlinkat && (flags & AT_REMOVEDIR) != 0)
		c->verb = VERB_RMDIR;
	/* Unreadable memory: EFAULT, or a caller that made itself non-dumpable. The floor decides these calls completely, so they may go on. */
	for (unsigned i = 0; i < shape->sides; i++) {
		const struct side *side = &shape->side[i];
		written[i].dirfd = side->dirfd < 0 ? AT_FDCWD : (int)c->args[(int)side->dirfd];
		if (caller_string((pid_t)n->pid, c->args[(int)side->path], written[i].path, PLAN_MAX_PATH) != 0)
			return false;
		if (written[i].path[0] == 0 && !(c->nr == SYS_linkat && i == 0 && (flags & AT_EMPTY_PATH)))
			return false; /* ENOENT */
	}
	mode_t type = (mode_t)c->args[c->nr == SYS_mknodat ? 2 : 1] & S_IFMT;
	if (c->verb == VERB_MKNOD && type != 0 && type != S_IFREG && type != S_IFIFO && type != S_IFSOCK && type != S_IFCHR && type != S_IFBLK)
		return false; /* EINVAL, or EPERM for a directory */
	return c->verb != VERB_SYMLINK || (caller_string((pid_t)n->pid, c->args[0], c->text, sizeof c->text) == 0 && c->text[0] != 0);
}

static bool quickly_inside(const struct supervisor *s, const struct name_call *c, const struct shape *shape, const struct written written[2])
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
	const struct shape *shape = shape_of(n->data.nr);
	if (shape == NULL || !read_call(n, shape, &c, written) || quickly_inside(s, &c, shape, written)) {
		answer_continue(s, n->id); /* inside the floor, or an error of the kernel's own; the floor decides these calls completely */
		return;
	}
	enum looked l = LOOKED;
	int error = 0;
	bool inside = true;
	for (unsigned i = 0; l == LOOKED && i < shape->sides; i++) {
		l = look_up(s, &c, shape, i, &written[i], &error);
		inside = inside && c.side[i].on_floor;
	}
	if (l == FAILED)
		answer_error(s, n->id, error);
	else if (l == LEAVE_TO_KERNEL || inside)
		answer_continue(s, n->id); /* as above */
	else
		decide_and_act(s, &c, shape);
	close_sides(&c);
}
