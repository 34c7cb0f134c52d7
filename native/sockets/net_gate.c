/* May a call on an internet socket go where it is addressed to? */
#include "sockets/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

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

/* To the kernel no address as a destination is loopback's only on a socket without an address or device of its own: else it is that address, or one of that device's. */
static void write_destination(struct socket_call *c)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&c->sa;
	if (c->sa.ss_family == AF_INET)
		memcpy(&((struct sockaddr_in *)&c->sa)->sin_addr, c->where.bytes, 4);
	else if (c->where.family == 4)
		memcpy(in6->sin6_addr.s6_addr + 12, c->where.bytes, 4);
	else
		memcpy(&in6->sin6_addr, c->where.bytes, 16);
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
	if (!net_normalise(&c->sa, c->sa_len, destination, &c->where))
		return EINVAL;
	if (destination)
		write_destination(c);
	return 0;
}

/* Connecting a UDP socket sends nothing. getaddrinfo does it for every address that it has found, to sort them by route, on sockets that block; held, each
   look-up of a name would wait once per address. Refused at once it sorts that address last. Sockets that do not block (resolvers, QUIC) mean to send. */
static bool asks_for_route(const struct socket_call *c)
{
	return c->verb == VERB_CONNECT && socket_protocol(c) == NET_UDP && (fcntl(c->sock, F_GETFL) & O_NONBLOCK) == 0;
}

/* A socket that is connected, or on its way, goes nowhere else, whatever the address: many programs call once more to learn what became of their first call (Perl, Ruby), which a person
 * has said yes to. The errno that the kernel has for it, given from here: nothing is called, so nothing rests on the state being the same a moment later. */
static int connects_already(const struct socket_call *c)
{
	struct tcp_info info = {.tcpi_state = TCP_CLOSE};
	socklen_t len = sizeof info;
	if (c->verb != VERB_CONNECT || socket_protocol(c) != NET_TCP || getsockopt(c->sock, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
		return 0;
	return info.tcpi_state == TCP_ESTABLISHED ? EISCONN : info.tcpi_state == TCP_SYN_SENT && !c->blocking ? EALREADY : 0;
}

enum gate net_gate(struct supervisor *s, struct socket_call *c, bool quiet)
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
		err = connects_already(c);
		if (err != 0)
			return socket_refuse(s, c, quiet, err);
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
