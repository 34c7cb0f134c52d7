/* Runs in nono-relay, as the invoking user, outside every sandbox. A key that is the shell's, whatever it is, goes there from here: the host may be drawing, and it need not be woken
 * before the shell is. Whose a key is only the host decides. It lets keys go straight after it has looked at all that it was told, and takes that back when something else has the
 * keyboard; an escape sequence or the prefix ends it here, so that nothing behind them can reach the shell before the host has looked at them.
 *
 * To the host, each a type byte, a length (u32, little-endian) and so many bytes:
 *   y the keys are read here   n they cannot be   i look at these   d these have gone or go to the shell   u it has not taken these, the last of the d before   e the terminal is gone */
#define _GNU_SOURCE
#include "terminal/keyboard.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif

enum { HEADER = 5, ESCAPE = 0x1b, CTRL_C = 3 };

/* The line has room for several of these when it says that it has any (unix(7): a quarter of its buffer is taken at most), so what fails here is a host that is gone. */
static bool tell(struct keyboard *keyboard, char type, const unsigned char *bytes, size_t length)
{
	const unsigned char header[HEADER] = {(unsigned char)type, (unsigned char)length, (unsigned char)(length >> 8),
					      (unsigned char)(length >> 16), (unsigned char)(length >> 24)};
	struct iovec parts[] = {{(void *)header, HEADER}, {(void *)bytes, length}};
	const struct msghdr message = {.msg_iov = parts, .msg_iovlen = length > 0 ? 2 : 1};
	if (sendmsg(keyboard->host, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)(HEADER + length))
		return true;
	keyboard_give_back(keyboard);
	return false;
}

/* The host's descriptor, by its number: pidfd_getfd(2), which may be refused (Yama, a container's filter). A write to it must never wait for a program that does not read. */
static int master_of(pid_t host, int master)
{
	unsigned number;
	int process = (int)syscall(SYS_pidfd_open, host, 0);
	if (process < 0)
		return -1;
	int shell = (int)syscall(SYS_pidfd_getfd, process, master, 0);
	(void)close(process);
	if (shell < 0)
		return -1;
	int flags = fcntl(shell, F_GETFL);
	if (flags >= 0 && (flags & O_NONBLOCK) != 0 && ioctl(shell, TIOCGPTN, &number) == 0)
		return shell;
	(void)close(shell);
	return -1;
}

void keyboard_lend(struct keyboard *keyboard, pid_t host, int master, uint8_t prefix)
{
	keyboard_give_back(keyboard);
	keyboard->shell = master_of(host, master);
	keyboard->prefix = prefix;
	keyboard->told = 0;
	(void)tell(keyboard, keyboard->shell >= 0 ? 'y' : 'n', NULL, 0);
}

void keyboard_give_back(struct keyboard *keyboard)
{
	if (keyboard->shell >= 0)
		(void)close(keyboard->shell);
	keyboard->shell = -1;
	keyboard->straight = false;
	keyboard->full = false;
	keyboard->typed_length = 0;
}

void keyboard_straight(struct keyboard *keyboard, uint32_t looked)
{
	keyboard->straight = keyboard->shell >= 0 && looked == keyboard->told;
}

static bool is_plain(const struct keyboard *keyboard, const unsigned char *bytes, size_t length)
{
	return memchr(bytes, ESCAPE, length) == NULL && memchr(bytes, keyboard->prefix, length) == NULL;
}

void keyboard_say_typed(struct keyboard *keyboard)
{
	const size_t length = keyboard->typed_length;
	keyboard->typed_length = 0;
	if (length > 0)
		(void)tell(keyboard, 'd', keyboard->typed, length);
}

static void note_typed(struct keyboard *keyboard, const unsigned char *bytes, size_t length)
{
	if (keyboard->typed_length + length > sizeof keyboard->typed)
		keyboard_say_typed(keyboard);
	memcpy(keyboard->typed + keyboard->typed_length, bytes, length);
	keyboard->typed_length += length;
}

/* Enter and Ctrl-C. */
static bool ends_line(const unsigned char *bytes, size_t length)
{
	return memchr(bytes, '\r', length) != NULL || memchr(bytes, CTRL_C, length) != NULL;
}

/* The host is told later: woken now, it would still be busy with that when the echo comes, which it shows at once in any case. But the answer to a line can be a prompt, at once:
 * what is told behind that would be taken for something that stands at it (src/session/pane/prompt-watch.ts). */
static void to_shell(struct keyboard *keyboard, const unsigned char *bytes, size_t length)
{
	const bool before = ends_line(bytes, length);
	if (before) {
		note_typed(keyboard, bytes, length);
		keyboard_say_typed(keyboard);
	}
	/* A host that is gone has nothing of it. */
	if (keyboard->shell < 0)
		return;
	ssize_t taken = write(keyboard->shell, bytes, length);
	if (!before)
		note_typed(keyboard, bytes, length);
	if (taken == (ssize_t)length)
		return;
	if (taken < 0)
		taken = 0;
	/* The host passes them on. A word that it said before it had them must not send what is typed next past them. */
	keyboard->straight = false;
	keyboard->told += (uint32_t)(length - (size_t)taken);
	keyboard_say_typed(keyboard);
	(void)tell(keyboard, 'u', bytes + taken, length - (size_t)taken);
}

void keyboard_take(struct keyboard *keyboard, const unsigned char *bytes, ssize_t got)
{
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (got <= 0) {
		keyboard_say_typed(keyboard);
		(void)tell(keyboard, 'e', NULL, 0);
		keyboard_give_back(keyboard);
	} else if (keyboard->straight && is_plain(keyboard, bytes, (size_t)got)) {
		to_shell(keyboard, bytes, (size_t)got);
	} else {
		keyboard->straight = false;
		keyboard_say_typed(keyboard);
		keyboard->told += (uint32_t)got;
		(void)tell(keyboard, 'i', bytes, (size_t)got);
	}
}
