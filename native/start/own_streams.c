/* Whoever has a descriptor changes the open file behind it for everybody who shares it. The shell outside shares that of its terminal, and those it redirects to, with what it starts:
 * O_NONBLOCK, O_APPEND and O_ASYNC, O_DIRECT of a pipe (whoever reads less than was written at once loses the rest), and whom F_SETOWN and F_SETSIG send which signal, would stay when the
 * command has ended, for that shell and each program after it. So the command has an open file of its own of the same terminal or pipe. Runs with the invoking user's privileges,
 * outside the sandbox. */
#define _GNU_SOURCE
#include "start/own_streams.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifndef TIOCGDEV
#define TIOCGDEV _IOR('T', 0x32, unsigned int) /* Linux 2.6.36; not in every C library */
#endif

static bool is_terminal(int fd, unsigned *device)
{
	return ioctl(fd, TIOCGDEV, device) == 0;
}

/* Its number. Only a pipe without a name: who has one in a directory could keep the open waiting. */
static bool is_pipe(int fd, unsigned *number)
{
	char link[40], to[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, to, sizeof to - 1);
	to[n > 0 ? n : 0] = 0;
	return sscanf(to, "pipe:[%u]", number) == 1;
}

/* A terminal's device or a pipe's number, and which of them. */
struct kind {
	bool pipe;
	unsigned number;
};

static bool can_be_own(int fd, struct kind *k)
{
	*k = (struct kind){.pipe = false};
	if (is_terminal(fd, &k->number))
		return true;
	k->pipe = is_pipe(fd, &k->number);
	return k->pipe;
}

static bool same_kind(const struct kind *a, const struct kind *b)
{
	return a->pipe == b->pipe && a->number == b->number;
}

/* The same terminal or pipe, open in the same way; or -1. The side of a terminal emulator (/dev/ptmx) and the screen in front (/dev/tty0) are another one each time they are opened. */
static int open_again(int fd, const struct kind *k, int flags)
{
	char link[40];
	struct kind opened;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	/* Without waiting for a serial line that nobody has called, or for somebody who reads. */
	int again = open(link, (flags & O_ACCMODE) | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	bool is = again >= 0 && (k->pipe ? is_pipe(again, &opened.number) : is_terminal(again, &opened.number));
	if (is && opened.number == k->number && fcntl(again, F_SETFL, flags & ~O_ASYNC) == 0)
		return again;
	if (again >= 0)
		close(again);
	return -1;
}

/* What is shared with the command after all. */
enum { STREAMS = 3 };
static struct shared {
	int fd; /* another one of the same open file: the stream itself will be on /dev/null */
	int flags, signal;
	struct f_owner_ex owner;
} shared[STREAMS];
static unsigned shared_count;

static bool look(int fd, struct shared *s)
{
	s->flags = fcntl(fd, F_GETFL);
	s->signal = fcntl(fd, F_GETSIG);
	return s->flags >= 0 && s->signal >= 0 && fcntl(fd, F_GETOWN_EX, &s->owner) == 0;
}

static void remember(int fd)
{
	struct shared *s = &shared[shared_count];
	s->fd = look(fd, s) ? fcntl(fd, F_DUPFD_CLOEXEC, STREAMS) : -1;
	shared_count += s->fd >= 0;
}

void own_streams(void)
{
	struct kind kinds[STREAMS];
	int flags[STREAMS];
	bool own[STREAMS] = {false};
	for (int i = 0; i < STREAMS; i++) {
		flags[i] = fcntl(i, F_GETFL);
		if (flags[i] < 0 || (flags[i] & O_PATH) != 0)
			continue;
		if (!can_be_own(i, &kinds[i])) {
			remember(i);
			continue;
		}
		/* Mostly all three are one open file, and stay one. */
		int same = 0;
		while (same < i && (!own[same] || flags[same] != flags[i] || !same_kind(&kinds[same], &kinds[i])))
			same++;
		int again = same < i ? same : open_again(i, &kinds[i], flags[i]);
		own[i] = again >= 0 && dup2(again, i) == i;
		if (!own[i])
			remember(i);
		if (again >= STREAMS)
			close(again);
	}
}

void own_streams_end(void)
{
	struct shared now;
	for (unsigned i = 0; i < shared_count; i++) {
		const struct shared *before = &shared[i];
		if (!look(before->fd, &now))
			continue;
		if (now.flags != before->flags)
			fcntl(before->fd, F_SETFL, before->flags);
		if (now.signal != before->signal)
			fcntl(before->fd, F_SETSIG, before->signal);
		if (now.owner.pid != before->owner.pid || now.owner.type != before->owner.type)
			fcntl(before->fd, F_SETOWN_EX, &before->owner);
	}
}
