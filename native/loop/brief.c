#define _GNU_SOURCE
#include "loop/brief.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "loop/clock.h"
#include "loop/work.h"

static int work(void *arg)
{
	struct brief *b = arg;
	b->work(b);
	return 0;
}

void brief_tell(const struct brief *b, const void *result)
{
	(void)!write(b->tell, result, b->size);
}

static enum brief_came wait_for(int from, void *result, size_t size)
{
	struct pollfd p = {.fd = from, .events = POLLIN};
	for (int64_t now = monotonic_ms(), end = now + BRIEF_MS; now < end; now = monotonic_ms()) {
		int ready = poll(&p, 1, (int)(end - now));
		if (ready > 0)
			return read(from, result, size) == (ssize_t)size ? BRIEF_CAME : BRIEF_LOST;
		if (ready < 0 && errno != EINTR)
			break;
	}
	return BRIEF_LATE;
}

enum brief_came brief_run(struct brief *b)
{
	int ends[2];
	b->pid = 0;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return BRIEF_LOST;
	b->tell = b->keep[b->kept++] = ends[1];
	pid_t pid = work_start_with(work, b, b->keep, b->kept);
	close(ends[1]);
	b->pid = pid > 0 ? pid : 0;
	enum brief_came came = pid > 0 ? wait_for(ends[0], b->result, b->size) : BRIEF_LOST;
	close(ends[0]);
	return came;
}

enum brief_came brief_ask(struct brief *b, int mount)
{
	/* Everybody waits with the loop: who asks again and again would stop the session. */
	enum { PAUSE_MS = 2 * BRIEF_MS };
	static struct {
		int mount;
		int64_t until;
	} late = {.mount = -1};
	b->pid = 0;
	if (mount >= 0 && late.mount == mount && monotonic_ms() < late.until)
		return BRIEF_LATE;
	enum brief_came came = brief_run(b);
	if (came == BRIEF_LATE) {
		kill(b->pid, SIGKILL); /* whatever becomes of it */
		late.mount = mount;
		late.until = monotonic_ms() + PAUSE_MS;
	}
	return came;
}
