/* Any bytes as the address of a socket: none, or one that is compared as what the kernel will take it for. */
#include <stdlib.h>
#include <string.h>

#include "rules/net_rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool all_zero(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct sockaddr_storage sa = {0};
	struct net_address to, from;
	size_t len = size < sizeof sa ? size : sizeof sa;
	memcpy(&sa, data, len);
	bool is = net_normalise(&sa, (socklen_t)len, true, &to);
	check(is == net_normalise(&sa, (socklen_t)len, false, &from));
	check(is == ((sa.ss_family == AF_INET && len >= 16) || (sa.ss_family == AF_INET6 && len >= 24)));
	if (!is)
		return 0;
	size_t used = to.family == 4 ? 4 : 16;
	check((to.family == 4 || to.family == 6) && to.family == from.family && to.port == from.port && all_zero(to.bytes + used, sizeof to.bytes - used));
	/* Nothing goes to no address: it is this host. */
	check(!all_zero(to.bytes, used) && (memcmp(to.bytes, from.bytes, used) == 0 || all_zero(from.bytes, used)));
	check(to.family == 4 || memcmp(to.bytes, mapped, sizeof mapped) != 0);
	/* Written once more, it is the same one. */
	struct sockaddr_storage again = {.ss_family = to.family == 4 ? AF_INET : AF_INET6};
	memcpy((uint8_t *)&again + (to.family == 4 ? 4 : 8), to.bytes, used);
	memcpy((uint8_t *)&again + 2, (uint8_t[]){(uint8_t)(to.port >> 8), (uint8_t)to.port}, 2);
	check(net_normalise(&again, sizeof again, true, &from) && from.family == to.family && from.port == to.port && memcmp(from.bytes, to.bytes, sizeof to.bytes) == 0);
	return 0;
}
