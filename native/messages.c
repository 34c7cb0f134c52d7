/* sendto, sendmsg and sendmmsg: the copy that message_copy.c makes is sent on the duplicated socket. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller.h"
#include "caller_identity.h"
#include "control_data.h"
#include "sockets.h"

/* Above this a worker sends. */
enum { INLINE_MAX = 1024 * 1024 };

static void own_credentials(struct message *m)
{
	struct cmsghdr *at;
	for (size_t place = 0; (at = control_header(m->control, m->control_len, place)) != NULL; place = control_next(at, place)) {
		if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_CREDENTIALS)
			continue;
		struct ucred u;
		memcpy(&u, CMSG_DATA(at), sizeof u);
		u.pid = getpid();
		memcpy(CMSG_DATA(at), &u, sizeof u);
	}
}

static ssize_t send_rest(struct socket_call *c, unsigned flags)
{
	struct message *m = c->message;
	struct sockaddr_storage name;
	socklen_t len = c->sa_len ? socket_name(c, &name) : 0;
	struct iovec io = {.iov_base = m->data + m->sent, .iov_len = m->len - m->sent};
	struct msghdr h = {.msg_name = len ? &name : NULL, .msg_namelen = len, .msg_iov = &io, .msg_iovlen = 1};
	if (m->sent == 0 && m->control_len > 0) {
		own_credentials(m);
		h.msg_control = m->control;
		h.msg_controllen = m->control_len;
	}
	return sendmsg(c->sock, &h, (int)(flags | MSG_NOSIGNAL));
}

/* False: the caller unmapped its own vector, or is gone. What was copied may have taken long (pages of a file that must come from the disk), and a caller that was killed
 * meanwhile leaves a number that a process outside may have by now: the length would be written into that one's memory, where the caller chose. */
static bool put_length(const struct supervisor *s, const struct socket_call *c, uint64_t at, unsigned value)
{
	return caller_still_waits(s, c->id) && caller_write(c->tid, at, &value, sizeof value) == 0;
}

static void finish(struct supervisor *s, const struct socket_call *c, int err)
{
	const struct message *m = c->message;
	if (err == 0 || m->sent > 0) {
		/* Less than was written before the sending: the caller sends the rest. */
		if (m->multiple && m->sent < m->len)
			put_length(s, c, m->length_at, (unsigned)m->sent);
		answer_value(s, c->id, m->multiple ? 1 : (int64_t)m->sent);
		return;
	}
	struct caller_status status;
	/* Not to whoever has the number of a caller that was killed while a worker sent for it. */
	if (err == EPIPE && c->type == SOCK_STREAM && (m->flags & MSG_NOSIGNAL) == 0 && caller_status(c->tid, &status) && caller_still_waits(s, c->id))
		syscall(SYS_tgkill, status.tgid, c->tid, SIGPIPE);
	answer_error(s, c->id, err);
}

/* One step; true when the message is finished. */
static bool step(struct socket_call *c, unsigned flags, int *err)
{
	struct message *m = c->message;
	ssize_t n = send_rest(c, flags);
	*err = n < 0 ? errno : 0;
	if (n < 0)
		return true;
	m->sent += (size_t)n;
	return c->type != SOCK_STREAM || m->sent >= m->len;
}

static volatile sig_atomic_t told;

static void tell(int sig)
{
	told = sig;
}

/* A signal for the caller interrupts what is left to send: what was sent by then is its result, as it would be the kernel's. */
static void send_slowly(struct supervisor *s, struct socket_call *c)
{
	struct sigaction a = {.sa_handler = tell};
	sigaction(SIGUSR1, &a, NULL);
	sigaction(SIGUSR2, &a, NULL);
	int err = 0;
	unsigned flags = c->blocking ? c->message->flags : c->message->flags | MSG_DONTWAIT;
	while (!step(c, flags, &err))
		if (told)
			break;
	if (err == EINTR)
		err = told == SIGUSR2 ? 512 /* ERESTARTSYS: the signal is that very thread's */ : EINTR;
	finish(s, c, err);
}

enum performed message_perform(struct supervisor *s, struct socket_call *c)
{
	struct message *m = c->message;
	struct caller_status status;
	bool blocking = c->blocking && (m->flags & MSG_DONTWAIT) == 0;
	if (!caller_identity_fixed()) {
		bool may = caller_status(c->tid, &status) && caller_identity_take(c->tid, &status);
		bool other = caller_identity_taken();
		if (other || !may)
			caller_identity_restore();
		if (!may) {
			answer_error(s, c->id, EACCES);
			return PERFORM_FAILED;
		}
		if (other) /* the receiver may ask who sent it */
			return socket_slowly(s, c, send_slowly, true);
	}
	int err = 0;
	while (!step(c, m->flags | MSG_DONTWAIT, &err) && m->sent < INLINE_MAX)
		continue;
	bool more = c->type == SOCK_STREAM && m->sent < m->len;
	if ((err == EAGAIN && blocking) || (err == 0 && more))
		return socket_slowly(s, c, send_slowly, true);
	finish(s, c, err);
	return PERFORMED;
}

/* --- the three calls -------------------------------------------------------------------------------------------------------------------------- */

static bool prepare(struct supervisor *s, struct socket_call *c, unsigned flags)
{
	c->message = message_new(s, flags);
	if (c->message != NULL)
		return true;
	answer_error(s, c->id, ENOBUFS);
	socket_close(c);
	return false;
}

void sockets_sendto(struct supervisor *s, const struct seccomp_notif *n)
{
	struct socket_call c;
	const __u64 *a = n->data.args;
	if (!socket_begin(s, n, VERB_SENDTO, &c) || !prepare(s, &c, (unsigned)a[3]))
		return;
	if (!socket_read_address(s, &c, a[4], a[4] != 0 ? a[5] : 0))
		return;
	int err = message_copy_bytes(&c, a[1], a[2]);
	if (err != 0) {
		answer_error(s, c.id, err);
		socket_close(&c);
		return;
	}
	socket_act(s, &c);
}

static bool copy_message(struct supervisor *s, struct socket_call *c, uint64_t at, unsigned flags)
{
	if (!prepare(s, c, flags))
		return false;
	int err = message_copy(c, at);
	if (err == 0)
		return true;
	answer_error(s, c->id, err);
	socket_close(c);
	return false;
}

void sockets_sendmsg(struct supervisor *s, const struct seccomp_notif *n)
{
	struct socket_call c;
	if (socket_begin(s, n, VERB_SENDTO, &c) && copy_message(s, &c, n->data.args[1], (unsigned)n->data.args[2]))
		socket_act(s, &c);
}

/* Sends the message at `at` only if it is allowed and goes at once. `complete`: nothing of it is left; only then may another one follow it on a stream. */
static bool send_another(struct supervisor *s, struct socket_call *c, uint64_t at, unsigned flags, bool *complete)
{
	c->file = (struct target){.object = -1, .parent = -1};
	c->message = message_new(s, flags);
	if (c->message == NULL)
		return false;
	int err = message_copy(c, at);
	bool sent = false;
	/* Its own error comes when the caller sends it again, first of the rest. Of a caller that is gone by now, what was copied may be another's memory and descriptors. */
	if (err == 0 && socket_gate(s, c, true) == GATE_OPEN && caller_still_waits(s, c->id)) {
		step(c, flags | MSG_DONTWAIT, &err);
		sent = err == 0; /* a stream may have taken a part */
		*complete = c->message->sent == c->message->len && !c->message->cut;
		if (sent)
			put_length(s, c, at + offsetof(struct mmsghdr, msg_len), (unsigned)c->message->sent);
	}
	target_close(&c->file);
	message_free(c->message);
	c->message = NULL;
	return sent;
}

void sockets_sendmmsg(struct supervisor *s, const struct seccomp_notif *n)
{
	struct socket_call c;
	const __u64 *a = n->data.args;
	unsigned count = (unsigned)a[2] < IOV_MAX ? (unsigned)a[2] : IOV_MAX, flags = (unsigned)a[3];
	if (!socket_begin(s, n, VERB_SENDTO, &c))
		return;
	if (count == 0) {
		answer_value(s, c.id, 0);
		socket_close(&c);
		return;
	}
	/* The first may be held, or wait for room; then it is the only one, and the caller sends the others with its next call. */
	uint64_t id = c.id;
	unsigned sent = 0;
	bool complete = true;
	while (caller_identity_fixed() && complete && sent < count && send_another(s, &c, a[1] + sent * sizeof(struct mmsghdr), flags, &complete))
		sent++;
	if (sent > 0) {
		answer_value(s, id, sent);
		socket_close(&c);
		return;
	}
	if (!copy_message(s, &c, a[1], flags))
		return;
	c.message->multiple = true;
	/* Before it is sent: a worker is no ancestor of the caller, and Yama lets only those write. A datagram goes whole or not at all. */
	size_t whole = c.type == SOCK_STREAM && c.message->len > INLINE_MAX ? INLINE_MAX : c.message->len;
	c.message->len = whole;
	c.message->length_at = a[1] + offsetof(struct mmsghdr, msg_len);
	if (!put_length(s, &c, c.message->length_at, (unsigned)whole)) {
		answer_error(s, c.id, EFAULT);
		socket_close(&c);
		return;
	}
	socket_act(s, &c);
}
