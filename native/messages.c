/* sendto, sendmsg and sendmmsg: everything that the call points to is copied, descriptors are duplicated, and the copy is sent on the duplicated socket. Letting
 * the kernel read it again would not do: between this look and the kernel's, another thread can write an address into the header, or put a datagram socket under
 * a number that was a stream's. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "caller.h"
#include "caller_identity.h"
#include "sockets.h"

/* What one call may carry here: more is cut short on a stream (the caller sends the rest next time) and too long for one datagram. Above INLINE_MAX a worker sends. */
enum { DATA_MAX = 16 * 1024 * 1024, CONTROL_MAX = 64 * 1024, INLINE_MAX = 1024 * 1024 };

#ifndef MSG_ZEROCOPY
#define MSG_ZEROCOPY 0x4000000
#endif
#ifndef SCM_TXTIME
#define SCM_TXTIME 61
#endif

static void free_data(struct message *m)
{
	if (m->mapped)
		munmap(m->data, m->len);
	else
		free(m->data);
	m->data = NULL;
}

void message_free(struct message *m)
{
	if (m == NULL)
		return;
	for (unsigned i = 0; i < m->fd_count; i++)
		close(m->fds[i]);
	free_data(m);
	free(m->control);
	free(m);
}

static int take_memory(struct message *m, size_t len)
{
	m->mapped = (m->flags & MSG_ZEROCOPY) != 0 && len > 0;
	m->data = m->mapped ? mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : malloc(len ? len : 1);
	m->len = len;
	if (m->data != MAP_FAILED && m->data != NULL)
		return 0;
	m->mapped = false;
	m->data = NULL;
	return ENOBUFS;
}

/* Gathers the caller's pieces into one. `total` is at least the sum that is wanted. */
static int gather(pid_t tid, struct message *m, const struct iovec *iov, size_t count, size_t total)
{
	int err = take_memory(m, total);
	size_t have = 0;
	for (size_t i = 0; err == 0 && i < count && have < total; i++) {
		size_t n = iov[i].iov_len < total - have ? iov[i].iov_len : total - have;
		if (n > 0)
			err = -caller_read(tid, (uint64_t)(uintptr_t)iov[i].iov_base, m->data + have, n);
		have += n;
	}
	return err;
}

static int copy_data(const struct socket_call *c, struct message *m, const struct msghdr *h)
{
	struct iovec iov[IOV_MAX];
	if (h->msg_iovlen > IOV_MAX)
		return EMSGSIZE;
	int err = h->msg_iovlen ? -caller_read(c->tid, (uint64_t)(uintptr_t)h->msg_iov, iov, h->msg_iovlen * sizeof iov[0]) : 0;
	size_t total = 0;
	for (size_t i = 0; err == 0 && i < h->msg_iovlen; i++) {
		if (iov[i].iov_len > (size_t)SSIZE_MAX)
			return EINVAL;
		total = total > DATA_MAX || iov[i].iov_len > DATA_MAX ? (size_t)DATA_MAX + 1 : total + iov[i].iov_len;
	}
	if (err != 0)
		return err;
	if (total > DATA_MAX && c->type != SOCK_STREAM)
		return EMSGSIZE;
	return gather(c->tid, m, iov, h->msg_iovlen, total < DATA_MAX ? total : DATA_MAX);
}

/* Descriptors: the caller's numbers become duplicates here. */
static int copy_rights(pid_t tid, struct message *m, struct cmsghdr *at)
{
	size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (count > MESSAGE_FDS - m->fd_count)
		return EINVAL;
	for (size_t i = 0; i < count; i++) {
		int fd;
		memcpy(&fd, CMSG_DATA(at) + i * sizeof fd, sizeof fd);
		int copy = socket_duplicate(tid, fd);
		if (copy < 0)
			return -copy;
		m->fds[m->fd_count++] = copy;
		memcpy(CMSG_DATA(at) + i * sizeof copy, &copy, sizeof copy);
	}
	return 0;
}

/* The kernel would compare these with this process's own. Who sends for the caller must have its pid replaced; what the caller may not claim, this one must not
 * claim for it. */
static int check_credentials(pid_t tid, struct cmsghdr *at)
{
	struct ucred u;
	struct caller_status status;
	if (at->cmsg_len != CMSG_LEN(sizeof u) || !caller_status(tid, &status))
		return EINVAL;
	memcpy(&u, CMSG_DATA(at), sizeof u);
	if (u.pid != status.tgid || u.uid != status.fsuid || u.gid != status.fsgid)
		return EPERM;
	u.pid = 0; /* filled in by whoever sends */
	memcpy(CMSG_DATA(at), &u, sizeof u);
	return 0;
}

/* What an internet datagram may carry. A routing header or an option list names hosts too, so only what is known to name none is sent. */
static bool plain_option(const struct cmsghdr *at)
{
	static const struct {
		int level, type;
	} plain[] = {{SOL_IP, IP_TOS}, {SOL_IP, IP_TTL}, {SOL_IP, IP_PKTINFO}, {SOL_IPV6, IPV6_PKTINFO}, {SOL_IPV6, IPV6_HOPLIMIT}, {SOL_IPV6, IPV6_TCLASS},
	             {SOL_IPV6, IPV6_DONTFRAG}, {IPPROTO_UDP, 103 /* UDP_SEGMENT */}, {SOL_SOCKET, SO_TIMESTAMPING}, {SOL_SOCKET, SCM_TXTIME},
	             {SOL_SOCKET, 81 /* SCM_TS_OPT_ID */}};
	for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
		if (plain[i].level == at->cmsg_level && plain[i].type == at->cmsg_type)
			return true;
	return false;
}

static int copy_control(const struct socket_call *c, struct message *m, const struct msghdr *h)
{
	if (h->msg_control == NULL || h->msg_controllen == 0)
		return 0;
	if (h->msg_controllen > CONTROL_MAX)
		return ENOBUFS;
	m->control = calloc(1, h->msg_controllen + sizeof(struct cmsghdr));
	if (m->control == NULL)
		return ENOBUFS;
	m->control_len = h->msg_controllen;
	int err = -caller_read(c->tid, (uint64_t)(uintptr_t)h->msg_control, m->control, m->control_len);
	struct msghdr own = {.msg_control = m->control, .msg_controllen = m->control_len};
	for (struct cmsghdr *at = CMSG_FIRSTHDR(&own); err == 0 && at != NULL; at = CMSG_NXTHDR(&own, at)) {
		size_t left = m->control_len - (size_t)((uint8_t *)at - m->control);
		if (at->cmsg_len < sizeof *at || at->cmsg_len > left)
			return EINVAL;
		bool rights = at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_RIGHTS;
		bool credentials = at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_CREDENTIALS;
		if (c->domain == AF_UNIX && rights)
			err = copy_rights(c->tid, m, at);
		else if ((c->domain == AF_UNIX || c->domain == AF_NETLINK) && credentials)
			err = check_credentials(c->tid, at);
		else if (c->domain == AF_INET || c->domain == AF_INET6)
			err = plain_option(at) ? 0 : EINVAL;
		else if (c->domain == AF_UNIX || c->domain == AF_NETLINK)
			err = EINVAL;
	}
	return err;
}

static void own_credentials(struct message *m)
{
	struct msghdr own = {.msg_control = m->control, .msg_controllen = m->control_len};
	for (struct cmsghdr *at = m->control ? CMSG_FIRSTHDR(&own) : NULL; at != NULL; at = CMSG_NXTHDR(&own, at)) {
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

static void finish(struct supervisor *s, const struct socket_call *c, int err)
{
	const struct message *m = c->message;
	if (err == 0 || m->sent > 0) {
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
	c->message = calloc(1, sizeof *c->message);
	if (c->message == NULL) {
		answer_error(s, c->id, ENOBUFS);
		socket_close(c);
		return false;
	}
	c->message->flags = flags;
	return true;
}

static int copy_header(struct socket_call *c, uint64_t at)
{
	struct msghdr h;
	int err = -caller_read(c->tid, at, &h, sizeof h);
	if (err != 0)
		return err;
	if (h.msg_name == NULL)
		h.msg_namelen = 0;
	if ((int)h.msg_namelen < 0)
		return EINVAL;
	c->sa_len = h.msg_namelen < sizeof c->sa ? h.msg_namelen : sizeof c->sa;
	if (c->sa_len > 0)
		err = -caller_read(c->tid, (uint64_t)(uintptr_t)h.msg_name, &c->sa, c->sa_len);
	c->bytes[c->sa_len] = 0;
	if (err == 0)
		err = copy_data(c, c->message, &h);
	return err != 0 ? err : copy_control(c, c->message, &h);
}

void sockets_sendto(struct supervisor *s, const struct seccomp_notif *n)
{
	struct socket_call c;
	const __u64 *a = n->data.args;
	if (!socket_begin(s, n, VERB_SENDTO, &c) || !prepare(s, &c, (unsigned)a[3]))
		return;
	if (!socket_read_address(s, &c, a[4], a[4] != 0 ? a[5] : 0))
		return;
	size_t len = a[2] > DATA_MAX && c.type == SOCK_STREAM ? DATA_MAX : a[2];
	struct iovec io = {.iov_base = (void *)(uintptr_t)a[1], .iov_len = len};
	int err = len > DATA_MAX ? EMSGSIZE : gather(c.tid, c.message, &io, 1, len);
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
	int err = copy_header(c, at);
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

/* False: the caller unmapped its own vector, or is gone. What was copied may have taken long (pages of a file that must come from the disk), and a caller that was killed
 * meanwhile leaves a number that a process outside may have by now: the length would be written into that one's memory, where the caller chose. */
static bool put_length(const struct supervisor *s, const struct socket_call *c, uint64_t at, unsigned value)
{
	return caller_still_waits(s, c->id) && caller_write(c->tid, at, &value, sizeof value) == 0;
}

/* Sends message `i` only if it is allowed and goes at once. */
static bool send_another(struct supervisor *s, struct socket_call *c, uint64_t at, unsigned flags)
{
	c->file = (struct target){.object = -1, .parent = -1};
	c->message = calloc(1, sizeof *c->message);
	if (c->message == NULL)
		return false;
	c->message->flags = flags;
	int err = copy_header(c, at);
	bool sent = false;
	/* Its own error comes when the caller sends it again, first of the rest. Of a caller that is gone by now, what was copied may be another's memory and descriptors. */
	if (err == 0 && socket_gate(s, c, true) == GATE_OPEN && caller_still_waits(s, c->id)) {
		step(c, flags | MSG_DONTWAIT, &err);
		sent = err == 0; /* a stream may have taken a part */
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
	while (caller_identity_fixed() && sent < count && send_another(s, &c, a[1] + sent * sizeof(struct mmsghdr), flags))
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
	if (!put_length(s, &c, a[1] + offsetof(struct mmsghdr, msg_len), (unsigned)whole)) {
		answer_error(s, c.id, EFAULT);
		socket_close(&c);
		return;
	}
	socket_act(s, &c);
}
