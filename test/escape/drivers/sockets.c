/* Attempts to reach something by a socket. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"

static socklen_t unix_name(struct sockaddr_un *a, const char *name)
{
	bool abstract = name[0] == '@';
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(a->sun_path + abstract, sizeof a->sun_path - 1, "%s", name + abstract);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + (abstract ? 0 : 1));
}

static void send_on(int fd, int type, const struct sockaddr *to, socklen_t size)
{
	struct iovec data = {.iov_base = "out", .iov_len = 3};
	struct msghdr m = {.msg_name = (void *)to, .msg_namelen = size, .msg_iov = &data, .msg_iovlen = 1};
	struct mmsghdr many = {.msg_hdr = m};
	if (type == SOCK_DGRAM) {
		said("sendto", sendto(fd, "out", 3, 0, to, size));
		said("sendmsg", sendmsg(fd, &m, 0));
		said("sendmmsg", sendmmsg(fd, &many, 1, 0));
	}
	if (said("connect", connect(fd, to, size))) {
		said("send", send(fd, "out", 3, MSG_NOSIGNAL));
		said("sendmsg connected", sendmsg(fd, &(struct msghdr){.msg_iov = &data, .msg_iovlen = 1}, MSG_NOSIGNAL));
	}
	usleep(50000);
	close(fd);
}

static void send_every_way(int family, int type, int protocol, const struct sockaddr *to, socklen_t size)
{
	int fd = socket(family, type, protocol);
	if (!said("socket", fd))
		return;
	if (type == SOCK_STREAM && family != AF_UNIX) {
		said("sendto fast open", sendto(fd, "out", 3, MSG_FASTOPEN, to, size));
		close(fd);
		fd = socket(family, type, protocol);
		int one = 1;
		setsockopt(fd, IPPROTO_TCP, 30 /* TCP_FASTOPEN_CONNECT */, &one, sizeof one);
	}
	send_on(fd, type, to, size);
}

/* An abstract name may have a socket of each type: one's own beside somebody else's. */
static void bind_beside(const struct sockaddr_un *a, socklen_t size, int type)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	for (size_t i = 0; i < 3; i++) {
		int fd = types[i] != type ? socket(AF_UNIX, types[i], 0) : -1;
		if (fd >= 0 && said("bind beside", bind(fd, (const struct sockaddr *)a, size)) && types[i] != SOCK_DGRAM)
			listen(fd, 1);
	}
}

/* reach KIND WHERE [PORT]: stream, dgram, seqpacket (unix, "@" for abstract); tcp, udp, mptcp, udplite, sctp, tcp6, udp6 with address and port; vsock PORT. */
static int reach(char **args)
{
	const char *kind = args[0], *where = args[1];
	if (strcmp(kind, "stream") == 0 || strcmp(kind, "dgram") == 0 || strcmp(kind, "seqpacket") == 0) {
		struct sockaddr_un a;
		socklen_t size = unix_name(&a, where);
		int type = kind[0] == 'd' ? SOCK_DGRAM : kind[1] == 't' ? SOCK_STREAM : SOCK_SEQPACKET;
		send_every_way(AF_UNIX, type, 0, (struct sockaddr *)&a, size);
		if (where[0] != '@')
			return 0;
		bind_beside(&a, size, type);
		send_every_way(AF_UNIX, type, 0, (struct sockaddr *)&a, size);
		return 0;
	}
	unsigned short port = (unsigned short)(args[2] ? atoi(args[2]) : 0);
	if (kind[strlen(kind) - 1] == '6') {
		struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
		inet_pton(AF_INET6, where, &six.sin6_addr);
		send_every_way(AF_INET6, kind[0] == 't' ? SOCK_STREAM : SOCK_DGRAM, 0, (struct sockaddr *)&six, sizeof six);
		return 0;
	}
	if (strcmp(kind, "vsock") == 0) {
		struct sockaddr_vm vm = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = (unsigned)atoi(where)};
		send_every_way(AF_VSOCK, SOCK_STREAM, 0, (struct sockaddr *)&vm, sizeof vm);
		return 0;
	}
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
	inet_pton(AF_INET, where, &four.sin_addr);
	bool datagram = strncmp(kind, "udp", 3) == 0;
	int protocol = strcmp(kind, "mptcp") == 0 ? 262 : strcmp(kind, "udplite") == 0 ? IPPROTO_UDPLITE : strcmp(kind, "sctp") == 0 ? IPPROTO_SCTP : 0;
	send_every_way(AF_INET, datagram ? SOCK_DGRAM : SOCK_STREAM, protocol, (struct sockaddr *)&four, sizeof four);
	return 0;
}

/* reach-any ADDRESS PORT: to no address (0.0.0.0, ::), which is the address that the socket has itself, or is told to send from. */
static int reach_any(char **args)
{
	const unsigned short port = htons((unsigned short)atoi(args[1]));
	struct sockaddr_in own = {.sin_family = AF_INET}, any = {.sin_family = AF_INET, .sin_port = port};
	struct sockaddr_in6 own6 = {.sin6_family = AF_INET6}, any6 = {.sin6_family = AF_INET6, .sin6_port = port};
	char mapped[64];
	snprintf(mapped, sizeof mapped, "::ffff:%s", args[0]);
	inet_pton(AF_INET, args[0], &own.sin_addr);
	inet_pton(AF_INET6, mapped, &own6.sin6_addr);
	inet_pton(AF_INET6, "::ffff:0.0.0.0", &any6.sin6_addr);
	for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
		int fd = socket(AF_INET, type, 0);
		said("bind", bind(fd, (struct sockaddr *)&own, sizeof own));
		if (said("connect to any", connect(fd, (struct sockaddr *)&any, sizeof any)))
			send(fd, "out", 3, MSG_NOSIGNAL);
		fd = socket(AF_INET6, type, 0);
		said("bind mapped", bind(fd, (struct sockaddr *)&own6, sizeof own6));
		if (said("connect to any mapped", connect(fd, (struct sockaddr *)&any6, sizeof any6)))
			send(fd, "out", 3, MSG_NOSIGNAL);
	}
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	said("bind", bind(fd, (struct sockaddr *)&own, sizeof own));
	said("sendto any", sendto(fd, "out", 3, 0, (struct sockaddr *)&any, sizeof any));
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct in_pktinfo))] = {0};
	struct iovec data = {.iov_base = "out", .iov_len = 3};
	struct msghdr m = {.msg_name = &any, .msg_namelen = sizeof any, .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct in_pktinfo from = {.ipi_spec_dst = own.sin_addr};
	*CMSG_FIRSTHDR(&m) = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof from), .cmsg_level = IPPROTO_IP, .cmsg_type = IP_PKTINFO};
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), &from, sizeof from);
	said("sendmsg any from", sendmsg(socket(AF_INET, SOCK_DGRAM, 0), &m, 0));
	usleep(50000);
	return 0;
}

static unsigned short checksum(const void *data, size_t n)
{
	const unsigned short *p = data;
	unsigned sum = 0;
	for (; n > 1; n -= 2)
		sum += *p++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (unsigned short)~sum;
}

/* raw KIND PORT: packets made by hand to a UDP port of loopback: raw, raw6; sniff prints what passes by; icmp prints "ponged" when answered. */
static int raw(char **args)
{
	struct {
		unsigned short source, port, length, sum;
		char text[4];
	} udp = {.source = htons(9), .port = htons((unsigned short)atoi(args[1])), .length = htons(12), .text = "raw"};
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (strcmp(args[0], "raw") == 0)
		said("raw send", sendto(socket(AF_INET, SOCK_RAW, IPPROTO_UDP), &udp, sizeof udp, 0, (struct sockaddr *)&to, sizeof to));
	if (strcmp(args[0], "raw6") == 0) {
		struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
		int fd = socket(AF_INET6, SOCK_RAW, IPPROTO_UDP);
		int at = 6;
		setsockopt(fd, IPPROTO_IPV6, 7 /* IPV6_CHECKSUM */, &at, sizeof at);
		said("raw6 send", sendto(fd, &udp, sizeof udp, 0, (struct sockaddr *)&six, sizeof six));
	}
	if (strcmp(args[0], "sniff") == 0) {
		/* What other programs say to each other on this machine. */
		static const int kinds[][2] = {{SOCK_RAW, ETH_P_ALL}, {SOCK_DGRAM, ETH_P_IP}, {SOCK_PACKET, ETH_P_ALL}};
		for (size_t i = 0; i < 3; i++) {
			char packet[4096];
			int fd = socket(kinds[i][0] == SOCK_PACKET ? AF_INET : AF_PACKET, kinds[i][0], htons((unsigned short)kinds[i][1]));
			struct timeval wait = {.tv_usec = 200000};
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
			ssize_t n = 0;
			for (int k = 0; said("packet socket", fd) && k < 20 && (n = recv(fd, packet, sizeof packet, 0)) > 0; k++)
				fwrite(packet, 1, (size_t)n, stdout);
		}
		return 0;
	}
	if (strcmp(args[0], "icmp") == 0) {
		struct icmphdr echo = {.type = ICMP_ECHO};
		char got[64];
		for (int type = SOCK_DGRAM; type <= SOCK_RAW; type++) {
			int fd = socket(AF_INET, type, IPPROTO_ICMP);
			echo.checksum = 0;
			echo.checksum = checksum(&echo, sizeof echo);
			struct timeval wait = {.tv_sec = 1};
			setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
			if (said("icmp", sendto(fd, &echo, sizeof echo, 0, (struct sockaddr *)&to, sizeof to)) && recv(fd, got, sizeof got, 0) > 0)
				printf("ponged %s\n", getenv("TOKEN") ? getenv("TOKEN") : "");
		}
	}
	return 0;
}

/* answer PORT WORD: listens, and tells whoever connects. */
static int answer(char **args)
{
	static const int protocols[] = {0, 262};
	for (int i = 0; i < 2; i++) {
		struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(args[0])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		int fd = socket(AF_INET, SOCK_STREAM, protocols[i]), one = 1;
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
		struct timeval wait = {.tv_sec = 1};
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
		if (!said("bind", bind(fd, (struct sockaddr *)&a, sizeof a)) || !said("listen", listen(fd, 4)))
			continue;
		int got = accept(fd, NULL, NULL);
		if (said("accept", got))
			write(got, args[1], strlen(args[1]));
		usleep(50000);
		return 0;
	}
	return 0;
}

/* A descriptor that somebody outside hands over, or -1. */
static int take(const char *from)
{
	struct sockaddr_un a;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), got = -1;
	char control[256], word[4];
	struct iovec data = {.iov_base = word, .iov_len = sizeof word};
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	if (!said("connect", connect(fd, (struct sockaddr *)&a, unix_name(&a, from))) || recvmsg(fd, &m, 0) <= 0)
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_type == SCM_RIGHTS)
			memcpy(&got, CMSG_DATA(c), sizeof got);
	close(fd);
	return got;
}

/* handed-answer SOCKET WORD: listens on a TCP socket that somebody outside hands over, and tells whoever connects. */
static int handed_answer(char **args)
{
	int fd = take(args[0]);
	struct timeval wait = {.tv_sec = 1};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	if (!said("listen", listen(fd, 4)))
		return 0;
	int got = accept(fd, NULL, NULL);
	if (said("accept", got))
		write(got, args[1], strlen(args[1]));
	usleep(50000);
	return 0;
}

/* handed-send SOCKET PORT: sends on a UDP socket that somebody outside hands over. */
static int handed_send(char **args)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(args[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	send_on(take(args[0]), SOCK_DGRAM, (struct sockaddr *)&to, sizeof to);
	return 0;
}

/* receive SOCKET: takes a descriptor that somebody outside hands over, and reads it. */
static int receive(char **args)
{
	int got = take(args[0]);
	if (got < 0)
		return 1;
	char link[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", got);
	show(open(link, O_RDONLY));
	show(got);
	return 0;
}

/* bind-unix PATH: makes a socket there. */
static int bind_unix(char **args)
{
	struct sockaddr_un a;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (said("bind", bind(fd, (struct sockaddr *)&a, unix_name(&a, args[0]))) && outside())
		unlink(args[0]); /* room for the other kind */
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	said("bind dgram", bind(fd, (struct sockaddr *)&a, unix_name(&a, args[0])));
	return 0;
}

/* netlink WORD: routes and neighbours are read; prints the word when the kernel accepts a change, which is undone at once. */
static int netlink_events(char **args)
{
	(void)args;
	/* Kernel events about processes and devices tell what the whole machine does. */
	static const int kinds[] = {NETLINK_CONNECTOR, NETLINK_AUDIT, NETLINK_KOBJECT_UEVENT, NETLINK_ROUTE};
	for (size_t i = 0; i < 4; i++) {
		struct sockaddr_nl a = {.nl_family = AF_NETLINK, .nl_groups = 1};
		int fd = socket(AF_NETLINK, SOCK_RAW, kinds[i]);
		if (said("netlink", fd))
			said("netlink group", bind(fd, (struct sockaddr *)&a, sizeof a));
	}
	return 0;
}

const struct attempt socket_attempts[] = {
	{"reach", reach, 2}, {"reach-any", reach_any, 2}, {"raw", raw, 2}, {"answer", answer, 2}, {"receive", receive, 1}, {"handed-answer", handed_answer, 2}, {"handed-send", handed_send, 2}, {"bind-unix", bind_unix, 1}, {"netlink", netlink_events, 0}, {NULL, NULL, 0},
};
