#include "loop/wire.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rules/pathmap.h"

enum { QUEUE_MAX = 1024 * 1024, QUEUE_RESERVE = 65536 };

void wire_init(struct wire *w, int fd)
{
	/* Not the whole structure: its buffer is 16 pages, which are nobody's business before something comes in. */
	w->fd = fd;
	w->out = NULL;
	w->out_at = w->out_len = w->out_cap = 0;
	w->dropped = 0;
	w->in_len = 0;
}

struct frame {
	uint8_t bytes[WIRE_MAX_PAYLOAD + 8];
	size_t len;
	bool overflow;
};

static void put(struct frame *f, uint64_t value, size_t n)
{
	if (f->len + n > sizeof f->bytes) {
		f->overflow = true;
		return;
	}
	for (size_t i = 0; i < n; i++)
		f->bytes[f->len++] = (uint8_t)(value >> (8 * i));
}

static void put_bytes(struct frame *f, const void *bytes, size_t n)
{
	put(f, n, 4);
	if (f->len + n > sizeof f->bytes) {
		f->overflow = true;
		return;
	}
	memcpy(f->bytes + f->len, bytes, n);
	f->len += n;
}

static void put_string(struct frame *f, const char *s)
{
	put_bytes(f, s, strlen(s));
}

static void begin(struct frame *f, uint16_t type)
{
	f->len = 0;
	f->overflow = false;
	put(f, 0, 4);
	put(f, type, 2);
	put(f, 0, 2);
}

/* Keeps QUEUE_RESERVE free for what must not be lost (RELEASED, EXIT); `must` events may use it. */
static bool queue(struct wire *w, struct frame *f, bool must)
{
	if (w->fd < 0 || f->overflow)
		return false;
	uint32_t payload = (uint32_t)(f->len - 8);
	for (int i = 0; i < 4; i++)
		f->bytes[i] = (uint8_t)(payload >> (8 * i));
	if (w->out_at > 0) {
		memmove(w->out, w->out + w->out_at, w->out_len - w->out_at);
		w->out_len -= w->out_at;
		w->out_at = 0;
	}
	size_t limit = must ? QUEUE_MAX : QUEUE_MAX - QUEUE_RESERVE;
	if (w->out_len + f->len > limit)
		return false;
	if (w->out_len + f->len > w->out_cap) {
		size_t cap = w->out_cap ? w->out_cap * 2 : 4096;
		while (cap < w->out_len + f->len)
			cap *= 2;
		uint8_t *grown = realloc(w->out, cap);
		if (grown == NULL)
			return false;
		w->out = grown;
		w->out_cap = cap;
	}
	memcpy(w->out + w->out_len, f->bytes, f->len);
	w->out_len += f->len;
	return true;
}

static struct frame scratch; /* one thread queues events; too large for the stack of a small supervisor */

bool wire_ready(struct wire *w, int abi, pid_t guardian, pid_t supervisor, pid_t child, uint32_t features)
{
	begin(&scratch, EVENT_READY);
	put(&scratch, (uint64_t)abi, 4);
	put(&scratch, (uint64_t)guardian, 4);
	put(&scratch, (uint64_t)supervisor, 4);
	put(&scratch, (uint64_t)child, 4);
	put(&scratch, features, 4);
	return queue(w, &scratch, true);
}

bool wire_setup_error(struct wire *w, const struct failure *f)
{
	begin(&scratch, EVENT_SETUP_ERROR);
	put(&scratch, (uint64_t)f->err, 4);
	put(&scratch, (uint64_t)f->exit_code, 4);
	put_string(&scratch, f->step);
	put_string(&scratch, f->object);
	return queue(w, &scratch, true);
}

static void put_record(struct frame *f, const struct access_record *r)
{
	put(f, (uint64_t)r->pid, 4);
	put(f, (uint64_t)r->tid, 4);
	put(f, (uint64_t)r->parent_pid, 4);
	put(f, r->verb, 2);
	put(f, r->access, 1);
	put(f, r->reason, 1);
	put(f, r->rule_id, 4);
	put(f, r->object, 1);
	put_string(f, r->path);
	put_string(f, r->comm);
	put_string(f, r->parent_comm);
	put_string(f, r->other != NULL ? r->other : "");
	put(f, (uint64_t)(r->other_first | r->other_allowed << 1), 1);
}

bool wire_denied(struct wire *w, const struct access_record *r)
{
	begin(&scratch, EVENT_DENIED);
	put_record(&scratch, r);
	if (queue(w, &scratch, false))
		return true;
	w->dropped++;
	return false;
}

bool wire_held(struct wire *w, uint64_t hold_id, const struct access_record *r)
{
	begin(&scratch, EVENT_HELD);
	put(&scratch, hold_id, 8);
	put_record(&scratch, r);
	return queue(w, &scratch, false);
}

static void put_net_record(struct frame *f, const struct net_record *r)
{
	put(f, (uint64_t)r->pid, 4);
	put(f, (uint64_t)r->tid, 4);
	put(f, (uint64_t)r->parent_pid, 4);
	put(f, r->verb, 2);
	put(f, r->reason, 1);
	put(f, 0, 1);
	put(f, r->rule_id, 4);
	put(f, r->address.family, 1);
	put(f, r->protocol, 1);
	put(f, r->address.port, 2);
	for (size_t i = 0; i < sizeof r->address.bytes; i++)
		put(f, r->address.bytes[i], 1);
	put_string(f, r->comm);
	put_string(f, r->parent_comm);
}

bool wire_net_denied(struct wire *w, const struct net_record *r)
{
	begin(&scratch, EVENT_NET_DENIED);
	put_net_record(&scratch, r);
	if (queue(w, &scratch, false))
		return true;
	w->dropped++;
	return false;
}

bool wire_net_held(struct wire *w, uint64_t hold_id, const struct net_record *r)
{
	begin(&scratch, EVENT_NET_HELD);
	put(&scratch, hold_id, 8);
	put_net_record(&scratch, r);
	return queue(w, &scratch, false);
}

bool wire_name_answer(struct wire *w, const struct net_address *server, const uint8_t *packet, size_t size)
{
	begin(&scratch, EVENT_NAME_ANSWER);
	put(&scratch, server->family, 1);
	for (size_t i = 0; i < sizeof server->bytes; i++)
		put(&scratch, server->bytes[i], 1);
	put_bytes(&scratch, packet, size);
	return queue(w, &scratch, false);
}

bool wire_released(struct wire *w, uint64_t hold_id, uint8_t outcome)
{
	begin(&scratch, EVENT_RELEASED);
	put(&scratch, hold_id, 8);
	put(&scratch, outcome, 1);
	return queue(w, &scratch, true);
}

bool wire_exit(struct wire *w, bool signalled, uint8_t code)
{
	begin(&scratch, EVENT_EXIT);
	put(&scratch, signalled, 1);
	put(&scratch, code, 1);
	return queue(w, &scratch, true);
}

bool wire_notice(struct wire *w, const char *text)
{
	begin(&scratch, EVENT_NOTICE);
	put_string(&scratch, text);
	return queue(w, &scratch, false);
}

bool wire_exec(struct wire *w, pid_t pid, pid_t parent, const char *path)
{
	begin(&scratch, EVENT_EXEC);
	put(&scratch, (uint64_t)pid, 4);
	put(&scratch, (uint64_t)parent, 4);
	put_string(&scratch, path);
	return queue(w, &scratch, false);
}

bool wire_pending(const struct wire *w)
{
	return w->fd >= 0 && (w->out_at < w->out_len || w->dropped > 0);
}

bool wire_flush(struct wire *w)
{
	if (w->fd < 0)
		return true;
	if (w->dropped > 0) {
		begin(&scratch, EVENT_DROPPED);
		put(&scratch, w->dropped, 4);
		if (queue(w, &scratch, true))
			w->dropped = 0;
	}
	while (w->out_at < w->out_len) {
		ssize_t n = send(w->fd, w->out + w->out_at, w->out_len - w->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		w->out_at += (size_t)n;
	}
	w->out_at = w->out_len = 0;
	return true;
}

void wire_drain(struct wire *w, int timeout_ms)
{
	while (wire_flush(w) && wire_pending(w)) {
		struct pollfd p = {.fd = w->fd, .events = POLLOUT};
		if (poll(&p, 1, timeout_ms) <= 0)
			return;
	}
}

bool wire_fill(struct wire *w)
{
	ssize_t n = recv(w->fd, w->in + w->in_len, sizeof w->in - w->in_len, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
	w->in_len += (size_t)n;
	return n > 0;
}

static uint64_t number(const uint8_t *p, size_t n)
{
	uint64_t value = 0;
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)p[i] << (8 * i);
	return value;
}

static bool parse_rule(const uint8_t *p, size_t size, struct command *c)
{
	if (size < 12)
		return false;
	c->rule_id = (uint32_t)number(p, 4);
	c->verdict = p[4];
	c->kind = p[5];
	c->access = (uint16_t)number(p + 6, 2);
	size_t n = (size_t)number(p + 8, 4);
	if (n != size - 12 || n == 0 || n >= sizeof c->path || memchr(p + 12, 0, n) != NULL)
		return false;
	memcpy(c->path, p + 12, n);
	c->path[n] = 0;
	if (!path_is_normal(c->path))
		return false;
	/* A DENY over the wire could not be taken back, and is not needed: only grants travel. */
	bool grant = c->verdict == VERDICT_ALLOW || (c->verdict == VERDICT_OVERRIDE && c->kind != KIND_PATTERN);
	return grant && c->kind <= KIND_PATTERN && c->access >= 1 && c->access <= ACCESS_ALL && c->rule_id != NO_RULE;
}

bool wire_parse(uint16_t type, const uint8_t *p, size_t size, struct command *c)
{
	c->type = type;
	switch (type) {
	case COMMAND_VERDICT:
		if (size != 9 || p[8] > 1)
			return false;
		c->hold_id = number(p, 8);
		c->flag = p[8];
		return true;
	case COMMAND_ADD_RULE:
		return parse_rule(p, size, c);
	case COMMAND_ADD_NET_RULE:
		/* Only grants travel, as with paths. */
		return size == NET_RULE_BYTES && net_rule_parse(p, &c->net) && c->net.verdict != VERDICT_DENY;
	case COMMAND_REMOVE_RULE:
	case COMMAND_REMOVE_NET_RULE:
		if (size != 4)
			return false;
		c->rule_id = (uint32_t)number(p, 4);
		return true;
	case COMMAND_SET_MODE:
		if (size != 1 || p[0] > MODE_ASK)
			return false;
		c->flag = p[0];
		return true;
	case COMMAND_TERMINATE:
	case COMMAND_SIGNAL:
		if (size != 1 || p[0] == 0 || p[0] > 64)
			return false;
		c->flag = p[0];
		return true;
	default:
		return false;
	}
}

int wire_next(struct wire *w, struct command *c)
{
	if (w->in_len < 8)
		return 0;
	size_t size = (size_t)number(w->in, 4);
	if (size > WIRE_MAX_PAYLOAD)
		return -1;
	if (w->in_len < 8 + size)
		return 0;
	bool ok = number(w->in + 6, 2) == 0 && wire_parse((uint16_t)number(w->in + 4, 2), w->in + 8, size, c);
	c->frame_size = 8 + size <= sizeof c->frame ? 8 + size : 0;
	memcpy(c->frame, w->in, c->frame_size);
	w->in_len -= 8 + size;
	memmove(w->in, w->in + 8 + size, w->in_len);
	return ok ? 1 : -1;
}
