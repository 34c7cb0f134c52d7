/* Runs with the invoking user's privileges, outside the sandbox. What the command leaves is still there for whoever reads next, to the byte: tee(2) takes nothing. */
#define _GNU_SOURCE
#include "start/input_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { AT_A_TIME = 4096 };

/* False: somebody outside has taken it first. */
static bool take_out(int outside, size_t count)
{
	char read_already[AT_A_TIME];
	off_t at = lseek(outside, (off_t)count, SEEK_CUR);
	if (at >= 0)
		return true; /* a file */
	while (count > 0) {
		struct pollfd there = {.fd = outside, .events = POLLIN};
		if (poll(&there, 1, 0) != 1 || (there.revents & POLLIN) == 0)
			return false;
		ssize_t n = read(outside, read_already, count < sizeof read_already ? count : sizeof read_already);
		if (n <= 0 && errno != EINTR)
			return false;
		count -= n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* What comes next stays where it is. 0: nothing more comes. */
static ssize_t copy_next(int outside, int inside)
{
	char next[AT_A_TIME];
	off_t at = lseek(outside, 0, SEEK_CUR);
	if (at < 0)
		return tee(outside, inside, INT_MAX, SPLICE_F_NONBLOCK);
	ssize_t n = pread(outside, next, sizeof next, at);
	return n > 0 ? write(inside, next, (size_t)n) : n;
}

bool input_copy_read(struct input_copy *copy)
{
	struct pollfd p = {.fd = copy->inside, .events = POLLOUT};
	int left = 0;
	poll(&p, 1, 0);
	bool nobody = (p.revents & POLLERR) != 0;
	if (copy->copied > 0 && (nobody || (p.revents & POLLOUT) != 0) && (!nobody || ioctl(copy->inside, FIONREAD, &left) == 0) && (size_t)left <= copy->copied) {
		take_out(copy->outside, copy->copied - (size_t)left);
		copy->copied = 0;
	}
	return !nobody;
}

bool input_copy_turn(struct input_copy *copy, int other)
{
	/* What comes is waited for only when what came was read. */
	struct pollfd p[3] = {{.fd = copy->inside, .events = copy->copied > 0 ? POLLOUT : 0}, {.fd = copy->copied > 0 ? -1 : copy->outside, .events = POLLIN},
	                      {.fd = other, .events = POLLIN}};
	if (poll(p, 3, -1) < 0)
		return true;
	if (p[0].revents != 0)
		return input_copy_read(copy);
	if (p[1].revents == 0)
		return true;
	ssize_t n = copy_next(copy->outside, copy->inside);
	copy->copied = n > 0 ? (size_t)n : 0;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

void input_copy_wait(int other)
{
	struct pollfd p = {.fd = other, .events = POLLIN};
	poll(&p, 1, -1);
}
