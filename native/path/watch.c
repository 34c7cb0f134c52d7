/* inotify_add_watch: reports the names in a directory, which Landlock does not look at. A watch is therefore never left to the kernel: the path is resolved as the caller
 * means it, decided as a read, and the watch is put on that very object, through a duplicate of the caller's inotify descriptor. */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "loop/in_time.h"
#include "loop/supervisor.h"
#include "path/walk.h"
#include "sockets/sockets.h"

static int add_watch(struct supervisor *s, const struct seccomp_notif *n, const struct target *t)
{
	struct caller_status status;
	pid_t tid = (pid_t)n->pid;
	int queue = socket_duplicate(tid, (int)n->data.args[0]); /* the thread's own table, which need not be its process's */
	if (queue < 0)
		return queue == -EPERM || queue == -ESRCH ? -EACCES : queue;
	int result = -EACCES;
	if (caller_status(tid, &status) && caller_still_waits(s, n->id) && caller_identity_take(tid, &status)) {
		char link[40];
		snprintf(link, sizeof link, "/proc/self/fd/%d", t->object);
		result = inotify_add_watch(queue, link, (uint32_t)n->data.args[2] & ~(uint32_t)IN_DONT_FOLLOW);
		if (result < 0)
			result = -errno;
	}
	caller_identity_restore();
	let_go(queue);
	return result;
}

/* An entry of a process: what is reported of it is nobody's business but its own. */
static bool is_of_process(const char *real)
{
	return strncmp(real, "/proc/", 6) == 0 && isdigit((unsigned char)real[6]);
}

/* The object, by the caller's own walk. */
static int find_object(pid_t tid, const char *path, bool nofollow, struct target *t)
{
	struct calling calling = {.tid = tid};
	int base = walk_base(&calling, AT_FDCWD, path);
	*t = (struct target){.object = -1, .parent = -1};
	int err = path[0] != '/' && base < 0 ? base : walk_object(&calling, base, path, !nofollow, t);
	if (base >= 0)
		close(base);
	return err != 0 ? err : walk_named(t) && !is_of_process(t->real) ? 0 : -EACCES;
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
	struct target t;
	int result = find_object(tid, path, nofollow, &t);
	if (result == 0) {
		struct decision d = rules_decide(&s->rules, t.real, ACCESS_READ);
		bool narrowed = d.allow && narrowed_contains(s, tid);
		result = -EACCES;
		if (!d.allow || narrowed)
			report_denied(s, tid, VERB_INOTIFY, ACCESS_READ, narrowed ? REASON_CANNOT : d.reason, narrowed ? NO_RULE : d.rule_id, object_kind(&t), t.real);
		else
			result = add_watch(s, n, &t);
	}
	target_close(&t);
	if (result < 0)
		answer_error(s, n->id, -result);
	else
		answer_value(s, n->id, result);
}
