/* sendmmsg: several messages, and of each how much was sent, written into the caller's memory. A worker must not write there: it is no ancestor of the caller, and Yama lets only those;
 * nor has it this process's rights over a caller of another user. It leaves word of what it has sent, and when it has ended the loop writes that and answers. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "sockets/sockets.h"

/* Told by a worker, in memory that it shares with this process. */
struct many_told {
	bool said;
	int err;
	size_t sent;
};

struct sending {
	struct sending *next;
	pid_t pid;
	struct socket_call call; /* only what many_finish looks at */
	struct message message;
	volatile struct many_told *told;
};

static struct sending *sendings;

/* False: the caller unmapped its own vector, or is gone. What was copied may have taken long (pages of a file that must come from the disk), and a caller that was killed
 * meanwhile leaves a number that a process outside may have by now: the length would be written into that one's memory, where the caller chose. */
static bool put_length(const struct supervisor *s, const struct socket_call *c)
{
	unsigned value = (unsigned)c->message->sent;
	return caller_still_waits(s, c->id) && caller_write(c->tid, c->message->length_at, &value, sizeof value) == 0;
}

void many_finish(struct supervisor *s, const struct socket_call *c, int err)
{
	const struct message *m = c->message;
	bool sent = err == 0 || m->sent > 0;
	if (sent && put_length(s, c))
		answer_value(s, c->id, m->before + 1);
	else if (m->before > 0)
		answer_value(s, c->id, m->before);
	else
		message_failed(s, c, sent ? EFAULT : err);
}

void many_tell(const struct message *m, int err)
{
	m->told->sent = m->sent;
	m->told->err = err;
	m->told->said = true;
}

enum performed many_slowly(struct supervisor *s, struct socket_call *c)
{
	struct message *m = c->message;
	struct sending *w = malloc(sizeof *w);
	void *told = mmap(NULL, sizeof *w->told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (w == NULL || told == MAP_FAILED) {
		free(w);
		if (told != MAP_FAILED)
			munmap(told, sizeof *w->told);
		answer_error(s, c->id, ENOBUFS);
		return PERFORM_FAILED;
	}
	m->told = told;
	enum performed p = message_by_worker(s, c);
	*w = (struct sending){
		.next = sendings,
		.pid = c->worker,
		.call = {.id = c->id, .tid = c->tid, .type = c->type},
		.message = {.flags = m->flags, .before = m->before, .length_at = m->length_at},
		.told = told,
	};
	if (p == PERFORMED) {
		sendings = w;
		return p;
	}
	munmap(told, sizeof *w->told);
	free(w);
	return p;
}

bool many_ended(struct supervisor *s, pid_t pid)
{
	for (struct sending **link = &sendings; *link != NULL; link = &(*link)->next) {
		struct sending *w = *link;
		if (w->pid != pid)
			continue;
		*link = w->next;
		if (held_worker_ended(s, pid) && caller_still_waits(s, w->call.id)) {
			w->call.message = &w->message;
			w->message.sent = w->told->sent;
			many_finish(s, &w->call, w->told->said ? w->told->err : EIO);
		}
		munmap((void *)w->told, sizeof *w->told);
		free(w);
		return true;
	}
	return false;
}

/* --- the call ------------------------------------------------------------------------------------------------------------------------------------ */

static void is_one_of_many(struct message *m, uint64_t at, unsigned before)
{
	m->multiple = true;
	m->before = before;
	m->length_at = at + offsetof(struct mmsghdr, msg_len);
}

enum went { WENT_NOT, WENT_WHOLE, WENT_PARTLY, WENT_UNTOLD /* its length cannot be written */, WENT_ON /* by a worker, which answers */ };

/* Sends the message at `at` only if it is allowed and goes at once, or begins to where the rest may wait. Only after a whole one may another one follow it on a stream. */
static enum went send_another(struct supervisor *s, struct socket_call *c, uint64_t at, unsigned flags, unsigned before, size_t *bytes)
{
	c->file = (struct target){.object = -1, .parent = -1};
	c->message = message_new(s, flags);
	if (c->message == NULL)
		return WENT_NOT;
	struct message *m = c->message;
	is_one_of_many(m, at, before);
	int err = message_copy(c, at);
	enum went went = WENT_NOT;
	/* Its own error comes when the caller sends it again, first of the rest. Of a caller that is gone by now, what was copied may be another's memory and descriptors. */
	if (err == 0 && socket_gate(s, c, true) == GATE_OPEN && caller_still_waits(s, c->id)) {
		message_step(c, flags | MSG_DONTWAIT, &err);
		*bytes += m->sent;
		bool part = m->sent < m->len;
		if (err == 0 && part && message_may_wait(c)) {
			many_slowly(s, c);
			went = WENT_ON;
		} else if (err == 0) {
			went = !put_length(s, c) ? WENT_UNTOLD : part || m->cut ? WENT_PARTLY : WENT_WHOLE;
		}
	}
	target_close(&c->file);
	message_free(m);
	c->message = NULL;
	return went;
}

void sockets_sendmmsg(struct supervisor *s, const struct seccomp_notif *n)
{
	struct socket_call c;
	const __u64 *a = n->data.args;
	unsigned count = (unsigned)a[2] < IOV_MAX ? (unsigned)a[2] : IOV_MAX, flags = (unsigned)a[3];
	if (!socket_begin(s, n, VERB_SENDTO, &c))
		return;
	/* The first may be held, or wait for room; then it is the only one, and the caller sends the others with its next call. */
	unsigned sent = 0;
	size_t bytes = 0;
	enum went went = WENT_WHOLE;
	while (caller_identity_fixed() && went == WENT_WHOLE && sent < count && bytes < MESSAGE_AT_ONCE) {
		went = send_another(s, &c, a[1] + sent * sizeof(struct mmsghdr), flags, sent, &bytes);
		sent += went == WENT_WHOLE || went == WENT_PARTLY;
	}
	if (count > 0 && sent == 0 && went != WENT_ON && went != WENT_UNTOLD) {
		if (!message_take(s, &c, a[1], flags))
			return;
		is_one_of_many(c.message, a[1], 0);
		socket_act(s, &c);
		return;
	}
	if (went == WENT_UNTOLD && sent == 0)
		answer_error(s, c.id, EFAULT);
	else if (went != WENT_ON)
		answer_value(s, c.id, sent);
	socket_close(&c);
}
