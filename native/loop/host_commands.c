#include "loop/host_commands.h"

#include <signal.h>
#include <unistd.h>

#include "loop/inside.h"
#include "loop/self.h"

static void on_command(struct loop *l, const struct command *c)
{
	struct supervisor *s = &l->s;
	switch (c->type) {
	case COMMAND_VERDICT:
		held_verdict(s, c->hold_id, c->flag == 1);
		break;
	case COMMAND_ADD_RULE:
		if (c->kind == KIND_PATTERN)
			self_changed(c); /* the host answers for it, call by call: here it opens nothing, and is only told to who asks inside */
		else if (rules_add(&s->rules, c->rule_id, c->verdict, c->kind, c->access, c->path)) {
			self_changed(c);
			held_review(s);
		} else
			wire_notice(&s->wire, "too many rules: the grant was not taken");
		break;
	case COMMAND_ADD_NET_RULE:
		if (net_rules_add(&s->net, &c->net)) {
			self_changed(c);
			held_review(s);
		} else
			wire_notice(&s->wire, "too many network rules: the grant was not taken");
		break;
	case COMMAND_REMOVE_NET_RULE:
		net_rules_remove(&s->net, c->rule_id);
		self_changed(c);
		break;
	case COMMAND_REMOVE_RULE:
		rules_remove(&s->rules, c->rule_id);
		self_changed(c);
		break;
	case COMMAND_SET_MODE:
		s->mode = l->ending ? MODE_DENY : c->flag;
		held_review(s);
		break;
	case COMMAND_SIGNAL:
		if (!l->child_ended)
			kill(s->child, c->flag); /* afterwards its number may be anybody's */
		break;
	default: /* COMMAND_TERMINATE; wire_parse lets nothing else through */
		loop_end(l, c->flag);
		break;
	}
}

void host_lost(struct loop *l)
{
	l->s.mode = MODE_DENY;
	held_deny_all(&l->s);
	close(l->s.wire.fd);
	l->s.wire.fd = -1;
	inside_kill_all();
	_exit(137);
}

void host_serve(struct loop *l)
{
	static struct command c;
	bool open = wire_fill(&l->s.wire);
	int got;
	while ((got = wire_next(&l->s.wire, &c)) > 0)
		on_command(l, &c);
	if (!open || got < 0)
		host_lost(l);
}
