#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "loop/supervisor.h"

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

void answer_descriptor(const struct supervisor *s, uint64_t id, pid_t tid, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = {.id = id, .srcfd = (uint32_t)fd, .newfd_flags = cloexec ? O_CLOEXEC : 0};
	/* Only the caller itself can install the descriptor, so it must run for a moment, and ADDFD wakes it without the synchronous hint: it would be sent to
	 * an idle CPU and back, 40 µs. It is blocked in its call meanwhile, so nobody but a sibling asking for its mask can see this. */
	cpu_set_t mask, here;
	int cpu = sched_getcpu();
	bool stay = cpu >= 0 && sched_getaffinity(tid, sizeof mask, &mask) == 0 && CPU_ISSET((unsigned)cpu, &mask) && CPU_COUNT(&mask) > 1;
	if (stay) {
		CPU_ZERO(&here);
		CPU_SET((unsigned)cpu, &here);
		stay = sched_setaffinity(tid, sizeof here, &here) == 0;
	}
	int remote;
	while ((remote = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add)) < 0 && errno == EINTR)
		continue;
	int err = errno;
	if (stay)
		sched_setaffinity(tid, sizeof mask, &mask);
	close(fd);
	if (remote < 0) {
		answer_error(s, id, err == ENOENT ? EINTR : err); /* EMFILE is the caller's own limit */
		return;
	}
	struct seccomp_notif_resp r = {.id = id, .val = remote};
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

bool caller_still_waits(const struct supervisor *s, uint64_t id)
{
	return ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}
