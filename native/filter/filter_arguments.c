/* What the filter says to a call by its arguments. Whatever fails every test here is answered by its number (filter.c). */
#include "filter/filter_program.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "filter/calls.h"
#include "preload/mark.h"
#include "uapi/landlock_abi.h"

/* What the preloaded library marks. All of them are decided by Landlock completely, and none takes a sixth argument. */
static const int fast[] = {SYS_openat, SYS_mkdirat, SYS_unlinkat, SYS_renameat2, SYS_linkat, SYS_symlinkat};

/* Options and addresses that take packets to hosts which no decided address names: multicast membership (the reports leave the machine), source routes, IPv6
 * routing headers, and flow labels that carry one. And what has the kernel choose one certain port, for who may bind and listen only on those that it chooses. */
static void option_rules(struct program *p)
{
	static const unsigned char ip[] = {4 /* IP_OPTIONS */, 35 /* ADD_MEMBERSHIP */, 39 /* ADD_SOURCE_MEMBERSHIP */, 41 /* MSFILTER */,
	                                   42 /* MCAST_JOIN_GROUP */, 46 /* MCAST_JOIN_SOURCE_GROUP */, 48 /* MCAST_MSFILTER */, 51 /* LOCAL_PORT_RANGE */};
	static const unsigned char ipv6[] = {5 /* 2292RTHDR */, 6 /* 2292PKTOPTIONS */, 20 /* JOIN_GROUP */, 27 /* JOIN_ANYCAST */, 32 /* FLOWLABEL_MGR */,
	                                     42 /* MCAST_JOIN_GROUP */, 46, 48, 54 /* HOPOPTS */, 55 /* RTHDRDSTOPTS */, 57 /* RTHDR */, 59 /* DSTOPTS */};
	struct program body = {.length = 0};
	load(&body, argument(1));
	emit(&body, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0 /* SOL_IP */, 0, 2 * sizeof ip + 2));
	load(&body, argument(2));
	for (size_t i = 0; i < sizeof ip; i++)
		answer_if(&body, ip[i], ERRNO(EPERM));
	answer(&body, SECCOMP_RET_ALLOW);
	emit(&body, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 41 /* SOL_IPV6 */, 0, 2 * sizeof ipv6 + 1));
	load(&body, argument(2));
	for (size_t i = 0; i < sizeof ipv6; i++)
		answer_if(&body, ipv6[i], ERRNO(EPERM));
	answer(&body, SECCOMP_RET_ALLOW);
	unless_call(p, SYS_setsockopt, (unsigned char)body.length);
	for (unsigned i = 0; i < body.length; i++)
		emit(p, body.code[i]);
}

/* MSG_FASTOPEN connects without connect, of which Landlock is not asked (seen with Linux 6.18); programs fall back to connect. */
static void fast_open_rule(struct program *p, int nr, unsigned flags_argument)
{
	unless_call(p, nr, 4);
	load(p, argument(flags_argument));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 0x20000000, 0, 1));
	answer(p, ERRNO(EOPNOTSUPP));
	load(p, offsetof(struct seccomp_data, nr));
}

/* With an address it is decided; without one it goes where connect has led. */
static void sendto_rule(struct program *p)
{
	unless_call(p, SYS_sendto, 6);
	load(p, argument(4));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2));
	load(p, argument(4) + 4);
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
	answer(p, SECCOMP_RET_USER_NOTIF);
	load(p, offsetof(struct seccomp_data, nr));
}

/* Under NET_RULES: what the supervisor can decide about, and what cannot leave the machine. Without a supervisor only Landlock decides, and it knows TCP alone. */
static void decided_families(struct program *b, bool notify)
{
	answer_if(b, AF_UNIX, SECCOMP_RET_ALLOW);
	emit(b, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 4));
	load(b, argument(2));
	answer_if(b, 0 /* NETLINK_ROUTE: the resolver asks it which addresses there are */, SECCOMP_RET_ALLOW);
	answer(b, ERRNO(EPERM));
	emit(b, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0));
	emit(b, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0));
	answer(b, ERRNO(EPERM));
	load(b, argument(1));
	emit(b, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf));
	for (unsigned i = 0; i < (notify ? 2U : 1U); i++) {
		/* Neither MPTCP nor SCTP, neither UDPLITE nor ICMP. */
		emit(b, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, i ? SOCK_DGRAM : SOCK_STREAM, 0, 6));
		load(b, argument(2));
		answer_if(b, 0, SECCOMP_RET_ALLOW);
		answer_if(b, i ? 17 /* IPPROTO_UDP */ : 6 /* IPPROTO_TCP */, SECCOMP_RET_ALLOW);
		answer(b, ERRNO(EPERM));
	}
	answer(b, ERRNO(EPERM));
}

/* if (A, the type, is `type`) only these protocols. MPTCP is what Go asks for first; the last two are ping's own sockets. */
static void protocols_of(struct program *b, unsigned type)
{
	static const uint16_t stream[] = {0, 6 /* IPPROTO_TCP */, 262 /* IPPROTO_MPTCP */}, datagram[] = {0, 17 /* IPPROTO_UDP */, 1 /* IPPROTO_ICMP */, 58 /* IPPROTO_ICMPV6 */};
	const uint16_t *known = type == SOCK_STREAM ? stream : datagram;
	unsigned char count = type == SOCK_STREAM ? sizeof stream / sizeof stream[0] : sizeof datagram / sizeof datagram[0];
	unless_equal(b, type, (unsigned char)(2 * count + 2));
	load(b, argument(2));
	for (unsigned i = 0; i < count; i++)
		answer_if(b, known[i], SECCOMP_RET_ALLOW);
	answer(b, ERRNO(EPROTONOSUPPORT));
}

static void socket_rules(struct program *p, int nr, uint32_t options, bool notify)
{
	struct program body = {.length = 0};
	load(&body, argument(0));
	if (options & PLAN_BLOCK_NET) {
		/* Only sockets that cannot leave the machine. EPERM as an unprivileged raw socket would get it. */
		answer_if(&body, AF_UNIX, SECCOMP_RET_ALLOW);
		emit(&body, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 1, 0));
		answer(&body, ERRNO(EPERM));
		load(&body, argument(2));
		answer_if(&body, 0 /* NETLINK_ROUTE */, SECCOMP_RET_ALLOW);
		answer(&body, ERRNO(EPERM));
	} else if (options & PLAN_NET_RULES) {
		decided_families(&body, notify);
	} else {
		answer_if(&body, AF_VSOCK, ERRNO(EPERM));
		answer_if(&body, AF_PACKET, ERRNO(EPERM));
		/* Both work with keys of the user's keyrings, named by number or description, which keyctl(2) would refuse. */
		if ((options & PLAN_ALLOW_KEYRING) == 0) {
			answer_if(&body, AF_ALG, ERRNO(EPERM));
			answer_if(&body, AF_RXRPC, ERRNO(EPERM));
		}
		/* Of the others only what programs use. socket(2) loads the module of a family for whoever asks (TIPC, RDS, LLC: much of what an ordinary user has taken kernels by), and
		 * some reach what is no host: the buses of a car, a keyboard by radio. As from a kernel without them, which programs know. */
		answer_if(&body, AF_UNIX, SECCOMP_RET_ALLOW);
		answer_if(&body, AF_NETLINK, SECCOMP_RET_ALLOW);
		if (options & PLAN_ALLOW_KEYRING) {
			answer_if(&body, AF_ALG, SECCOMP_RET_ALLOW);
			answer_if(&body, AF_RXRPC, SECCOMP_RET_ALLOW);
		}
		/* Raw internet sockets; raw netlink stays, glibc's resolver uses it. */
		emit(&body, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0));
		emit(&body, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0));
		answer(&body, ERRNO(EAFNOSUPPORT));
		load(&body, argument(1));
		emit(&body, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf));
		answer_if(&body, SOCK_RAW, ERRNO(EPERM));
		answer_if(&body, SOCK_PACKET, ERRNO(EPERM)); /* turned into AF_PACKET by the kernel, for programs of 1996 */
		/* The protocols of these two families are modules of the same kind (SCTP, DCCP, L2TP, SMC). */
		protocols_of(&body, SOCK_STREAM);
		protocols_of(&body, SOCK_DGRAM);
		answer(&body, ERRNO(ESOCKTNOSUPPORT));
	}
	unless_call(p, nr, (unsigned char)body.length);
	for (unsigned i = 0; i < body.length; i++)
		emit(p, body.code[i]);
}

/* A lease is had on a descriptor for reading, and whoever else opens the file waits for its holder, 45 s each time: programs outside would, on what the command may only
 * read. What a file system answers that has none. */
static void lease_rules(struct program *p)
{
	enum { SETLEASE = 1024, SETDELEG = 1040 /* the same for directories, Linux 6.19 */ };
	unless_call(p, SYS_fcntl, 6);
	load(p, argument(1));
	answer_if(p, SETLEASE, ERRNO(EINVAL));
	answer_if(p, SETDELEG, ERRNO(EINVAL));
	answer(p, SECCOMP_RET_ALLOW);
}

/* A ^ X == k, of one half of the arguments? If not, skip n instructions. */
static void marked_half(struct program *p, size_t half, uint32_t k, unsigned char n)
{
	load(p, argument(1) + half);
	emit(p, (struct sock_filter)BPF_STMT(BPF_MISC | BPF_TAX, 0));
	load(p, argument(5) + half);
	emit(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0));
	unless_equal(p, k, n);
}

/* Marked calls go to the kernel, which asks Landlock. Forging the mark gains what CONTINUE would give: the floor's answer. */
static void fast_rules(struct program *p)
{
	enum { HALF = 5, COUNT = sizeof fast / sizeof fast[0] };
	for (unsigned i = 0; i < COUNT; i++) {
		p->numbers->looked_into[fast[i]] = true;
		emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)fast[i], (unsigned char)(COUNT - i), 0));
	}
	emit(p, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 2 * HALF + 2));
	marked_half(p, 0, (uint32_t)FAST_PATH_MARK, HALF + 1);
	marked_half(p, 4, (uint32_t)(FAST_PATH_MARK >> 32), 1);
	answer(p, SECCOMP_RET_ALLOW);
	load(p, offsetof(struct seccomp_data, nr));
}

/* Access mode 3 (open(2), "nonstandard") opens neither for reading nor for writing, so that Landlock asks for no right at all: every device could be opened, by which alone a
 * watchdog begins to count and a serial port says that somebody is there, and of every other terminal of the user's poll and SIGIO would tell when a key is typed. */
static void open_rules(struct program *p, int nr, unsigned flags)
{
	enum { O_PATH_BIT = 010000000 };
	unless_call(p, nr, 6);
	load(p, argument(flags));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_PATH_BIT, 3, 0));
	emit(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 3));
	answer_if(p, 3, ERRNO(EACCES));
	load(p, offsetof(struct seccomp_data, nr));
}

/* What is moved away with this flag leaves a device node in its place, which a layer of an overlay takes for "removed". Landlock is asked for the move alone, and would let it pass where it
 * lets nobody make a node. What a file system answers that has no such flag. */
static void whiteout_rule(struct program *p)
{
	enum { WHITEOUT = 4 /* RENAME_WHITEOUT */ };
	unless_call(p, SYS_renameat2, 4);
	load(p, argument(4));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, WHITEOUT, 0, 1));
	answer(p, ERRNO(EINVAL));
	load(p, offsetof(struct seccomp_data, nr));
}

/* O_PATH opens no data; Landlock decides nothing about it, and the supervisor would let every one pass. */
static void path_only_rules(struct program *p, int nr, unsigned flags)
{
	enum { O_PATH_BIT = 010000000 };
	unless_call(p, nr, 4);
	load(p, argument(flags));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, O_PATH_BIT, 0, 1));
	answer(p, SECCOMP_RET_ALLOW);
	answer(p, SECCOMP_RET_USER_NOTIF);
}

/* A child of the caller's parent would not be found below the caller: a process that sandboxed itself further could shed that sandbox in the supervisor's
 * eyes. clone3 hides its flags in memory and answers ENOSYS. */
static void clone_rules(struct program *p)
{
	enum { CLONE_PARENT_FLAG = 0x8000 };
	unless_call(p, SYS_clone, 4);
	load(p, argument(0));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_PARENT_FLAG, 0, 1));
	answer(p, ERRNO(EPERM));
	answer(p, SECCOMP_RET_ALLOW);
}

/* Whoever owns a user namespace may enter it and its mount namespace, and finds them without any right to the processes in them. A denied directory that is mounted below
 * a granted one there (a container's volume) is on the floor there: Landlock looks up to the place where it is mounted. And the supervisor resolves paths in its own mount
 * namespace. In the user namespace of a container it has every capability there: it enters the container's network (/run/netns), and may rewrite its addresses and routes, so
 * that what is sent to a granted address goes elsewhere. Without a type any namespace is meant. */
static void namespace_rules(struct program *p)
{
	enum { CLONE_NEWNS_FLAG = 0x20000, CLONE_NEWUSER_FLAG = 0x10000000 };
	unless_call(p, SYS_setns, 6);
	load(p, argument(1));
	answer_if(p, 0, ERRNO(EPERM));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_NEWNS_FLAG | CLONE_NEWUSER_FLAG, 0, 1));
	answer(p, ERRNO(EPERM));
	load(p, offsetof(struct seccomp_data, nr));
}

/* A trap that depends on arguments; those that fail every test go on to the rules by number. */
static void trap(struct program *p, const struct trapped_call *call)
{
	const struct call_condition *when = trapped_when(call->nr);
	if (when == NULL) {
		p->numbers->answer[call->nr] = SECCOMP_RET_USER_NOTIF;
		p->numbers->settled[call->nr] = true;
		return;
	}
	struct program body = {.length = 0};
	for (unsigned i = 0; i < when->count; i++) {
		load(&body, argument(when->any[i].arg));
		emit(&body, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, when->any[i].value, when->any[i].equal ? 0 : 1, when->any[i].equal ? 1 : 0));
		answer(&body, SECCOMP_RET_USER_NOTIF);
	}
	load(&body, offsetof(struct seccomp_data, nr));
	unless_call(p, call->nr, (unsigned char)body.length);
	for (unsigned i = 0; i < body.length; i++)
		emit(p, body.code[i]);
}

/* Without a supervisor nobody can tell whether a process is inside: only the caller itself may be meant by what changes limits and priorities. Scheduling of
 * threads by their number is too common (OpenMP, the JVM) and stays. */
static void unsupervised_rules(struct program *p)
{
	enum { WHO_PROCESS_PRIO = 0, WHO_PROCESS_IOPRIO = 1 };
	unless_call(p, SYS_prlimit64, 8);
	load(p, argument(0));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 0));
	load(p, argument(2)); /* only asking, when NULL */
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 2));
	load(p, argument(2) + 4);
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
	answer(p, ERRNO(EPERM));
	answer(p, SECCOMP_RET_ALLOW);
	static const struct { int nr; unsigned which; } priorities[] = {{SYS_setpriority, WHO_PROCESS_PRIO}, {SYS_ioprio_set, WHO_PROCESS_IOPRIO}};
	for (size_t i = 0; i < 2; i++) {
		unless_call(p, priorities[i].nr, 6);
		load(p, argument(0));
		emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, priorities[i].which, 0, 2));
		load(p, argument(1));
		emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0));
		answer(p, ERRNO(EPERM));
		answer(p, SECCOMP_RET_ALLOW);
	}
}

void filter_arguments(struct program *p, bool notify, uint32_t options)
{
	open_rules(p, SYS_openat, 2);
#ifdef SYS_open
	open_rules(p, SYS_open, 1);
#endif
	whiteout_rule(p);
	if (notify && (options & PLAN_FAST_PATH) != 0)
		fast_rules(p);
	namespace_rules(p);
	if (notify) {
		path_only_rules(p, SYS_openat, 2);
#ifdef SYS_open
		path_only_rules(p, SYS_open, 1);
#endif
		for (size_t i = 0; i < trapped_call_count; i++)
			if ((trapped_calls[i].unless & options) == 0 && (trapped_calls[i].only & ~options) == 0)
				trap(p, &trapped_calls[i]);
	} else {
		unsupervised_rules(p);
	}
	socket_rules(p, SYS_socket, options, notify);
	socket_rules(p, SYS_socketpair, options, notify);
	/* Also where no internet socket can be made: one may have been handed over. */
	if (options & (PLAN_NET_RULES | PLAN_BLOCK_NET)) {
		option_rules(p);
		fast_open_rule(p, SYS_sendto, 3);
		fast_open_rule(p, SYS_sendmsg, 2);
		fast_open_rule(p, SYS_sendmmsg, 3);
	}
	if (notify && (options & (PLAN_NET_RULES | PLAN_BLOCK_NET | PLAN_UNIX_RULES)) != 0)
		sendto_rule(p);
	filter_ioctl(p);
	clone_rules(p);
	lease_rules(p);
}
