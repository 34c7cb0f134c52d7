#define _GNU_SOURCE
#include "metadata.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <unistd.h>
#include <utime.h>

#include "straight.h"

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

enum { EMPTY_OK = AT_EMPTY_PATH, NOFOLLOW_OK = AT_SYMLINK_NOFOLLOW };

/* Where a call keeps its arguments: indexes, -1 for none. */
struct shape {
	int nr;
	uint16_t verb;
	signed char dirfd, path, flags; /* path -1: `dirfd` is the object */
	unsigned flags_known;
	bool follow; /* unless AT_SYMLINK_NOFOLLOW is among the flags */
	int (*read)(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c);
	signed char first; /* index of the first argument after the object */
};

/* --- what is to become of the object ------------------------------------------------------------------------------------------------------------ */

static int read_mode(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	c->mode = (mode_t)n->data.args[(int)shape->first] & 07777;
	return 0;
}

static int read_owner(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	c->uid = (uid_t)n->data.args[(int)shape->first];
	c->gid = (gid_t)n->data.args[shape->first + 1];
	return metadata_map_ids(c) ? 0 : -EINVAL;
}

static int read_length(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	c->length = (off_t)n->data.args[(int)shape->first];
	return c->length < 0 ? -EINVAL : 0;
}

enum { NOTHING_TO_DO = 1 };

static int read_timespecs(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	uint64_t address = n->data.args[(int)shape->first];
	c->times_given = address != 0;
	int err = address != 0 ? caller_read((pid_t)n->pid, address, c->times, sizeof c->times) : 0;
	/* Both left out: the kernel answers without a look at the path. */
	return err == 0 && address != 0 && c->times[0].tv_nsec == UTIME_OMIT && c->times[1].tv_nsec == UTIME_OMIT ? NOTHING_TO_DO : err;
}

static int read_timevals(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	struct timeval micro[2] = {0};
	uint64_t address = n->data.args[(int)shape->first];
	c->times_given = address != 0;
	int err = address != 0 ? caller_read((pid_t)n->pid, address, micro, sizeof micro) : 0;
	for (int i = 0; err == 0 && i < 2; i++) {
		if (micro[i].tv_usec < 0 || micro[i].tv_usec >= 1000000)
			err = -EINVAL;
		c->times[i] = (struct timespec){.tv_sec = micro[i].tv_sec, .tv_nsec = micro[i].tv_usec * 1000};
	}
	return err;
}

static int read_utimbuf(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	struct utimbuf buf = {0};
	uint64_t address = n->data.args[(int)shape->first];
	c->times_given = address != 0;
	int err = address != 0 ? caller_read((pid_t)n->pid, address, &buf, sizeof buf) : 0;
	c->times[0] = (struct timespec){.tv_sec = buf.actime};
	c->times[1] = (struct timespec){.tv_sec = buf.modtime};
	return err;
}

static int read_attribute_name(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	int err = caller_string((pid_t)n->pid, n->data.args[(int)shape->first], c->name, sizeof c->name);
	return err == -ENAMETOOLONG || (err == 0 && c->name[0] == 0) ? -ERANGE : err;
}

static int read_attribute(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	static char value[XATTR_VALUE_MAX];
	uint64_t address = n->data.args[shape->first + 1];
	c->size = n->data.args[shape->first + 2];
	c->flags = (int)n->data.args[shape->first + 3];
	c->value = value;
	if ((c->flags & ~3) != 0)
		return -EINVAL;
	int err = read_attribute_name(n, shape, c);
	if (err != 0)
		return err;
	if (c->size > XATTR_VALUE_MAX)
		return -E2BIG;
	err = c->size > 0 ? caller_read((pid_t)n->pid, address, value, c->size) : 0;
	/* An access list holds ids of the caller's user namespace, and so does a file capability: only at home are they ours. */
	bool holds_ids = strncmp(c->name, "system.posix_acl_", 17) == 0 || strcmp(c->name, "security.capability") == 0;
	return err == 0 && holds_ids && !caller_at_home((pid_t)n->pid) ? -EOPNOTSUPP : err;
}

static int read_flags(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	uint64_t address = n->data.args[(int)shape->first];
	c->command = (unsigned)n->data.args[1];
	return c->command == FS_IOC_FSSETXATTR ? caller_read((pid_t)n->pid, address, &c->fsx, sizeof c->fsx) : caller_read((pid_t)n->pid, address, &c->flags, sizeof c->flags);
}

static const struct shape shapes[] = {
	{SYS_fchmodat, VERB_CHMOD, 0, 1, -1, 0, true, read_mode, 2},
	{SYS_fchmodat2, VERB_CHMOD, 0, 1, 3, EMPTY_OK | NOFOLLOW_OK, true, read_mode, 2},
	{SYS_fchmod, VERB_CHMOD, 0, -1, -1, 0, true, read_mode, 1},
	{SYS_fchownat, VERB_CHOWN, 0, 1, 4, EMPTY_OK | NOFOLLOW_OK, true, read_owner, 2},
	{SYS_fchown, VERB_CHOWN, 0, -1, -1, 0, true, read_owner, 1},
	{SYS_utimensat, VERB_UTIME, 0, 1, 3, EMPTY_OK | NOFOLLOW_OK, true, read_timespecs, 2},
	{SYS_setxattr, VERB_SETXATTR, -1, 0, -1, 0, true, read_attribute, 1},
	{SYS_lsetxattr, VERB_SETXATTR, -1, 0, -1, 0, false, read_attribute, 1},
	{SYS_fsetxattr, VERB_SETXATTR, 0, -1, -1, 0, true, read_attribute, 1},
	{SYS_removexattr, VERB_REMOVEXATTR, -1, 0, -1, 0, true, read_attribute_name, 1},
	{SYS_lremovexattr, VERB_REMOVEXATTR, -1, 0, -1, 0, false, read_attribute_name, 1},
	{SYS_fremovexattr, VERB_REMOVEXATTR, 0, -1, -1, 0, true, read_attribute_name, 1},
	{SYS_ioctl, VERB_IOCTL, 0, -1, -1, 0, true, read_flags, 2},
	{SYS_truncate, VERB_TRUNCATE, -1, 0, -1, 0, true, read_length, 1},
#ifdef SYS_open
	{SYS_chmod, VERB_CHMOD, -1, 0, -1, 0, true, read_mode, 1},
	{SYS_chown, VERB_CHOWN, -1, 0, -1, 0, true, read_owner, 1},
	{SYS_lchown, VERB_CHOWN, -1, 0, -1, 0, false, read_owner, 1},
	{SYS_utime, VERB_UTIME, -1, 0, -1, 0, true, read_utimbuf, 1},
	{SYS_utimes, VERB_UTIME, -1, 0, -1, 0, true, read_timevals, 1},
	{SYS_futimesat, VERB_UTIME, 0, 1, -1, 0, true, read_timevals, 2},
#endif
};

static const struct shape *shape_of(int nr)
{
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		if (shapes[i].nr == nr)
			return &shapes[i];
	return NULL;
}

/* --- which object ------------------------------------------------------------------------------------------------------------------------------- */

static int caller_descriptor(struct calling *c, int fd)
{
	int pidfd = (int)syscall(SYS_pidfd_open, c->tid, PIDFD_THREAD);
	/* Before 6.9 only the leader has one; threads share its table, unless they asked for their own. The caller of this function compares. */
	if (pidfd < 0 && calling_status(c))
		pidfd = (int)syscall(SYS_pidfd_open, c->status.tgid, 0);
	int file = pidfd >= 0 ? (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0) : -1;
	int err = errno;
	if (pidfd >= 0)
		close(pidfd);
	errno = err;
	return file;
}

/* Duplicates the caller's descriptor, which must be what `object` is: another thread may have put something else there meanwhile. */
static int same_file(struct calling *c, int fd, const struct stat *object)
{
	struct stat st;
	int file = caller_descriptor(c, fd);
	if (file >= 0 && fstat(file, &st) == 0 && st.st_dev == object->st_dev && st.st_ino == object->st_ino)
		return file;
	if (file >= 0)
		close(file);
	return -1;
}

/* O_PATH descriptors are none for these calls. The link in /proc shows what a descriptor may do; an odd one (mode 3 of open) shows the same as O_PATH. */
static bool is_path_only(pid_t tid, int fd)
{
	char path[56], line[256];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", tid, fd);
	if (lstat(path, &st) != 0 || (st.st_mode & 0700) != 0)
		return false;
	snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", tid, fd);
	FILE *f = fopen(path, "re");
	unsigned flags = 0;
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "flags: %o", &flags) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return (flags & O_PATH) != 0;
}

static int base_object(struct object_call *c, int dirfd)
{
	c->t.object = resolve_base(c->calling.tid, dirfd);
	if (c->t.object < 0) {
		int err = c->t.object;
		c->t.object = -1;
		return err == -ENOENT ? -EBADF : err;
	}
	return fstat(c->t.object, &c->t.st) == 0 ? 0 : -errno;
}

static int descriptor_object(struct object_call *c, int fd)
{
	int err = fd < 0 ? -EBADF : base_object(c, fd); /* AT_FDCWD is none */
	if (err == 0 && is_path_only(c->calling.tid, fd))
		err = -EBADF;
	if (err == 0 && c->verb == VERB_IOCTL && (c->file = same_file(&c->calling, fd, &c->t.st)) < 0)
		err = -EACCES;
	return err;
}

/* What the object is called, where policy can speak of it. */
static void name_object(struct object_call *c, int fd)
{
	c->named = walk_named(&c->t);
	if (c->named)
		return;
	int file = c->file >= 0 ? fcntl(c->file, F_DUPFD_CLOEXEC, 0) : fd >= 0 ? same_file(&c->calling, fd, &c->t.st) : -1;
	int flags = file >= 0 ? fcntl(file, F_GETFL) : O_RDONLY;
	if (file >= 0)
		close(file);
	c->writable = (flags & O_PATH) == 0 && (flags & O_ACCMODE) != O_RDONLY;
}

/* Finds the object, as the caller means it. 0 or a negative errno. */
static int find_object(const struct seccomp_notif *n, const struct shape *shape, struct object_call *c)
{
	static char path[PLAN_MAX_PATH];
	unsigned flags = shape->flags < 0 ? 0 : (unsigned)n->data.args[(int)shape->flags];
	int dirfd = shape->dirfd < 0 ? AT_FDCWD : (int)n->data.args[(int)shape->dirfd];
	bool by_descriptor = shape->path < 0;
	if (c->verb == VERB_UTIME && !by_descriptor && shape->dirfd >= 0 && n->data.args[(int)shape->path] == 0 && dirfd != AT_FDCWD) {
		if (flags != 0)
			return -EINVAL;
		by_descriptor = true; /* futimens */
	}
	if ((flags & ~shape->flags_known) != 0)
		return -EINVAL;
	int err;
	if (by_descriptor) {
		err = descriptor_object(c, dirfd);
	} else {
		err = caller_string(c->calling.tid, n->data.args[(int)shape->path], path, sizeof path);
		if (err != 0)
			return err;
		by_descriptor = path[0] == 0 && (flags & AT_EMPTY_PATH) != 0 && dirfd != AT_FDCWD;
		if (path[0] == 0) {
			err = (flags & AT_EMPTY_PATH) == 0 ? -ENOENT : base_object(c, dirfd);
		} else if (calling_is_us(&c->calling) && straight_target(c->calling.tid, dirfd, path, &c->t) == RESOLVED) {
			c->named = true; /* by what was walked */
			return 0;
		} else {
			target_close(&c->t); /* a parent that is of no use here */
			int base = walk_base(&c->calling, dirfd, path);
			err = base < 0 && base != AT_FDCWD ? base : walk_object(&c->calling, base, path, shape->follow && (flags & AT_SYMLINK_NOFOLLOW) == 0, &c->t);
			if (base >= 0)
				close(base);
		}
	}
	if (err == 0)
		name_object(c, by_descriptor ? dirfd : -1);
	return err;
}

/* --- the decision ------------------------------------------------------------------------------------------------------------------------------- */

static bool both_now(const struct object_call *c)
{
	return c->verb == VERB_UTIME && (!c->times_given || (c->times[0].tv_nsec == UTIME_NOW && c->times[1].tv_nsec == UTIME_NOW));
}

/* Anything that may be done to a device's node, besides touching it, is done to a machine's or another user's: except to the terminal one sits at (mesg). */
static bool device_refused(const struct object_call *c)
{
	if (!S_ISCHR(c->t.st.st_mode) && !S_ISBLK(c->t.st.st_mode))
		return false;
	return !both_now(c) && c->t.st.st_rdev != caller_terminal(c->calling.tid);
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

static struct decision decide(const struct supervisor *s, const struct object_call *c)
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

static const char *shown(struct object_call *c)
{
	if (!c->named && !resolve_descriptor(c->t.object, c->t.real))
		c->t.real[0] = 0;
	return c->t.real;
}

/* --- held --------------------------------------------------------------------------------------------------------------------------------------- */

static struct decision held_decide(const struct supervisor *s, const void *call)
{
	return decide(s, call);
}

static bool held_announce(struct supervisor *s, uint64_t hold_id, const void *call)
{
	const struct object_call *c = call;
	struct access_record r;
	struct record_names names;
	struct decision d = decide(s, c);
	fill_record(&r, &names, c->calling.tid, c->verb, ACCESS_WRITE, d.reason, NO_RULE, object_kind(&c->t), c->t.real);
	return wire_held(&s->wire, hold_id, &r);
}

/* In a process of its own, which waits for the lease. */
static enum performed perform_slowly(struct supervisor *s, struct object_call *c)
{
	pid_t pid = fork();
	if (pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		int result = metadata_perform_blocking(c);
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

static enum performed answer(struct supervisor *s, struct object_call *c)
{
	int result = metadata_perform(c);
	if (result == METADATA_SLOWLY)
		return perform_slowly(s, c);
	if (result < 0)
		answer_error(s, c->id, -result);
	else
		answer_value(s, c->id, 0);
	return result < 0 ? PERFORM_FAILED : PERFORMED;
}

/* A Landlock domain that the caller added itself would be stepped over. Of these calls it decides truncate alone; the others it lets pass, and so it is no less kept
 * when they are performed here (landlock(7), "Current limitations"). */
static bool own_domain_decides(const struct supervisor *s, const struct object_call *c)
{
	return c->verb == VERB_TRUNCATE && narrowed_contains(s, c->calling.tid);
}

static enum performed held_perform(struct supervisor *s, void *call)
{
	struct object_call *c = call;
	if (!caller_still_waits(s, c->id))
		return PERFORM_FAILED;
	if (own_domain_decides(s, c) || !resolve_confirms(c->t.real, &c->t.st))
		return PERFORM_CHANGED;
	c->calling.known = false;
	return answer(s, c);
}

static void close_object(struct object_call *c)
{
	target_close(&c->t);
	if (c->file >= 0)
		close(c->file);
	c->file = -1;
}

static void held_discard(void *call)
{
	struct object_call *c = call;
	close_object(c);
	free(c->value);
	free(c);
}

static const struct held_kind held_objects = {.decide = held_decide, .announce = held_announce, .perform = held_perform, .discard = held_discard};

static bool hold(struct supervisor *s, struct object_call *c)
{
	struct object_call *kept = malloc(sizeof *kept);
	if (kept == NULL)
		return false;
	*kept = *c;
	kept->value = NULL;
	if (c->verb == VERB_SETXATTR && (kept->value = malloc(c->size + 1)) != NULL)
		memcpy(kept->value, c->value, c->size);
	if ((c->verb == VERB_SETXATTR && kept->value == NULL) ||
	    !held_add(s, &held_objects, kept, c->id, c->calling.tid, held_subject(c->verb, ACCESS_WRITE, c->t.real))) {
		free(kept->value);
		free(kept); /* the descriptors are still in `c` */
		return false;
	}
	c->t.object = c->file = -1;
	return true;
}

/* --- the call ----------------------------------------------------------------------------------------------------------------------------------- */

/* The errno with which the kernel would refuse this caller whatever policy says; 0 when it would not. Nobody is asked about such a call. */
static int kernel_refuses(struct object_call *c)
{
	if (c->verb == VERB_TRUNCATE && !S_ISREG(c->t.st.st_mode))
		return S_ISDIR(c->t.st.st_mode) ? EISDIR : EINVAL;
	if (!calling_identity_take(&c->calling))
		return EACCES;
	bool writes = syscall(SYS_faccessat2, c->t.object, "", W_OK, AT_EACCESS | AT_EMPTY_PATH) == 0;
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
	struct decision d = decide(s, c);
	if (!caller_still_waits(s, c->id))
		return; /* what was read may be another process's that got the number */
	bool narrowed = own_domain_decides(s, c);
	if (d.allow && !narrowed) {
		answer(s, c);
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
			if (hold(s, c))
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
	       (FLOOR_WRITE_FILE & ~floor_rights(s->floor, c->t.real, c->t.st.st_dev, c->t.st.st_ino)) == 0;
}

void metadata_call(struct supervisor *s, const struct seccomp_notif *n)
{
	static struct object_call c; /* large; one thread */
	const struct shape *shape = shape_of(n->data.nr);
	if (shape == NULL) {
		answer_error(s, n->id, ENOSYS);
		return;
	}
	c = (struct object_call){.id = n->id, .calling = {.tid = (pid_t)n->pid}, .nr = n->data.nr, .verb = shape->verb, .t = {.object = -1, .parent = -1}, .file = -1};
	int err = shape->read(n, shape, &c);
	if (err == 0)
		err = find_object(n, shape, &c);
	if (err == -EPERM && shape->verb == VERB_TRUNCATE && s->floor->abi >= 3) {
		answer_continue(s, n->id); /* unreadable; the floor decides truncation completely, so it may go on */
		close_object(&c);
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
	close_object(&c);
}
