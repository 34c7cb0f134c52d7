/* A mask is changed by umask(2) alone, by the thread itself or by one that shares its directories (CLONE_FS), which is seen nowhere. So the call is trapped, and what was
 * remembered of anybody is dropped before it goes on. It takes effect a moment after it was let go on, and a mask that is read in between is not remembered: that moment
 * is over when the thread makes its next call or is seen asleep, which it cannot be before, for nothing on the way to its new mask sleeps like that.
 *
 * A number is pinned as in identity.c, and for the same reason nothing is remembered any more once a thread that is not the leader has tried to execute a program: it
 * takes the leader's number with a mask of its own. */
#define _GNU_SOURCE
#include "caller/masks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

enum { REMEMBERED = 32, SETTING = 8 };

static struct {
	pid_t tid; /* 0: free */
	int pidfd;
	mode_t mask;
} known[REMEMBERED];

/* Threads whose umask(2) may not have taken effect yet. */
static pid_t setting[SETTING];
static unsigned setting_count;
static bool never;

static void forget(unsigned at)
{
	if (known[at].tid != 0)
		close(known[at].pidfd);
	known[at].tid = 0;
}

static bool has_set(pid_t tid)
{
	char state = caller_state(tid);
	return state == 'S' || state == 'Z' || state == 'X' || (state == 0 && kill(tid, 0) != 0 && errno == ESRCH);
}

/* `caller` is in another call by now. */
static bool all_have_set(pid_t caller)
{
	for (unsigned i = setting_count; i > 0; i--)
		if (setting[i - 1] == caller || has_set(setting[i - 1]))
			setting[i - 1] = setting[--setting_count];
	return setting_count == 0;
}

bool mask_of(struct calling *c, mode_t *mask)
{
	unsigned at = (unsigned)c->tid % REMEMBERED;
	if (known[at].tid == c->tid && syscall(SYS_pidfd_send_signal, known[at].pidfd, 0, NULL, 0) == 0) {
		*mask = known[at].mask;
		return true;
	}
	/* Before it is read: should the number change hands in between, the descriptor is of the thread that is gone. */
	int pidfd = !never && !c->known && all_have_set(c->tid) ? (int)syscall(SYS_pidfd_open, c->tid, PIDFD_THREAD) : -1;
	if (!c->known && !calling_status(c)) {
		if (pidfd >= 0)
			close(pidfd);
		return false;
	}
	*mask = (mode_t)c->status.umask;
	if (pidfd >= 0) {
		forget(at);
		known[at].tid = c->tid;
		known[at].pidfd = pidfd;
		known[at].mask = *mask;
	}
	return true;
}

void masks_call(struct supervisor *s, const struct seccomp_notif *n)
{
	for (unsigned i = 0; i < REMEMBERED; i++)
		forget(i);
	bool listed = all_have_set((pid_t)n->pid) || setting_count < SETTING;
	if (listed)
		setting[setting_count++] = (pid_t)n->pid;
	never = never || !listed;
	answer_continue(s, n->id); /* names no object, and Landlock has no part in it: as if it had not been seen */
}

void masks_execute(pid_t tid)
{
	/* Only a leader has a descriptor without the flag. */
	int leader = (int)syscall(SYS_pidfd_open, tid, 0);
	if (leader >= 0)
		close(leader);
	else
		never = true;
	for (unsigned i = 0; never && i < REMEMBERED; i++)
		forget(i);
}
