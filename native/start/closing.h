/* Descriptors that are done with, closed some at a time where their numbers follow each other: a start opens hundreds, one after the other. */
#ifndef NONO_CLOSING_H
#define NONO_CLOSING_H
#include <sys/syscall.h>
#include <unistd.h>

enum { CLOSED_AT_ONCE = 16 };

struct closing {
	unsigned first, count; /* count 0: none waits */
};

static inline void close_now(struct closing *c)
{
	if (c->count == 0 || (c->count > 1 && syscall(SYS_close_range, c->first, c->first + c->count - 1, 0U) == 0)) {
		c->count = 0;
		return;
	}
	for (; c->count > 0; c->count--)
		close((int)(c->first + c->count - 1));
}

static inline void close_soon(struct closing *c, int fd)
{
	if (c->count == CLOSED_AT_ONCE || (c->count > 0 && (unsigned)fd != c->first + c->count))
		close_now(c);
	if (c->count == 0)
		c->first = (unsigned)fd;
	c->count++;
}
#endif
