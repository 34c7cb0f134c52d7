/* Calls that wait: for a person's verdict, or for a worker process that performs a slow open. The caller sits in the kernel meanwhile and must stay
 * interruptible: Ctrl-C and Ctrl-Z release it. */
#define _GNU_SOURCE
#include "caller.h"
#include "supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Kernel-internal (include/linux/errno.h); may only be answered while a signal is pending on that very thread, which then restarts or fails the call. */
enum { RESTARTSYS = 512 };

struct held {
	struct held *next;
	uint64_t hold_id;
	struct open_call call;
	struct target target;
	uint8_t access;
	pid_t worker; /* not 0: performing, no verdict awaited */
	uint64_t pending_before; /* process-wide signals at the last look */
	int worker_fd; /* its pidfd: once it is reaped its number may be anybody's */
};

/* Released by a signal and probably repeated soon: the row in the list keeps its id. */
static struct {
	uint64_t hold_id;
	pid_t tid;
	uint8_t access;
	uint64_t path_hash;
	uint64_t since; /* start of the thread: another one may get its number, and must not get its row */
} suspended[64];
static unsigned suspended_next;

static uint64_t hash(const char *p)
{
	uint64_t h = 1469598103934665603ULL;
	for (; *p; p++)
		h = (h ^ (unsigned char)*p) * 1099511628211ULL;
	return h;
}

static uint64_t id_for(struct supervisor *s, const struct open_call *call, const struct target *t, uint8_t access)
{
	uint64_t h = hash(t->real);
	for (unsigned i = 0; i < 64; i++) {
		if (suspended[i].hold_id != 0 && suspended[i].tid == call->tid && suspended[i].access == access && suspended[i].path_hash == h &&
		    suspended[i].since == caller_start_time(call->tid)) {
			uint64_t id = suspended[i].hold_id;
			suspended[i].hold_id = 0;
			return id;
		}
	}
	return ++s->next_hold_id;
}

static struct held *insert(struct supervisor *s, const struct open_call *call)
{
	struct held *h = s->held_count < HELD_MAX ? calloc(1, sizeof *h) : NULL;
	if (h == NULL)
		return NULL;
	h->call = *call;
	h->target.object = h->target.parent = -1;
	h->next = s->held;
	s->held = h;
	s->held_count++;
	return h;
}

static void stop_worker(const struct held *h)
{
	syscall(SYS_pidfd_send_signal, h->worker_fd, SIGKILL, NULL, 0);
}

static void discard(struct supervisor *s, struct held *h)
{
	if (h->worker != 0) {
		caller_worker_ended(h->worker);
		close(h->worker_fd);
	}
	for (struct held **link = &s->held; *link != NULL; link = &(*link)->next) {
		if (*link == h) {
			*link = h->next;
			break;
		}
	}
	s->held_count--;
	target_close(&h->target);
	free(h);
}

bool held_add(struct supervisor *s, const struct open_call *call, struct target *t, uint8_t access, uint8_t reason)
{
	struct held *h = s->wire.fd >= 0 ? insert(s, call) : NULL;
	if (h == NULL)
		return false;
	h->access = access;
	h->hold_id = id_for(s, call, t, access);
	struct access_record r;
	struct record_names names;
	fill_record(&r, &names, call->tid, call->verb, access, reason, NO_RULE, object_kind(t), t->real);
	if (!wire_held(&s->wire, h->hold_id, &r)) {
		discard(s, h); /* its descriptors are still the caller's of this function: target is empty here */
		return false;
	}
	h->target = *t;
	t->object = t->parent = -1;
	return true;
}

void held_add_worker(struct supervisor *s, const struct open_call *call, pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0); /* not reaped yet: certainly this one */
	struct held *h = fd >= 0 ? insert(s, call) : NULL;
	if (h == NULL) {
		kill(pid, SIGKILL);
		if (fd >= 0)
			close(fd);
		answer_error(s, call->id, EAGAIN);
		return;
	}
	h->worker = pid;
	h->worker_fd = fd;
	caller_worker_started(pid);
}

static void release(struct supervisor *s, struct held *h, uint8_t outcome)
{
	if (h->worker == 0)
		wire_released(&s->wire, h->hold_id, outcome);
	discard(s, h);
}

static void deny(struct supervisor *s, struct held *h, uint8_t outcome)
{
	bool waits = caller_still_waits(s, h->call.id);
	answer_error(s, h->call.id, EACCES);
	release(s, h, waits ? outcome : RELEASED_GONE);
}

static void allow(struct supervisor *s, struct held *h)
{
	/* Taken off the list first: performing may add a worker entry. */
	struct held copy = *h;
	h->target.object = h->target.parent = -1;
	uint64_t id = h->hold_id;
	discard(s, h);
	enum performed p = broker_perform(s, &copy.call, &copy.target);
	if (p == PERFORM_CHANGED)
		answer_error(s, copy.call.id, EACCES); /* not the object that was shown */
	target_close(&copy.target);
	wire_released(&s->wire, id, p == PERFORMED ? RELEASED_ALLOWED : p == PERFORM_CHANGED ? RELEASED_CHANGED : RELEASED_GONE);
}

void held_verdict(struct supervisor *s, uint64_t hold_id, bool allowed)
{
	for (struct held *h = s->held; h != NULL; h = h->next) {
		if (h->worker != 0 || h->hold_id != hold_id)
			continue;
		/* A deny rule beats any verdict; held calls were under none, and none can be added, but nothing rests on that here. */
		struct decision d = rules_decide(&s->rules, h->target.real, h->access);
		if (allowed && (d.allow || d.reason != REASON_RULE))
			allow(s, h);
		else
			deny(s, h, RELEASED_DENIED);
		return;
	}
}

void held_review(struct supervisor *s)
{
	for (struct held *h = s->held, *next; h != NULL; h = next) {
		next = h->next;
		if (h->worker != 0)
			continue;
		struct decision d = rules_decide(&s->rules, h->target.real, h->access);
		if (d.allow) {
			allow(s, h);
			next = s->held; /* the list may have changed: start over; every allow removes one waiting entry, so this ends */
		} else if (s->mode != MODE_ASK) {
			deny(s, h, RELEASED_DENIED);
		}
	}
}

static void remember_suspended(const struct held *h)
{
	suspended[suspended_next] = (typeof(suspended[0])){.hold_id = h->hold_id, .tid = h->call.tid, .access = h->access, .path_hash = hash(h->target.real),
	                                                           .since = caller_start_time(h->call.tid)};
	suspended_next = (suspended_next + 1) % 64;
}

void held_tick(struct supervisor *s)
{
	for (struct held *h = s->held, *next; h != NULL; h = next) {
		next = h->next;
		if (!caller_still_waits(s, h->call.id)) {
			if (h->worker != 0)
				stop_worker(h);
			release(s, h, RELEASED_GONE);
			continue;
		}
		struct caller_status status;
		if (!caller_status(h->call.tid, &status))
			continue;
		bool on_thread = (status.pending_thread & ~status.blocked) != 0;
		uint64_t pending = status.pending_process & ~status.blocked;
		/* With several threads, one that is awake takes such a signal within microseconds. Only what is still there at the next look waits for this one; an
		 * EINTR for a signal that somebody else handles would be an error out of nowhere. */
		bool on_process = pending != 0 && (status.threads == 1 || (pending & h->pending_before) != 0);
		h->pending_before = pending;
		/* A stopped group waits for this thread, and the shell that typed Ctrl-Z for the group; the thread's own stop is pending in no mask that can be read. */
		bool stopping = !on_thread && !on_process && status.threads > 1 && caller_group_stopping(status.tgid, h->call.tid);
		if (!on_thread && !on_process && !stopping)
			continue;
		if (h->worker != 0) {
			/* Its answer may already be on the way; then ours fails with ENOENT and the caller has its descriptor. */
			stop_worker(h);
		} else {
			remember_suspended(h);
		}
		/* Another thread may take a process-wide signal first, and then 512 would reach the program: EINTR unless the signal is surely this thread's. */
		answer_error(s, h->call.id, on_thread || stopping || status.threads == 1 ? (int)RESTARTSYS : EINTR);
		release(s, h, RELEASED_SUSPENDED);
	}
}

void held_deny_all(struct supervisor *s)
{
	while (s->held != NULL) {
		if (s->held->worker != 0)
			stop_worker(s->held);
		deny(s, s->held, RELEASED_DENIED);
	}
}
