/* Runs as the supervisor: with the invoking user's authority, outside the sandbox. A socket's network namespace, options and owner are its own, so a call on
 * the duplicate is the caller's call; identity and capabilities are taken for it where they differ. */
#define _GNU_SOURCE
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "caller.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

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
		close(copy);
		return -EACCES;
	}
	return copy;
}

void socket_close(struct socket_call *c)
{
	target_close(&c->file);
	if (c->sock >= 0)
		close(c->sock);
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
	int err = 0;
	if ((int)len < 0 || len > sizeof c->sa)
		err = EINVAL;
	else if (len > 0)
		err = -caller_read(c->tid, at, &c->sa, (size_t)len);
	if (err != 0) {
		answer_error(s, c->id, err);
		socket_close(c);
		return false;
	}
	c->sa_len = (socklen_t)len;
	c->bytes[len] = 0; /* a path may come without its terminator */
	return true;
}

uint8_t socket_protocol(const struct socket_call *c)
{
	if (c->type == SOCK_STREAM)
		return NET_TCP;
	return c->type == SOCK_DGRAM && c->protocol == IPPROTO_UDP ? NET_UDP : 0;
}

/* --- internet sockets ----------------------------------------------------------------------------------------------------------------------- */

static bool kernel_chooses(uint16_t port)
{
	unsigned low = 32768, high = 60999;
	FILE *range = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
	if (range != NULL) {
		if (fscanf(range, "%u %u", &low, &high) != 2)
			low = high = 0;
		fclose(range);
	}
	return port >= low && port <= high;
}

struct net_decision socket_decide_net(const struct supervisor *s, const struct socket_call *c)
{
	uint8_t operation = c->verb == VERB_BIND || c->verb == VERB_LISTEN ? NET_BIND : NET_CONNECT;
	struct net_decision d = net_decide(&s->net, operation, socket_protocol(c), &c->where);
	if (d.allow || d.reason == REASON_RULE || c->verb != VERB_LISTEN || !kernel_chooses(c->where.port))
		return d;
	struct net_address any = c->where;
	any.port = 0;
	struct net_decision chosen = net_decide(&s->net, operation, socket_protocol(c), &any);
	return chosen.allow ? chosen : d;
}

enum gate socket_refuse(struct supervisor *s, const struct socket_call *c, bool quiet, int err)
{
	if (!quiet)
		answer_error(s, c->id, err);
	return GATE_SHUT;
}

/* Reads the address as the kernel will, and makes the copy unambiguous: what it says is what was decided. */
static int understand(struct socket_call *c)
{
	bool send = c->message != NULL;
	if (c->sa.ss_family == AF_UNSPEC && c->verb != VERB_CONNECT) {
		if (c->domain == AF_INET)
			c->sa.ss_family = AF_INET; /* taken for it by bind and by UDP */
		else if (send)
			c->sa_len = 0; /* IPv6: as if there were none */
	}
	if (send && c->sa_len == 0)
		return 0;
	if (c->sa.ss_family != AF_INET && c->sa.ss_family != AF_INET6)
		return EAFNOSUPPORT;
	bool destination = c->verb == VERB_CONNECT || send;
	return net_normalise(&c->sa, c->sa_len, destination, &c->where) ? 0 : EINVAL;
}

/* Connecting a UDP socket sends nothing. getaddrinfo does it for every address that it has found, to sort them by route, on sockets that block; held, each
   look-up of a name would wait once per address. Refused at once it sorts that address last. Sockets that do not block (resolvers, QUIC) mean to send. */
static bool asks_for_route(const struct socket_call *c)
{
	return c->verb == VERB_CONNECT && socket_protocol(c) == NET_UDP && (fcntl(c->sock, F_GETFL) & O_NONBLOCK) == 0;
}

static enum gate net_gate(struct supervisor *s, struct socket_call *c, bool quiet)
{
	bool send = c->message != NULL;
	if (send && (c->message->flags & MSG_FASTOPEN) != 0)
		return socket_refuse(s, c, quiet, EOPNOTSUPP); /* connects without connect; programs fall back */
	if (send && (c->type == SOCK_STREAM || c->sa_len == 0))
		return GATE_OPEN; /* the address of a connected stream is not looked at */
	if ((s->options & (PLAN_NET_RULES | PLAN_BLOCK_NET)) == 0) /* a free network, but not for who gave it up */
		return narrowed_refuses(s, c->tid, NARROWED_NET) ? socket_refuse(s, c, quiet, EACCES) : GATE_OPEN;
	if (c->verb == VERB_CONNECT && c->sa_len >= sizeof(sa_family_t) && c->sa.ss_family == AF_UNSPEC)
		return GATE_OPEN; /* dissolves an association */
	if (c->verb == VERB_LISTEN) {
		c->sa_len = sizeof c->sa;
		if (getsockname(c->sock, (struct sockaddr *)&c->sa, &c->sa_len) != 0)
			return socket_refuse(s, c, quiet, errno);
	}
	int err = understand(c);
	if (err != 0)
		return socket_refuse(s, c, quiet, err);
	if (send && c->sa_len == 0)
		return GATE_OPEN;
	if ((s->options & PLAN_NET_RULES) != 0 && socket_protocol(c) != 0) {
		if (c->verb == VERB_BIND && c->where.port == 0)
			return GATE_OPEN; /* the kernel chooses a port; a connection to it needs listen */
		struct net_decision d = socket_decide_net(s, c);
		bool narrowed = narrowed_refuses(s, c->tid, NARROWED_NET);
		if (d.allow && !narrowed)
			return GATE_OPEN;
		c->reason = narrowed ? REASON_CANNOT : d.reason;
		if (!quiet && s->mode == MODE_ASK && !narrowed && d.reason != REASON_RULE && !asks_for_route(c)) {
			if (socket_hold(s, c))
				return GATE_HELD;
			c->reason = REASON_TOO_MANY;
		}
		if (!quiet)
			socket_report(s, c, c->reason, d.rule_id);
	} else if (!quiet) {
		socket_report(s, c, REASON_NOT_GRANTED, NO_RULE); /* inherited or passed in: none of these can be made inside */
	}
	return socket_refuse(s, c, quiet, EACCES);
}

enum gate socket_gate(struct supervisor *s, struct socket_call *c, bool quiet)
{
	switch (c->domain) {
	case AF_INET:
	case AF_INET6:
		return net_gate(s, c, quiet);
	case AF_UNIX:
		return unix_gate(s, c, quiet);
	case AF_NETLINK:
		return GATE_OPEN; /* to the kernel, which decides by who opened the socket; which protocols there are, the filter decides */
	default:
		if ((s->options & (PLAN_NET_RULES | PLAN_BLOCK_NET)) == 0)
			return GATE_OPEN;
		return socket_refuse(s, c, quiet, EACCES);
	}
}

/* --- performing ------------------------------------------------------------------------------------------------------------------------------ */

socklen_t socket_name(const struct socket_call *c, struct sockaddr_storage *out)
{
	if (c->domain != AF_UNIX || c->file.object < 0) {
		*out = c->sa;
		return c->sa_len;
	}
	/* The inode that was decided on, whatever the path names by now. */
	struct sockaddr_un *un = (struct sockaddr_un *)out;
	*un = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(un->sun_path, sizeof un->sun_path, "/proc/self/fd/%d", c->file.object);
	return sizeof *un;
}

static int connect_now(const struct socket_call *c)
{
	struct sockaddr_storage name;
	socklen_t len = socket_name(c, &name);
	return connect(c->sock, (const struct sockaddr *)&name, len) == 0 ? 0 : errno;
}

/* A blocking connect, if it need not wait: most go to this machine, and a process for each would cost ten times the call. The flag is set on the caller's own
 * description for these microseconds; nobody can send or receive on a socket that is not connected yet. EALREADY: it waits (a TCP handshake under way, or a
 * full backlog), and who waits for it is a worker. */
static int connect_hastily(struct socket_call *c)
{
	int flags = fcntl(c->sock, F_GETFL);
	if (flags < 0 || fcntl(c->sock, F_SETFL, flags | O_NONBLOCK) != 0)
		return EALREADY;
	int err = connect_now(c);
	c->begun = err == EINPROGRESS;
	if (c->begun)
		err = connect_now(c); /* over loopback the answer has come before the first call returned; this one collects it */
	fcntl(c->sock, F_SETFL, flags);
	return err == EAGAIN || err == EINPROGRESS ? EALREADY : err;
}

static void connect_slowly(struct supervisor *s, struct socket_call *c)
{
	int err = connect_now(c);
	/* SO_SNDTIMEO ran out (socket(7)): for the caller this was the first call. */
	if (err == EALREADY && c->begun)
		err = EINPROGRESS;
	if (err != 0)
		answer_error(s, c->id, err);
	else
		answer_value(s, c->id, 0);
}

enum performed socket_slowly(struct supervisor *s, struct socket_call *c, void (*work)(struct supervisor *, struct socket_call *), bool partial)
{
	struct caller_status status;
	bool known = caller_status(c->tid, &status);
	pid_t pid = known ? fork() : -1;
	if (pid == 0) {
		sigset_t none;
		sigemptyset(&none);
		signal(SIGPIPE, SIG_IGN);
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		sigprocmask(SIG_SETMASK, &none, NULL);
		/* Whoever is at the other end sees this process's user and groups (SO_PEERCRED): they must be the caller's. */
		if (caller_identity_become(c->tid, &status))
			work(s, c);
		else
			answer_error(s, c->id, EACCES);
		_exit(0);
	}
	if (pid < 0) {
		answer_error(s, c->id, ENOBUFS);
		return PERFORM_FAILED;
	}
	if (partial)
		held_add_sender(s, c->id, c->tid, pid);
	else
		held_add_worker(s, c->id, c->tid, pid);
	return PERFORMED;
}

/* SO_PEERCRED of those who connect shows who listened. */
static void listen_slowly(struct supervisor *s, struct socket_call *c)
{
	if (listen(c->sock, c->backlog) != 0)
		answer_error(s, c->id, errno);
	else
		answer_value(s, c->id, 0);
}

static int perform_now(struct socket_call *c)
{
	switch (c->verb) {
	case VERB_CONNECT:
		return connect_now(c);
	case VERB_BIND:
		if (bind(c->sock, (const struct sockaddr *)&c->sa, c->sa_len) != 0)
			return errno;
		if (c->domain == AF_UNIX)
			unix_note_abstract(c);
		return 0;
	default:
		return listen(c->sock, c->backlog) == 0 ? 0 : errno;
	}
}

enum performed socket_perform(struct supervisor *s, struct socket_call *c)
{
	if (!caller_still_waits(s, c->id))
		return PERFORM_FAILED;
	if (c->file.object >= 0 && !resolve_confirms(c->file.real, &c->file.st))
		return PERFORM_CHANGED;
	if (c->message != NULL)
		return message_perform(s, c);
	if (c->verb == VERB_BIND && c->file.parent >= 0)
		return unix_bind(s, c);
	/* A full backlog, or the other side of the world: not for the loop to wait for. Datagram sockets connect at once. */
	bool may_wait = c->verb == VERB_CONNECT && c->blocking && c->type != SOCK_DGRAM && c->domain != AF_NETLINK;
	if (may_wait && c->domain != AF_UNIX && c->domain != AF_INET && c->domain != AF_INET6)
		return socket_slowly(s, c, connect_slowly, false);
	struct caller_status status;
	bool fixed = caller_identity_fixed();
	if (!fixed && (!caller_status(c->tid, &status) || !caller_identity_take(c->tid, &status))) {
		caller_identity_restore();
		answer_error(s, c->id, EACCES);
		return PERFORM_FAILED;
	}
	if (caller_identity_taken() && c->domain == AF_UNIX && c->verb != VERB_BIND) {
		caller_identity_restore();
		return socket_slowly(s, c, c->verb == VERB_CONNECT ? connect_slowly : listen_slowly, false);
	}
	int err = may_wait ? connect_hastily(c) : perform_now(c);
	caller_identity_restore();
	if (may_wait && err == EALREADY)
		return socket_slowly(s, c, connect_slowly, false);
	if (err != 0)
		answer_error(s, c->id, err);
	else
		answer_value(s, c->id, 0);
	return err == 0 ? PERFORMED : PERFORM_FAILED;
}

void socket_act(struct supervisor *s, struct socket_call *c)
{
	if (socket_gate(s, c, false) == GATE_OPEN && socket_perform(s, c) == PERFORM_CHANGED)
		answer_error(s, c->id, EACCES); /* somebody keeps swapping the object */
	socket_close(c);
}

static void addressed(struct supervisor *s, const struct seccomp_notif *n, uint16_t verb)
{
	struct socket_call c;
	if (socket_begin(s, n, verb, &c) && socket_read_address(s, &c, n->data.args[1], n->data.args[2]))
		socket_act(s, &c);
}

void sockets_connect(struct supervisor *s, const struct seccomp_notif *n)
{
	addressed(s, n, VERB_CONNECT);
}

void sockets_bind(struct supervisor *s, const struct seccomp_notif *n)
{
	addressed(s, n, VERB_BIND);
}

void sockets_listen(struct supervisor *s, const struct seccomp_notif *n)
{
	struct socket_call c;
	if (!socket_begin(s, n, VERB_LISTEN, &c))
		return;
	c.backlog = (int)n->data.args[1];
	if (c.domain == AF_INET || c.domain == AF_INET6) {
		socket_act(s, &c);
		return;
	}
	/* Needs no decision, but the number may name an internet socket by now: performed, like the rest. */
	if (socket_perform(s, &c) == PERFORM_CHANGED)
		answer_error(s, c.id, EACCES);
	socket_close(&c);
}
