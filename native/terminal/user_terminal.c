/* What is written to the user's terminal, and its settings: how it is taken, lent and given back. Runs in nono-relay. */
#define _GNU_SOURCE
#include "terminal/user_terminal.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define CSI "\033["
/* Leaves every mode a host may have set, in an order that terminals without an alternate screen survive too. DECSC/DECRC around the scroll region
 * keep the cursor where it is. */
#define LEAVE_MODES                                                                            \
	"\030" CSI "?2026l"                                 /* end a half-sent sequence and frame */ \
	CSI ">4;0m"                                         /* modifyOtherKeys */              \
	CSI "?1000l" CSI "?1002l" CSI "?1003l" CSI "?1006l" /* mouse */                        \
	CSI "?2004l" CSI "?1004l"                           /* bracketed paste, focus reports */ \
	CSI "?1l\033>"                                      /* cursor keys, keypad */          \
	CSI "?25h" CSI "0 q" CSI "0m\017\033(B"             /* cursor on, its shape, colours, charset */ \
	"\0337" CSI "r\0338"                                /* scroll region */
/* Each screen has its own: on the main one they are somebody else's. */
#define LEAVE_KITTY_KEYBOARD CSI "<9u" CSI "=0;1u"

/* From a host that was killed or is stopped: to the main screen, the cursor as it was there; where the terminal has only one, below what was drawn. */
static const char from_alternate_screen[] = LEAVE_KITTY_KEYBOARD LEAVE_MODES CSI "9999;1H" CSI "2K" CSI "?1049l" CSI "23;0t";
/* From a host on the main screen, where its last words are: 1049 would move the cursor back to where it once was, above them. */
static const char from_main_screen[] = LEAVE_MODES;
/* Before a stopped host goes on. The rest of a frame that it was writing would land on the main screen, and move the cursor that is saved here. */
static const char to_alternate_screen[] = CSI "22;0t" CSI "?1049h" CSI "H" CSI "2J";

void user_terminal_encode(const struct termios *t, char *hex)
{
	const unsigned char *bytes = (const unsigned char *)t;
	for (size_t i = 0; i < sizeof *t; i++) {
		*hex++ = "0123456789abcdef"[bytes[i] >> 4];
		*hex++ = "0123456789abcdef"[bytes[i] & 15];
	}
	*hex = 0;
}

bool user_terminal_decode(const char *hex, struct termios *t)
{
	unsigned char *bytes = (unsigned char *)t;
	if (hex == NULL || strlen(hex) != 2 * sizeof *t)
		return false;
	for (size_t i = 0; i < 2 * sizeof *t; i++) {
		const char *digit = strchr("0123456789abcdef", hex[i]);
		if (digit == NULL)
			return false;
		unsigned value = (unsigned)(digit - "0123456789abcdef");
		bytes[i / 2] = (unsigned char)(i % 2 ? bytes[i / 2] | value : value << 4);
	}
	return true;
}

static bool write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		length -= (size_t)n;
	}
	return true;
}

/* TCSAFLUSH drops what was typed and not read: keys meant for the sandboxed shell must not reach the one outside. */
void user_terminal_restore(const struct termios *saved, bool alternate)
{
	const char *const sequence = alternate ? from_alternate_screen : from_main_screen;
	for (int fd = 1; fd >= 0; fd--)
		if (isatty(fd) && write_all(fd, sequence, strlen(sequence)))
			break;
	if (saved != NULL)
		while (tcsetattr(0, TCSAFLUSH, saved) < 0 && errno == EINTR)
			;
}

void user_terminal_raw(const struct termios *saved, int when)
{
	struct termios raw = *saved;
	cfmakeraw(&raw);
	(void)tcsetattr(0, when, &raw);
}

void user_terminal_enter_alternate(void)
{
	(void)write_all(1, to_alternate_screen, sizeof to_alternate_screen - 1);
}
