/* Answers of name servers, as programs receive them: the host shows a name beside an address that was just looked up. Nothing is decided here, whatever is seen the
 * call goes on; the host takes names only from name servers that are its own (resolv.conf(5)), and shows them as what they are. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "loop/in_time.h"
#include "sockets/sockets.h"

enum { DNS_PORT = 53, LARGEST_ANSWER = 4096 /* usual limit of EDNS answers over UDP (RFC 6891, 6.2.5) */ };

/* In a network namespace that was made inside, every address is whose the program likes, the host's name server among them: it would show the user what name it wanted
 * beside an address that waits to be approved. */
static bool answered_here(int sock)
{
	return socket_own_netns() != 0 && socket_netns(sock) == socket_own_netns();
}

static void look(struct supervisor *s, const struct seccomp_notif *n)
{
	uint8_t packet[LARGEST_ANSWER];
	struct sockaddr_storage from;
	socklen_t len = sizeof from, size = sizeof(int);
	int protocol = 0;
	struct net_address server;
	int sock = socket_duplicate((pid_t)n->pid, (int)n->data.args[0]);
	if (sock < 0)
		return;
	/* A pending error would be taken away from the caller: then it is left alone (socket(7), SO_ERROR). */
	struct pollfd ready = {.fd = sock, .events = POLLIN};
	if (getsockopt(sock, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) == 0 && protocol == IPPROTO_UDP && answered_here(sock) && poll(&ready, 1, 0) == 1 && ready.revents == POLLIN) {
		ssize_t got = recvfrom(sock, packet, sizeof packet, MSG_PEEK | MSG_DONTWAIT, (struct sockaddr *)&from, &len);
		if (got > 0 && net_normalise(&from, len, false, &server) && server.port == DNS_PORT)
			wire_name_answer(&s->wire, &server, packet, (size_t)got);
	}
	let_go(sock);
}

void sockets_recvfrom(struct supervisor *s, const struct seccomp_notif *n)
{
	if (s->wire.fd >= 0)
		look(s, n);
	answer_continue(s, n->id);
}
