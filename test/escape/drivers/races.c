/* Attempts to change something between the look and the act. Each runs for the milliseconds it is given and prints the secret when it got it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attempt.h"

/* Every store of a racing thread happens, in this order. */
#define DONE __asm__ volatile("" ::: "memory")

static volatile bool over;
static char *text_a, *text_b, *shared;
static size_t text_size;

static void leak_if_secret(int fd)
{
	char buffer[4096];
	if (fd < 0)
		return;
	ssize_t n = read(fd, buffer, sizeof buffer - 1);
	close(fd);
	if (n <= 0)
		return;
	buffer[n] = 0;
	if (strstr(buffer, "SECRET-") == NULL)
		return;
	printf("\n%s\n", buffer);
	fflush(stdout);
	over = true;
}

static void *flip_text(void *unused)
{
	(void)unused;
	while (!over) {
		memcpy(shared, text_a, text_size);
		DONE;
		memcpy(shared, text_b, text_size);
		DONE;
	}
	return NULL;
}

/* The supervisor performs these, on the floor too. */
static int by_openat2(int dir, const char *path)
{
	const struct open_how reading = {.flags = O_RDONLY};
	return (int)syscall(SYS_openat2, dir, path, &reading, sizeof reading);
}

static long stop_at;
static bool going(void)
{
	return !over && now() < stop_at;
}
static void begin(const char *ms)
{
	stop_at = now() + atol(ms);
}

/* race-text GOOD BAD MS: another thread rewrites the name that an open was given. Control: BAD is opened when it wins. */
static int race_text(char **args)
{
	pthread_t thread;
	text_size = (strlen(args[0]) > strlen(args[1]) ? strlen(args[0]) : strlen(args[1])) + 1;
	text_a = calloc(1, text_size);
	text_b = calloc(1, text_size);
	shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(text_a, args[0]);
	strcpy(text_b, args[1]);
	begin(args[2]);
	pthread_create(&thread, NULL, flip_text, NULL);
	while (going()) {
		leak_if_secret((int)syscall(SYS_openat, AT_FDCWD, shared, O_RDONLY, 0));
		leak_if_secret(by_openat2(AT_FDCWD, shared));
#ifdef SYS_open
		leak_if_secret((int)syscall(SYS_open, shared, O_RDONLY, 0));
#endif
	}
	over = true;
	return 0;
}

/* race-parent GOOD BAD MS: the same, by the parent of the process that opens, into memory that nobody shares; the name ends where its page does. */
static int race_parent(char **args)
{
	enum { PAGE = 4096 };
	size_t a = strlen(args[0]), b = strlen(args[1]), size = (a > b ? a : b) + 1;
	char *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *name = pages + PAGE - size;
	munmap(pages + PAGE, PAGE);
	strcpy(name, args[0]);
	text_a = calloc(2, size);
	text_b = text_a + size;
	strcpy(text_a, args[0]);
	strcpy(text_b, args[1]);
	begin(args[2]);
	pid_t child = fork();
	while (child == 0 && going()) {
		leak_if_secret((int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY, 0));
#ifdef SYS_open
		leak_if_secret((int)syscall(SYS_open, name, O_RDONLY, 0));
#endif
	}
	if (child == 0)
		_exit(0);
	struct iovec there = {.iov_base = name, .iov_len = size}, good = {.iov_base = text_a, .iov_len = size}, bad = {.iov_base = text_b, .iov_len = size};
	while (process_vm_writev(child, &bad, 1, &there, 1, 0) > 0 && process_vm_writev(child, &good, 1, &there, 1, 0) > 0 && waitpid(child, NULL, WNOHANG) == 0)
		continue;
	kill(child, SIGKILL);
	return 0;
}

static struct open_how *how;

static void *flip_flags(void *unused)
{
	(void)unused;
	while (!over) {
		how->flags = O_PATH;
		DONE;
		how->flags = O_RDONLY;
		DONE;
	}
	return NULL;
}

/* race-flags PATH MS: openat2's structure says O_PATH at one moment and O_RDONLY at the next. */
static int race_flags(char **args)
{
	pthread_t thread;
	how = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	begin(args[1]);
	pthread_create(&thread, NULL, flip_flags, NULL);
	while (going())
		leak_if_secret((int)syscall(SYS_openat2, AT_FDCWD, args[0], how, sizeof *how));
	over = true;
	return 0;
}

static void *flip_write_flags(void *unused)
{
	(void)unused;
	while (!over) {
		how->flags = O_RDONLY;
		DONE;
		how->flags = O_RDONLY | O_TRUNC;
		DONE;
		how->flags = O_WRONLY;
		DONE;
	}
	return NULL;
}

/* race-write PATH MS: the same towards writing. */
static int race_write(char **args)
{
	pthread_t thread;
	how = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	begin(args[1]);
	pthread_create(&thread, NULL, flip_write_flags, NULL);
	while (going()) {
		int fd = (int)syscall(SYS_openat2, AT_FDCWD, args[0], how, sizeof *how);
		if (fd >= 0) {
			write(fd, "overwritten", 11);
			close(fd);
		}
	}
	over = true;
	return 0;
}

static const char *link_path, *target_a, *target_b;

static void *flip_link(void *unused)
{
	char next[4096];
	(void)unused;
	snprintf(next, sizeof next, "%s.next", link_path);
	while (!over)
		for (int i = 0; i < 2; i++) {
			unlink(next);
			symlink(i ? target_a : target_b, next);
			rename(next, link_path);
		}
	return NULL;
}

/* race-link LINK GOOD BAD BELOW MS [write]: LINK points to GOOD and BAD in turn; LINK followed by BELOW ("" for nothing) is read, or written. */
static int race_link(char **args)
{
	pthread_t thread;
	char path[4096], bytes[64];
	link_path = args[0];
	target_a = args[1];
	target_b = args[2];
	snprintf(path, sizeof path, "%s%s", args[0], args[3]);
	begin(args[4]);
	pthread_create(&thread, NULL, flip_link, NULL);
	while (going()) {
		if (args[5] == NULL) {
			leak_if_secret(open(path, O_RDONLY));
			leak_if_secret(by_openat2(AT_FDCWD, path));
			continue;
		}
		int fd = open(path, O_WRONLY | O_CREAT, 0600);
		if (fd >= 0) {
			/* Only what is not the good file is worth overwriting: the host looks at the bad one. */
			snprintf(bytes, sizeof bytes, "overwritten\n");
			write(fd, bytes, strlen(bytes));
			close(fd);
		}
	}
	over = true;
	pthread_join(thread, NULL);
	return 0;
}

static void *flip_directories(void *unused)
{
	(void)unused;
	while (!over)
		syscall(SYS_renameat2, AT_FDCWD, target_a, AT_FDCWD, target_b, 2);
	return NULL;
}

/* race-directories ONE OTHER BELOW MS: two directories change places while ONE/BELOW is opened. */
static int race_directories(char **args)
{
	pthread_t thread;
	char path[4096];
	target_a = args[0];
	target_b = args[1];
	snprintf(path, sizeof path, "%s/%s", args[0], args[2]);
	begin(args[3]);
	pthread_create(&thread, NULL, flip_directories, NULL);
	while (going()) {
		leak_if_secret(open(path, O_RDONLY));
		leak_if_secret(by_openat2(AT_FDCWD, path));
	}
	over = true;
	return 0;
}

/* race-bind LINK GOOD BAD MS: sockets are bound below LINK, which points to GOOD and to BAD, where GOOD holds BAD. */
static int race_bind(char **args)
{
	pthread_t thread[3];
	char other[4096];
	snprintf(other, sizeof other, "%s.other", args[0]);
	target_a = args[0];
	target_b = other;
	symlink(args[1], target_a);
	symlink(args[2], target_b);
	begin(args[3]);
	for (int i = 0; i < 3; i++)
		pthread_create(&thread[i], NULL, flip_directories, NULL);
	for (unsigned i = 0; going(); i++) {
		struct sockaddr_un un = {.sun_family = AF_UNIX};
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);
		snprintf(un.sun_path, sizeof un.sun_path, "%s/bound%u", args[0], i % 64);
		if (bind(fd, (struct sockaddr *)&un, sizeof un) == 0 || i % 64 == 63)
			unlink(un.sun_path);
		close(fd);
	}
	over = true;
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	return 0;
}

static int dir_good, dir_bad, dir_shared;

static void *flip_descriptor(void *unused)
{
	(void)unused;
	while (!over) {
		dup2(dir_good, dir_shared);
		dup2(dir_bad, dir_shared);
	}
	return NULL;
}

/* race-dirfd GOOD BAD NAME MS: the number of a directory descriptor means another directory from one moment to the next. */
static int race_dirfd(char **args)
{
	pthread_t thread;
	dir_good = open(args[0], O_PATH | O_DIRECTORY);
	dir_bad = open(args[1], O_PATH | O_DIRECTORY);
	dir_shared = dup(dir_good);
	begin(args[3]);
	pthread_create(&thread, NULL, flip_descriptor, NULL);
	while (going()) {
		leak_if_secret(openat(dir_shared, args[2], O_RDONLY));
		leak_if_secret(by_openat2(dir_shared, args[2]));
		char link[64];
		snprintf(link, sizeof link, "/proc/self/fd/%d/%s", dir_shared, args[2]);
		leak_if_secret(open(link, O_RDONLY));
		leak_if_secret(by_openat2(AT_FDCWD, link));
		unlinkat(dir_shared, "never", 0);
	}
	over = true;
	return 0;
}

static void *flip_directory(void *unused)
{
	(void)unused;
	while (!over) {
		fchdir(dir_good);
		fchdir(dir_bad);
	}
	return NULL;
}

/* race-cwd GOOD BAD NAME MS: the working directory changes under a relative open. */
static int race_cwd(char **args)
{
	pthread_t thread;
	dir_good = open(args[0], O_PATH | O_DIRECTORY);
	dir_bad = open(args[1], O_PATH | O_DIRECTORY);
	begin(args[3]);
	pthread_create(&thread, NULL, flip_directory, NULL);
	while (going()) {
		leak_if_secret(open(args[2], O_RDONLY));
		leak_if_secret(by_openat2(AT_FDCWD, args[2]));
	}
	over = true;
	return 0;
}

/* race-names GOOD BAD MS: unlink, rename, mkdir, chmod and truncate by a text that another thread rewrites; GOOD is a granted file, BAD a denied one. */
static int race_names(char **args)
{
	pthread_t thread;
	text_size = (strlen(args[0]) > strlen(args[1]) ? strlen(args[0]) : strlen(args[1])) + 1;
	text_a = calloc(1, text_size);
	text_b = calloc(1, text_size);
	shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	strcpy(text_a, args[0]);
	strcpy(text_b, args[1]);
	begin(args[2]);
	pthread_create(&thread, NULL, flip_text, NULL);
	while (going()) {
		fchmodat(AT_FDCWD, shared, 0640, 0);
		fchownat(AT_FDCWD, shared, getuid(), getgid(), 0);
		utimensat(AT_FDCWD, shared, NULL, 0);
		truncate(shared, 3);
		linkat(AT_FDCWD, shared, AT_FDCWD, "raced-link", 0);
		leak_if_secret(open("raced-link", O_RDONLY));
		unlink("raced-link");
		rename(shared, "raced");
		leak_if_secret(open("raced", O_RDONLY));
		rename("raced", args[0]);
		close(open(args[0], O_WRONLY | O_CREAT, 0600));
	}
	over = true;
	return 0;
}

/* race-exec GOOD BAD MS: the program that execve was told is another one when it starts. */
static int race_exec(char **args)
{
	pthread_t thread;
	char name[] = "raced-program";
	link_path = name;
	target_a = args[0];
	target_b = args[1];
	begin(args[2]);
	pthread_create(&thread, NULL, flip_link, NULL);
	while (going()) {
		pid_t pid = fork();
		if (pid == 0) {
			/* Close to a race of its own: the child has no thread that flips, the parent's does it for both. */
			execl(name, name, (char *)NULL);
			_exit(127);
		}
		waitpid(pid, NULL, 0);
	}
	over = true;
	pthread_join(thread, NULL);
	return 0;
}

static struct sockaddr_storage *address;
static struct sockaddr_storage address_a, address_b;
static socklen_t address_size;

static void *flip_address(void *unused)
{
	(void)unused;
	while (!over) {
		memcpy(address, &address_a, address_size);
		DONE;
		memcpy(address, &address_b, address_size);
		DONE;
	}
	return NULL;
}

/* race-address KIND GOOD BAD MS: KIND unix, unix-dgram (paths) or tcp, udp (ports on loopback); the address changes under connect and sendto. */
static int race_address(char **args)
{
	pthread_t thread;
	bool local = strncmp(args[0], "unix", 4) == 0, datagram = strstr(args[0], "dgram") != NULL || strcmp(args[0], "udp") == 0;
	for (int i = 0; i < 2; i++) {
		struct sockaddr_storage *to = i ? &address_b : &address_a;
		if (local) {
			struct sockaddr_un *un = (struct sockaddr_un *)to;
			un->sun_family = AF_UNIX;
			snprintf(un->sun_path, sizeof un->sun_path, "%s", args[1 + i]);
			address_size = sizeof *un;
		} else {
			struct sockaddr_in *in = (struct sockaddr_in *)to;
			*in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(args[1 + i])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
			address_size = sizeof *in;
		}
	}
	address = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	begin(args[3]);
	pthread_create(&thread, NULL, flip_address, NULL);
	while (going()) {
		int fd = socket(local ? AF_UNIX : AF_INET, datagram ? SOCK_DGRAM : SOCK_STREAM, 0);
		if (datagram) {
			sendto(fd, "raced", 5, MSG_DONTWAIT, (struct sockaddr *)address, address_size);
			struct iovec data = {.iov_base = "raced", .iov_len = 5};
			struct msghdr m = {.msg_name = address, .msg_namelen = address_size, .msg_iov = &data, .msg_iovlen = 1};
			sendmsg(fd, &m, MSG_DONTWAIT);
		}
		if (connect(fd, (struct sockaddr *)address, address_size) == 0)
			send(fd, "raced", 5, MSG_DONTWAIT);
		close(fd);
	}
	over = true;
	return 0;
}

static int socket_good, socket_bad;

static void *flip_socket(void *unused)
{
	(void)unused;
	while (!over) {
		dup2(socket_good, dir_shared);
		dup2(socket_bad, dir_shared);
	}
	return NULL;
}

/* race-socket GOOD BAD MS: the descriptor number is another socket, already bound elsewhere, when the call acts; only that nothing arrives at BAD is looked at. */
static int race_socket(char **args)
{
	pthread_t thread;
	struct sockaddr_un a = {.sun_family = AF_UNIX}, b = {.sun_family = AF_UNIX};
	snprintf(a.sun_path, sizeof a.sun_path, "%s", args[0]);
	snprintf(b.sun_path, sizeof b.sun_path, "%s", args[1]);
	begin(args[2]);
	dir_shared = dup(0);
	socket_good = socket(AF_UNIX, SOCK_DGRAM, 0);
	socket_bad = socket(AF_INET, SOCK_DGRAM, 0);
	pthread_create(&thread, NULL, flip_socket, NULL);
	while (going()) {
		connect(dir_shared, (struct sockaddr *)&a, sizeof a);
		connect(dir_shared, (struct sockaddr *)&b, sizeof b);
		send(dir_shared, "raced", 5, MSG_DONTWAIT);
		sendto(dir_shared, "raced", 5, MSG_DONTWAIT, (struct sockaddr *)&b, sizeof b);
	}
	over = true;
	return 0;
}

static void ignore(int sig)
{
	(void)sig;
}

/* race-signals DIRECTORY MS: signals all the time while names are made; prints how many calls failed in a way that the kernel does not know. */
static int race_signals(char **args)
{
	char path[4096];
	unsigned odd = 0, repeated = 0;
	struct sigaction act = {.sa_handler = ignore, .sa_flags = SA_RESTART};
	sigaction(SIGALRM, &act, NULL);
	ualarm(200, 200);
	begin(args[1]);
	for (unsigned i = 0; going(); i++) {
		snprintf(path, sizeof path, "%s/d%u", args[0], i);
		if (mkdir(path, 0700) != 0) {
			repeated += errno == EEXIST;
			odd += errno > 133;
		} else if (rmdir(path) != 0)
			odd += errno > 133 || errno == ENOENT;
		int fd = open(path, O_CREAT | O_EXCL | O_RDWR, 0600);
		if (fd < 0) {
			repeated += errno == EEXIST;
			odd += errno > 133;
		} else {
			close(fd);
			unlink(path);
		}
	}
	ualarm(0, 0);
	printf("odd %u repeated %u\n", odd, repeated);
	return 0;
}

const struct attempt race_attempts[] = {
	{"race-text", race_text, 3}, {"race-parent", race_parent, 3}, {"race-flags", race_flags, 2}, {"race-write", race_write, 2}, {"race-link", race_link, 5}, {"race-directories", race_directories, 4},
	{"race-bind", race_bind, 4}, {"race-dirfd", race_dirfd, 4}, {"race-cwd", race_cwd, 4}, {"race-names", race_names, 3}, {"race-exec", race_exec, 3}, {"race-address", race_address, 4},
	{"race-socket", race_socket, 3}, {"race-signals", race_signals, 2}, {NULL, NULL, 0},
};
