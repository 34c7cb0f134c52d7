/* A socket call that waits for a verdict: with its duplicate of the socket, its copies of address and data, and the socket file it was decided on. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "caller/caller.h"
#include "sockets/sockets.h"

static bool on_net(const struct socket_call *c)
{
	return c->domain != AF_UNIX;
}

static struct decision decide(const struct supervisor *s, const void *call)
{
	const struct socket_call *c = call;
	if (!on_net(c))
		return rules_decide(&s->rules, c->file.real, socket_access(c));
	struct net_decision d = socket_decide_net(s, c);
	return (struct decision){.allow = d.allow, .reason = d.reason, .rule_id = d.rule_id};
}

static void fill(struct net_record *r, struct record_names *names, const struct socket_call *c, uint8_t reason, uint32_t rule_id)
{
	struct caller_status status = {.tgid = c->tid};
	caller_status(c->tid, &status);
	caller_comm(status.tgid, names->comm);
	caller_comm(status.ppid, names->parent_comm);
	*r = (struct net_record){.pid = status.tgid, .tid = c->tid, .parent_pid = status.ppid, .verb = c->verb, .reason = reason, .rule_id = rule_id,
	                         .protocol = socket_protocol(c) ? socket_protocol(c) : NET_UDP, .address = c->where, .comm = names->comm,
	                         .parent_comm = names->parent_comm};
}

void socket_report(struct supervisor *s, const struct socket_call *c, uint8_t reason, uint32_t rule_id)
{
	struct net_record r;
	struct record_names names;
	if (s->wire.fd < 0 || c->where.family == 0)
		return;
	fill(&r, &names, c, reason, rule_id);
	wire_net_denied(&s->wire, &r);
}

static bool announce(struct supervisor *s, uint64_t hold_id, const void *call)
{
	const struct socket_call *c = call;
	struct record_names names;
	if (on_net(c)) {
		struct net_record r;
		fill(&r, &names, c, c->reason, NO_RULE);
		return wire_net_held(&s->wire, hold_id, &r);
	}
	struct access_record r;
	fill_record(&r, &names, c->tid, c->verb, socket_access(c), c->reason, NO_RULE, c->file.object >= 0 ? OBJECT_OTHER : OBJECT_MISSING, c->file.real);
	return wire_held(&s->wire, hold_id, &r);
}

static unsigned paths(const void *call, const char *path[2])
{
	const struct socket_call *c = call;
	path[0] = c->file.real;
	return !on_net(c);
}

static enum performed perform(struct supervisor *s, void *call)
{
	return socket_perform(s, call);
}

static void discard(void *call)
{
	socket_close(call);
	free(call);
}

static const struct held_kind kind = {.decide = decide, .announce = announce, .paths = paths, .perform = perform, .discard = discard};

static struct subject subject(const struct socket_call *c)
{
	char text[64];
	if (!on_net(c))
		return held_subject(c->verb, socket_access(c), c->file.real);
	int n = snprintf(text, sizeof text, "%u %u %u ", socket_protocol(c), c->where.family, c->where.port);
	for (size_t i = 0; i < sizeof c->where.bytes; i++)
		n += snprintf(text + n, sizeof text - (size_t)n, "%02x", c->where.bytes[i]);
	return held_subject(c->verb, 0, text);
}

bool socket_hold(struct supervisor *s, struct socket_call *c)
{
	if (!caller_still_waits(s, c->id))
		return false;
	struct socket_call *kept = malloc(sizeof *kept);
	if (kept == NULL)
		return false;
	*kept = *c;
	if (!held_add(s, &kind, kept, c->id, c->tid, subject(c))) {
		free(kept); /* what it owns is still in `c` */
		return false;
	}
	c->sock = c->file.object = c->file.parent = -1;
	c->message = NULL;
	return true;
}
