/* Performing a call on the duplicate of the caller's socket: at once where it cannot wait, else in a process of its own. */
#define _GNU_SOURCE
#include "sockets/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "loop/in_time.h"
#include "loop/work.h"

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

static int connect_now(const void *call)
{
	const struct socket_call *c = call;
	struct sockaddr_storage name;
	socklen_t len = socket_name(c, &name);
	return connect(c->sock, (const struct sockaddr *)&name, len) == 0 ? 0 : errno;
}

/* For the loop. The flags belong to the description, which is the caller's too: whoever clears O_NONBLOCK in the middle, or while a person is asked, would have this process wait for as
 * long as the peer likes. A wait that was ended (EINTR) a worker goes on with. */
static int connect_in_time(const struct socket_call *c)
{
	return in_time(connect_now, c);
}

/* A blocking connect, if it need not wait: most go to this machine, and a process for each would cost ten times the call. The flag is set on the caller's own
 * description for these microseconds; nobody can send or receive on a socket that is not connected yet. EALREADY: it waits (a TCP handshake under way, or a
 * full backlog), and who waits for it is a worker. */
static int connect_hastily(struct socket_call *c)
{
	int flags = fcntl(c->sock, F_GETFL);
	if (flags < 0 || fcntl(c->sock, F_SETFL, flags | O_NONBLOCK) != 0)
		return EALREADY;
	int err = connect_in_time(c);
	c->begun = err == EINPROGRESS || err == EINTR;
	if (err == EINPROGRESS)
		err = connect_in_time(c); /* over loopback the answer has come before the first call returned; this one collects it */
	fcntl(c->sock, F_SETFL, flags);
	return err == EAGAIN || err == EINPROGRESS || err == EINTR ? EALREADY : err;
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

static pid_t fork_for(const struct supervisor *s, const struct socket_call *c)
{
	int keep[3 + MESSAGE_FDS] = {s->listener, c->sock, c->file.object};
	unsigned kept = 3;
	for (unsigned i = 0; c->message != NULL && i < c->message->fd_count; i++)
		keep[kept++] = c->message->fds[i];
	return work_fork(keep, kept);
}

enum performed socket_slowly(struct supervisor *s, struct socket_call *c, void (*work)(struct supervisor *, struct socket_call *), bool partial)
{
	struct caller_status status;
	bool known = caller_status(c->tid, &status);
	pid_t pid = known ? fork_for(s, c) : -1;
	if (pid == 0) {
		signal(SIGPIPE, SIG_IGN);
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
	c->worker = pid;
	if (partial)
		held_add_telling_worker(s, c->id, c->tid, pid);
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

/* A socket that was bound to any port is rid of its address again by a connect that fails, and then bound to another address, on which nothing is decided without a listen. All of
 * these calls are made here, one after the other: so it can have happened while this one waited for a verdict, and not between this look and the call. */
static bool listens_where_decided(const struct socket_call *c)
{
	struct sockaddr_storage sa = {.ss_family = AF_UNSPEC};
	socklen_t len = sizeof sa;
	struct net_address now;
	if (c->where.family == 0) /* nothing is decided on a free network, nor on unix sockets */
		return true;
	return getsockname(c->sock, (struct sockaddr *)&sa, &len) == 0 && net_normalise(&sa, len, false, &now) && now.family == c->where.family &&
	       now.port == c->where.port && memcmp(now.bytes, c->where.bytes, sizeof now.bytes) == 0;
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
	if (c->verb == VERB_LISTEN && !listens_where_decided(c))
		return PERFORM_CHANGED;
	if (c->message != NULL)
		return message_perform(s, c);
	if (c->verb == VERB_BIND && c->file.parent >= 0)
		return unix_bind(s, c);
	/* A full backlog, or the other side of the world: not for the loop to wait for. Datagram sockets connect at once. */
	bool connects = c->verb == VERB_CONNECT && c->type != SOCK_DGRAM && c->domain != AF_NETLINK, may_wait = connects && c->blocking;
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
	int err = may_wait ? connect_hastily(c) : connects ? connect_in_time(c) : perform_now(c);
	caller_identity_restore();
	if ((may_wait && err == EALREADY) || (connects && err == EINTR))
		return socket_slowly(s, c, connect_slowly, false);
	if (err != 0)
		answer_error(s, c->id, err);
	else
		answer_value(s, c->id, 0);
	return PERFORMED;
}
