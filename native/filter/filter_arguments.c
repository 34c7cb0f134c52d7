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

/* if (the call is not `nr`) skip the next n instructions. Every test for a number is made here or in fast_rules, or the number would be answered without it. */
static void unless_call(struct program *p, int nr, unsigned char n)
{
	p->numbers->looked_into[nr] |= !p->numbers->settled[nr];
	unless_equal(p, (unsigned)nr, n);
}

/* Little-endian: the low half of an argument is at its own offset. The kernel looks at no more than these 32 bits of the arguments tested here. */
static size_t argument(unsigned n)
{
	return offsetof(struct seccomp_data, args) + 8 * n;
}

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

/* Commands of ioctl(2) that are refused on every descriptor. */
static const struct {
	uint32_t command;
	unsigned answer;
} refused_commands[] = {
	/* Both push input into a terminal that an outside shell will read (CVE-2017-5226, CVE-2023-28339). */
	{0x5412 /* TIOCSTI */, ERRNO(EPERM)},
	{0x541c /* TIOCLINUX */, ERRNO(EPERM)},
	/* Both stay when the command has ended. Under another line discipline the terminal that `run` was started on neither reads nor writes any more, and taken for one's
	 * own nobody opens it again: neither ssh nor sudo can ask for a password. */
	{0x5423 /* TIOCSETD */, ERRNO(EPERM)},
	{0x540c /* TIOCEXCL */, ERRNO(EPERM)},
	/* Metadata that Landlock does not decide and hardly a program changes: inode flags in their 32-bit form, generations, verity, encryption. All that these ask for is
	 * a descriptor for reading. */
	{0x40046602 /* FS_IOC32_SETFLAGS */, ERRNO(ENOTTY)},
	{0x40087602 /* FS_IOC_SETVERSION */, ERRNO(ENOTTY)},
	{0x40086604 /* EXT4_IOC_SETVERSION */, ERRNO(ENOTTY)},
	{0x40806685 /* FS_IOC_ENABLE_VERITY */, ERRNO(EOPNOTSUPP)},
	{0x800c6613 /* FS_IOC_SET_ENCRYPTION_POLICY */, ERRNO(EOPNOTSUPP)},
	{0xc0406618 /* FS_IOC_REMOVE_ENCRYPTION_KEY: closes the user's own files to everybody */, ERRNO(EOPNOTSUPP)},
	{0xc0406619 /* FS_IOC_REMOVE_ENCRYPTION_KEY_ALL_USERS */, ERRNO(EOPNOTSUPP)},
	{0x40047211 /* FAT_IOCTL_SET_ATTRIBUTES: permissions */, ERRNO(ENOTTY)},
	{0x40088302 /* ZFS_IOC_SETDOSFLAGS: the same of ZFS */, ERRNO(ENOTTY)},
	{0x4004f50d /* F2FS_IOC_SET_PIN_FILE: programs outside can make such a file no longer, nor fill its holes */, ERRNO(EOPNOTSUPP)},
	{0xc0c89425 /* BTRFS_IOC_SET_RECEIVED_SUBVOL */, ERRNO(EPERM)},
	{0xc0c09425 /* BTRFS_IOC_SET_RECEIVED_SUBVOL_32: a 64-bit kernel takes it from everybody */, ERRNO(EPERM)},
	/* Both write the blocks of a file anew, compressed too: what it shared with its copies and snapshots takes room of its own from then on. */
	{0x50009402 /* BTRFS_IOC_DEFRAG */, ERRNO(EPERM)},
	{0x40309410 /* BTRFS_IOC_DEFRAG_RANGE */, ERRNO(EPERM)},
	/* What userfaultfd(2) makes, by /dev/userfaultfd where that is granted: whoever reads such a page waits for its owner, and the supervisor would, for ever. */
	{0x0000aa00 /* USERFAULTFD_IOC_NEW */, ERRNO(EPERM)},
	/* From one mount namespace to all others of this user's, containers among them (Linux 6.12); namespace_rules says what they are kept from. */
	{0x8010b70b /* NS_MNT_GET_NEXT */, ERRNO(EPERM)},
	{0x8010b70c /* NS_MNT_GET_PREV */, ERRNO(EPERM)},
	/* A btrfs snapshot of a granted subvolume would hold copies of the denied files in it, under other names; the rest makes and removes whole trees. */
	{0x50009401 /* BTRFS_IOC_SNAP_CREATE */, ERRNO(EPERM)},
	{0x50009417 /* BTRFS_IOC_SNAP_CREATE_V2 */, ERRNO(EPERM)},
	{0x5000940e /* BTRFS_IOC_SUBVOL_CREATE */, ERRNO(EPERM)},
	{0x50009418 /* BTRFS_IOC_SUBVOL_CREATE_V2 */, ERRNO(EPERM)},
	{0x5000940f /* BTRFS_IOC_SNAP_DESTROY */, ERRNO(EPERM)},
	{0x5000943f /* BTRFS_IOC_SNAP_DESTROY_V2 */, ERRNO(EPERM)},
	{0x4008941a /* BTRFS_IOC_SUBVOL_SETFLAGS */, ERRNO(EPERM)},
	/* By two paths, of which Landlock is asked for neither: a copy of any file there, denied or not. */
	{0x40186f04 /* OCFS2_IOC_REFLINK */, ERRNO(EPERM)},
	/* Where Ceph keeps a file, and all that will be made in a directory: on a descriptor for reading. */
	{0x40289702 /* CEPH_IOC_SET_LAYOUT */, ERRNO(EPERM)},
	{0x40289705 /* CEPH_IOC_SET_LAYOUT_POLICY */, ERRNO(EPERM)},
};

/* All that bcachefs has of its own. A snapshot there is made of any subvolume that a path leads to, and whole ones are removed by their path; Landlock is asked for the new name alone. */
enum { TYPE_MASK = 0xff00, BCACHEFS_TYPE = 0xbc00 };

/* Of the commands from `first` to `last`, those that ask are allowed: the numbers in their lowest byte. */
static void asking_rules(struct program *p, unsigned first, unsigned last, const unsigned char *asks, unsigned char count)
{
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, (unsigned char)(2 * count + 2)));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, (unsigned char)(2 * count + 1), 0));
	for (unsigned i = 0; i < count; i++)
		answer_if(p, (first & TYPE_MASK) | asks[i], SECCOMP_RET_ALLOW);
	answer(p, ERRNO(EPERM));
}

/* Lustre, by commands on a descriptor for reading: directories made (LL_IOC_LMV_SETSTRIPE) and files (HSM_IMPORT), names removed (REMOVE_ENTRY), also by number wherever they lie (RMFID), contents
 * exchanged and moved, leases and locks that other programs wait for. Landlock is asked about none. In every size: they are told apart by type and number. */
static void lustre_rules(struct program *p)
{
	enum { TYPE_AND_NUMBER = 0xffff, FIRST = 0x6696 /* 'f', 150 */, LAST = 0x66ff };
	static const unsigned char asks[] = {150 /* FID2PATH */, 151 /* GETFLAGS */, 155 /* LOV_GETSTRIPE */, 173 /* PATH2FID */, 175 /* GET_MDTIDX */, 211 /* HSM_STATE_GET */,
	                                     218 /* DATA_VERSION */, 220 /* HSM_ACTION */, 241 /* LMV_GETSTRIPE */, 244 /* GET_LEASE */, 248 /* FID2MDTIDX */,
	                                     249 /* GETPARENT */, 250 /* LADVISE */};
	emit(p, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TYPE_AND_NUMBER));
	asking_rules(p, FIRST, LAST, asks, sizeof asks);
}

/* A virtual console (ioctl_console(2)): whoever has it for a controlling terminal turns its keyboard off, its screen to graphics, its keys into others and its letters into other
 * letters, and keeps the machine from switching to the next one. All of that stays when the command has ended, for some of it on every console. What asks is allowed, and a beep. */
static void console_rules(struct program *p, unsigned char of, const unsigned char *asks, unsigned char count)
{
	const unsigned first = (unsigned)of << 8;
	asking_rules(p, first, first | 0xff, asks, count);
}

static void ioctl_rules(struct program *p)
{
	enum { COUNT = sizeof refused_commands / sizeof refused_commands[0], TCXONC_COMMAND = 0x540a, TCOOFF_ACTION = 0 };
	static const unsigned char keys[] = {0x2f /* KIOCSOUND */, 0x30 /* KDMKTONE */, 0x31 /* KDGETLED */, 0x33 /* KDGKBTYPE */, 0x3b /* KDGETMODE */, 0x40 /* GIO_SCRNMAP */,
	                                     0x44 /* KDGKBMODE */, 0x46 /* KDGKBENT */, 0x48 /* KDGKBSENT */, 0x4a /* KDGKBDIACR */, 0x4c /* KDGETKEYCODE */, 0x60 /* GIO_FONT */,
	                                     0x62 /* KDGKBMETA */, 0x64 /* KDGKBLED */, 0x66 /* GIO_UNIMAP */, 0x69 /* GIO_UNISCRNMAP */, 0x6b /* GIO_FONTX */, 0x70 /* GIO_CMAP */,
	                                     0xfa /* KDGKBDIACRUC */};
	static const unsigned char screens[] = {0x00 /* VT_OPENQRY */, 0x01 /* VT_GETMODE */, 0x03 /* VT_GETSTATE */, 0x07 /* VT_WAITACTIVE */, 0x0d /* VT_GETHIFONTMASK */,
	                                        0x0e /* VT_WAITEVENT */};
	struct program body = {.length = 0};
	load(&body, argument(1));
	for (unsigned i = 0; i < COUNT; i++)
		answer_if(&body, refused_commands[i].command, refused_commands[i].answer);
	emit(&body, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, TYPE_MASK));
	answer_if(&body, BCACHEFS_TYPE, ERRNO(EPERM));
	load(&body, argument(1));
	lustre_rules(&body);
	load(&body, argument(1));
	console_rules(&body, 'K', keys, sizeof keys);
	console_rules(&body, 'V', screens, sizeof screens);
	/* tcflow(3): output stopped by this goes on by this alone, and not by Ctrl-Q. */
	emit(&body, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, TCXONC_COMMAND, 0, 3));
	load(&body, argument(2));
	answer_if(&body, TCOOFF_ACTION, ERRNO(EPERM));
	answer(&body, SECCOMP_RET_ALLOW);
	unless_call(p, SYS_ioctl, (unsigned char)body.length);
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
	ioctl_rules(p);
	clone_rules(p);
	lease_rules(p);
}
