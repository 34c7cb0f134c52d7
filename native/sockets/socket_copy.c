/* The copies that everything about a socket is decided on: the socket itself, duplicated, and the address, read once. */
#define _GNU_SOURCE
#include "sockets/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller.h"
#include "loop/in_time.h"
#include "slow/slow.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* Linux 5.14 */
#endif

uint64_t socket_netns(int sock)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof cookie;
	return getsockopt(sock, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) == 0 ? cookie : 0;
}

uint64_t socket_own_netns(void)
{
	static uint64_t own;
	int probe = own == 0 ? socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
	if (probe >= 0) {
		own = socket_netns(probe);
		close(probe);
	}
	return own;
}

static ino_t inode_of_link(pid_t tid, int fd)
{
	char path[48];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/fd/%d", tid, fd);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

int socket_duplicate(pid_t tid, int fd)
{
	bool own = true;
	if (!slow_lets_close(tid, fd))
		return -EIO;
	int pidfd = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
	if (pidfd < 0 && errno == EINVAL)
		pidfd = (int)syscall(SYS_pidfd_open, tid, 0);
	if (pidfd < 0) {
		/* Before 6.9 only a leader can be opened. Its table is this thread's too, unless the thread unshared it. */
		struct caller_status status;
		own = false;
		pidfd = caller_status(tid, &status) ? (int)syscall(SYS_pidfd_open, status.tgid, 0) : -1;
	}
	if (pidfd < 0)
		return -EACCES;
	int copy = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	int err = errno;
	close(pidfd);
	if (copy < 0)
		return -err;
	struct stat st;
	if (!own && (fstat(copy, &st) != 0 || st.st_ino != inode_of_link(tid, fd))) {
		let_go(copy);
		return -EACCES;
	}
	return copy;
}

void socket_close(struct socket_call *c)
{
	target_close(&c->file);
	if (c->sock >= 0)
		let_go(c->sock);
	c->sock = -1;
	message_free(c->message);
	c->message = NULL;
}

static int option(int sock, int name)
{
	int value = 0;
	socklen_t len = sizeof value;
	return getsockopt(sock, SOL_SOCKET, name, &value, &len) == 0 ? value : -1;
}

/* Neither its memory nor its descriptors can be copied (it made itself non-dumpable): nothing can be decided, so nothing is done. */
static void unreadable(struct supervisor *s, const struct seccomp_notif *n, uint16_t verb)
{
	char what[48];
	snprintf(what, sizeof what, "/proc/%u/fd/%d", n->pid, (int)n->data.args[0]);
	report_denied(s, (pid_t)n->pid, verb, ACCESS_CONNECT, REASON_UNREADABLE, NO_RULE, OBJECT_OTHER, what);
	answer_error(s, n->id, EACCES);
}

bool socket_begin(struct supervisor *s, const struct seccomp_notif *n, uint16_t verb, struct socket_call *c)
{
	*c = (struct socket_call){.id = n->id, .tid = (pid_t)n->pid, .verb = verb, .sock = -1, .file = {.object = -1, .parent = -1}};
	int sock = socket_duplicate(c->tid, (int)n->data.args[0]);
	if (sock == -EPERM) {
		unreadable(s, n, verb);
		return false;
	}
	if (sock < 0) {
		answer_error(s, c->id, -sock);
		return false;
	}
	c->sock = sock;
	int flags = fcntl(sock, F_GETFL);
	c->domain = option(sock, SO_DOMAIN);
	int err = c->domain < 0 ? errno : 0; /* ENOTSOCK; EBADF for O_PATH */
	c->type = option(sock, SO_TYPE);
	c->protocol = option(sock, SO_PROTOCOL);
	c->blocking = (flags & O_NONBLOCK) == 0;
	if (err == 0 && caller_still_waits(s, c->id)) /* else its number may have been somebody else's by then */
		return true;
	answer_error(s, c->id, err != 0 ? err : EINTR);
	socket_close(c);
	return false;
}

bool socket_read_address(struct supervisor *s, struct socket_call *c, uint64_t at, uint64_t len)
{
	int err = 0, size = (int)len; /* as the kernel takes it: the upper half of the register means nothing */
	if (size < 0 || (size_t)size > sizeof c->sa)
		err = EINVAL;
	else if (size > 0)
		err = -caller_read(c->tid, at, &c->sa, (size_t)size);
	if (err != 0) {
		answer_error(s, c->id, err);
		socket_close(c);
		return false;
	}
	c->sa_len = (socklen_t)size;
	c->bytes[size] = 0; /* a path may come without its terminator */
	return true;
}

uint8_t socket_protocol(const struct socket_call *c)
{
	/* A stream of another kind (MPTCP, SCTP) goes on to addresses that its peer names. None can be made inside, but handed over. */
	if (c->type == SOCK_STREAM && c->protocol == IPPROTO_TCP)
		return NET_TCP;
	return c->type == SOCK_DGRAM && c->protocol == IPPROTO_UDP ? NET_UDP : 0;
}
