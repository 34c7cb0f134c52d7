/* Calls that wait: for a person's verdict, or for a worker process that performs a slow open. The caller sits in the kernel meanwhile and must stay
 * interruptible: Ctrl-C and Ctrl-Z release it. */
#define _GNU_SOURCE
#include "cache/sha256.h"
#include "caller/caller.h"
#include "loop/supervisor.h"
#include "slow/slow.h"

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
	uint64_t hold_id, notification;
	struct subject subject;
	pid_t tid, tgid;
	const struct held_kind *kind;
	void *call;
	pid_t worker; /* not 0: performing, no verdict awaited; no kind and no call */
	bool tells; /* the worker may have done a part, and answers for it itself when a signal comes */
	int worker_fd; /* its pidfd: once it is reaped its number may be anybody's */
	uint64_t pending_before; /* process-wide signals at the last look */
	unsigned reviewed;
};

/* Released by a signal and probably repeated soon: the row in the list keeps its id. */
static struct {
	uint64_t hold_id;
	struct subject subject;
	pid_t tid;
	uint64_t since; /* start of the thread: another one may get its number, and must not get its row */
} suspended[64];
static unsigned suspended_next;

struct subject held_subject(uint16_t verb, uint8_t access, const char *text)
{
	return held_subject_of_two(verb, access, text, "");
}

struct subject held_subject_of_two(uint16_t verb, uint8_t access, const char *text, const char *other)
{
	_Static_assert(sizeof((struct subject *)0)->digest == SHA256_BYTES, "a whole digest");
	struct subject subject;
	struct sha256 h;
	sha256_init(&h);
	sha256_add(&h, &verb, sizeof verb);
	sha256_add(&h, &access, sizeof access);
	sha256_add_item(&h, text, strlen(text));
	sha256_add_item(&h, other, strlen(other));
	sha256_end(&h, subject.digest);
	return subject;
}

static bool same_subject(const struct subject *a, const struct subject *b)
{
	return memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

static uint64_t id_for(struct supervisor *s, pid_t tid, const struct subject *subject)
{
	for (unsigned i = 0; i < 64; i++) {
		if (suspended[i].hold_id != 0 && suspended[i].tid == tid && same_subject(&suspended[i].subject, subject) && suspended[i].since == caller_start_time(tid)) {
			uint64_t id = suspended[i].hold_id;
			suspended[i].hold_id = 0;
			return id;
		}
	}
	return ++s->next_hold_id;
}

static bool has_room(const struct supervisor *s, pid_t tgid)
{
	unsigned of_this = 0;
	for (const struct held *h = s->held; h != NULL; h = h->next)
		of_this += h->tgid == tgid;
	return s->held_count < HELD_MAX && of_this < HELD_OF_ONE_PROCESS;
}

static pid_t process_of(pid_t tid)
{
	struct caller_status status;
	return caller_status(tid, &status) ? status.tgid : tid;
}

bool held_has_room(const struct supervisor *s, pid_t tid)
{
	return has_room(s, process_of(tid));
}

static struct held *insert(struct supervisor *s, uint64_t notification, pid_t tid)
{
	pid_t tgid = process_of(tid);
	struct held *h = has_room(s, tgid) ? calloc(1, sizeof *h) : NULL;
	if (h == NULL)
		return NULL;
	h->tgid = tgid;
	h->notification = notification;
	h->tid = tid;
	/* At the end: who came first is released first. */
	struct held **end = &s->held;
	while (*end != NULL)
		end = &(*end)->next;
	*end = h;
	s->held_count++;
	return h;
}

static void stop_worker(const struct held *h)
{
	syscall(SYS_pidfd_send_signal, h->worker_fd, SIGKILL, NULL, 0);
}

/* Takes the entry off the list; its call, if any, is the caller's of this function from here on. */
static void *take(struct supervisor *s, struct held *h)
{
	if (h->worker != 0)
		close(h->worker_fd);
	for (struct held **link = &s->held; *link != NULL; link = &(*link)->next) {
		if (*link == h) {
			*link = h->next;
			break;
		}
	}
	s->held_count--;
	void *call = h->call;
	free(h);
	return call;
}

bool held_add(struct supervisor *s, const struct held_kind *kind, void *call, uint64_t notification, pid_t tid, struct subject subject)
{
	struct held *h = s->wire.fd >= 0 ? insert(s, notification, tid) : NULL;
	if (h == NULL)
		return false;
	h->kind = kind;
	h->subject = subject;
	h->hold_id = id_for(s, tid, &subject);
	if (!kind->announce(s, h->hold_id, call)) {
		take(s, h); /* `call` was not put in: it is still the caller's of this function */
		return false;
	}
	h->call = call;
	return true;
}

static void add_worker(struct supervisor *s, uint64_t notification, pid_t tid, pid_t pid, bool tells)
{
	/* First: one that is killed here is known until it is reaped. */
	caller_worker_started(pid);
	int fd = (int)syscall(SYS_pidfd_open, pid, 0); /* not reaped yet: certainly this one */
	struct held *h = fd >= 0 ? insert(s, notification, tid) : NULL;
	if (h == NULL) {
		kill(pid, SIGKILL);
		if (fd >= 0)
			close(fd);
		answer_error(s, notification, EAGAIN);
		return;
	}
	h->worker = pid;
	h->worker_fd = fd;
	h->tells = tells;
}

void held_add_worker(struct supervisor *s, uint64_t notification, pid_t tid, pid_t pid)
{
	add_worker(s, notification, tid, pid, false);
}

bool held_worker_ended(struct supervisor *s, pid_t pid)
{
	for (struct held *h = s->held; h != NULL; h = h->next)
		if (h->worker == pid) {
			take(s, h);
			return true;
		}
	return false;
}

void held_worker_lost(struct supervisor *s, pid_t pid)
{
	for (struct held *h = s->held; h != NULL; h = h->next)
		if (h->worker == pid) {
			uint64_t id = h->notification;
			take(s, h);
			if (caller_still_waits(s, id))
				answer_error(s, id, EIO);
			return;
		}
}

void held_add_telling_worker(struct supervisor *s, uint64_t notification, pid_t tid, pid_t pid)
{
	add_worker(s, notification, tid, pid, true);
}

static void release(struct supervisor *s, struct held *h, uint8_t outcome)
{
	if (h->worker != 0) {
		take(s, h);
		return;
	}
	wire_released(&s->wire, h->hold_id, outcome);
	const struct held_kind *kind = h->kind;
	kind->discard(take(s, h));
}

static void deny(struct supervisor *s, struct held *h, uint8_t outcome)
{
	bool waits = caller_still_waits(s, h->notification);
	answer_error(s, h->notification, EACCES);
	release(s, h, waits ? outcome : RELEASED_GONE);
}

static bool answered_again(const struct held_kind *kind, const void *call)
{
	const char *path[2];
	unsigned count = kind->paths(call, path);
	for (unsigned i = 0; i < count; i++)
		if (!slow_answers_again(path[i], kind->executes && i == 0))
			return false;
	return true;
}

static void allow(struct supervisor *s, struct held *h)
{
	uint64_t hold_id = h->hold_id, notification = h->notification;
	const struct held_kind *kind = h->kind;
	void *call = take(s, h); /* off the list first: performing may add a worker entry */
	enum performed p = PERFORM_FAILED;
	if (answered_again(kind, call))
		p = kind->perform(s, call);
	else
		answer_error(s, notification, EIO);
	if (p == PERFORM_CHANGED)
		answer_error(s, notification, EACCES); /* not the object that was shown */
	kind->discard(call);
	wire_released(&s->wire, hold_id, p == PERFORMED ? RELEASED_ALLOWED : p == PERFORM_CHANGED ? RELEASED_CHANGED : RELEASED_GONE);
}

void held_verdict(struct supervisor *s, uint64_t hold_id, bool allowed)
{
	for (struct held *h = s->held; h != NULL; h = h->next) {
		if (h->worker != 0 || h->hold_id != hold_id)
			continue;
		/* A deny rule beats any verdict; held calls were under none, and none can be added, but nothing rests on that here. */
		struct decision d = h->kind->decide(s, h->call);
		if (allowed && (d.allow || d.reason != REASON_RULE))
			allow(s, h);
		else
			deny(s, h, RELEASED_DENIED);
		return;
	}
}

void held_review(struct supervisor *s)
{
	static unsigned round;
	round++;
	for (struct held *h = s->held, *next; h != NULL; h = next) {
		next = h->next;
		if (h->worker != 0 || h->reviewed == round)
			continue;
		h->reviewed = round; /* once each: hundreds may wait, and each decision may look at every rule */
		if (h->kind->decide(s, h->call).allow) {
			allow(s, h);
			next = s->held; /* the list may have changed: start over; every allow removes one waiting entry, so this ends */
		} else if (s->mode != MODE_ASK) {
			deny(s, h, RELEASED_DENIED);
		}
	}
}

static void remember_suspended(const struct held *h)
{
	suspended[suspended_next] =
		(typeof(suspended[0])){.hold_id = h->hold_id, .tid = h->tid, .subject = h->subject, .since = caller_start_time(h->tid)};
	suspended_next = (suspended_next + 1) % 64;
}

void held_tick(struct supervisor *s)
{
	for (struct held *h = s->held, *next; h != NULL; h = next) {
		next = h->next;
		if (!caller_still_waits(s, h->notification)) {
			if (h->worker != 0)
				stop_worker(h);
			release(s, h, RELEASED_GONE);
			continue;
		}
		struct caller_status status;
		if (!caller_status(h->tid, &status))
			continue;
		bool on_thread = (status.pending_thread & ~status.blocked) != 0;
		uint64_t pending = status.pending_process & ~status.blocked;
		/* With several threads, one that is awake takes such a signal within microseconds. Only what is still there at the next look waits for this one; an
		 * EINTR for a signal that somebody else handles would be an error out of nowhere. */
		bool on_process = pending != 0 && (status.threads == 1 || (pending & h->pending_before) != 0);
		h->pending_before = pending;
		/* A stopped group waits for this thread, and the shell that typed Ctrl-Z for the group; the thread's own stop is pending in no mask that can be read. */
		bool stopping = !on_thread && !on_process && status.threads > 1 && caller_group_stopping(status.tgid, h->tid);
		if (!on_thread && !on_process && !stopping)
			continue;
		bool sure = on_thread || stopping || status.threads == 1;
		if (h->worker != 0 && h->tells) {
			/* Again at every look, until it has answered: one that comes just before it blocks is lost. */
			syscall(SYS_pidfd_send_signal, h->worker_fd, sure ? SIGUSR2 : SIGUSR1, NULL, 0);
			continue;
		}
		if (h->worker != 0) {
			/* Its answer may already be on the way; then ours fails with ENOENT and the caller has its descriptor. */
			stop_worker(h);
		} else {
			remember_suspended(h);
		}
		/* Another thread may take a process-wide signal first, and then 512 would reach the program: EINTR unless the signal is surely this thread's. */
		answer_error(s, h->notification, sure ? (int)RESTARTSYS : EINTR);
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
