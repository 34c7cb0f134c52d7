/* Limits, priorities and scheduling of other processes: the cousins of kill. Landlock's signal scope does not cover them, so they are decided here: processes of
 * the session may do it to each other, as the kernel lets them; processes outside answer EPERM. Groups and users (renice -g, -u) hold outside processes
 * and are refused.
 *
 * Never CONTINUE for another process: the number could be freed and taken by an outside process while the caller, at a priority of its own choosing, is still on its
 * way to the call. Performed here instead, between two looks at a pidfd. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "caller/lineage.h"
#include "loop/supervisor.h"
#include "loop/work.h"

enum { MAX_ARGUMENT = 4096 };

/* A call on one process: its arguments copied, so that nothing is read twice. */
struct others {
	int nr;
	pid_t target;
	uint64_t args[6];
	unsigned char in[MAX_ARGUMENT];
	size_t in_size;
	bool wants_old;
	struct rlimit64_pair {
		uint64_t soft, hard;
	} old;
};

/* 0, or the errno of a call that cannot be meant for one process inside. */
static int which_process(const struct seccomp_notif *n, pid_t *target)
{
	enum { IOPRIO_PROCESS = 1 };
	const __u64 *a = n->data.args;
	bool by_which = n->data.nr == SYS_setpriority || n->data.nr == SYS_ioprio_set;
	unsigned process = n->data.nr == SYS_ioprio_set ? IOPRIO_PROCESS : PRIO_PROCESS;
	if (by_which && (uint32_t)a[0] != process)
		return EPERM;
	*target = (pid_t)a[by_which ? 1 : 0];
	if (*target == 0)
		*target = (pid_t)n->pid;
	return *target < 0 ? ESRCH : 0;
}

/* What the call points to. */
static int copy_in(const struct seccomp_notif *n, struct others *c)
{
	pid_t tid = (pid_t)n->pid;
	const __u64 *a = n->data.args;
	uint64_t from = 0;
	uint32_t size = 0;
	switch (n->data.nr) {
	case SYS_prlimit64:
		from = a[2];
		c->in_size = from != 0 ? sizeof(struct rlimit64_pair) : 0;
		c->wants_old = a[3] != 0;
		break;
	case SYS_sched_setparam:
		from = a[1];
		c->in_size = sizeof(int);
		break;
	case SYS_sched_setscheduler:
		from = a[2];
		c->in_size = sizeof(int);
		break;
	case SYS_sched_setattr: /* begins with its size */
		if (a[1] == 0 || caller_read(tid, a[1], &size, sizeof size) != 0)
			return a[1] == 0 ? EINVAL : EFAULT;
		from = a[1];
		c->in_size = size == 0 ? 48 : size;
		break;
	case SYS_sched_setaffinity:
		from = a[2];
		c->in_size = (uint32_t)a[1] < MAX_ARGUMENT ? (uint32_t)a[1] : MAX_ARGUMENT; /* 32,768 processors; the kernel takes 32 bits */
		break;
	default:
		break;
	}
	if (c->in_size > sizeof c->in)
		return E2BIG;
	if (c->in_size == 0)
		return 0;
	if (from == 0)
		return n->data.nr == SYS_sched_setaffinity ? EFAULT : EINVAL;
	if (caller_read(tid, from, c->in, c->in_size) != 0)
		return EFAULT;
	if (n->data.nr == SYS_sched_setattr)
		memcpy(c->in, &c->in_size, sizeof(uint32_t)); /* the size that was copied, not one written meanwhile */
	return 0;
}

static int call_on(struct others *c)
{
	const void *in = c->in_size > 0 ? c->in : NULL;
	long done;
	switch (c->nr) {
	case SYS_prlimit64:
		done = syscall(SYS_prlimit64, c->target, (unsigned)c->args[1], in, c->wants_old ? &c->old : NULL);
		break;
	case SYS_setpriority:
		done = syscall(SYS_setpriority, PRIO_PROCESS, c->target, (int)c->args[2]);
		break;
	case SYS_ioprio_set:
		done = syscall(SYS_ioprio_set, (int)c->args[0], c->target, (int)c->args[2]);
		break;
	case SYS_sched_setparam:
		done = syscall(SYS_sched_setparam, c->target, in);
		break;
	case SYS_sched_setscheduler:
		done = syscall(SYS_sched_setscheduler, c->target, (int)c->args[1], in);
		break;
	case SYS_sched_setattr:
		done = syscall(SYS_sched_setattr, c->target, in, (unsigned)c->args[2]);
		break;
	default:
		done = syscall(SYS_sched_setaffinity, c->target, c->in_size, in);
		break;
	}
	return done < 0 ? -errno : 0;
}

static void perform_and_answer(const struct supervisor *s, const struct seccomp_notif *n, struct others *c)
{
	int err = call_on(c);
	/* A caller that was killed meanwhile has left its number to somebody else, whose memory this would be. */
	if (err == 0 && c->wants_old)
		err = !caller_still_waits(s, n->id) ? -EFAULT : caller_write((pid_t)n->pid, n->data.args[3], &c->old, sizeof c->old);
	if (err == 0)
		answer_value(s, n->id, 0);
	else
		answer_error(s, n->id, -err);
}

/* The kernel compares user ids, so the whole identity is taken, in a process of its own: what is dropped there could not be had back here. */
static void perform_as_caller(struct supervisor *s, const struct seccomp_notif *n, const struct caller_status *status, struct others *c)
{
	/* The rest of the table is for those who wait: HELD_MAX of them and some that look. */
	enum { MAX_AT_ONCE = CALLER_MAX_WORKERS / 4 };
	pid_t pid = caller_workers() < MAX_AT_ONCE ? work_fork(&s->listener, 1) : -1;
	if (pid == 0) {
		if (caller_become((pid_t)n->pid, status))
			perform_and_answer(s, n, c);
		else
			answer_error(s, n->id, EPERM);
		_exit(0);
	}
	if (pid < 0)
		answer_error(s, n->id, EAGAIN);
	else
		held_add_telling_worker(s, n->id, (pid_t)n->pid, pid); /* begun it is finished, as the kernel's: repeated after a signal, the old limit would be the new one */
}

static bool ended(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	return poll(&p, 1, 0) != 0;
}

/* A thread that is not the leader has no pidfd on older kernels: its process stands for it. */
static int pin(pid_t target)
{
	struct caller_status status;
	int fd = (int)syscall(SYS_pidfd_open, target, 0);
	if (fd < 0 && caller_status(target, &status))
		fd = (int)syscall(SYS_pidfd_open, status.tgid, 0);
	return fd;
}

static void perform_pinned(struct supervisor *s, const struct seccomp_notif *n, struct others *c)
{
	struct caller_status status;
	if (!caller_status((pid_t)n->pid, &status) || !caller_still_waits(s, n->id)) {
		answer_error(s, n->id, EPERM);
		return;
	}
	if (caller_is_this_user((pid_t)n->pid, &status))
		perform_and_answer(s, n, c);
	else
		perform_as_caller(s, n, &status, c);
}

void others_call(struct supervisor *s, const struct seccomp_notif *n)
{
	static struct others c;
	c = (struct others){.nr = n->data.nr};
	memcpy(c.args, n->data.args, sizeof c.args);
	pid_t tid = (pid_t)n->pid;
	int err = which_process(n, &c.target);
	if (err != 0) {
		answer_error(s, n->id, err);
		return;
	}
	/* In a pid namespace made inside there is nobody to be named but processes of the session. The caller itself cannot go away while it waits. */
	if (c.target == tid || caller_elsewhere(tid) == ELSEWHERE) {
		answer_continue(s, n->id);
		return;
	}
	int pidfd = pin(c.target);
	if (pidfd < 0) {
		answer_error(s, n->id, ESRCH);
		return;
	}
	/* In this order: whose the number is by now, and what takes long, before it is asked whether it is still the one that was pinned. */
	err = !lineage_in_session(c.target) ? EPERM : copy_in(n, &c);
	if (err == 0 && ended(pidfd))
		err = ESRCH;
	if (err != 0)
		answer_error(s, n->id, err);
	else
		perform_pinned(s, n, &c);
	close(pidfd);
}
