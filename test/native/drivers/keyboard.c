/* Links native/terminal/keyboard.c and native/terminal/host_words.c with a read in whose middle the host says something. This process is host, relay and shell.
 *
 *   keyboard WORD   letters are typed while the shell has the keyboard, and before the relay has read them the host says WORD (none: -); prints what the shell and the host got
 *   keyboard enter  a line is ended; then whether the host heard of it before the shell had it
 *   keyboard full   the shell takes a part; before the host has heard of the rest, it says once more that keys may go straight, and one is typed */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "terminal/host_words.h"

static int line[2]; /* the relay's end, the host's */
static char word;
static const char *typed;
static size_t typed_length;

ssize_t __wrap_read(int fd, void *out, size_t size);
ssize_t __real_read(int fd, void *out, size_t size);
ssize_t __wrap_read(int fd, void *out, size_t size)
{
	if (fd != 0)
		return __real_read(fd, out, size);
	memcpy(out, typed, typed_length);
	if (word != '-')
		(void)!write(line[1], &word, 1);
	return (ssize_t)typed_length;
}

static int unheard; /* bytes that the host could read when the shell was last written to */

ssize_t __wrap_write(int fd, const void *bytes, size_t size);
ssize_t __real_write(int fd, const void *bytes, size_t size);
ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
	if (fd != line[1])
		(void)ioctl(line[1], FIONREAD, &unheard);
	return __real_write(fd, bytes, size);
}

static void straight(struct host_words *words)
{
	(void)!write(line[1], "g\0\0\0", 5);
	host_words_hear(words);
}

static void type(struct host_words *words, const char *keys, size_t length)
{
	typed = keys;
	typed_length = length;
	host_words_keys(words);
	keyboard_say_typed(&words->keyboard);
}

/* Of the frames their types, and the last byte of all. */
static void show_host(void)
{
	unsigned char head[5], bytes[KEYBOARD_CHUNK] = "-";
	size_t length = 1;
	while (recv(line[1], head, sizeof head, MSG_DONTWAIT) == (ssize_t)sizeof head) {
		putchar(head[0]);
		length = head[1] | (size_t)head[2] << 8;
		if (length > 0 && recv(line[1], bytes, length, MSG_WAITALL) != (ssize_t)length)
			exit(2);
	}
	printf(" %c\n", length > 0 ? bytes[length - 1] : '-');
}

int main(int argc, char **argv)
{
	static char many[KEYBOARD_CHUNK];
	struct termios raw;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (argc < 2 || master < 0 || grantpt(master) != 0 || unlockpt(master) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, line) != 0)
		return 2;
	int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK);
	tcgetattr(slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(slave, TCSANOW, &raw);
	struct host_words words = {.line = line[0], .host = getpid(), .keyboard = {.host = line[0], .shell = -1}};
	const unsigned char lend[] = {'k', 0x1c, (unsigned char)master, 0, 0, 0};
	(void)!write(line[1], lend, sizeof lend);
	straight(&words);
	memset(many, 'a', sizeof many);
	word = '-';
	if (strcmp(argv[1], "full") == 0) {
		while (words.keyboard.straight)
			type(&words, many, sizeof many);
		straight(&words);
		/* There is room again. */
		for (int i = 0; i < 8; i++)
			(void)!__real_read(slave, many, sizeof many);
	} else if (strcmp(argv[1], "enter") != 0) {
		word = argv[1][0];
	}
	int before = 0;
	(void)ioctl(line[1], FIONREAD, &before);
	type(&words, strcmp(argv[1], "enter") == 0 ? "\r" : "z", 1);
	if (strcmp(argv[1], "enter") == 0)
		printf("told %s\n", unheard > before ? "before" : "after");
	ssize_t got = 0, n;
	char last = '-';
	while ((n = __real_read(slave, many, sizeof many)) > 0) {
		got += n;
		last = many[n - 1];
	}
	printf("shell %s %c\nhost ", got > 0 ? "some" : "nothing", last);
	show_host();
	return 0;
}
