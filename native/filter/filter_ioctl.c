/* What the filter says to ioctl(2): by its command, and one argument. What the descriptor leads to no filter sees. */
#include "filter/filter_program.h"

#include <errno.h>
#include <sys/syscall.h>

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

void filter_ioctl(struct program *p)
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
