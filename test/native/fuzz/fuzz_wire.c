/* Any bytes from the host, in chunks: commands come out, or the session must end; nothing that lifts a deny by accident. */
#include <stdlib.h>
#include <string.h>

#include "loop/wire.h"
#include "rules/pathmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static void check_command(const struct command *c)
{
	switch (c->type) {
	case COMMAND_ADD_RULE:
		check((c->verdict == VERDICT_ALLOW || (c->verdict == VERDICT_OVERRIDE && c->kind != KIND_PATTERN)) && c->kind <= KIND_PATTERN && c->access >= 1 && c->access <= ACCESS_ALL);
		check(path_is_normal(c->path) && strlen(c->path) < PLAN_MAX_PATH);
		break;
	case COMMAND_VERDICT:
		check(c->flag <= 1);
		break;
	case COMMAND_SET_MODE:
		check(c->flag <= MODE_ASK);
		break;
	case COMMAND_TERMINATE:
	case COMMAND_SIGNAL:
		check(c->flag >= 1 && c->flag <= 64);
		break;
	case COMMAND_ADD_NET_RULE:
		check(c->net.verdict != VERDICT_DENY && c->net.first <= c->net.last && c->net.prefix <= 128 && c->net.id != NO_RULE);
		break;
	default:
		check(c->type == COMMAND_REMOVE_RULE || c->type == COMMAND_REMOVE_NET_RULE);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct wire w;
	struct command *c = malloc(sizeof *c);
	wire_init(&w, -1);
	int got = 0;
	while (size > 0 && got >= 0) {
		size_t room = sizeof w.in - w.in_len, n = 1 + data[0] % 64;
		n = n < size ? n : size;
		n = n < room ? n : room;
		check(n > 0); /* a full buffer holds a whole frame, or the frame was refused */
		memcpy(w.in + w.in_len, data, n);
		w.in_len += n;
		data += n;
		size -= n;
		while ((got = wire_next(&w, c)) > 0)
			check_command(c);
	}
	free(c);
	return 0;
}
