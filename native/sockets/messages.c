/* sendto and sendmsg: the copy that message_copy.c makes is sent on the duplicated socket. (sendmmsg: messages_many.c) */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "sockets/control_data.h"
#include "sockets/sockets.h"

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

void message_failed(struct supervisor *s, const struct socket_call *c, int err)
{
	struct caller_status status;
	/* Not to whoever has the number of a caller that was killed while a worker sent for it. */
	if (err == EPIPE && c->type == SOCK_STREAM && (c->message->flags & MSG_NOSIGNAL) == 0 && caller_status(c->tid, &status) && caller_still_waits(s, c->id))
		syscall(SYS_tgkill, status.tgid, c->tid, SIGPIPE);
	answer_error(s, c->id, err);
}

static void finish(struct supervisor *s, const struct socket_call *c, int err)
{
	const struct message *m = c->message;
	if (m->multiple)
		many_finish(s, c, err);
	else if (err == 0 || m->sent > 0)
		answer_value(s, c->id, (int64_t)m->sent);
	else
		message_failed(s, c, err);
}

bool message_step(struct socket_call *c, unsigned flags, int *err)
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
	while (!message_step(c, flags, &err))
		if (told)
			break;
	if (err == EINTR)
		err = told == SIGUSR2 ? 512 /* ERESTARTSYS: the signal is that very thread's */ : EINTR;
	if (c->message->multiple)
		many_tell(c->message, err);
	else
		finish(s, c, err);
}

enum performed message_by_worker(struct supervisor *s, struct socket_call *c)
{
	return socket_slowly(s, c, send_slowly, true);
}

static enum performed slowly(struct supervisor *s, struct socket_call *c)
{
	return c->message->multiple ? many_slowly(s, c) : message_by_worker(s, c);
}

bool message_may_wait(const struct socket_call *c)
{
	return c->blocking && (c->message->flags & MSG_DONTWAIT) == 0;
}

enum performed message_perform(struct supervisor *s, struct socket_call *c)
{
	struct message *m = c->message;
	struct caller_status status;
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
			return slowly(s, c);
	}
	int err = 0;
	while (!message_step(c, m->flags | MSG_DONTWAIT, &err) && m->sent < MESSAGE_AT_ONCE)
		continue;
	bool more = c->type == SOCK_STREAM && m->sent < m->len;
	if ((err == EAGAIN && message_may_wait(c)) || (err == 0 && more))
		return slowly(s, c);
	finish(s, c, err);
	return PERFORMED;
}

/* --- the two calls ---------------------------------------------------------------------------------------------------------------------------- */

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

bool message_take(struct supervisor *s, struct socket_call *c, uint64_t at, unsigned flags)
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
	if (socket_begin(s, n, VERB_SENDTO, &c) && message_take(s, &c, n->data.args[1], (unsigned)n->data.args[2]))
		socket_act(s, &c);
}
