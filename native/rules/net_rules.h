/* Rules on internet addresses and the decision: PROTOCOL.md, "net rule". Pure: reads nothing but its arguments. */
#ifndef NONO_NET_RULES_H
#define NONO_NET_RULES_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { NET_CONNECT = 1, NET_BIND = 2, NET_OPERATIONS = 3 };
enum { NET_TCP = 1, NET_UDP = 2, NET_PROTOCOLS = 3 };
enum { NET_RULE_BYTES = 29, NET_RULES_MAX = 65536 };

struct net_rule {
	uint32_t id;
	uint8_t verdict, operations, protocols, family, prefix; /* family: 4, 6, or 0 for any address */
	uint8_t address[16];                                    /* IPv4 in the first four bytes */
	uint16_t first, last;
};

struct net_rules {
	struct net_rule *list;
	size_t count, room;
};

/* Where a call wants to go, normalised. */
struct net_address {
	uint8_t family; /* 4 or 6 */
	uint8_t bytes[16];
	uint16_t port;
};

struct net_decision {
	bool allow;
	uint8_t reason;
	uint32_t rule_id;
};

/* False when the bytes are no rule. */
bool net_rule_parse(const uint8_t bytes[NET_RULE_BYTES], struct net_rule *r);
bool net_rules_add(struct net_rules *rules, const struct net_rule *r);
/* ALLOW and OVERRIDE rules only: a denial cannot be taken back. */
void net_rules_remove(struct net_rules *rules, uint32_t id);
struct net_decision net_decide(const struct net_rules *rules, uint8_t operation, uint8_t protocol, const struct net_address *to);
/* A sockaddr of AF_INET or AF_INET6 as the kernel will read it; `destination`: the unspecified address means this host. False for other families and short ones. */
bool net_normalise(const struct sockaddr_storage *sa, socklen_t len, bool destination, struct net_address *out);
/* May every address use this TCP port? Then Landlock, which sees only the port, may hold it. */
bool net_port_free(const struct net_rules *rules, uint8_t operation, uint16_t port);
#endif
