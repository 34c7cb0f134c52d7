/* Attempts by rarer calls: descriptors of processes, terminals, leases, the kernel's own interpreters, handles of namespaces, filters that a tracer wants suspended. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/kd.h>
#include <linux/seccomp.h>
#include <linux/vt.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
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
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "attempt.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 4
#endif
enum { NR_PIDFD_OPEN = 434, NR_PIDFD_GETFD = 438, NR_PIDFD_SEND = 424, NR_MEMFD_SECRET = 447 };

/* Everything that a descriptor of a process is good for. */
static void use_pidfd(const char *whose, int fd, bool group)
{
	char what[80];
	if (fd < 0)
		return;
	static const struct {
		const char *name;
		unsigned long command;
	} spaces[] = {{"cgroup", 0xff01}, {"ipc", 0xff02}, {"mnt", 0xff03}, {"net", 0xff04}, {"pid", 0xff05}, {"time", 0xff07}, {"user", 0xff09}, {"uts", 0xff0a}};
	for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++) {
		snprintf(what, sizeof what, "%s: its %s namespace", whose, spaces[i].name);
		int space = ioctl(fd, spaces[i].command, 0);
		if (said(what, space))
			said("  entered", setns(space, 0));
	}
	static const int kinds[] = {CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, 0x02000000, 0x80};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		snprintf(what, sizeof what, "%s: setns %x", whose, (unsigned)kinds[i]);
		said(what, setns(fd, kinds[i]));
	}
	for (int n = 0; n < 12; n++) {
		int got = (int)syscall(NR_PIDFD_GETFD, fd, n, 0);
		if (got >= 0) {
			fprintf(stderr, "%s: pidfd_getfd %d: done\n", whose, n);
			/* The first three are the runner's own: its log would be begun anew. What holds nothing now, as a socket, would never end. */
			if (n > 2) {
				lseek(got, 0, SEEK_SET);
				struct pollfd ready = {.fd = got, .events = POLLIN};
				if (poll(&ready, 1, 200) > 0)
					show(got);
			}
		}
	}
	for (unsigned flags = 0; flags < (group ? 8 : 4); flags = flags == 0 ? 1 : flags << 1) {
		snprintf(what, sizeof what, "%s: pidfd_send_signal, flags %u", whose, flags);
		said(what, syscall(NR_PIDFD_SEND, fd, SIGUSR1, NULL, flags));
	}
}

/* The descriptor of the sender's process that comes with what is said on the socket. */
static int pidfd_of_sender(int sock)
{
	char text[16], control[256];
	struct iovec v = {text, sizeof text};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct timeval wait = {.tv_sec = 1};
	int fd = -1;
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
	if (!said("recvmsg", recvmsg(sock, &m, 0)))
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_PIDFD)
			memcpy(&fd, CMSG_DATA(c), sizeof fd);
	said("SCM_PIDFD", fd);
	return fd;
}

/* pidfds PID NAME: of a process outside by its number, of the caller's parents, of whoever is at the other end of the socket NAME, and as control message. */
static int pidfds(char **args)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	snprintf(to.sun_path, sizeof to.sun_path, "%s", args[1]);
	int sock = socket(AF_UNIX, SOCK_STREAM, 0), peer = -1, sender = -1, on = 1;
	socklen_t size = sizeof peer;
	setsockopt(sock, SOL_SOCKET, SO_PASSPIDFD, &on, sizeof on);
	if (said("connect", connect(sock, (struct sockaddr *)&to, sizeof to))) {
		sender = pidfd_of_sender(sock);
		said("SO_PEERPIDFD", getsockopt(sock, SOL_SOCKET, SO_PEERPIDFD, &peer, &size));
	}
	use_pidfd("the peer", peer, true);
	use_pidfd("the sender", sender, true);
	use_pidfd("by number", (int)syscall(NR_PIDFD_OPEN, atoi(args[0]), 0), true);
	/* The supervisor, the guardian, the host, and what started them have the numbers just below. Those with a filter are the session's own. */
	char path[64], line[256];
	bool outside = getenv("OUTSIDE") != NULL && getenv("OUTSIDE")[0] != 0;
	for (pid_t pid = getppid(), depth = 0; !outside && pid > 1 && depth < 24; pid--, depth++) {
		char whose[32];
		int filtered = 0;
		snprintf(path, sizeof path, "/proc/%d/status", pid);
		FILE *f = fopen(path, "re");
		while (f != NULL && fgets(line, sizeof line, f) != NULL)
			sscanf(line, "Seccomp: %d", &filtered);
		if (f != NULL)
			fclose(f);
		snprintf(whose, sizeof whose, "%d before", depth);
		if (filtered == 0)
			use_pidfd(whose, (int)syscall(NR_PIDFD_OPEN, pid, 0), false); /* their group may be the session's own */
	}
	return 0;
}

/* lease FILE: of every kind, on a descriptor for reading, kept for a while. */
static int lease(char **args)
{
	signal(SIGIO, SIG_IGN);
	int fd = open(args[0], O_RDONLY);
	bool taken = false;
	for (int command = 1024; command <= 1040; command += 16) /* F_SETLEASE, and F_SETDELEG of Linux 6.19 */
		for (int kind = F_RDLCK; !taken && kind <= F_WRLCK; kind++) {
			struct {
				uint32_t flags;
				uint16_t type, pad;
			} deleg = {.type = (uint16_t)(1 - kind)};
			taken = said("lease", command == 1024 ? fcntl(fd, command, 1 - kind) : fcntl(fd, command, &deleg));
		}
	printf("%s\n", taken ? "leased" : "not leased");
	fflush(stdout);
	close(open("leased", O_WRONLY | O_CREAT, 0644));
	usleep(700000);
	return 0;
}

/* lines: what changes a terminal beyond its settings, on the one that standard input is. */
static int lines(char **args)
{
	(void)args;
	static const struct {
		const char *name;
		unsigned long command;
		long value;
		bool pointer;
	} commands[] = {
		{"TIOCEXCL", TIOCEXCL, 0, false}, {"TCXONC", TCXONC, TCOOFF, false},
		{"TIOCSETD", TIOCSETD, 27 /* N_NULL: deaf and dumb */, true}, {"TIOCCONS", TIOCCONS, 0, false}, {"TIOCSCTTY", TIOCSCTTY, 1, false},
		{"TIOCVHANGUP", 0x5437, 0, false}, {"TIOCGPTPEER", TIOCGPTPEER, O_RDWR, false}, {"TIOCSIG", 0x40045436, SIGINT, false},
		{"KDSKBMODE", 0x4B45, 4, false}, {"KDSETMODE", 0x4B3A, 1, false}, {"KDSETLED", 0x4B32, 7, false}, {"VT_ACTIVATE", 0x5606, 2, false},
		{"VT_LOCKSWITCH", 0x560B, 0, false}, {"VT_DISALLOCATE", 0x5608, 0, false}, {"TIOCSSERIAL", 0x541F, 0, true}, {"TIOCPKT", TIOCPKT, 1, true},
	};
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		int value = (int)commands[i].value;
		said(commands[i].name, commands[i].pointer ? ioctl(0, commands[i].command, &value) : ioctl(0, commands[i].command, commands[i].value));
	}
	return 0;
}

/* file-flags leave|look DESCRIPTOR: how the open file behind it is; changed first for whoever shares it. On standard error: standard output may be that file. */
static int file_flags(char **args)
{
	enum { O_ASYNC_BIT = 020000 };
	int fd = atoi(args[1]);
	if (strcmp(args[0], "leave") == 0) {
		said("F_SETFL", fcntl(fd, F_SETFL, (fcntl(fd, F_GETFL) | O_ASYNC_BIT | O_NONBLOCK) ^ O_APPEND));
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_DIRECT); /* terminals have none */
		said("F_SETSIG", fcntl(fd, F_SETSIG, SIGUSR1));
		said("F_SETOWN", fcntl(fd, F_SETOWN, getppid()));
	}
	int flags = fcntl(fd, F_GETFL);
	fprintf(stderr, "file: %s, %s, %s, %s, signal %d, %s\n", (flags & O_ASYNC_BIT) != 0 ? "async" : "plain", (flags & O_APPEND) != 0 ? "append" : "anywhere",
	        (flags & O_NONBLOCK) != 0 ? "hasty" : "waits", (flags & O_DIRECT) != 0 ? "packets" : "bytes", fcntl(fd, F_GETSIG), fcntl(fd, F_GETOWN) != 0 ? "owned" : "nobody's");
	return 0;
}

/* groups GROUP: a group of the session that a terminal is to signal. Stopped, since somebody reads from the terminal in the background as one of it; and ended, since it is in the
 * foreground when the terminal answers with the letter that has become its interrupt character. */
static int groups(char **args)
{
	pid_t group = (pid_t)atol(args[0]), child = fork();
	char byte;
	struct termios before, letters;
	if (child == 0) {
		said("setpgid", setpgid(0, group));
		_exit((int)read(0, &byte, getpgrp() == group));
	}
	usleep(500 * 1000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	signal(SIGTTOU, SIG_IGN);
	tcgetattr(0, &before);
	letters = before;
	letters.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	letters.c_cc[VINTR] = 'c';
	tcsetattr(0, TCSANOW, &letters);
	if (said("tcsetpgrp", tcsetpgrp(0, group)))
		write(0, "\033[c", 3); /* which terminal is this? */
	usleep(500 * 1000);
	tcsetpgrp(0, getpgrp());
	tcsetattr(0, TCSAFLUSH, &before);
	return 0;
}

/* deafen: what makes a virtual console useless beyond the life of the program, on the one that standard input is. */
static int deafen(char **args)
{
	(void)args;
	struct vt_mode process = {.mode = VT_PROCESS, .relsig = SIGUSR1, .acqsig = SIGUSR2};
	said("KDSKBMODE", ioctl(0, KDSKBMODE, 4 /* K_OFF */));
	said("KDSETMODE", ioctl(0, KDSETMODE, KD_GRAPHICS));
	said("VT_SETMODE", ioctl(0, VT_SETMODE, &process));
	return 0;
}

/* console PROGRAM ARGUMENT…: runs it on a virtual console that nobody uses, and says how the console is afterwards. Leaves it as it was. */
static int console(char **args)
{
	int unused = -1, keyboard = -1, screen = -1;
	char path[32];
	struct vt_mode switching = {.mode = -1};
	const struct vt_mode automatic = {.mode = VT_AUTO};
	int any = open("/dev/tty0", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (any < 0 || ioctl(any, VT_OPENQRY, &unused) != 0 || unused < 1)
		return !said("no console", -1);
	snprintf(path, sizeof path, "/dev/tty%d", unused);
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC), before = 3 /* K_UNICODE */;
	ioctl(fd, KDGKBMODE, &before);
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		if (ioctl(fd, TIOCSCTTY, 0) != 0 || dup2(fd, 0) != 0)
			_exit(1);
		execvp(args[0], args);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC); /* what was open before was hung up */
	ioctl(fd, KDGKBMODE, &keyboard);
	ioctl(fd, KDGETMODE, &screen);
	ioctl(fd, VT_GETMODE, &switching);
	printf("keyboard %s, screen %s, switching %s\n", keyboard == before ? "kept" : "changed", screen == KD_TEXT ? "kept" : "changed",
	       switching.mode == VT_AUTO ? "kept" : "changed");
	ioctl(fd, KDSKBMODE, before);
	ioctl(fd, KDSETMODE, KD_TEXT);
	ioctl(fd, VT_SETMODE, &automatic);
	return 0;
}

/* interpreters PROGRAM FILE: the kernel's own list of interpreters (binfmt_misc), which user namespaces have since Linux 6.7. */
static int interpreters(char **args)
{
	static const char *const places[] = {"/proc/sys/fs/binfmt_misc/register", "mine/register"};
	char rule[512], text[64];
	uid_t uid = getuid();
	gid_t gid = getgid();
	/* Before anything else: registered in the first namespace, it would be the whole machine's. */
	if (!said("unshare", unshare(CLONE_NEWUSER | CLONE_NEWNS)))
		return 1;
	int fd = open("/proc/self/setgroups", O_WRONLY);
	write(fd, "deny", 4);
	fd = open("/proc/self/uid_map", O_WRONLY);
	write(fd, text, (size_t)snprintf(text, sizeof text, "0 %u 1", uid));
	fd = open("/proc/self/gid_map", O_WRONLY);
	write(fd, text, (size_t)snprintf(text, sizeof text, "0 %u 1", gid));
	close(fd);
	mkdir("mine", 0755);
	said("mount binfmt_misc", mount("binfmt_misc", "mine", "binfmt_misc", 0, NULL));
	snprintf(rule, sizeof rule, ":nono-escape:M::nonoescape::%s:F", args[0]);
	for (size_t i = 0; i < 2; i++) {
		fd = open(places[i], O_WRONLY);
		if (said(places[i], fd))
			said("register", write(fd, rule, strlen(rule)));
		close(fd);
	}
	/* The interpreter's first argument is the name of what it interprets. */
	fd = open("as-owner", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	write(fd, "nonoescape\n", 11);
	close(fd);
	execl("as-owner", "as-owner", args[1], (char *)NULL);
	return !said("execve", -1);
}

static void read_in_child(const char *path, int options)
{
	pid_t pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		show(open(path, O_RDONLY));
		_exit(0);
	}
	int status;
	waitpid(pid, &status, 0);
	said("options", ptrace(PTRACE_SETOPTIONS, pid, 0, options));
	for (int i = 0; i < 4000 && !WIFEXITED(status) && !WIFSIGNALED(status); i++) {
		ptrace((options & PTRACE_O_TRACESYSGOOD) != 0 ? PTRACE_SYSCALL : PTRACE_CONT, pid, 0, 0);
		if (waitpid(pid, &status, 0) < 0)
			break;
	}
}

/* suspended PATH: filters that a tracer wants to have suspended, answered by a tracer, told by a listener of one's own to go on, read back, and dropped. */
static int suspended(char **args)
{
	static const unsigned answers[] = {SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_USER_NOTIF};
	read_in_child(args[0], PTRACE_O_SUSPEND_SECCOMP);
	read_in_child(args[0], PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (size_t i = 0; i < 3; i++)
		for (unsigned flags = 0; flags < 256; flags = flags == 0 ? 1 : flags << 1) {
			pid_t pid = fork();
			if (pid == 0) {
				struct sock_filter mine[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
				                             BPF_STMT(BPF_RET | BPF_K, answers[i]), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
				struct sock_fprog p = {.len = 4, .filter = mine};
				alarm(1);
				if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &p) == 0)
					show(open(args[0], O_RDONLY));
				_exit(0); /* a listener of one's own: own-filter */
			}
			waitpid(pid, NULL, 0);
		}
	show(open(args[0], O_RDONLY));
	return 0;
}

/* handles PATH: of a file, of a namespace and of a process, opened again. */
static int handles(char **args)
{
	static const char *const of[] = {"/proc/self/ns/mnt", "/proc/self/ns/user", "/proc/self/ns/pid"};
	struct {
		struct file_handle h;
		unsigned char bytes[128];
	} handle;
	int mount_id, root = open("/", O_RDONLY | O_DIRECTORY);
	int pidfd = (int)syscall(NR_PIDFD_OPEN, getpid(), 0);
	for (unsigned flags = 0; flags < 3; flags++) {
		handle.h.handle_bytes = sizeof handle.bytes;
		if (said("name_to_handle_at", syscall(SYS_name_to_handle_at, AT_FDCWD, args[0], &handle, &mount_id, flags == 2 ? 0x200 : flags == 1 ? 0x001 : 0)))
			for (int at = 0; at < 3; at++) {
				static const int wide[] = {-10002 /* FD_PIDFS_ROOT */, -10003 /* FD_NSFS_ROOT */};
				show((int)syscall(SYS_open_by_handle_at, at == 2 ? root : wide[at], &handle, O_RDONLY));
			}
	}
	for (int i = 0; i < 4; i++) {
		int fd = i < 3 ? open(of[i], O_RDONLY) : pidfd;
		handle.h.handle_bytes = sizeof handle.bytes;
		if (!said("handle of one's own", syscall(SYS_name_to_handle_at, fd, "", &handle, &mount_id, AT_EMPTY_PATH)))
			continue;
		/* Those of others have lower numbers: an inode number is all that such a handle holds. */
		uint64_t *id = (uint64_t *)(void *)handle.h.f_handle, first = *id;
		for (uint64_t back = 0; back < 64 && back <= first; back++) {
			*id = first - back;
			int got = (int)syscall(SYS_open_by_handle_at, i < 3 ? -10003 : -10002, &handle, O_RDONLY);
			if (got >= 0 && i == 3)
				use_pidfd("by handle", got, false);
			else if (got >= 0)
				setns(got, 0);
			if (got >= 0)
				close(got);
		}
		show(open(args[0], O_RDONLY));
	}
	return 0;
}

/* newest PATH: calls of the last years that show or change what lies at a path. */
static int newest(char **args)
{
	struct {
		uint32_t size, mnt_ns_fd;
		uint64_t mnt_id, param, ns;
	} req = {.size = 24, .mnt_id = UINT64_MAX};
	uint64_t ids[256];
	static char text[8192];
	long n = syscall(458, &req, ids, 256, 0);
	said("listmount", n);
	for (long i = 0; i < n; i++) {
		req.mnt_id = ids[i];
		req.param = 0x3f;
		syscall(457, &req, text, sizeof text, 0);
	}
	struct {
		uint64_t set, clear, propagation, ns;
	} attr = {.set = 1 /* read-only */};
	int tree = (int)syscall(428, AT_FDCWD, args[0], 1 /* OPEN_TREE_CLONE */ | 0x80000 | 0x8000);
	if (said("open_tree", tree))
		show(openat(tree, "", O_RDONLY));
	tree = (int)syscall(467, AT_FDCWD, args[0], 1 | 0x80000, &attr, sizeof attr);
	if (said("open_tree_attr", tree))
		show(openat(tree, "", O_RDONLY));
	said("mount_setattr", syscall(442, AT_FDCWD, "/", 0, &attr, sizeof attr));
	int context = (int)syscall(430, "tmpfs", 0);
	said("fsopen", context);
	said("fsconfig", syscall(431, context, 6, NULL, NULL, 0));
	said("fspick", syscall(433, AT_FDCWD, "/", 0));
	struct {
		uint64_t xflags;
		uint32_t extsize, nextents, projid, cowextsize;
	} fa = {0};
	said("file_getattr", syscall(468, AT_FDCWD, args[0], &fa, sizeof fa, 0));
	fa.xflags ^= 0x80 /* no dump */;
	said("file_setattr", syscall(469, AT_FDCWD, args[0], &fa, sizeof fa, 0));
	struct {
		uint64_t value;
		uint32_t size, flags;
	} x = {(uintptr_t) "evil", 4, 0};
	said("setxattrat", syscall(463, AT_FDCWD, args[0], 0, "user.evil", &x, sizeof x));
	said("listns", syscall(470, NULL, ids, 8, 0));
	show((int)syscall(NR_MEMFD_SECRET, 0));
	return 0;
}

/* hide-name PATH: the name of the call in memory that nobody else can read, and a process that says it is another program. */
static int hide_name(char **args)
{
	int fd = (int)syscall(NR_MEMFD_SECRET, 0);
	ftruncate(fd, 4096);
	char *p = fd >= 0 ? mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
	if (said("memfd_secret", p == MAP_FAILED ? -1 : 0)) {
		snprintf(p, 4096, "%s", args[0]);
		show((int)syscall(SYS_openat, AT_FDCWD, p, O_RDONLY));
		said("chmod", syscall(SYS_fchmodat, AT_FDCWD, p, 0777));
	}
	for (int option = 1; option < 16; option++)
		prctl(PR_SET_MM, option, (unsigned long)args[0], 0, 0);
	int self = open("/proc/self/exe", O_RDONLY);
	said("PR_SET_MM_EXE_FILE", prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, self, 0, 0));
	prctl(PR_SET_NAME, "nono-launch", 0, 0, 0);
	said("PR_SET_IO_FLUSHER", prctl(57, 1, 0, 0, 0));
	said("PR_SCHED_CORE", prctl(62, 2 /* SHARE_TO */, getppid(), 1, 0));
	show(open(args[0], O_RDONLY));
	/* Landlock's own flags: what is logged, and (from ABI 8) for all threads. */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	for (unsigned flags = 1; flags < 32; flags <<= 1) {
		said("landlock_restrict_self", syscall(446, -1, flags));
		show(open(args[0], O_RDONLY));
	}
	return 0;
}

static char twin[4096];
static const char *other_twin;

static void become_other(int sig)
{
	(void)sig;
	snprintf(twin, sizeof twin, "%s", other_twin);
}

/* twins FIRST SECOND GO: the name of a waiting call changes in the handler of a signal, after which the kernel makes the call again; once GO is there. */
static int twins(char **args)
{
	struct sigaction restart = {.sa_handler = become_other, .sa_flags = SA_RESTART};
	pid_t self = getpid();
	snprintf(twin, sizeof twin, "%s", args[0]);
	other_twin = args[1];
	sigaction(SIGUSR1, &restart, NULL);
	if (fork() == 0) {
		while (access(args[2], F_OK) != 0)
			usleep(20000);
		kill(self, SIGUSR1);
		_exit(0);
	}
	show((int)syscall(SYS_openat, AT_FDCWD, twin, O_RDONLY));
	return 0;
}

/* moments PATH: a time namespace whose clocks are years ahead, and clocks that are set. */
static int moments(char **args)
{
	struct timeval when = {.tv_sec = 1};
	struct timespec at = {.tv_sec = 1};
	said("settimeofday", settimeofday(&when, NULL));
	said("clock_settime", syscall(SYS_clock_settime, 0, &at));
	said("clock_settime monotonic", syscall(SYS_clock_settime, 1, &at));
	if (said("unshare", unshare(CLONE_NEWUSER | 0x80))) {
		int fd = open("/proc/self/timens_offsets", O_WRONLY);
		said("offsets", dprintf(fd, "monotonic 100000000 0\nboottime 100000000 0\n"));
		if (fork() == 0) {
			show(open(args[0], O_RDONLY));
			_exit(0);
		}
		wait(NULL);
	}
	show(open(args[0], O_RDONLY));
	return 0;
}

static int loopback(int sock, unsigned long command, short *flags)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = *flags};
	int result = ioctl(sock, command, &r);
	*flags = r.ifr_flags;
	return result;
}

/* container-network: outside, a process in a user and a network namespace of its own. Says its pid, and writes down when its interface was changed. */
static int container_network(char **args)
{
	short flags = 0;
	(void)args;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return !said("unshare", -1);
	int sock = socket(AF_INET, SOCK_DGRAM, 0);
	printf("%d\n", getpid());
	fflush(stdout);
	for (bool told = false;; usleep(20000))
		if (!told && loopback(sock, SIOCGIFFLAGS, &flags) == 0 && (flags & IFF_UP) != 0)
			told = dprintf(3, "its interface was changed\n") > 0;
}

/* enter-network PATH: changes the interface of the network namespace that lies at the path. */
static int enter_network(char **args)
{
	enum { NS_USER = 0xb701 };
	int net = open(args[0], O_RDONLY);
	short flags = IFF_UP;
	said("open", net);
	said("setns user", setns(ioctl(net, NS_USER), CLONE_NEWUSER));
	said("setns network", setns(net, CLONE_NEWNET));
	said("up", loopback(socket(AF_INET, SOCK_DGRAM, 0), SIOCSIFFLAGS, &flags));
	return 0;
}

const struct attempt further_attempts[] = {
	{"pidfds", pidfds, 2}, {"lease", lease, 1}, {"lines", lines, 0}, {"file-flags", file_flags, 2}, {"groups", groups, 1}, {"deafen", deafen, 0}, {"console", console, 1}, {"interpreters", interpreters, 2}, {"suspended", suspended, 1},
	{"handles", handles, 1}, {"newest", newest, 1}, {"hide-name", hide_name, 1}, {"twins", twins, 3}, {"moments", moments, 1},
	{"container-network", container_network, 0}, {"enter-network", enter_network, 1}, {NULL, NULL, 0},
};
