#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "loop/in_time.h"
#include "loop/supervisor.h"
#include "loop/work.h"

/* A descriptor on its way into a caller. */
struct injection {
	const struct supervisor *s;
	uint64_t id;
	pid_t tid;
	int fd;
	bool cloexec;
};

static struct seccomp_notif_addfd addition(const struct injection *i)
{
	return (struct seccomp_notif_addfd){.id = i->id, .srcfd = (uint32_t)i->fd, .newfd_flags = i->cloexec ? O_CLOEXEC : 0};
}

/* Everything here may fail with ENOENT because the caller was killed meanwhile: nobody is left to answer, which is fine. */

void answer_continue(const struct supervisor *s, uint64_t id)
{
	/* Safe at every call site for one reason: floor ⊆ policy. The kernel repeats the path walk under the caller's Landlock domain, so swapping the path
	 * after this answer reaches nothing that the floor does not grant, and the floor grants nothing that a rule denies. */
	struct seccomp_notif_resp r = {.id = id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

void answer_error(const struct supervisor *s, uint64_t id, int err)
{
	struct seccomp_notif_resp r = {.id = id, .error = -err};
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

void answer_value(const struct supervisor *s, uint64_t id, int64_t value)
{
	struct seccomp_notif_resp r = {.id = id, .val = value};
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

/* Only the caller itself can install the descriptor, so it must run for a moment, and ADDFD wakes it without the synchronous hint: it would be sent to an idle CPU and back, 40 µs. It is
 * blocked in its call meanwhile, so nobody but a sibling asking for its mask can see this. */
static int inject_here(const struct supervisor *s, const struct injection *i)
{
	struct seccomp_notif_addfd add = addition(i);
	cpu_set_t mask, here;
	int cpu = sched_getcpu();
	bool stay = cpu >= 0 && sched_getaffinity(i->tid, sizeof mask, &mask) == 0 && CPU_ISSET((unsigned)cpu, &mask) && CPU_COUNT(&mask) > 1;
	if (stay) {
		CPU_ZERO(&here);
		CPU_SET((unsigned)cpu, &here);
		stay = sched_setaffinity(i->tid, sizeof here, &here) == 0;
	}
	int remote;
	while ((remote = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add)) < 0 && errno == EINTR)
		continue;
	int err = errno;
	if (stay)
		sched_setaffinity(i->tid, sizeof mask, &mask);
	return remote < 0 ? -err : remote;
}

static void answer_injected(const struct supervisor *s, const struct injection *i, int remote)
{
	close(i->fd);
	if (remote < 0) {
		answer_error(s, i->id, remote == -ENOENT ? EINTR : -remote); /* EMFILE is the caller's own limit */
		return;
	}
	answer_value(s, i->id, remote);
}

void answer_descriptor_waiting(const struct supervisor *s, uint64_t id, pid_t tid, int fd, bool cloexec)
{
	const struct injection i = {.s = s, .id = id, .tid = tid, .fd = fd, .cloexec = cloexec};
	answer_injected(s, &i, inject_here(s, &i));
}

/* Until a thread runs that everybody else goes before, seconds may pass on a busy machine. It cannot be asked to wait less: its own priority is what it waits by. */
static bool comes_last(pid_t tid)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr;
	return syscall(SYS_sched_getattr, tid, &attr, sizeof attr, 0U) == 0 && (attr.policy == SCHED_IDLE || ((attr.policy == SCHED_OTHER || attr.policy == SCHED_BATCH) && attr.nice > 0));
}

static int inject_once(const void *arg)
{
	const struct injection *i = arg;
	struct seccomp_notif_addfd add = addition(i);
	int remote = ioctl(i->s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	return remote < 0 ? -errno : remote;
}

static int inject_and_answer(void *arg)
{
	const struct injection *i = arg;
	int remote;
	while ((remote = inject_once(i)) == -EINTR)
		continue;
	answer_injected(i->s, i, remote);
	return 0;
}

/* By a process, which waits as long as it takes. What was opened may have been made by this call, so no signal ends it. */
static bool handed_over(struct supervisor *s, struct injection *i)
{
	enum { MOST_WORKERS = CALLER_MAX_WORKERS / 4 };
	pid_t pid = caller_workers() < MOST_WORKERS && held_has_room(s, i->tid) ? work_start(inject_and_answer, i, (int[2]){i->fd, s->listener}) : -1;
	if (pid < 0)
		return false;
	/* At once: while a copy is here, what its caller closes is not closed, and a lock on it stays. */
	close(i->fd);
	held_add_telling_worker(s, i->id, i->tid, pid);
	return true;
}

void answer_descriptor(struct supervisor *s, uint64_t id, pid_t tid, int fd, bool cloexec)
{
	struct injection i = {.s = s, .id = id, .tid = tid, .fd = fd, .cloexec = cloexec};
	bool last = comes_last(tid);
	/* An alarm ends the wait after 2 ms. Interrupted, the descriptor is not installed. */
	int remote = last ? in_time(inject_once, &i) : -EINTR;
	if (remote == -EINTR && last && handed_over(s, &i))
		return;
	answer_injected(s, &i, remote == -EINTR ? inject_here(s, &i) : remote);
}

bool caller_still_waits(const struct supervisor *s, uint64_t id)
{
	return ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}
