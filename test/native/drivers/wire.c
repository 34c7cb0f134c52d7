/* What native/ itself says about its constants, and one of every event on standard output (a socket). */
#include <stdio.h>
#include <string.h>

#include "loop/wire.h"
#include "rules/rules.h"

#define SAY(name) printf("%s %lld\n", #name, (long long)(name))

static void constants(void)
{
	SAY(PLAN_SUPERVISE), SAY(PLAN_NEW_SESSION), SAY(PLAN_BLOCK_NET), SAY(PLAN_SCOPE_SIGNAL), SAY(PLAN_SCOPE_ABSTRACT), SAY(PLAN_ALLOW_DEGRADED);
	SAY(PLAN_ALLOW_SYSV_IPC), SAY(PLAN_ALLOW_MQ), SAY(PLAN_ALLOW_KEYRING);
	SAY(PLAN_NET_RULES), SAY(PLAN_UNIX_RULES), SAY(PLAN_FAST_PATH), SAY(NET_CONNECT), SAY(NET_BIND), SAY(NET_TCP), SAY(NET_UDP), SAY(EVENT_NET_DENIED), SAY(EVENT_NET_HELD), SAY(EVENT_NAME_ANSWER);
	SAY(COMMAND_ADD_NET_RULE), SAY(COMMAND_REMOVE_NET_RULE), SAY(VERB_CONNECT), SAY(VERB_BIND), SAY(VERB_SENDTO), SAY(VERB_LISTEN);
	SAY(MODE_DENY), SAY(MODE_OBSERVE), SAY(MODE_ASK);
	SAY(FLOOR_READ_FILE), SAY(FLOOR_READ_DIR), SAY(FLOOR_EXECUTE), SAY(FLOOR_WRITE_FILE), SAY(FLOOR_MAKE), SAY(FLOOR_REMOVE), SAY(FLOOR_REFER);
	SAY(FLOOR_IOCTL_DEV), SAY(VERDICT_DENY), SAY(VERDICT_ALLOW), SAY(VERDICT_OVERRIDE), SAY(KIND_TREE), SAY(KIND_EXACT), SAY(ACCESS_READ), SAY(ACCESS_WRITE);
	SAY(NO_RULE), SAY(EVENT_READY), SAY(EVENT_SETUP_ERROR), SAY(EVENT_DENIED), SAY(EVENT_HELD), SAY(EVENT_RELEASED), SAY(EVENT_DROPPED), SAY(EVENT_EXIT);
	SAY(EVENT_NOTICE), SAY(COMMAND_VERDICT), SAY(COMMAND_ADD_RULE), SAY(COMMAND_REMOVE_RULE), SAY(COMMAND_SET_MODE), SAY(COMMAND_TERMINATE);
	SAY(COMMAND_SIGNAL), SAY(RELEASED_DENIED), SAY(RELEASED_ALLOWED), SAY(RELEASED_GONE), SAY(RELEASED_SUSPENDED), SAY(RELEASED_CHANGED);
	SAY(VERB_OPEN), SAY(VERB_OPENAT), SAY(VERB_OPENAT2), SAY(VERB_CREAT), SAY(VERB_EXECVE), SAY(VERB_EXECVEAT), SAY(VERB_MKDIR), SAY(VERB_RMDIR);
	SAY(VERB_UNLINK), SAY(VERB_RENAME), SAY(VERB_LINK), SAY(VERB_SYMLINK), SAY(VERB_MKNOD), SAY(VERB_TRUNCATE), SAY(VERB_CHMOD), SAY(VERB_CHOWN);
	SAY(VERB_UTIME), SAY(VERB_SETXATTR), SAY(VERB_REMOVEXATTR), SAY(VERB_IOCTL);
	SAY(OBJECT_MISSING), SAY(OBJECT_FILE), SAY(OBJECT_DIRECTORY), SAY(OBJECT_OTHER);
	SAY(REASON_RULE), SAY(REASON_NOT_GRANTED), SAY(REASON_INSUFFICIENT), SAY(REASON_UNREADABLE), SAY(REASON_NOT_BROKERED), SAY(REASON_TOO_MANY);
	SAY(REASON_USER), SAY(REASON_CHANGED), SAY(REASON_CANNOT), SAY(REASON_COMMAND);
}

/* Each command frame on standard input, as it was understood. */
static int commands(void)
{
	static struct wire w;
	static struct command c;
	int got = 0;
	wire_init(&w, -1);
	w.in_len = fread(w.in, 1, sizeof w.in, stdin);
	while ((got = wire_next(&w, &c)) > 0) {
		if (c.type == COMMAND_ADD_NET_RULE) {
			const struct net_rule *n = &c.net;
			printf("107 %u %u %u %u %u %u %u.%u %u-%u\n", n->id, n->verdict, n->operations, n->protocols, n->family, n->prefix, n->address[0], n->address[15],
			       n->first, n->last);
			continue;
		}
		bool rule = c.type == COMMAND_ADD_RULE;
		printf("%u %llu %u %u %u %u %u %s\n", c.type, (unsigned long long)(c.type == COMMAND_VERDICT ? c.hold_id : 0),
		       rule || c.type == COMMAND_REMOVE_RULE || c.type == COMMAND_REMOVE_NET_RULE ? c.rule_id : 0, rule ? c.verdict : 0, rule ? c.kind : 0, rule ? c.access : 0,
		       rule || c.type == COMMAND_REMOVE_RULE || c.type == COMMAND_REMOVE_NET_RULE ? 0 : c.flag, rule ? c.path : "-");
	}
	printf("end %d left %zu\n", got, w.in_len);
	return 0;
}

static int events(void)
{
	static struct wire w;
	struct failure f = {.step = "do a thing", .object = "/obj\xc3\xa9" "ct", .err = 13, .exit_code = 126};
	struct access_record r = {.pid = 1, .tid = 2, .parent_pid = 3, .verb = VERB_CREAT, .access = 3, .reason = REASON_CHANGED, .rule_id = NO_RULE,
	                          .object = OBJECT_DIRECTORY, .path = "/a\n\x1b[1m/b", .comm = "c o)m", .parent_comm = "",
	                          .other = "/from", .other_first = true};
	wire_init(&w, 1);
	wire_ready(&w, 7, 10, 11, 12, 3);
	wire_setup_error(&w, &f);
	wire_denied(&w, &r);
	wire_held(&w, 0x1122334455667788ULL, &r);
	struct net_record n = {.pid = 1, .tid = 2, .parent_pid = 3, .verb = VERB_SENDTO, .reason = REASON_NOT_GRANTED, .protocol = NET_UDP, .rule_id = NO_RULE,
	                       .address = {.family = 6, .bytes = {0x20, 1, [15] = 1}, .port = 53}, .comm = "c", .parent_comm = "p"};
	wire_net_denied(&w, &n);
	n.address = (struct net_address){.family = 4, .bytes = {192, 0, 2, 1}, .port = 65535};
	n.protocol = NET_TCP;
	wire_net_held(&w, 9, &n);
	wire_name_answer(&w, &n.address, (const uint8_t *)"a\0b", 3);
	wire_released(&w, 5, RELEASED_CHANGED);
	wire_notice(&w, "a word");
	wire_exit(&w, true, 9);
	w.dropped = 4;
	wire_drain(&w, 1000);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "events") == 0)
		return events();
	if (argc > 1 && strcmp(argv[1], "commands") == 0)
		return commands();
	constants();
	return 0;
}
