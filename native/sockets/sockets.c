/* Runs as the supervisor: with the invoking user's authority, outside the sandbox. A socket's network namespace, options and owner are its own, so a call on
 * the duplicate is the caller's call; identity and capabilities are taken for it where they differ. */
#include "sockets/sockets.h"

#include <errno.h>

enum gate socket_refuse(struct supervisor *s, const struct socket_call *c, bool quiet, int err)
{
	if (!quiet)
		answer_error(s, c->id, err);
	return GATE_SHUT;
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
	if (c.domain != AF_UNIX) {
		socket_act(s, &c);
		return;
	}
	/* Needs no decision, but the number may name an internet socket by now: performed, like the rest. */
	if (socket_perform(s, &c) == PERFORM_CHANGED)
		answer_error(s, c.id, EACCES);
	socket_close(&c);
}
