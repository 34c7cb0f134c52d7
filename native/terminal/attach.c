/* nono-attach is the terminal's side of `nono attach`: it pumps bytes between the terminal that nono-relay holds and the socket of a session's host.
 *
 *   nono-relay -- nono-attach SOCKET RELAY   attaches; SOCKET in nono's state directory, RELAY the path of nono-relay
 *   nono-attach --check-peer                 exit code 0 when the other end of the socket on descriptor 3 is of this process's own user,
 *                                            and no more confined than this process is
 *
 * Runs as the invoking user, outside every sandbox. Frames: a type byte, the length as u32 little-endian, the payload.
 *   to the host   h hello ('a', columns and rows as u16) · i input · w columns and rows · k the last output was taken by the terminal · r paint again
 *   from the host y accepted, and what comes from now on is painted anew · n refused (text) · o output · x the end (exit code)
 * Whatever goes wrong ends this process, and the relay restores the terminal; when the relay was killed, this process does. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

enum { HEADER = 5, CHUNK = 16384, EXIT_SIGNAL_BASE = 128, PEER_FD = 3 };

static const char *relay_program;
static pid_t relay_pid;
static int relay_life;
static volatile sig_atomic_t resized, resumed, drawn;
/* What was on its way while we were stopped belongs on a screen that is gone: it would land on the user's own. */
static bool stale;

/* Which screen we are on, before the relay would do anything about it. Async-signal-safe. */
static void tell_relay(char screen)
{
	(void)send(relay_life, &screen, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Killed while we were stopped, the relay had lent the terminal to the shell outside, and says so in the file beside the line: nothing there is ours. Async-signal-safe. */
static bool is_lent(void)
{
	char word = 0;
	return pread(relay_life + 1, &word, 1, 0) == 1 && word == 'l';
}

/* What the session drew on is left by us when it cannot, for what is said after it: keyboard flags, screen, title. Async-signal-safe. */
static void leave_screen(void)
{
	static const char to_main_screen[] = "\030\033[?2026l\033[<9u\033[=0;1u\033[9999;1H\033[2K\033[?1049l\033[23;0t";
	if (drawn && !is_lent() && write(1, to_main_screen, sizeof to_main_screen - 1) > 0)
		tell_relay('-');
}

static _Noreturn void fail(const char *text)
{
	leave_screen();
	/* The terminal is raw. */
	(void)dprintf(2, "nono: %s\r\n", text);
	_exit(1);
}

static void on_flag(int sig)
{
	if (sig == SIGWINCH)
		resized = 1;
	else
		resumed = 1;
}

/* The relay is gone, and nobody else restores. execl is async-signal-safe; what is ignored stays so, and the relay's end may send its SIGHUP only now. */
static _Noreturn void restore_and_end(int sig)
{
	(void)signal(SIGHUP, SIG_IGN);
	if (is_lent())
		_exit(EXIT_SIGNAL_BASE + sig);
	leave_screen();
	(void)execl(relay_program, "nono-relay", "--restore", (char *)NULL);
	_exit(EXIT_SIGNAL_BASE + sig);
}

/* The relay restores when we end, while there is one. */
static void on_ending(int sig)
{
	if (getppid() != relay_pid)
		restore_and_end(sig);
	leave_screen();
	_exit(EXIT_SIGNAL_BASE + sig);
}

static bool write_all(int fd, const void *data, size_t length)
{
	const char *at = data;
	while (length > 0) {
		ssize_t n = write(fd, at, length);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};
			(void)poll(&p, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

/* Output for the terminal. We may be stopped in the middle of it, and go on when the terminal shows something else, of the shell outside even, where the relay was killed meanwhile: what is
 * left is stale then. SIGCONT is let in, and ends a write that waits; with the rest of it the kernel would go on by itself. */
static bool show(const char *at, size_t length)
{
	sigset_t resuming;
	bool shown = true;
	sigemptyset(&resuming);
	sigaddset(&resuming, SIGCONT);
	(void)sigprocmask(SIG_UNBLOCK, &resuming, NULL);
	while (length > 0 && shown && !stale) {
		stale = resumed || is_lent();
		ssize_t n = stale ? 0 : write(1, at, length);
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = 1, .events = POLLOUT};
			(void)poll(&p, 1, -1);
		} else {
			shown = stale || (n < 0 && errno == EINTR);
		}
	}
	(void)sigprocmask(SIG_BLOCK, &resuming, NULL);
	return shown;
}

static bool read_all(int fd, void *data, size_t length)
{
	char *at = data;
	while (length > 0) {
		ssize_t n = read(fd, at, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

static bool send_frame(int fd, char type, const void *payload, uint32_t length)
{
	unsigned char header[HEADER] = {(unsigned char)type, (unsigned char)length, (unsigned char)(length >> 8), (unsigned char)(length >> 16), (unsigned char)(length >> 24)};
	return write_all(fd, header, sizeof header) && write_all(fd, payload, length);
}

static void put_size(unsigned char *at)
{
	struct winsize size = {0};
	if (ioctl(0, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
		size = (struct winsize){.ws_col = 80, .ws_row = 24};
	at[0] = (unsigned char)size.ws_col;
	at[1] = (unsigned char)(size.ws_col >> 8);
	at[2] = (unsigned char)size.ws_row;
	at[3] = (unsigned char)(size.ws_row >> 8);
}

static bool peer_is_own(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof peer;
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && length == sizeof peer && peer.uid == geteuid();
}

struct confinement {
	char state;
	unsigned no_new_privs, filters;
};

static bool confinement_of(const char *status, struct confinement *c)
{
	FILE *f = fopen(status, "re");
	char line[512];
	unsigned found = 0;
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		found += (unsigned)(sscanf(line, "State: %c", &c->state) == 1 || sscanf(line, "NoNewPrivs: %u", &c->no_new_privs) == 1 ||
		                    sscanf(line, "Seccomp_filters: %u", &c->filters) == 1);
	if (f != NULL)
		(void)fclose(f);
	return found == 3;
}

/* What runs under `nono wrap`, or with unix sockets not mediated, is of the same user and can connect: its keys would approve in a session beside it. Both marks stay on
 * a process and all that descends from it. A dead one has lost its filters, and its number may be another's: refused. */
static bool peer_is_free(int fd)
{
	struct ucred peer;
	socklen_t length = sizeof peer, pidfd_length = sizeof(int);
	struct confinement own, other;
	char status[40];
	int pidfd = -1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 || peer.pid <= 0)
		return false;
	/* Before Linux 6.5 there is only the number. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &pidfd_length) < 0)
		pidfd = errno == ENOPROTOOPT ? (int)syscall(SYS_pidfd_open, peer.pid, 0) : -1;
	(void)snprintf(status, sizeof status, "/proc/%d/status", peer.pid);
	return pidfd >= 0 && confinement_of("/proc/self/status", &own) && confinement_of(status, &other) && syscall(SYS_pidfd_send_signal, pidfd, 0, NULL, 0) == 0 &&
	       other.state != 'Z' && other.state != 'X' && other.no_new_privs <= own.no_new_privs && other.filters <= own.filters;
}

/* Through the directory's descriptor: a socket's name holds 107 bytes, a state directory may be longer. */
static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *slash = strrchr(path, '/');
	char directory[4096];
	if (slash == NULL || (size_t)(slash - path) >= sizeof directory)
		return -1;
	memcpy(directory, path, (size_t)(slash - path));
	directory[slash - path] = 0;
	int dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (dir < 0 || fd < 0)
		return -1;
	int n = snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", dir, slash + 1);
	if (n < 0 || (size_t)n >= sizeof address.sun_path || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return -1;
	(void)close(dir);
	return fd;
}

/* One frame from the host. */
static void take_frame(int host)
{
	static char chunk[CHUNK];
	unsigned char header[HEADER];
	if (!read_all(host, header, sizeof header))
		fail("the session is gone");
	uint32_t length = (uint32_t)header[1] | (uint32_t)header[2] << 8 | (uint32_t)header[3] << 16 | (uint32_t)header[4] << 24;
	int code = 1;
	for (uint32_t left = length; left > 0;) {
		size_t part = left < sizeof chunk ? left : sizeof chunk;
		if (!read_all(host, chunk, part))
			fail("the session is gone");
		if (header[0] == 'x')
			code = (unsigned char)chunk[0];
		if (header[0] == 'o' && !stale && !drawn) {
			tell_relay('+');
			drawn = 1;
		}
		if ((header[0] == 'o' && !show(chunk, part)) || (header[0] == 'n' && !write_all(2, chunk, part)))
			_exit(1);
		left -= (uint32_t)part;
	}
	switch (header[0]) {
	case 'y':
		stale = false;
		break;
	case 'o':
		if (!send_frame(host, 'k', NULL, 0))
			fail("the session is gone");
		break;
	case 'x':
		/* It has left the screen itself, with a frame before this one. */
		if (drawn && !stale)
			tell_relay('-');
		_exit(code);
	case 'n':
		_exit(1);
	default:
		fail("the session does not speak as expected");
	}
}

static void pump(int host, const sigset_t *open_mask)
{
	static char input[CHUNK];
	unsigned char size[4];
	for (;;) {
		struct pollfd fds[] = {{.fd = 0, .events = POLLIN}, {.fd = host, .events = POLLIN}, {.fd = relay_life, .events = 0}};
		if (ppoll(fds, 3, NULL, open_mask) < 0 && errno != EINTR)
			fail("cannot wait for the terminal");
		put_size(size);
		if (resized && (resized = 0, !send_frame(host, 'w', size, sizeof size)))
			fail("the session is gone");
		if (resumed && (resumed = 0, stale = drawn, !send_frame(host, 'r', NULL, 0)))
			fail("the session is gone");
		/* A dying process closes its descriptors before its children get another parent: getppid() may still name the relay. */
		if (fds[2].revents != 0)
			restore_and_end(SIGHUP);
		if (fds[1].revents != 0)
			take_frame(host);
		if (fds[0].revents != 0) {
			ssize_t n = read(0, input, sizeof input);
			if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
				leave_screen();
				_exit(EXIT_SIGNAL_BASE + SIGHUP);
			}
			if (n > 0 && !send_frame(host, 'i', input, (uint32_t)n))
				fail("the session is gone");
		}
	}
}

int main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "--check-peer") == 0)
		return peer_is_own(PEER_FD) && peer_is_free(PEER_FD) ? 0 : 1;
	const char *life = getenv("NONO_RELAY_FD");
	if (argc != 3 || life == NULL) {
		(void)dprintf(2, "usage: nono-relay -- nono-attach SOCKET RELAY\n");
		return 2;
	}
	relay_program = argv[2];
	relay_pid = getppid();
	relay_life = atoi(life);
	sigset_t flags, before;
	sigemptyset(&flags);
	sigaddset(&flags, SIGWINCH);
	sigaddset(&flags, SIGCONT);
	(void)sigprocmask(SIG_BLOCK, &flags, &before);
	(void)signal(SIGWINCH, on_flag);
	/* Without SA_RESTART: show(). */
	(void)sigaction(SIGCONT, &(struct sigaction){.sa_handler = on_flag}, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	static const int ending[] = {SIGHUP, SIGTERM, SIGINT, SIGQUIT};
	for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++)
		(void)signal(ending[i], on_ending);

	int host = connect_to(argv[1]);
	if (host < 0)
		fail("the session does not answer");
	/* Whoever listens there gets every key: nobody but the user's own host. */
	if (!peer_is_own(host))
		fail("the session is another user's");
	unsigned char hello[5] = {'a'};
	put_size(hello + 1);
	if (!send_frame(host, 'h', hello, sizeof hello))
		fail("the session does not answer");
	pump(host, &before);
}
