/* What runs outside the sandbox: fingerprints of what must not change, a victim, services. Descriptor 3 is the log of what happened to them. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <termios.h>
#include <unistd.h>

#include "attempt.h"

static void print_xattrs(const char *path)
{
	char names[4096], value[4096];
	ssize_t n = llistxattr(path, names, sizeof names);
	for (ssize_t at = 0; at < n; at += (ssize_t)strlen(names + at) + 1) {
		ssize_t size = lgetxattr(path, names + at, value, sizeof value);
		printf(" %s=%.*s", names + at, (int)(size > 0 ? size : 0), value);
	}
}

static unsigned long hash_of(const char *path)
{
	unsigned char buffer[4096];
	unsigned long hash = 1469598103934665603UL;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
	ssize_t n;
	while (fd >= 0 && (n = read(fd, buffer, sizeof buffer)) > 0)
		for (ssize_t i = 0; i < n; i++)
			hash = (hash ^ buffer[i]) * 1099511628211UL;
	if (fd >= 0)
		close(fd);
	return hash;
}

/* ctime is in it: it tells of every change of an inode, also of one that was undone. */
static void print_entry(const char *path)
{
	struct stat st;
	unsigned flags = 0;
	if (lstat(path, &st) != 0) {
		printf("%s absent\n", path);
		return;
	}
	bool plain = S_ISREG(st.st_mode) || S_ISDIR(st.st_mode);
	int fd = plain ? open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW) : -1;
	if (fd >= 0) {
		ioctl(fd, FS_IOC_GETFLAGS, &flags);
		close(fd);
	}
	printf("%s ino=%lu mode=%o owner=%u:%u links=%lu size=%ld m=%ld.%ld c=%ld.%ld flags=%x", path, st.st_ino, st.st_mode, st.st_uid, st.st_gid, st.st_nlink,
	       S_ISDIR(st.st_mode) ? 0 : st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec, st.st_ctim.tv_sec, st.st_ctim.tv_nsec, flags & ~0x80000U);
	print_xattrs(path);
	if (S_ISREG(st.st_mode))
		printf(" hash=%lx", hash_of(path));
	putchar('\n');
	if (!S_ISDIR(st.st_mode))
		return;
	struct dirent **entries;
	int n = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char below[4096];
		if (strcmp(entries[i]->d_name, ".") != 0 && strcmp(entries[i]->d_name, "..") != 0) {
			snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
			print_entry(below);
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

static int fingerprint(char **paths)
{
	for (; *paths; paths++)
		print_entry(*paths);
	return 0;
}

static void note(const char *format, ...)
{
	char line[512];
	va_list list;
	va_start(list, format);
	int n = vsnprintf(line, sizeof line - 1, format, list);
	va_end(list);
	line[n < (int)sizeof line - 1 ? n : (int)sizeof line - 2] = '\n';
	write(3, line, (n < (int)sizeof line - 1 ? (size_t)n : sizeof line - 2) + 1);
}

static void ready(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	vprintf(format, list);
	va_end(list);
	putchar('\n');
	fflush(stdout);
}

static void on_signal(int sig)
{
	char text[] = "signal 00\n";
	text[7] = (char)('0' + sig / 10);
	text[8] = (char)('0' + sig % 10);
	write(3, text, sizeof text - 1);
}

char victim_memory[64];

__attribute__((noreturn)) static int victim(char **args)
{
	int fd = open(args[0], O_RDONLY);
	const char *secret = getenv("SECRET_TOKEN");
	snprintf(victim_memory, sizeof victim_memory, "%s", secret ? secret : "");
	for (int sig = 1; sig < 65; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sig != SIGCHLD && sig != SIGPIPE)
			signal(sig, on_signal);
	if (fd < 0)
		perror(args[0]);
	ready("%d", getpid());
	for (;;) {
		usleep(20000);
		if (victim_memory[0] != 'S' && secret != NULL)
			note("its memory was written");
	}
}

/* What a signal has begun and the process not yet finished, on a busy machine: pending, stopped, ending, or ended and not waited for. */
static void print_signalled(pid_t pid)
{
	char path[64], line[256];
	unsigned long long own, shared, pending = 0;
	unsigned flags = 0;
	char state = 'X';
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	FILE *status = fopen(path, "re");
	while (status != NULL && fgets(line, sizeof line, status) != NULL) {
		if (sscanf(line, "SigPnd: %llx", &own) == 1)
			pending |= own;
		if (sscanf(line, "ShdPnd: %llx", &shared) == 1)
			pending |= shared;
	}
	if (status != NULL)
		fclose(status);
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	FILE *stat = fopen(path, "re");
	if (stat != NULL) {
		fscanf(stat, "%*d (%*[^)]) %c %*d %*d %*d %*d %*d %u", &state, &flags);
		fclose(stat);
	}
	bool over = strchr("ZXTt", state) != NULL || (flags & 4 /* PF_EXITING */) != 0;
	printf(" pending %llx %s", pending, over ? "ended or stopped" : "runs");
}

static int victim_state(char **args)
{
	pid_t pid = atoi(args[0]);
	cpu_set_t cpus;
	char path[64], text[64] = "";
	CPU_ZERO(&cpus);
	sched_getaffinity(pid, sizeof cpus, &cpus);
	printf("nice %d policy %d cpus %d io %ld group %d session %d", getpriority(PRIO_PROCESS, (id_t)pid), sched_getscheduler(pid), CPU_COUNT(&cpus),
	       syscall(SYS_ioprio_get, 1, pid), getpgid(pid), getsid(pid));
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit = {0};
		prlimit(pid, (enum __rlimit_resource)i, NULL, &limit);
		printf(" %lx:%lx", limit.rlim_cur, limit.rlim_max);
	}
	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", pid);
	int fd = open(path, O_RDONLY);
	if (fd >= 0) {
		read(fd, text, sizeof text - 1);
		close(fd);
	}
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY);
	char comm[32] = "";
	if (fd >= 0) {
		read(fd, comm, sizeof comm - 1);
		close(fd);
	}
	printf(" oom %s comm %s", text, comm);
	print_signalled(pid);
	printf("\n");
	return 0;
}

static void serve_stream(int fd)
{
	for (;;) {
		char text[256] = "";
		int got = accept(fd, NULL, NULL);
		if (got < 0)
			continue;
		note("a connection");
		send(got, "who?", 4, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct timeval wait = {.tv_usec = 300000};
		setsockopt(got, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
		if (read(got, text, sizeof text - 1) > 0)
			note("said %s", text);
		close(got);
	}
}

static void serve_datagrams(int fd)
{
	for (;;) {
		char text[256] = "";
		if (recv(fd, text, sizeof text - 1, 0) >= 0)
			note("a datagram %s", text);
	}
}

static socklen_t unix_address(struct sockaddr_un *a, const char *name, bool abstract)
{
	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(a->sun_path + (abstract ? 1 : 0), sizeof a->sun_path - 1, "%s", name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name) + 1);
}

/* serve KIND ADDRESS: tcp, udp, tcp6, udp6, mptcp, udplite with an address and a free port; unix, unix-dgram, unix-seqpacket, abstract, abstract-dgram; vsock. */
static int serve(char **args)
{
	const char *kind = args[0], *where = args[1];
	struct sockaddr_storage address = {0};
	socklen_t size = 0;
	int family = AF_INET, type = SOCK_STREAM, protocol = 0;
	if (strstr(kind, "dgram") || strstr(kind, "udp"))
		type = SOCK_DGRAM;
	if (strcmp(kind, "unix-seqpacket") == 0)
		type = SOCK_SEQPACKET;
	if (strcmp(kind, "mptcp") == 0)
		protocol = 262;
	if (strcmp(kind, "udplite") == 0)
		protocol = IPPROTO_UDPLITE;
	if (strcmp(kind, "sctp") == 0)
		protocol = IPPROTO_SCTP;
	if (strncmp(kind, "unix", 4) == 0 || strncmp(kind, "abstract", 8) == 0) {
		family = AF_UNIX;
		size = unix_address((struct sockaddr_un *)&address, where, kind[0] == 'a');
	} else if (strcmp(kind, "vsock") == 0) {
		family = AF_VSOCK;
		*(struct sockaddr_vm *)&address = (struct sockaddr_vm){.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = VMADDR_PORT_ANY};
		size = sizeof(struct sockaddr_vm);
	} else if (kind[strlen(kind) - 1] == '6') {
		family = AF_INET6;
		struct sockaddr_in6 *six = (struct sockaddr_in6 *)&address;
		six->sin6_family = AF_INET6;
		inet_pton(AF_INET6, where, &six->sin6_addr);
		size = sizeof *six;
	} else {
		struct sockaddr_in *four = (struct sockaddr_in *)&address;
		four->sin_family = AF_INET;
		inet_pton(AF_INET, where, &four->sin_addr);
		size = sizeof *four;
	}
	signal(SIGUSR1, on_signal); /* of who found out which process this is */
	int fd = socket(family, type, protocol);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || (type != SOCK_DGRAM && listen(fd, 64) != 0)) {
		perror(kind);
		return 1;
	}
	size = sizeof address;
	getsockname(fd, (struct sockaddr *)&address, &size);
	if (family == AF_UNIX)
		ready("%s", where);
	else if (family == AF_VSOCK)
		ready("%u", ((struct sockaddr_vm *)&address)->svm_port);
	else
		ready("%d", ntohs(((struct sockaddr_in *)&address)->sin_port));
	if (type == SOCK_DGRAM)
		serve_datagrams(fd);
	else
		serve_stream(fd);
	return 0;
}

/* trust-root NAME: a service that does what root says, and nobody else, on a socket that everybody may connect to. */
static int trust_root(char **args)
{
	struct sockaddr_un a;
	struct ucred who;
	socklen_t size = unix_address(&a, args[0], false);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, size) != 0 || chmod(args[0], 0777) != 0 || listen(fd, 64) != 0)
		return 1;
	ready("%s", args[0]);
	for (;;) {
		int got = accept(fd, NULL, NULL);
		size = sizeof who;
		if (got >= 0 && getsockopt(got, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 && who.uid == 0)
			note("root connected");
		close(got);
	}
}

/* Of PATH; or a new socket: "udp", or "tcp:PORT", which has that port of this machine and does not listen. */
static int to_give(const char *what)
{
	int one = 1, fd;
	if (strcmp(what, "udp") == 0)
		return socket(AF_INET, SOCK_DGRAM, 0);
	if (strncmp(what, "tcp:", 4) != 0)
		return open(what, O_RDONLY);
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(what + 4)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) != 0)
		perror(what);
	return fd;
}

/* give PATH SOCKET: hands an open descriptor of PATH, or what else to_give knows, to whoever connects to the socket. */
static int give(char **args)
{
	struct sockaddr_un a;
	int listening = socket(AF_UNIX, SOCK_STREAM, 0);
	bool abstract = args[1][0] == '@';
	if (bind(listening, (struct sockaddr *)&a, unix_address(&a, args[1] + abstract, abstract)) != 0 || listen(listening, 8) != 0) {
		perror(args[1]);
		return 1;
	}
	ready("%s", args[1]);
	for (;;) {
		int to = accept(listening, NULL, NULL);
		int fd = to_give(args[0]);
		char control[CMSG_SPACE(sizeof fd)] = "", word[] = "x";
		struct iovec data = {.iov_base = word, .iov_len = 1};
		struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
		struct cmsghdr *c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(c), &fd, sizeof fd);
		sendmsg(to, &message, 0);
		note("gave a descriptor");
		close(fd);
		close(to);
	}
}

/* call ADDRESS PORT: connects, again and again, until somebody answers; writes down what was said. */
__attribute__((noreturn)) static int call(char **args)
{
	ready("calling");
	for (;;) {
		struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(args[1]))};
		inet_pton(AF_INET, args[0], &a.sin_addr);
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		char text[128] = "";
		if (connect(fd, (struct sockaddr *)&a, sizeof a) == 0 && read(fd, text, sizeof text - 1) > 0)
			note("was answered %s", text);
		close(fd);
		usleep(20000);
	}
}

/* chatter: says the secret to nobody on loopback, again and again. */
__attribute__((noreturn)) static int chatter(char **args)
{
	(void)args;
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const char *secret = getenv("SECRET_TOKEN");
	ready("chatting");
	for (;;) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);
		sendto(fd, secret, strlen(secret), 0, (struct sockaddr *)&a, sizeof a);
		close(fd);
		usleep(20000);
	}
}

static int probe_ipv6(char **args)
{
	(void)args;
	struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	return fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0 ? 0 : 1;
}

static int probe_vsock(char **args)
{
	(void)args;
	struct sockaddr_vm a = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = 1};
	int fd = socket(AF_VSOCK, SOCK_STREAM, 0);
	return fd >= 0 && (connect(fd, (struct sockaddr *)&a, sizeof a) == 0 || errno == ECONNRESET || errno == ECONNREFUSED) ? 0 : 1;
}

/* Another terminal of the user's, in which a password was typed some times; whatever is written to it is heard. */
static int other_terminal(char **args)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;
	const char *name = master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 ? ptsname(master) : NULL;
	struct termios raw;
	char got[512];
	if (name == NULL || (slave = open(name, O_RDWR | O_NOCTTY)) < 0 || tcgetattr(slave, &raw) != 0)
		return 1;
	raw.c_lflag &= ~(tcflag_t)ECHO;
	tcsetattr(slave, TCSANOW, &raw);
	for (int i = 0; i < 20; i++)
		dprintf(master, "%s\n", args[0]);
	printf("%s\n", name);
	fflush(stdout);
	for (ssize_t n; (n = read(master, got, sizeof got)) > 0;)
		dprintf(3, "written to\n");
	return 0;
}

/* keep-attributes PATH…: an attribute for each call that removes one. */
static int keep_attributes(char **args)
{
	static const char *const names[] = {"user.kept", "user.kept-l", "user.kept-f", "user.kept-at"};
	for (; *args != NULL; args++)
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			setxattr(*args, names[i], "x", 1, 0);
	return 0;
}

#define WORDS_MAX 8192

static int answer(char **words)
{
	static const struct attempt asked[] = {{"fingerprint", fingerprint, 1}, {"victim-state", victim_state, 1}, {"keep-attributes", keep_attributes, 1}};
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++)
		if (strcmp(words[0], asked[i].name) == 0)
			return asked[i].run(words + 1);
	return 64;
}

/* answers: questions on standard input, a NUL behind each word and another behind the last; a NUL behind each answer. A process for each question was a sixth of what all attempts took. */
static int answers(char **unused)
{
	static char *words[WORDS_MAX + 1];
	size_t count = 0;
	(void)unused;
	for (;;) {
		char *word = NULL;
		size_t room = 0;
		if (getdelim(&word, &room, 0, stdin) < 0)
			return 0;
		if (word[0] != 0 && count < WORDS_MAX) {
			words[count++] = word;
			continue;
		}
		if (word[0] != 0 || count == 0)
			return 64;
		free(word);
		words[count] = NULL;
		int code = answer(words);
		if (code != 0)
			return code;
		putchar(0);
		fflush(stdout);
		while (count > 0)
			free(words[--count]);
	}
}

const struct attempt outside_attempts[] = {
	{"answers", answers, 0}, {"fingerprint", fingerprint, 1}, {"victim", victim, 1}, {"victim-state", victim_state, 1}, {"serve", serve, 2}, {"trust-root", trust_root, 1},
	{"give", give, 2}, {"call", call, 2}, {"chatter", chatter, 0}, {"other-terminal", other_terminal, 1}, {"probe-ipv6", probe_ipv6, 0}, {"probe-vsock", probe_vsock, 0},
	{"keep-attributes", keep_attributes, 1}, {NULL, NULL, 0},
};
