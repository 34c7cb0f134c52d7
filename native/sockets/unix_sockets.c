/* Unix sockets: which socket files may be connected to, and binding. Landlock before ABI 9 does not decide about pathname sockets, and its scope for abstract
 * names does not hold for this process, which performs the calls: both are decided here. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "floor/owned.h"
#include "names/changes.h"
#include "names/moves.h"
#include "names/names.h"
#include "path/may.h"
#include "path/walk.h"
#include "slow/slow_mounts.h"
#include "sockets/sockets.h"
#include "uapi/landlock_abi.h"

enum { PATH_AT = offsetof(struct sockaddr_un, sun_path) };

/* What the kernel says to the caller about a path that is not to be had here; `there`: where its walk comes to an end. */
static int walk_error(pid_t tid, const char *path, int there)
{
	struct calling calling = {.tid = tid};
	struct target t = {.object = -1};
	int base = walk_base(&calling, AT_FDCWD, path);
	int err = path[0] != '/' && base < 0 ? base : walk_object(&calling, base, path, true, &t);
	if (t.object >= 0)
		close(t.object);
	if (base >= 0)
		close(base);
	return err == 0 ? there : -err;
}

/* Root's supervisor finds files that a caller of another identity may not reach, or not write. */
static bool caller_may(const struct socket_call *c, const char *path)
{
	struct caller_status status;
	bool fixed = caller_identity_fixed();
	if (!fixed && (!caller_status(c->tid, &status) || !caller_identity_take(c->tid, &status))) {
		caller_identity_restore();
		return false;
	}
	bool reaches = true;
	if (caller_identity_taken()) {
		struct path_request r = {.tid = c->tid, .dirfd = AT_FDCWD, .path = path};
		int base = path[0] == '/' ? AT_FDCWD : resolve_base(c->tid, AT_FDCWD);
		reaches = walk_reaches(base, &r, &c->file);
		if (base >= 0)
			close(base);
	}
	bool writes = reaches && may_access(c->file.object, W_OK);
	caller_identity_restore();
	return writes;
}

uint8_t socket_access(const struct socket_call *c)
{
	return c->verb == VERB_BIND ? ACCESS_WRITE : ACCESS_CONNECT;
}

static void report(struct supervisor *s, const struct socket_call *c, uint8_t reason, uint32_t rule_id)
{
	report_denied(s, c->tid, c->verb, socket_access(c), reason, rule_id, c->file.object >= 0 ? OBJECT_OTHER : OBJECT_MISSING, c->file.real);
}

/* After the rules have said no. */
static enum gate hold_or_refuse(struct supervisor *s, struct socket_call *c, bool quiet, struct decision d)
{
	if (!quiet && s->mode == MODE_ASK && d.reason != REASON_RULE && d.reason != REASON_CANNOT) {
		c->reason = d.reason;
		if (socket_hold(s, c))
			return GATE_HELD;
		d.reason = REASON_TOO_MANY;
	}
	if (!quiet)
		report(s, c, d.reason, d.rule_id);
	return socket_refuse(s, c, quiet, EACCES);
}

static enum gate gate_file(struct supervisor *s, struct socket_call *c, bool quiet)
{
	const char *path = ((const struct sockaddr_un *)&c->sa)->sun_path;
	struct path_request r = {.tid = c->tid, .dirfd = AT_FDCWD, .path = path};
	enum resolve_status status = resolve_as_caller(&r, &c->file);
	if (status != RESOLVED)
		return socket_refuse(s, c, quiet, status == RESOLVED_PARENT ? ENOENT : walk_error(c->tid, path, EACCES));
	if (c->file.proc_pid != 0 || !caller_may(c, path))
		return socket_refuse(s, c, quiet, EACCES); /* as for any file that may not be written: nobody needs to be asked */
	if (!S_ISSOCK(c->file.st.st_mode))
		return socket_refuse(s, c, quiet, ECONNREFUSED);
	struct decision d = rules_decide(&s->rules, c->file.real, ACCESS_CONNECT);
	/* Trapped for the internet's sake: no grant is asked for. What is denied stays closed, nono's own sockets above all, which would take this process for the peer. */
	if ((s->options & PLAN_UNIX_RULES) == 0 && d.reason != REASON_RULE)
		d.allow = true;
	if (narrowed_refuses(s, c->tid, NARROWED_UNIX))
		d = (struct decision){.allow = false, .reason = d.reason == REASON_RULE && !d.allow ? REASON_RULE : REASON_CANNOT, .rule_id = NO_RULE};
	else if (!d.allow && d.reason != REASON_RULE && unix_made_file(c->file.object))
		d.allow = true;
	if (d.allow && quiet && !resolve_confirms(c->file.real, &c->file.st))
		d = (struct decision){.reason = REASON_CHANGED, .rule_id = NO_RULE};
	return d.allow ? GATE_OPEN : hold_or_refuse(s, c, quiet, d);
}

/* Whatever the verdict on the name: it lies on the way to what is denied, or the caller gave up making it in a Landlock domain of its own, which this process would step
 * over. */
static bool bind_refused(const struct supervisor *s, const struct socket_call *c)
{
	return moves_name(s, c->file.real, S_IFSOCK) != 0 || narrowed_contains(s, c->tid);
}

static enum gate gate_new_file(struct supervisor *s, struct socket_call *c, bool quiet)
{
	const char *path = ((const struct sockaddr_un *)&c->sa)->sun_path;
	struct name n;
	bool resolved = name_at(c->tid, AT_FDCWD, path, &n);
	c->file = (struct target){.object = -1, .parent = n.parent, .st = n.st};
	strcpy(c->file.real, n.real);
	snprintf(c->file.leaf, sizeof c->file.leaf, "%.*s", (int)strcspn(n.leaf, "/"), n.leaf);
	if (!resolved) {
		int err = walk_error(c->tid, path, EADDRINUSE);
		return socket_refuse(s, c, quiet, err);
	}
	if (n.exists)
		return socket_refuse(s, c, quiet, EADDRINUSE);
	if (strchr(n.leaf, '/') != NULL)
		return socket_refuse(s, c, quiet, ENOENT);
	struct decision d = owned_decide(&s->rules, c->file.real, ACCESS_WRITE, false);
	/* Nobody is asked about what a yes could not bring about. */
	if (bind_refused(s, c) && (d.allow || d.reason != REASON_RULE))
		d = (struct decision){.reason = REASON_CANNOT, .rule_id = NO_RULE};
	return d.allow ? GATE_OPEN : hold_or_refuse(s, c, quiet, d);
}

enum gate unix_gate(struct supervisor *s, struct socket_call *c, bool quiet)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&c->sa;
	if (c->message != NULL && (c->type != SOCK_DGRAM || c->sa_len == 0))
		return GATE_OPEN; /* connected sockets: the kernel refuses an address or does not look at it */
	if (c->verb == VERB_LISTEN)
		return GATE_OPEN;
	if (c->verb == VERB_CONNECT && c->sa_len >= sizeof(sa_family_t) && c->sa.ss_family == AF_UNSPEC)
		return GATE_OPEN; /* dissolves an association */
	if (c->sa_len < sizeof(sa_family_t) || c->sa_len > sizeof *un || c->sa.ss_family != AF_UNIX)
		return socket_refuse(s, c, quiet, EINVAL);
	if (c->sa_len == PATH_AT)
		return c->verb == VERB_BIND ? GATE_OPEN : socket_refuse(s, c, quiet, EINVAL); /* autobind */
	if (un->sun_path[0] != 0)
		return c->verb == VERB_BIND ? gate_new_file(s, c, quiet) : gate_file(s, c, quiet);
	if (c->verb == VERB_BIND || (s->options & PLAN_SCOPE_ABSTRACT) == 0)
		return GATE_OPEN;
	if (unix_made_name(c) && !narrowed_refuses(s, c->tid, NARROWED_ABSTRACT))
		return GATE_OPEN;
	/* As if nobody had the name: programs (X11) then try the path, and nothing is learnt about names outside. */
	return socket_refuse(s, c, quiet, ECONNREFUSED);
}

/* --- binding to a path ----------------------------------------------------------------------------------------------------------------------------- */

/* The kernel makes the file by walking the string, which is also the address that everybody will see. So the string stays as the program wrote it where it can lead to
 * no other place (straight, or everything below the directory as open as that); else it is the real path, in which nothing inside can change a name where a denied
 * path lies below. One that is too long for an address becomes the name in the directory itself.
 * And in any case the process that binds first gives up every other directory than the one that was decided on, with what is below. */
static bool leads_straight(const struct socket_call *c, const char *path)
{
	char dir[PLAN_MAX_PATH];
	const char *slash = strrchr(path, '/');
	snprintf(dir, sizeof dir, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1, slash == NULL ? "." : path);
	for (const char *at = dir; (at = strstr(at, "..")) != NULL; at += 2)
		if ((at == dir || at[-1] == '/') && at[2] == '/')
			return false;
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	struct stat there, parent;
	int base = dir[0] == '/' ? AT_FDCWD : resolve_base(c->tid, AT_FDCWD);
	int fd = dir[0] == '/' || base >= 0 ? (int)syscall(SYS_openat2, base, dir, &how, sizeof how) : -1;
	bool same = fd >= 0 && fstat(fd, &there) == 0 && fstat(c->file.parent, &parent) == 0 && there.st_dev == parent.st_dev && there.st_ino == parent.st_ino;
	if (fd >= 0)
		close(fd);
	if (base >= 0)
		close(base);
	return same;
}

/* May a socket be made anywhere below the directory? Two names that stand for any: a rule for one directory by itself does not reach them. */
static bool open_below(const struct supervisor *s, const char *dir)
{
	char any[PLAN_MAX_PATH];
	if (s->rules.pattern_count > 0 || rules_below(&s->rules, dir) || snprintf(any, sizeof any, "%s/nono-any/nono-any", dir) >= (int)sizeof any)
		return false;
	return rules_decide(&s->rules, any, ACCESS_WRITE).allow;
}

/* Entering a directory asks a server (FUSE_ACCESS), which is waited for: none is asked where the socket is made elsewhere. */
static bool begins_where_none_answers(const struct socket_call *c)
{
	if (c->bytes[PATH_AT] == '/' || !slow_mounted() || slow_holds(c->file.parent))
		return false;
	int base = resolve_base(c->tid, AT_FDCWD);
	bool slow = base < 0 || slow_holds(base);
	if (base >= 0)
		close(base);
	return slow;
}

/* The address to bind to. `inside`: to be bound in the directory itself. */
static struct sockaddr_un safe_address(const struct supervisor *s, const struct socket_call *c, const char *dir, bool *inside)
{
	struct sockaddr_un un = *(const struct sockaddr_un *)&c->sa;
	*inside = false;
	const char *written = c->bytes + PATH_AT;
	/* /proc/self is the process that binds, and not the caller. */
	bool of_process = strncmp(written, "/proc/", 6) == 0;
	if (!begins_where_none_answers(c) && (leads_straight(c, written) || (!of_process && open_below(s, dir))))
		return un;
	un = (struct sockaddr_un){.sun_family = AF_UNIX};
	*inside = strlen(c->file.real) >= sizeof un.sun_path;
	snprintf(un.sun_path, sizeof un.sun_path, "%.*s", (int)sizeof un.sun_path - 1, *inside ? c->file.leaf : c->file.real);
	return un;
}

static int confine_to(int directory)
{
	struct ll_ruleset_attr attr = {.handled_access_fs = LL_FS_MAKE_SOCK};
	struct ll_path_beneath_attr rule = {.allowed_access = LL_FS_MAKE_SOCK, .parent_fd = directory};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof attr.handled_access_fs, 0);
	bool ok = ruleset >= 0 && syscall(SYS_landlock_add_rule, ruleset, LL_RULE_PATH_BENEATH, &rule, 0) == 0 &&
	          prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	return ok ? 0 : EACCES;
}

static int bind_there(const struct socket_call *c, const struct caller_status *status, const struct sockaddr_un *address, socklen_t len, bool inside)
{
	bool whole = address->sun_path[0] == '/';
	int cwd = whole ? -1 : inside ? c->file.parent : resolve_base(c->tid, AT_FDCWD);
	if ((!whole && cwd < 0) || !caller_identity_become(c->tid, status))
		return EACCES;
	/* Searching the caller's directory is not asked of it again: it is in it. */
	if ((!whole && fchdir(cwd) != 0) || confine_to(c->file.parent) != 0)
		return EACCES;
	umask((mode_t)status->umask);
	return bind(c->sock, (const struct sockaddr *)address, len) == 0 ? 0 : errno;
}

struct binding {
	const struct socket_call *call;
	const struct caller_status *status;
	struct sockaddr_un address;
	socklen_t len;
	bool inside;
};

static void bind_and_tell(struct brief *b)
{
	const struct binding *w = b->arg;
	int err = bind_there(w->call, w->status, &w->address, w->len, w->inside);
	brief_tell(b, &err);
}

/* Where a server may not answer the loop waits for a moment (changes.h). */
static int bind_slowly(const struct socket_call *c, const struct binding *w)
{
	int err = EIO, dir[2] = {c->file.parent, -1};
	struct change change = {
		.brief = {.work = bind_and_tell, .arg = w, .keep = {c->sock, c->file.parent}, .kept = 2, .result = &err, .size = sizeof err},
		.dir = {c->file.parent, -1},
		.real = {c->file.real, NULL},
	};
	return changes_stopped(dir, false) || !changes_make(&change) ? EIO : err;
}

static int bind_in_process(const struct binding *w)
{
	int *result = mmap(NULL, sizeof *result, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (result != MAP_FAILED)
		*result = EIO; /* of one that is killed before it could say anything */
	pid_t pid = result != MAP_FAILED ? fork() : -1;
	if (pid == 0) {
		/* Does what opening a file does, and no more: waited for. */
		*result = bind_there(w->call, w->status, &w->address, w->len, w->inside);
		_exit(0);
	}
	int err = pid > 0 && waitpid(pid, NULL, 0) == pid ? *result : ENOBUFS;
	if (result != MAP_FAILED)
		munmap(result, sizeof *result);
	return err;
}

enum performed unix_bind(struct supervisor *s, struct socket_call *c)
{
	struct caller_status status;
	struct stat st;
	char dir[PLAN_MAX_PATH];
	snprintf(dir, sizeof dir, "%s", c->file.real);
	char *slash = strrchr(dir, '/');
	slash[slash == dir ? 1 : 0] = 0;
	/* It may have been held since it was decided. */
	if (fstat(c->file.parent, &st) != 0 || !resolve_confirms(dir, &st) || bind_refused(s, c))
		return PERFORM_CHANGED;
	struct binding w = {.call = c, .status = &status};
	w.address = safe_address(s, c, dir, &w.inside);
	bool as_written = memcmp(&w.address, &c->sa, sizeof w.address) == 0;
	w.len = as_written ? c->sa_len : (socklen_t)(PATH_AT + strnlen(w.address.sun_path, sizeof w.address.sun_path - 1) + 1);
	int err = !caller_status(c->tid, &status) ? ENOBUFS : slow_holds(c->file.parent) ? bind_slowly(c, &w) : bind_in_process(&w);
	if (err != 0) {
		answer_error(s, c->id, err);
		return PERFORMED;
	}
	/* A directory below the one decided on would have let it pass. */
	unix_note_file(c);
	owned_made(c->file.real);
	moves_made(c->file.real);
	answer_value(s, c->id, 0);
	return PERFORMED;
}
