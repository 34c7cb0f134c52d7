/* State of the loop (supervise.c): what it waits for, and how far the session is. */
#ifndef NONO_LOOP_H
#define NONO_LOOP_H
#include "loop/inside.h"
#include "loop/supervisor.h"
#include "start/report.h"

struct loop {
	struct supervisor s;
	int signals, guardian_fd, hangup_fd, child_sock;
	int others; /* epoll of everything but the listener, which is polled directly: one wait queue less on the hot path, and the wake-up stays synchronous */
	bool host_writable_wanted;
	bool child_ended, ending, started;
	bool endings; /* of children that were not looked for yet */
	int child_status;
	int64_t end_deadline, next_tick;
	struct inside_end end;
	struct failure exec_failure;
	bool exec_failed;
};

/* Denies what is held and ends everything inside: with `sig` now, with SIGKILL after a moment. */
void loop_end(struct loop *l, int sig);
#endif
