#include <unistd.h>

#include "caller.h"
#include "supervisor.h"
#include "uapi/landlock_abi.h"

enum { MAX_NARROWED = 64 };

/* Domains are inherited by what a process forks afterwards, never by what ran before. */
static struct {
	pid_t pid;
	uint64_t since; /* clock ticks after boot, when the process that restricted itself had started */
} narrowed[MAX_NARROWED];
static unsigned count;
static bool overflow;

void narrowed_add(const struct supervisor *s, pid_t tid)
{
	(void)s;
	struct caller_status status;
	if (!caller_status(tid, &status) || count == MAX_NARROWED) {
		overflow = true; /* unknown is treated as narrowed */
		return;
	}
	narrowed[count].pid = status.tgid;
	narrowed[count].since = caller_start_time(status.tgid);
	count++;
}

static bool listed(pid_t pid)
{
	for (unsigned i = 0; i < count; i++)
		if (narrowed[i].pid == pid)
			return true;
	return false;
}

/* A session inside this one installs its own filter beside its domain. Filters are inherited for good, while ancestry is not: a process of the inner session that
 * was orphaned, or made with CLONE_PARENT, hangs below the inner supervisor, which is not narrowed itself. */
static bool more_filters(const struct caller_status *status)
{
	static unsigned ordinary;
	struct caller_status own;
	if (ordinary == 0 && caller_status(getpid(), &own))
		ordinary = own.filters + 1;
	return status->filters != ordinary;
}

/* An orphan below an inner subreaper looks like its child, whatever it descends from. */
static struct {
	pid_t pid[MAX_NARROWED];
	unsigned count;
	bool overflow;
} subreapers;

void subreaper_call(struct supervisor *s, const struct seccomp_notif *n)
{
	struct caller_status status;
	if (n->data.args[1] != 0) {
		if (subreapers.count == MAX_NARROWED || !caller_status((pid_t)n->pid, &status))
			subreapers.overflow = true;
		else
			subreapers.pid[subreapers.count++] = status.tgid;
	}
	answer_continue(s, n->id); /* only adoption changes, and that is noted */
}

static bool adopts(pid_t pid)
{
	for (unsigned i = 0; i < subreapers.count; i++)
		if (subreapers.pid[i] == pid)
			return true;
	return subreapers.overflow;
}

bool narrowed_contains(const struct supervisor *s, pid_t tid)
{
	if (count == 0 && !overflow)
		return false;
	struct caller_status status;
	if (overflow || !caller_status(tid, &status) || listed(status.tgid) || more_filters(&status))
		return true;
	/* Older than every narrowed process: cannot descend from one. */
	uint64_t started = caller_start_time(status.tgid);
	bool older = started != 0;
	for (unsigned i = 0; i < count; i++)
		older = older && started < narrowed[i].since;
	if (older)
		return false;
	/* Otherwise the ancestry must lead to the command itself without meeting one. An orphan's ancestry is lost, so it counts as narrowed. */
	pid_t pid = status.tgid;
	for (int depth = 0; depth < 4096 && pid > 1; depth++) {
		if (listed(pid) || adopts(pid))
			return true;
		if (pid == s->child)
			return false;
		pid = caller_parent(pid);
	}
	return true;
}

void narrowed_call(struct supervisor *s, const struct seccomp_notif *n)
{
	narrowed_add(s, (pid_t)n->pid);
	answer_continue(s, n->id); /* it only ever restricts the caller further */
}

/* What any ruleset made inside handles, whoever entered it. A program that lies here lies about its own confinement. */
static unsigned handled;

void narrowed_ruleset(struct supervisor *s, const struct seccomp_notif *n)
{
	struct ll_ruleset_attr attr = {0};
	size_t size = n->data.args[1] < sizeof attr ? (size_t)n->data.args[1] : sizeof attr;
	if (n->data.args[0] != 0 && caller_read((pid_t)n->pid, n->data.args[0], &attr, size) != 0)
		attr = (struct ll_ruleset_attr){~0ULL, ~0ULL, ~0ULL}; /* unknown is treated as everything */
	handled |= (attr.handled_access_net != 0 ? NARROWED_NET : 0U) | ((attr.handled_access_fs & LL_FS_RESOLVE_UNIX) != 0 ? NARROWED_UNIX : 0U) |
	           ((attr.scoped & LL_SCOPE_ABSTRACT_UNIX_SOCKET) != 0 ? NARROWED_ABSTRACT : 0U);
	answer_continue(s, n->id); /* makes a descriptor; entering it only ever restricts the caller further */
}

bool narrowed_refuses(const struct supervisor *s, pid_t tid, unsigned what)
{
	return (handled & what) != 0 && narrowed_contains(s, tid);
}
