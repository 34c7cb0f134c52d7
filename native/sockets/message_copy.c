/* What a send points to, copied from the caller whole: its bytes, its address, its control data; descriptors are duplicated. Letting the kernel read it again would not do:
 * between this look and the kernel's, another thread can write an address into the header, or put a datagram socket under a number that was a stream's. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "caller/caller.h"
#include "loop/in_time.h"
#include "sockets/control_data.h"
#include "sockets/sockets.h"

/* What one call may carry: more is cut short on a stream (the caller sends the rest next time) and too long for one datagram. DATAGRAM: what is sent however many wait. */
enum { DATA_MAX = 16 * 1024 * 1024, CONTROL_MAX = 64 * 1024, DATAGRAM = 256 * 1024 };

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
		let_go(m->fds[i]);
	free_data(m);
	free(m->control);
	free(m);
}

/* The copies lie outside what the session's memory is limited to, and one buffer inside can be sent by hundreds of threads at a time to where nobody reads. The more calls wait the less
 * each may take, so that HELD_MAX of them take 350 MB and not 8 GB. */
struct message *message_new(const struct supervisor *s, unsigned flags)
{
	enum { FOR_ALL = 4 }; /* so many have the whole */
	struct message *m = calloc(1, sizeof *m);
	if (m != NULL) {
		m->flags = flags;
		m->share = DATA_MAX / (1 + s->held_count / FOR_ALL);
	}
	return m;
}

/* How much of `total` is copied. An errno: it would not be sent, or there is no room for it now. */
static int room_for(const struct socket_call *c, size_t total, size_t *room)
{
	int buffer;
	socklen_t len = sizeof buffer;
	size_t most = c->message->share;
	/* One that does not wait takes a part and says so: more is not copied while everybody else waits. */
	if (c->type == SOCK_STREAM && !message_may_wait(c) && most > MESSAGE_AT_ONCE)
		most = MESSAGE_AT_ONCE;
	*room = total < most ? total : most;
	if (c->type == SOCK_STREAM || total <= UINT16_MAX)
		return 0;
	/* What the kernel says of a longer one, before it looks further (unix(7), udp(7)): it would be copied for nothing, and kept while a person is asked. */
	if (total > DATA_MAX || c->domain == AF_INET || c->domain == AF_INET6)
		return EMSGSIZE;
	if ((c->domain == AF_UNIX || c->domain == AF_NETLINK) && getsockopt(c->sock, SOL_SOCKET, SO_SNDBUF, &buffer, &len) == 0 && total > (size_t)buffer)
		return EMSGSIZE;
	*room = total;
	return total > c->message->share && total > DATAGRAM ? ENOBUFS : 0;
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
	size_t room;
	err = room_for(c, total, &room);
	m->cut = room < total;
	return err != 0 ? err : gather(c->tid, m, iov, h->msg_iovlen, room);
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

/* Of families that are not known here: RDS takes addresses in memory for them, which would be this process's. What is the same for all of them holds numbers, and keys are used by handles. */
static bool names_no_memory(const struct socket_call *c, const struct cmsghdr *at)
{
	return at->cmsg_level == SOL_SOCKET || c->domain == AF_ALG || c->domain == AF_RXRPC;
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
	struct cmsghdr *at;
	for (size_t place = 0; err == 0 && (at = control_header(m->control, m->control_len, place)) != NULL; place = control_next(at, place)) {
		if (!control_fits(at, m->control_len, place))
			return EINVAL;
		bool rights = at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_RIGHTS;
		bool credentials = at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_CREDENTIALS;
		if (c->domain == AF_UNIX && rights)
			err = copy_rights(c->tid, m, at);
		else if ((c->domain == AF_UNIX || c->domain == AF_NETLINK) && credentials)
			err = check_credentials(c->tid, at);
		else if (c->domain == AF_INET || c->domain == AF_INET6)
			err = plain_option(at) ? 0 : EINVAL;
		else if (c->domain == AF_UNIX || c->domain == AF_NETLINK || !names_no_memory(c, at))
			err = EINVAL;
	}
	return err;
}

int message_copy(struct socket_call *c, uint64_t at)
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

int message_copy_bytes(struct socket_call *c, uint64_t at, uint64_t size)
{
	size_t room;
	int err = room_for(c, size, &room);
	struct iovec io = {.iov_base = (void *)(uintptr_t)at, .iov_len = room};
	return err != 0 ? err : gather(c->tid, c->message, &io, 1, room);
}
