#include <unistd.h>

#include "caller/caller.h"
#include "caller/process_table.h"
#include "loop/supervisor.h"
#include "uapi/landlock_abi.h"

enum { MAX_LISTED = 64 };

/* Processes that are to be known again by their number. One that has ended is forgotten when its place is needed: what it left behind is an orphan. */
struct list {
	struct {
		pid_t pid;
		uint64_t since; /* clock ticks after boot, when it started */
	} at[MAX_LISTED];
	unsigned count;
	bool overflow;
};

/* Domains are inherited by what a process forks afterwards, never by what ran before. */
static struct list narrowed;
static uint64_t earliest = UINT64_MAX; /* start of the oldest that ever restricted itself, ended or not */

static void forget_ended(struct list *l)
{
	for (unsigned i = 0; i < l->count;) {
		if (caller_start_time(l->at[i].pid) != l->at[i].since)
			l->at[i] = l->at[--l->count];
		else
			i++;
	}
}

static void add(struct list *l, pid_t pid, uint64_t since)
{
	for (unsigned i = 0; i < l->count; i++)
		if (l->at[i].pid == pid && l->at[i].since == since)
			return;
	if (l->count == MAX_LISTED)
		forget_ended(l);
	l->overflow |= l->count == MAX_LISTED;
	if (l->count == MAX_LISTED)
		return;
	l->at[l->count].pid = pid;
	l->at[l->count++].since = since;
}

static bool listed(const struct list *l, pid_t pid)
{
	for (unsigned i = 0; i < l->count; i++)
		if (l->at[i].pid == pid)
			return true;
	return false;
}

static void remember(pid_t tid)
{
	struct caller_status status;
	if (!caller_status(tid, &status)) {
		narrowed.overflow = true; /* unknown is treated as narrowed */
		return;
	}
	uint64_t since = caller_start_time(status.tgid);
	earliest = since < earliest ? since : earliest;
	add(&narrowed, status.tgid, since);
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
static struct list subreapers;

void subreaper_call(struct supervisor *s, const struct seccomp_notif *n)
{
	struct caller_status status;
	if (n->data.args[1] != 0) {
		if (!caller_status((pid_t)n->pid, &status))
			subreapers.overflow = true;
		else
			add(&subreapers, status.tgid, caller_start_time(status.tgid));
	}
	answer_continue(s, n->id); /* only adoption changes, and that is noted */
}

static bool adopts(pid_t pid)
{
	return subreapers.overflow || listed(&subreapers, pid);
}

/* What was found of processes whose parents were followed. Neither changes: who descends from no narrowed process and is none itself never comes under a domain but its own, which is
 * listed before this is asked; and who is taken for one of them stays so. */
static struct process_known known[PROCESS_TABLE];

/* The ancestry must lead to the command itself without meeting a narrowed process. An orphan's is lost, so it counts as narrowed. NOT_TOLD: one went away, or its number changed hands meanwhile. */
enum told { FREE, NARROWED, NOT_TOLD };
static enum told follow(const struct supervisor *s, pid_t pid, struct process_way *way)
{
	enum { LONGEST = 1 << 16 /* half a second */ };
	const pid_t self = getpid();
	uint64_t below = UINT64_MAX;
	for (unsigned left = LONGEST; left > 0 && pid != self && pid > 1; left--) {
		pid_t parent;
		uint64_t start;
		if (listed(&narrowed, pid) || adopts(pid))
			return NARROWED;
		if (pid == s->child)
			return FREE;
		/* No parent is younger than its child. */
		if (!caller_origin(pid, &parent, &start) || start > below)
			return NOT_TOLD;
		const struct process_known *seen = process_known(known, pid, start);
		if (seen != NULL)
			return seen->answer ? NARROWED : FREE;
		process_step(way, pid, start);
		below = start;
		pid = parent;
	}
	return NARROWED;
}

bool narrowed_contains(const struct supervisor *s, pid_t tid)
{
	static struct process_way way; /* large; one thread */
	struct caller_status status;
	if (earliest == UINT64_MAX && !narrowed.overflow)
		return false;
	if (narrowed.overflow || !caller_status(tid, &status) || listed(&narrowed, status.tgid) || more_filters(&status))
		return true;
	/* Older than every narrowed process: cannot descend from one. */
	uint64_t started = caller_start_time(status.tgid);
	if (started != 0 && started < earliest)
		return false;
	/* An orphan in a pid namespace looks like a child of its init, whatever it descends from. */
	if (caller_elsewhere(tid) != AT_HOME)
		return true;
	way.steps = 0;
	enum told told = follow(s, status.tgid, &way);
	if (told != NOT_TOLD)
		process_learn(known, &way, told == NARROWED);
	return told != FREE;
}

void narrowed_call(struct supervisor *s, const struct seccomp_notif *n)
{
	remember((pid_t)n->pid);
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
