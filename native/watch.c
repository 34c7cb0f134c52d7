/* inotify_add_watch: reports the names in a directory, which Landlock does not look at. A watch is therefore never left to the kernel: the path is resolved as the caller
 * means it, decided as a read, and the watch is put on that very object, through a duplicate of the caller's inotify descriptor. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller.h"
#include "caller_identity.h"
#include "sockets.h"
#include "supervisor.h"

/* Why the kernel would not have found it either; what only the caller can name (its own pipes) is refused. */
static int lookup_error(pid_t tid, const char *path, bool nofollow)
{
	int base = path[0] == '/' ? AT_FDCWD : resolve_base(tid, AT_FDCWD);
	if (path[0] != '/' && base < 0)
		return EACCES;
	struct stat st;
	int err = fstatat(base, path, &st, nofollow ? AT_SYMLINK_NOFOLLOW : 0) == 0 ? EACCES : errno;
	if (base >= 0)
		close(base);
	return err;
}

static int add_watch(struct supervisor *s, const struct seccomp_notif *n, const struct path_request *r, const struct target *t)
{
	struct caller_status status;
	pid_t tid = (pid_t)n->pid;
	int queue = socket_duplicate(tid, (int)n->data.args[0]); /* the thread's own table, which need not be its process's */
	if (queue < 0)
		return queue == -EPERM || queue == -ESRCH ? -EACCES : queue;
	int result = -EACCES;
	int base = r->path[0] == '/' ? AT_FDCWD : resolve_base(tid, AT_FDCWD);
	if (caller_status(tid, &status) && caller_still_waits(s, n->id) && caller_identity_take(tid, &status) &&
	    (!caller_identity_taken() || resolve_reaches(base, r, t))) {
		char link[40];
		snprintf(link, sizeof link, "/proc/self/fd/%d", t->object);
		result = inotify_add_watch(queue, link, (uint32_t)n->data.args[2] & ~(uint32_t)IN_DONT_FOLLOW);
		if (result < 0)
			result = -errno;
	}
	caller_identity_restore();
	if (base >= 0)
		close(base);
	close(queue);
	return result;
}

void watch_call(struct supervisor *s, const struct seccomp_notif *n)
{
	static char path[PLAN_MAX_PATH];
	pid_t tid = (pid_t)n->pid;
	int err = caller_string(tid, n->data.args[1], path, sizeof path);
	if (err != 0 || path[0] == 0) {
		/* A caller that cannot be read cannot be decided on. */
		answer_error(s, n->id, err == 0 ? ENOENT : err == -EPERM ? EACCES : -err);
		return;
	}
	bool nofollow = ((uint32_t)n->data.args[2] & IN_DONT_FOLLOW) != 0;
	struct path_request request = {.tid = tid, .dirfd = AT_FDCWD, .path = path, .nofollow = nofollow};
	struct target t;
	enum resolve_status status = resolve_as_caller(&request, &t);
	int result = -EACCES;
	if (status == RESOLVE_OUTSIDE || status == RESOLVED_PARENT) {
		result = -ENOENT;
	} else if (status != RESOLVED) {
		result = -lookup_error(tid, path, nofollow);
	} else if (t.proc_pid == 0) {
		struct decision d = rules_decide(&s->rules, t.real, ACCESS_READ);
		if (!d.allow)
			report_denied(s, tid, VERB_INOTIFY, ACCESS_READ, d.reason, d.rule_id, object_kind(&t), t.real);
		else if (narrowed_contains(s, tid))
			report_denied(s, tid, VERB_INOTIFY, ACCESS_READ, REASON_CANNOT, NO_RULE, object_kind(&t), t.real);
		else if (resolve_confirms(t.real, &t.st))
			result = add_watch(s, n, &request, &t);
	}
	target_close(&t);
	if (result < 0)
		answer_error(s, n->id, -result);
	else
		answer_value(s, n->id, result);
}
