/* What processes inside have made: the socket files that they bound, and the abstract names that their sockets have. Anybody inside may connect to those. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "sockets/sockets.h"

enum { REMEMBERED = 4096, PATH_AT = offsetof(struct sockaddr_un, sun_path) };

/* Socket files that processes inside have bound. By birth time too: the inode number of a removed file is given to the next one, whoever makes it. */
static struct made_file {
	dev_t dev;
	ino_t ino;
	struct statx_timestamp born;
} files[REMEMBERED];
static unsigned next_file;

/* Abstract names that sockets inside have. */
static struct made_name {
	uint64_t netns;
	uint32_t socket; /* inode number of the socket */
	uint8_t len, type;
	char name[108];
} names[REMEMBERED];
static unsigned next_name;

/* --- what the kernel says about a socket (sock_diag(7)) ---------------------------------------------------------------------------------------- */

struct diag {
	uint32_t file_ino;
	size_t name_len;
	char name[108];
};

static bool ask_kernel(uint32_t socket_ino, struct diag *out)
{
	static int netlink = -1;
	*out = (struct diag){0};
	if (netlink < 0)
		netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	struct {
		struct nlmsghdr head;
		struct unix_diag_req req;
	} q = {.head = {.nlmsg_len = sizeof q, .nlmsg_type = SOCK_DIAG_BY_FAMILY, .nlmsg_flags = NLM_F_REQUEST},
	       .req = {.sdiag_family = AF_UNIX, .udiag_states = ~0U, .udiag_ino = socket_ino, .udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS,
	               .udiag_cookie = {~0U, ~0U}}};
	union {
		struct nlmsghdr head;
		char bytes[4096];
	} a;
	if (netlink < 0 || send(netlink, &q, sizeof q, MSG_DONTWAIT) != (ssize_t)sizeof q)
		return false;
	ssize_t n = recv(netlink, &a, sizeof a, MSG_DONTWAIT); /* answered within the send */
	if (n < 0 || !NLMSG_OK(&a.head, (size_t)n) || a.head.nlmsg_type != SOCK_DIAG_BY_FAMILY || a.head.nlmsg_len < NLMSG_LENGTH(sizeof(struct unix_diag_msg)))
		return false;
	struct unix_diag_msg *m = NLMSG_DATA(&a.head);
	struct rtattr *at = (struct rtattr *)(m + 1);
	unsigned left = a.head.nlmsg_len - NLMSG_LENGTH(sizeof *m);
	for (; m->udiag_ino == socket_ino && RTA_OK(at, left); at = RTA_NEXT(at, left)) {
		if (at->rta_type == UNIX_DIAG_NAME && RTA_PAYLOAD(at) <= sizeof out->name) {
			out->name_len = RTA_PAYLOAD(at);
			memcpy(out->name, RTA_DATA(at), out->name_len);
		} else if (at->rta_type == UNIX_DIAG_VFS && RTA_PAYLOAD(at) >= sizeof(struct unix_diag_vfs)) {
			struct unix_diag_vfs vfs;
			memcpy(&vfs, RTA_DATA(at), sizeof vfs);
			out->file_ino = vfs.udiag_vfs_ino;
		}
	}
	return m->udiag_ino == socket_ino;
}

static uint32_t socket_inode(int sock)
{
	struct stat st;
	return fstat(sock, &st) == 0 ? (uint32_t)st.st_ino : 0;
}

/* --- abstract names ------------------------------------------------------------------------------------------------------------------------------ */

/* A name has one socket of each type at a time: whoever had it before has it no more. Kept beside each other, thousands of those would each be asked for with every connect. */
static struct made_name *place_for(const struct made_name *made)
{
	for (struct made_name *m = names; m < names + REMEMBERED; m++)
		if (m->len == made->len && m->type == made->type && m->netns == made->netns && memcmp(m->name, made->name, made->len) == 0)
			return m;
	return &names[next_name++ % REMEMBERED];
}

void unix_note_abstract(const struct socket_call *c)
{
	struct sockaddr_un un = {0};
	socklen_t len = sizeof un;
	/* Asked of the socket: an autobind chose the name itself. */
	if (getsockname(c->sock, (struct sockaddr *)&un, &len) != 0 || len <= PATH_AT || len > sizeof un || un.sun_path[0] != 0)
		return;
	struct made_name made = {.netns = socket_netns(c->sock), .socket = socket_inode(c->sock), .len = (uint8_t)(len - PATH_AT), .type = (uint8_t)c->type};
	memcpy(made.name, un.sun_path, made.len);
	*place_for(&made) = made;
}

/* Does the name belong to a socket of this session now? One that was closed may have been taken by a process outside since. */
bool unix_made_name(const struct socket_call *c)
{
	const struct sockaddr_un *un = (const struct sockaddr_un *)&c->sa;
	size_t len = c->sa_len - PATH_AT;
	uint64_t netns = socket_netns(c->sock);
	for (unsigned i = 0; i < REMEMBERED; i++) {
		const struct made_name *m = &names[i];
		struct diag d;
		/* Of another type the same name is another socket's, which may be outside. */
		if (m->len != len || len == 0 || m->type != c->type || m->netns != netns || memcmp(m->name, un->sun_path, len) != 0)
			continue;
		/* Another network namespace was made inside, and so were all its sockets; the kernel shows only those of this one. */
		if (netns != socket_own_netns() || (ask_kernel(m->socket, &d) && d.name_len == len && memcmp(d.name, m->name, len) == 0))
			return true;
	}
	return false;
}

/* --- socket files ----------------------------------------------------------------------------------------------------------------------------------- */

static bool identify(int dir, const char *name, struct made_file *out)
{
	struct statx x;
	if (statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, STATX_INO | STATX_BTIME | STATX_TYPE, &x) != 0 || !S_ISSOCK(x.stx_mode))
		return false;
	*out = (struct made_file){.dev = (dev_t)x.stx_dev_major << 32 | x.stx_dev_minor, .ino = x.stx_ino};
	if (x.stx_mask & STATX_BTIME)
		out->born = x.stx_btime;
	return true;
}

bool unix_made_file(int object)
{
	struct made_file f;
	if (!identify(object, "", &f))
		return false;
	for (unsigned i = 0; i < REMEMBERED; i++)
		if (files[i].ino == f.ino && files[i].dev == f.dev && files[i].born.tv_sec == f.born.tv_sec && files[i].born.tv_nsec == f.born.tv_nsec)
			return true;
	return false;
}

void unix_note_file(const struct socket_call *c)
{
	struct made_file f;
	struct diag d;
	/* What is remembered must be this socket's file and no other. */
	if (ask_kernel(socket_inode(c->sock), &d) && identify(c->file.parent, c->file.leaf, &f) && (uint32_t)f.ino == d.file_ino)
		files[next_file++ % REMEMBERED] = f;
}
