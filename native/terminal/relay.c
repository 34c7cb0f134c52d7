/* nono-relay holds the user's terminal for `nono shell`, so that it is usable again whatever becomes of the host.
 *
 *   nono-relay [--] HOST ARG...   raw mode, then HOST as a child in a session of its own; restores when HOST ends
 *   nono-relay --restore          restores the terminal on stdin from NONO_RELAY_TERMIOS: for a host whose relay was killed,
 *                                 and which is on the main screen again
 *
 * Runs as the invoking user, before and outside every sandbox; it reads no files, and the terminal only when the host asks for that (keyboard.c).
 * The host inherits the terminal as 0, 1 and 2, and:
 *   NONO_RELAY_FD       a socket. End of file = the relay is gone, end the session. The host says on it which screen it is on, and who reads the keyboard
 *                       (host_words.c); until it has asked for that the relay sends nothing. The descriptor after it is a file of one byte: 'l' while the terminal is lent to the shell
 *                       outside. A host that goes on because the relay was killed leaves it alone then
 *   NONO_RELAY_TERMIOS  the saved terminal settings, for --restore
 *   NONO_RELAY_SIZE     columns x rows, so that the host can start the shell before it has asked
 * USR1 from the host: it goes on without the terminal, which is given back; the relay ends with 0.
 * When the relay dies the host also gets SIGCONT and SIGHUP. The relay passes WINCH, TERM, HUP, INT and QUIT on. On TSTP it stops the host, gives the terminal
 * back and stops its job; on CONT the other way round, then WINCH, upon which the host paints everything again. */
#define _GNU_SOURCE
#include "terminal/host_words.h"
#include "terminal/user_terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static const char *const fd_variable = "NONO_RELAY_FD", *const termios_variable = "NONO_RELAY_TERMIOS",
		  *const size_variable = "NONO_RELAY_SIZE";
/* All but the first three are passed on to the host as they are. */
static const int awaited[] = {SIGCHLD, SIGTSTP, SIGCONT, SIGWINCH, SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGUSR1};
enum { EXIT_SIGNAL_BASE = 128, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

struct terminal {
	struct termios saved;
	struct host_words host;
	bool lent;      /* to the shell outside, while the host is stopped */
	bool ending;    /* while it was lent: what follows `kill %1` is a CONT that is no `fg` */
	bool asked;     /* by the host, which then takes nothing that was typed ahead for an answer; where it does not know of it, that is dropped */
	int state;    /* the host's file of one byte */
	int flags[3]; /* O_NONBLOCK set by a killed host would break the user's shell: the open file is shared */
};

static void complain(const char *what, const char *object)
{
	const char *const parts[] = {"nono: ", what, ": ", object, ": ", strerror(errno), "\n"};
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (write(2, parts[i], strlen(parts[i])) < 0)
			return;
}

static void remember(struct terminal *terminal)
{
	for (int fd = 0; fd < 3; fd++)
		terminal->flags[fd] = fcntl(fd, F_GETFL);
}

static void give_back(struct terminal *terminal)
{
	for (int fd = 0; fd < 3; fd++)
		if (terminal->flags[fd] >= 0)
			(void)fcntl(fd, F_SETFL, terminal->flags[fd]);
	host_words_hear(&terminal->host);
	user_terminal_restore(terminal->ending ? NULL : &terminal->saved, terminal->host.alternate);
}

/* Left out where the terminal does not know it. */
static void tell_size(void)
{
	char text[16];
	struct winsize size;
	if (ioctl(0, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
		return;
	(void)snprintf(text, sizeof text, "%ux%u", size.ws_col, size.ws_row);
	(void)setenv(size_variable, text, 1);
}

static bool in_foreground(void)
{
	pid_t group = tcgetpgrp(0);
	return group < 0 || group == getpgrp();
}

/* A background job must not take the terminal: stop, as any program reading it would, until the user's shell brings it to the front.
 * An orphaned job cannot be stopped and never comes to the front. */
static bool wait_for_foreground(void)
{
	enum { TRIES = 64 };
	for (int i = 0; i < TRIES && !in_foreground(); i++)
		(void)kill(0, SIGTTIN);
	errno = EIO;
	return in_foreground();
}

_Noreturn static void execute(char *const argv[])
{
	execvp(argv[0], argv);
	int status = errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
	complain("cannot start", argv[0]);
	_exit(status);
}

static bool is_free(int fd)
{
	return fcntl(fd, F_GETFD) < 0;
}

/* In the child. Two descriptors one after the other, which nothing that was inherited is: the number of the first. */
static int side_by_side(int life, int state)
{
	int first = 3;
	while (!((first == life || is_free(first)) && (first + 1 == state || is_free(first + 1))))
		first++;
	/* Not the first one first: it may go where the other is. */
	if (first + 1 != state)
		(void)dup2(state, first + 1);
	if (first != life)
		(void)dup2(life, first);
	(void)fcntl(first, F_SETFD, 0);
	(void)fcntl(first + 1, F_SETFD, 0);
	return first;
}

/* In the child. The new session keeps the user's job control away from the host and the sandbox away from the user's terminal. */
_Noreturn static void become_host(char *const argv[], pid_t relay, const int life[2], int end, int state, const sigset_t *mask)
{
	char number[16];
	(void)prctl(PR_SET_PDEATHSIG, SIGHUP);
	if (getppid() != relay)
		_exit(EXIT_SIGNAL_BASE + SIGHUP);
	(void)setsid();
	(void)close(life[1]);
	/* A host that is stopped would keep its SIGHUP for ever, and everything in the sandbox with it: the end of this makes it go on. Not the end of the line, on which every key
	 * would do so as well. */
	(void)fcntl(end, F_SETFD, 0);
	(void)fcntl(end, F_SETOWN, getpid());
	(void)fcntl(end, F_SETSIG, SIGCONT);
	(void)fcntl(end, F_SETFL, O_ASYNC);
	(void)snprintf(number, sizeof number, "%d", side_by_side(life[0], state));
	(void)setenv(fd_variable, number, 1);
	tell_size();
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	execute(argv);
}

/* A signal is only sent when kill returns: until the host has really stopped it may draw on a terminal that is the shell's again. False when it has ended instead. */
static bool stop_host(pid_t host, int *status)
{
	enum { TRIES = 100 };
	const struct timespec while_ = {.tv_nsec = 20 * 1000 * 1000};
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	(void)kill(host, SIGSTOP);
	for (int i = 0; i < TRIES; i++) {
		if (waitpid(host, status, WNOHANG | WUNTRACED) == host)
			return WIFSTOPPED(*status);
		(void)sigtimedwait(&child, NULL, &while_);
	}
	return true; /* held up in the kernel: as long as that lasts it writes nothing */
}

static void say_lent(const struct terminal *terminal, bool lent)
{
	(void)!pwrite(terminal->state, lent ? "l" : "-", 1, 0);
}

static void suspend(struct terminal *terminal, bool asked)
{
	give_back(terminal);
	say_lent(terminal, true);
	terminal->asked = asked;
	terminal->lent = true;
	(void)kill(0, SIGTSTP); /* whoever started us, where that is the shell's job; blocked here */
	(void)raise(SIGSTOP);
}

static void resume(pid_t host, struct terminal *terminal)
{
	say_lent(terminal, false);
	user_terminal_raw(&terminal->saved, terminal->asked ? TCSANOW : TCSAFLUSH);
	if (terminal->lent && terminal->host.alternate)
		user_terminal_enter_alternate();
	terminal->lent = false;
	(void)kill(host, SIGCONT);
	(void)kill(host, SIGWINCH);
}

/* A stopped host hears of no signal, and one that goes on draws: on a screen of its own. The settings are left alone: the shell outside reads its next
 * line meanwhile, and would take ours for its own. */
static void go_on_to_end(pid_t host, struct terminal *terminal)
{
	terminal->ending = true;
	say_lent(terminal, false);
	if (terminal->host.alternate)
		user_terminal_enter_alternate();
	(void)kill(host, SIGCONT);
}

static bool has_room(int line)
{
	struct pollfd one = {.fd = line, .events = POLLOUT};
	return poll(&one, 1, 0) > 0 && (one.revents & POLLOUT) != 0;
}

/* Until there is a signal. What the host says goes before what is typed: it may want to read that itself. */
static void attend_line(struct terminal *terminal, int signals)
{
	struct host_words *host = &terminal->host;
	struct keyboard *keyboard = &host->keyboard;
	enum { SIGNALS, LINE, KEYS, COUNT };
	const short room = keyboard->full ? POLLOUT : 0;
	struct pollfd waiting[COUNT] = {
		[SIGNALS] = {.fd = signals, .events = POLLIN},
		[LINE] = {.fd = host->ended ? -1 : host->line, .events = (short)(POLLIN | room)},
		[KEYS] = {.fd = keyboard->shell >= 0 && !keyboard->full && !terminal->lent ? 0 : -1, .events = POLLIN},
	};
	int ready = poll(waiting, COUNT, keyboard->typed_length > 0 ? KEYBOARD_LATE_MS : -1);
	if (ready == 0 && has_room(host->line))
		keyboard_say_typed(keyboard);
	if (ready <= 0 || waiting[SIGNALS].revents != 0)
		return;
	if ((waiting[LINE].revents & POLLOUT) != 0)
		keyboard->full = false;
	if ((waiting[LINE].revents & ~POLLOUT) != 0)
		host_words_hear(host);
	if (host->ended)
		keyboard_give_back(keyboard);
	if (waiting[KEYS].revents == 0 || keyboard->shell < 0)
		return;
	keyboard->full = !has_room(host->line);
	if (!keyboard->full)
		host_words_keys(host);
}

/* Passes signals on until the host has ended; returns its wait status. */
static int attend(pid_t host, struct terminal *terminal, int signals)
{
	for (;;) {
		int status = 0;
		struct signalfd_siginfo info;
		if (read(signals, &info, sizeof info) != sizeof info) {
			attend_line(terminal, signals);
			continue;
		}
		const int sig = (int)info.ssi_signo;
		const pid_t from = (pid_t)info.ssi_pid;
		if (sig == SIGCHLD) {
			if (waitpid(host, &status, WNOHANG) == host)
				return status;
		} else if (sig == SIGUSR1) {
			if (from == host)
				return 0; /* detached */
		} else if (sig == SIGTSTP) {
			if (!stop_host(host, &status))
				return status;
			suspend(terminal, from == host);
		} else if (sig == SIGCONT && terminal->ending) {
			continue;
		} else if (sig == SIGCONT && !in_foreground()) {
			(void)raise(SIGSTOP); /* `bg`: nothing to do there */
		} else if (sig == SIGCONT) {
			resume(host, terminal);
		} else if (sig > 0) {
			if (terminal->lent && !terminal->ending && sig != SIGWINCH)
				go_on_to_end(host, terminal);
			(void)kill(host, sig);
		}
	}
}

static int relay(char *const argv[], struct terminal *terminal)
{
	char hex[2 * sizeof(struct termios) + 1];
	int life[2], end[2]; /* on the second nobody ever writes */
	sigset_t awaited_set, before;

	user_terminal_encode(&terminal->saved, hex);
	if (setenv(termios_variable, hex, 1) < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, life) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, end) < 0 || (terminal->state = memfd_create("nono-relay", MFD_CLOEXEC)) < 0) {
		complain("cannot start", argv[0]);
		return EXIT_NOT_EXECUTABLE;
	}
	sigemptyset(&awaited_set);
	for (size_t i = 0; i < sizeof awaited / sizeof awaited[0]; i++)
		sigaddset(&awaited_set, awaited[i]);
	const int signals = signalfd(-1, &awaited_set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0) {
		complain("cannot start", argv[0]);
		return EXIT_NOT_EXECUTABLE;
	}
	(void)sigprocmask(SIG_BLOCK, &awaited_set, &before);
	terminal->host = (struct host_words){.line = life[1], .keyboard = {.host = life[1], .shell = -1}};
	remember(terminal);
	user_terminal_raw(&terminal->saved, TCSANOW);

	pid_t self = getpid();
	pid_t host = fork();
	if (host == 0)
		become_host(argv, self, life, end[0], terminal->state, &before);
	if (host < 0) {
		complain("cannot start", argv[0]);
		give_back(terminal);
		return EXIT_NOT_EXECUTABLE;
	}
	(void)close(life[0]);
	(void)close(end[0]);
	terminal->host.host = host;
	(void)signal(SIGTTOU, SIG_IGN); /* the terminal is restored even when the user's shell has already taken the foreground */
	int status = attend(host, terminal, signals);
	give_back(terminal);
	return WIFSIGNALED(status) ? EXIT_SIGNAL_BASE + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Started with a standard stream closed, a pipe of ours would take its number, and the host would write its words into it. */
static void fill_standard_streams(void)
{
	int fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2)
		fd = open("/dev/null", O_RDWR);
	if (fd > 2)
		(void)close(fd);
}

int main(int argc, char *argv[])
{
	struct terminal terminal = {0};
	fill_standard_streams();
	if (argc == 2 && strcmp(argv[1], "--restore") == 0) {
		(void)signal(SIGTTOU, SIG_IGN);
		user_terminal_restore(user_terminal_decode(getenv(termios_variable), &terminal.saved) ? &terminal.saved : NULL, false);
		return 0;
	}
	char **command = argv + (argc > 1 && strcmp(argv[1], "--") == 0 ? 2 : 1);
	if (argc < 2 || *command == NULL) {
		static const char usage[] = "usage: nono-relay [--] HOST ARG... | nono-relay --restore\n";
		(void)!write(2, usage, sizeof usage - 1);
		return 2;
	}
	(void)unsetenv(fd_variable);
	(void)unsetenv(termios_variable);
	(void)unsetenv(size_variable);
	if (tcgetattr(0, &terminal.saved) < 0)
		execute(command); /* no terminal, nothing to hold */
	if (!wait_for_foreground()) {
		complain("cannot take the terminal", "in the background");
		return 1;
	}
	return relay(command, &terminal);
}
