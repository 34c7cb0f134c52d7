#include "rules/net_rules.h"

#include <stdlib.h>
#include <string.h>

#include "rules/rules.h"

static bool zero_beyond(const struct net_rule *r)
{
	for (unsigned bit = r->prefix; bit < 128; bit++)
		if (r->address[bit / 8] >> (7 - bit % 8) & 1)
			return false;
	return true;
}

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};

bool net_rule_parse(const uint8_t b[NET_RULE_BYTES], struct net_rule *r)
{
	*r = (struct net_rule){.id = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24,
	                       .verdict = b[4], .operations = b[5], .protocols = b[6], .family = b[7], .prefix = b[8],
	                       .first = (uint16_t)(b[25] | b[26] << 8), .last = (uint16_t)(b[27] | b[28] << 8)};
	memcpy(r->address, b + 9, sizeof r->address);
	unsigned widest = r->family == 4 ? 32 : r->family == 6 ? 128 : 0;
	if (r->id == NO_RULE || r->verdict > VERDICT_OVERRIDE || (r->family != 0 && widest == 0) || r->prefix > widest || r->first > r->last)
		return false;
	if (r->operations == 0 || r->operations > NET_OPERATIONS || r->protocols == 0 || r->protocols > NET_PROTOCOLS || !zero_beyond(r))
		return false;
	/* Such addresses are compared as IPv4: the rule would be about nothing, and a DENY that denies nothing is worse than none. */
	return r->family != 6 || r->prefix < 96 || memcmp(r->address, mapped_prefix, sizeof mapped_prefix) != 0;
}

bool net_rules_add(struct net_rules *rules, const struct net_rule *r)
{
	if (rules->count >= NET_RULES_MAX)
		return false;
	if (rules->count == rules->room) {
		size_t room = rules->room ? rules->room * 2 : 8;
		struct net_rule *grown = realloc(rules->list, room * sizeof *grown);
		if (grown == NULL)
			return false;
		rules->list = grown;
		rules->room = room;
	}
	rules->list[rules->count++] = *r;
	return true;
}

void net_rules_remove(struct net_rules *rules, uint32_t id)
{
	size_t kept = 0;
	for (size_t i = 0; i < rules->count; i++)
		if (rules->list[i].id != id || rules->list[i].verdict == VERDICT_DENY)
			rules->list[kept++] = rules->list[i];
	rules->count = kept;
}

static bool prefix_matches(const uint8_t *address, const struct net_rule *r)
{
	unsigned whole = r->prefix / 8, rest = r->prefix % 8;
	if (memcmp(address, r->address, whole) != 0)
		return false;
	return rest == 0 || ((address[whole] ^ r->address[whole]) >> (8 - rest)) == 0;
}

static bool covers(const struct net_rule *r, uint8_t operation, uint8_t protocol, const struct net_address *a)
{
	return (r->operations & operation) != 0 && (r->protocols & protocol) != 0 && a->port >= r->first && a->port <= r->last &&
	       (r->family == 0 || (r->family == a->family && prefix_matches(a->bytes, r)));
}

/* The IPv4 address that a router or tunnel will make of this one. */
static bool carried_ipv4(const struct net_address *a, struct net_address *out)
{
	static const uint8_t nat64[12] = {0x00, 0x64, 0xff, 0x9b}, compatible[12] = {0};
	const uint8_t *v4 = NULL;
	if (a->family != 6)
		return false;
	if (a->bytes[0] == 0x20 && a->bytes[1] == 0x02)
		v4 = a->bytes + 2; /* 6to4 */
	else if (memcmp(a->bytes, nat64, sizeof nat64) == 0 || memcmp(a->bytes, compatible, sizeof compatible) == 0)
		v4 = a->bytes + 12;
	if (v4 == NULL)
		return false;
	*out = (struct net_address){.family = 4, .port = a->port};
	memcpy(out->bytes, v4, 4);
	return true;
}

static bool better(const struct net_rule *r, const struct net_rule *best)
{
	/* IPv4 prefixes count as what they are in the mapped form; only rules that cover one address are compared, so the families agree or one is "both". */
	return best == NULL || r->prefix > best->prefix || (r->prefix == best->prefix && r->id < best->id);
}

struct net_decision net_decide(const struct net_rules *rules, uint8_t operation, uint8_t protocol, const struct net_address *to)
{
	const struct net_rule *deny = NULL, *allow = NULL;
	struct net_address inner;
	bool carries = carried_ipv4(to, &inner);
	int lifted = -1; /* the longest prefix of an OVERRIDE: it lifts what is no narrower than itself */
	for (size_t i = 0; i < rules->count; i++) {
		const struct net_rule *r = &rules->list[i];
		if (r->verdict == VERDICT_OVERRIDE && r->prefix > lifted && covers(r, operation, protocol, to))
			lifted = r->prefix;
	}
	for (size_t i = 0; i < rules->count; i++) {
		const struct net_rule *r = &rules->list[i];
		bool covered = covers(r, operation, protocol, to);
		if (r->verdict == VERDICT_DENY && ((covered && r->prefix > lifted) || (carries && covers(r, operation, protocol, &inner))) && better(r, deny))
			deny = r;
		if (r->verdict == VERDICT_ALLOW && covered && better(r, allow))
			allow = r;
	}
	if (deny != NULL)
		return (struct net_decision){.allow = false, .reason = REASON_RULE, .rule_id = deny->id};
	if (allow != NULL)
		return (struct net_decision){.allow = true, .reason = REASON_RULE, .rule_id = allow->id};
	return (struct net_decision){.allow = false, .reason = REASON_NOT_GRANTED, .rule_id = NO_RULE};
}

bool net_normalise(const struct sockaddr_storage *sa, socklen_t len, bool destination, struct net_address *out)
{
	static const uint8_t any[16];
	*out = (struct net_address){0};
	if (sa->ss_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)sa;
		out->family = 4;
		memcpy(out->bytes, &in->sin_addr, 4);
		out->port = ntohs(in->sin_port);
	} else if (sa->ss_family == AF_INET6 && len >= 24) { /* SIN6_LEN_RFC2133: the kernel takes it without a scope id */
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)sa;
		out->port = ntohs(in6->sin6_port);
		if (memcmp(&in6->sin6_addr, mapped_prefix, sizeof mapped_prefix) == 0) {
			out->family = 4;
			memcpy(out->bytes, in6->sin6_addr.s6_addr + 12, 4);
		} else {
			out->family = 6;
			memcpy(out->bytes, &in6->sin6_addr, 16);
		}
	} else {
		return false;
	}
	if (destination && out->family == 4 && memcmp(out->bytes, any, 4) == 0)
		memcpy(out->bytes, (uint8_t[]){127, 0, 0, 1}, 4);
	else if (destination && out->family == 6 && memcmp(out->bytes, any, 16) == 0)
		out->bytes[15] = 1;
	return true;
}

bool net_port_free(const struct net_rules *rules, uint8_t operation, uint16_t port)
{
	bool allowed = false;
	for (size_t i = 0; i < rules->count; i++) {
		const struct net_rule *r = &rules->list[i];
		if ((r->operations & operation) == 0 || (r->protocols & NET_TCP) == 0 || port < r->first || port > r->last)
			continue;
		if (r->verdict == VERDICT_DENY)
			return false;
		allowed = allowed || (r->verdict == VERDICT_ALLOW && r->family == 0);
	}
	return allowed;
}
