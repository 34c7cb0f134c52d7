/* Attempts by calls that a filter may not know: io_uring, other ABIs, newer numbers; and by filters and sandboxes of one's own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"

/* uring PATH: opens it without a system call that names it. */
static int uring(char **args)
{
	struct io_uring_params p = {0};
	int ring = (int)syscall(425, 4, &p);
	if (!said("io_uring_setup", ring))
		return 1;
	char *sq = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	char *cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_CQ_RING);
	struct io_uring_sqe *sqe = mmap(NULL, p.sq_entries * sizeof *sqe, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	*sqe = (struct io_uring_sqe){.opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (uintptr_t)args[0], .open_flags = O_RDONLY};
	((unsigned *)(sq + p.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned *)(sq + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	said("io_uring_enter", syscall(426, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0));
	struct io_uring_cqe *cqe = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	show(cqe->res);
	return 0;
}

#ifdef __x86_64__
static long int80(long nr, long a, long b, long c)
{
	long ret;
	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory", "r8", "r9", "r10", "r11");
	return ret;
}
#endif

/* i386 PATH: the same calls under their numbers of thirty years ago. */
static int i386(char **args)
{
#ifdef __x86_64__
	char *low = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	strcpy(low, args[0]);
	show((int)int80(5, (long)low, O_RDONLY, 0));
	show((int)int80(295, AT_FDCWD, (long)low, O_RDONLY));
#else
	(void)args;
#endif
	return 0;
}

/* x32 PATH: bit 30 in the number. */
static int x32(char **args)
{
	show((int)syscall(0x40000000 | 2, args[0], O_RDONLY, 0));
	show((int)syscall(0x40000000 | 257, AT_FDCWD, args[0], O_RDONLY, 0));
	show((int)syscall(0x40000000 | 437, AT_FDCWD, args[0], &(uint64_t[3]){0}, 24));
	return 0;
}

/* numbers PATH: every number from 0 to 600, bare and with its upper half set, with a path as first or second argument; in a child each. */
static int numbers(char **args)
{
	static const long never[] = {SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_pause, SYS_vfork, SYS_fork, SYS_clone, SYS_rt_sigsuspend, SYS_unlink, SYS_rmdir, SYS_rename,
	                             SYS_reboot, SYS_vhangup, SYS_sync, SYS_syslog, SYS_wait4, SYS_poll, SYS_ppoll, SYS_select, SYS_pselect6, SYS_futex, SYS_kill, SYS_execve, 435,
	                             SYS_sethostname, SYS_setdomainname, SYS_kexec_load, SYS_swapoff, SYS_acct, SYS_settimeofday, SYS_clock_settime, SYS_adjtimex, SYS_umount2, SYS_chroot};
	for (long nr = 0; nr <= 600; nr++) {
		bool skip = false;
		for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
			skip = skip || never[i] == nr;
		if (skip)
			continue;
		pid_t pid = fork();
		if (pid == 0) {
			ualarm(150000, 0);
			int out = dup(1), null = open("/dev/null", O_RDWR);
			dup2(null, 0);
			(void)out;
			for (int form = 0; form < 4; form++) {
				long a = form & 1 ? AT_FDCWD : (long)args[0], b = form & 1 ? (long)args[0] : O_RDONLY;
				long got = syscall(form & 2 ? nr | 0x100000000L : nr, a, b, 0L, 0L, 0L, 0L);
				if (got > 2 && got < 1024)
					show((int)got);
			}
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	return 0;
}

static struct sock_fprog allow_all(void)
{
	static struct sock_filter code[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	return (struct sock_fprog){.len = 1, .filter = code};
}

/* own-filter PATH: a filter on top that allows, and one that wants to be the listener. */
static int own_filter(char **args)
{
	struct sock_fprog all = allow_all();
	static struct sock_filter notify[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog mine = {.len = 4, .filter = notify};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	said("filter", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &all));
	show(open(args[0], O_RDONLY));
	/* A listener of its own answers CONTINUE to its child. */
	int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &mine);
	if (said("listener", listener)) {
		pid_t pid = fork();
		if (pid == 0) {
			show(open(args[0], O_RDONLY));
			_exit(0);
		}
		struct seccomp_notif n = {0};
		alarm(2);
		while (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) == 0) {
			struct seccomp_notif_resp r = {.id = n.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
			ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
			n = (struct seccomp_notif){0};
		}
	}
	return 0;
}

/* tracer PATH: ptrace one's own child, and let it make the call after the filter looked. */
static int trace_filter(char **args)
{
	static struct sock_filter trace[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog mine = {.len = 4, .filter = trace};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	said("filter", syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &mine));
	show(open(args[0], O_RDONLY));
	return 0;
}

struct ll_attr {
	uint64_t fs, net, scoped;
};

/* nest PATH: layer upon layer of Landlock, reading after each; then in a child that has them all. */
static int nest(char **args)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (int i = 0; i < 20; i++) {
		struct ll_attr attr = {.fs = 1 << 6 /* MAKE_CHAR */};
		int ruleset = (int)syscall(444, &attr, sizeof attr, 0);
		if (!said("landlock_restrict_self", syscall(446, ruleset, 0)))
			break;
		close(ruleset);
		show(open(args[0], O_RDONLY));
	}
	if (fork() == 0) {
		show(open(args[0], O_RDONLY));
		_exit(0);
	}
	wait(NULL);
	return 0;
}

/* unshare-read PATH PLACE: namespaces of one's own, then bind, overlay, tmpfs, proc, pivot_root and chroot. */
static int unshare_read(char **args)
{
	char text[256], path[4096];
	uid_t uid = getuid();
	if (!said("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS)) && !said("unshare mounts", unshare(CLONE_NEWNS)))
		return 1;
	int fd = open("/proc/self/setgroups", O_WRONLY);
	write(fd, "deny", 4);
	fd = open("/proc/self/uid_map", O_WRONLY);
	write(fd, text, (size_t)snprintf(text, sizeof text, "0 %u 1", uid));
	mkdir(args[1], 0755);
	said("private", mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	snprintf(path, sizeof path, "%s/key", args[1]);
	if (said("bind", mount(args[0], args[1], NULL, MS_BIND, NULL)))
		show(open(path, O_RDONLY));
	if (said("tmpfs", mount("none", args[1], "tmpfs", 0, NULL)))
		show(open(path, O_RDONLY));
	snprintf(text, sizeof text, "lowerdir=%s:%s", args[0], "/usr");
	if (said("overlay", mount("overlay", args[1], "overlay", 0, text)))
		show(open(path, O_RDONLY));
	if (said("proc", mount("proc", args[1], "proc", 0, NULL))) {
		snprintf(path, sizeof path, "%s/1/root%s/key", args[1], args[0]);
		show(open(path, O_RDONLY));
	}
	/* The newer calls: a detached tree has no path. */
	int tree = (int)syscall(428, AT_FDCWD, args[0], 1 /* OPEN_TREE_CLONE */ | 0x8000);
	if (said("open_tree", tree)) {
		show(openat(tree, "key", O_RDONLY));
		said("move_mount", syscall(429, tree, "", AT_FDCWD, args[1], 4));
		snprintf(path, sizeof path, "%s/key", args[1]);
		show(open(path, O_RDONLY));
	}
	tree = (int)syscall(467, AT_FDCWD, args[0], 1, NULL, 0);
	if (said("open_tree_attr", tree))
		show(openat(tree, "key", O_RDONLY));
	int fs = (int)syscall(430, "overlay", 0);
	if (said("fsopen", fs)) {
		syscall(431, fs, 1, "lowerdir", args[0], 0);
		syscall(431, fs, 6, NULL, NULL, 0);
		tree = (int)syscall(432, fs, 0, 0);
		show(openat(tree, "key", O_RDONLY));
	}
	said("fspick", syscall(433, AT_FDCWD, "/", 0));
	if (said("chroot", chroot(args[0]))) {
		show(open("/key", O_RDONLY));
	}
	said("pivot_root", syscall(SYS_pivot_root, args[0], args[0]));
	return 0;
}

/* Into a user namespace of one's own, as the same user, and a mount namespace. */
static bool apart(void)
{
	char text[64];
	uid_t uid = getuid();
	gid_t gid = getgid();
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return said("unshare", -1);
	int fd = open("/proc/self/setgroups", O_WRONLY);
	write(fd, "deny", 4);
	close(fd);
	fd = open("/proc/self/uid_map", O_WRONLY);
	write(fd, text, (size_t)snprintf(text, sizeof text, "%u %u 1", uid, uid));
	close(fd);
	fd = open("/proc/self/gid_map", O_WRONLY);
	write(fd, text, (size_t)snprintf(text, sizeof text, "%u %u 1", gid, gid));
	close(fd);
	return true;
}

/* container DIRECTORY PLACE: outside, a process in a mount namespace of its own, where the directory is mounted at the place. Says its pid and waits. */
static int container(char **args)
{
	if (!apart())
		return 1;
	mkdir(args[1], 0755);
	if (mount(args[0], args[1], NULL, MS_BIND, NULL) != 0)
		return !said("bind", -1);
	printf("%d\n", getpid());
	fflush(stdout);
	for (;;)
		pause();
}

/* By the entries of /proc, by a pidfd alone, by the descriptors that a pidfd gives, and from one namespace to the next. */
static void enter_by(int way, pid_t pid)
{
	enum { PIDFD_MNT = 0xff03, PIDFD_USER = 0xff09, NS_NEXT = 0x8010b70b };
	char path[64];
	int pidfd = (int)syscall(434, pid, 0), user = -1, mounts = -1;
	switch (way) {
	case 0:
		snprintf(path, sizeof path, "/proc/%d/ns/user", pid);
		user = open(path, O_RDONLY);
		snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
		mounts = open(path, O_RDONLY);
		break;
	case 1:
		said("setns both", setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS));
		return;
	case 2:
		user = ioctl(pidfd, PIDFD_USER, 0);
		mounts = ioctl(pidfd, PIDFD_MNT, 0);
		break;
	default:
		user = mounts = pidfd;
	}
	said("setns user", setns(user, CLONE_NEWUSER));
	said("setns mounts", setns(mounts, way == 3 ? CLONE_NEWNS : 0));
	if (way == 3)
		return;
	unsigned char info[16] = {16};
	mounts = open("/proc/self/ns/mnt", O_RDONLY);
	for (int i = 0; i < 8 && mounts >= 0; i++) {
		mounts = ioctl(mounts, NS_NEXT, info);
		if (said("next", mounts))
			said("setns next", setns(mounts, CLONE_NEWNS));
	}
}

/* enter-mounts PID PATH: reads the path in the mount namespace of another process. */
static int enter_mounts(char **args)
{
	for (int way = 0; way < 8; way++) {
		pid_t pid = fork();
		if (pid == 0) {
			/* Also from a user namespace of one's own. */
			if (way >= 4)
				apart();
			enter_by(way % 4, (pid_t)atoi(args[0]));
			show(open(args[1], O_RDONLY));
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	return 0;
}

/* copies PATH: what moves data between descriptors or reads a file for another purpose. */
static int copies(char **args)
{
	int path = open(args[0], O_PATH);
	show(path);
	sendfile(1, path, NULL, 4096);
	copy_file_range(path, NULL, 1, NULL, 4096, 0);
	splice(path, NULL, 1, NULL, 4096, 0);
	char *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, path, 0);
	if (p != MAP_FAILED)
		printf("%s\n", p);
	/* Errors of the loader and of #! lines quote what they read. */
	if (fork() == 0) {
		dup2(1, 2);
		execl(args[0], args[0], (char *)NULL);
		_exit(0);
	}
	wait(NULL);
	said("quotactl", syscall(SYS_quotactl, 0x80000200, args[0], 0, 0));
	said("swapon", syscall(SYS_swapon, args[0], 0));
	return 0;
}

static const char *flood_path;
static volatile bool flooding = true;

static void *flood_thread(void *unused)
{
	(void)unused;
	char path[4096];
	for (unsigned i = 0; flooding; i++) {
		show(open(flood_path, O_RDONLY));
		snprintf(path, sizeof path, "%s-%u", flood_path, i);
		close(open(path, O_WRONLY | O_CREAT, 0600));
		mkdir(path, 0700);
	}
	return NULL;
}

/* flood PATH THREADS MS: denied calls as fast as they can be made. */
static int flood(char **args)
{
	flood_path = args[0];
	for (int i = 0; i < atoi(args[1]); i++) {
		pthread_t t;
		pthread_create(&t, NULL, flood_thread, NULL);
	}
	usleep((useconds_t)atoi(args[2]) * 1000);
	flooding = false;
	usleep(50000);
	return 0;
}

/* many PATH COUNT: as many processes, each with a denied call, at once. */
static int many(char **args)
{
	for (int i = 0; i < atoi(args[1]); i++)
		if (fork() == 0) {
			show(open(args[0], O_RDONLY));
			usleep(300000);
			show(open(args[0], O_RDONLY));
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	return 0;
}

/* tty WHAT: pushes a command into the terminal on standard input. */
static int tty(char **args)
{
	const char *text = args[0];
	for (int fd = 0; fd < 3; fd++) {
		for (const char *p = text; *p; p++)
			if (!said("TIOCSTI", syscall(SYS_ioctl, fd, 0x5412, p)))
				break;
		said("TIOCSTI wide", syscall(SYS_ioctl, fd, 0xdead00005412UL, text));
		char sub = 3;
		said("TIOCLINUX", syscall(SYS_ioctl, fd, 0x541c, &sub));
	}
	int own = open("/dev/tty", O_RDWR);
	if (said("/dev/tty", own))
		for (const char *p = text; *p; p++)
			said("TIOCSTI /dev/tty", syscall(SYS_ioctl, own, 0x5412, p));
	return 0;
}

const struct attempt syscall_attempts[] = {
	{"uring", uring, 1}, {"i386", i386, 1}, {"x32", x32, 1}, {"numbers", numbers, 1}, {"own-filter", own_filter, 1}, {"trace-filter", trace_filter, 1},
	{"nest", nest, 1}, {"unshare-read", unshare_read, 2}, {"container", container, 2}, {"enter-mounts", enter_mounts, 2}, {"copies", copies, 1}, {"flood", flood, 3}, {"many", many, 2}, {"tty", tty, 1}, {NULL, NULL, 0},
};
