/* A thread's credentials are changed by itself alone (credentials(7)), by a system call: each of them is trapped, and what was remembered of the thread is dropped before
 * the call goes on. Meanwhile the thread is blocked, so nothing of it is remembered again before the change. A new thread or process has a new number, or one
 * whose earlier owner is gone: that is asked of a pidfd, which is bound to the thread and not to its number.
 *
 * One thing gives a number's owner other credentials than it had without a call of that thread's own: when another thread of the process executes a program it takes
 * the leader's number, and the leader may run until then. Nothing is remembered any more once that has been tried. */
#define _GNU_SOURCE
#include "caller/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

enum { REMEMBERED = 32 };

/* Only threads that are the same: those that are not are looked at each time. */
static struct {
	pid_t tid; /* 0: free */
	int pidfd;
} same[REMEMBERED];

static bool never;

/* The thread whose descriptor was asked in this turn already. All calls that are served in it were received by then, so whoever had the number afterwards has
 * none among them: should the thread be gone, its call is gone too, and that is asked before anything is performed. */
static pid_t asked;

void identity_begin(void)
{
	asked = 0;
}

bool identity_privileged(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2] = {{0}};
	const uint32_t both = 1U << CAP_SETUID | 1U << CAP_SETGID;
	return syscall(SYS_capget, &head, caps) == 0 && (caps[0].effective & both) == both;
}

static void forget(unsigned at)
{
	if (same[at].tid != 0)
		close(same[at].pidfd);
	asked = 0;
	same[at].tid = 0;
}

static unsigned place_of(pid_t tid)
{
	return (unsigned)tid % REMEMBERED;
}

static bool remembered(pid_t tid)
{
	unsigned at = place_of(tid);
	if (never || same[at].tid != tid)
		return false;
	if (asked == tid)
		return true;
	if (syscall(SYS_pidfd_send_signal, same[at].pidfd, 0, NULL, 0) == 0) {
		asked = tid;
		return true;
	}
	forget(at);
	return false;
}

/* Before its credentials are read: should the number change hands in between, the descriptor is of the thread that is gone. */
static int pin(pid_t tid)
{
	int fd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
	/* Before 6.9 only a leader has one. */
	return fd < 0 && errno == EINVAL ? (int)syscall(SYS_pidfd_open, tid, 0) : fd;
}

bool identity_same(pid_t tid)
{
	struct caller_status status;
	bool known;
	return identity_same_or_read(tid, &status, &known);
}

bool identity_same_or_read(pid_t tid, struct caller_status *status, bool *known)
{
	*known = false;
	if (caller_identity_fixed() || remembered(tid))
		return true;
	int pidfd = never ? -1 : pin(tid);
	*known = caller_status(tid, status);
	bool is = *known && caller_has_our_identity(tid, status);
	unsigned at = place_of(tid);
	if (is && pidfd >= 0) {
		forget(at);
		same[at].tid = tid;
		same[at].pidfd = pidfd;
	} else if (pidfd >= 0) {
		close(pidfd);
	}
	return is;
}

void identity_call(struct supervisor *s, const struct seccomp_notif *n)
{
	unsigned at = place_of((pid_t)n->pid);
	if (same[at].tid == (pid_t)n->pid)
		forget(at);
	answer_continue(s, n->id); /* the caller's own credentials, which the kernel gives it or not: as if it had not been seen */
}

void identity_executes(pid_t tid)
{
	struct caller_status status;
	unsigned at = place_of(tid);
	if (caller_identity_fixed())
		return;
	if (same[at].tid == tid)
		forget(at);
	never = never || !caller_status(tid, &status) || status.tgid != tid;
}
