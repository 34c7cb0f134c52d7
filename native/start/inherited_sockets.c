/* A blocked network keeps the command from making internet sockets, and the filter cannot tell of what family the one is that a call names. What Landlock decides on is the connect and
 * bind of TCP alone: a UDP socket, which inetd or a socket unit hands over as standard input, sends wherever its owner likes. Under `run` each call on it is decided. */
#include "start/inherited_sockets.h"

#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

static int option(int fd, int name)
{
	int value = -1;
	socklen_t size = sizeof value;
	return getsockopt(fd, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

/* What it says goes to one peer, and Landlock lets it connect to no other. */
static bool is_connected_tcp(int fd, int domain)
{
	struct sockaddr_storage peer;
	socklen_t size = sizeof peer;
	return (domain == AF_INET || domain == AF_INET6) && option(fd, SO_TYPE) == SOCK_STREAM && option(fd, SO_PROTOCOL) == IPPROTO_TCP &&
	       (option(fd, SO_ACCEPTCONN) == 1 || getpeername(fd, (struct sockaddr *)&peer, &size) == 0);
}

bool inherited_sockets_hold(const struct plan *plan, struct failure *f)
{
	static const char *const streams[] = {"standard input", "standard output", "standard error"};
	if ((plan->flags & (PLAN_BLOCK_NET | PLAN_NET_RULES)) == 0 || (plan->flags & (PLAN_SUPERVISE | PLAN_ALLOW_DEGRADED)) != 0)
		return true;
	for (int fd = 0; fd < 3; fd++) {
		int domain = option(fd, SO_DOMAIN);
		if (domain >= 0 && domain != AF_UNIX && !is_connected_tcp(fd, domain)) {
			fail(f, 126, 0, "hold network rules without a supervisor", "");
			snprintf(f->object, sizeof f->object, "%s is a socket that can send to any address (nono run decides on each)", streams[fd]);
			return false;
		}
	}
	return true;
}
