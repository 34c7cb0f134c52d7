/* native/rules/net_rules.c on a line protocol. "rule HEX" adds the 29 bytes of a net rule, "reset" forgets, "ask OPERATION PROTOCOL SOCKADDR-HEX"
   normalises a sockaddr as a call would give it and answers "ALLOW REASON ID". */
#include <stdio.h>
#include <string.h>

#include "rules/net_rules.h"

static size_t unhex(const char *text, uint8_t *out, size_t room)
{
	size_t n = 0;
	unsigned byte;
	for (; n < room && sscanf(text + 2 * n, "%2x", &byte) == 1; n++)
		out[n] = (uint8_t)byte;
	return n;
}

int main(void)
{
	static char line[4096], hex[4096];
	struct net_rules rules = {0};
	while (fgets(line, sizeof line, stdin) != NULL) {
		unsigned operation, protocol;
		if (sscanf(line, "rule %4000s", hex) == 1) {
			uint8_t bytes[NET_RULE_BYTES];
			struct net_rule r;
			if (unhex(hex, bytes, sizeof bytes) != sizeof bytes || !net_rule_parse(bytes, &r) || !net_rules_add(&rules, &r))
				return 1;
		} else if (sscanf(line, "ask %u %u %4000s", &operation, &protocol, hex) == 3) {
			struct sockaddr_storage sa = {0};
			struct net_address to;
			size_t len = unhex(hex, (uint8_t *)&sa, sizeof sa);
			if (!net_normalise(&sa, (socklen_t)len, operation == NET_CONNECT, &to)) {
				puts("none");
				continue;
			}
			struct net_decision d = net_decide(&rules, (uint8_t)operation, (uint8_t)protocol, &to);
			printf("%d %u %u\n", d.allow, d.reason, d.rule_id);
		} else if (strncmp(line, "reset", 5) == 0) {
			rules.count = 0;
		} else {
			return 2;
		}
	}
	return 0;
}
