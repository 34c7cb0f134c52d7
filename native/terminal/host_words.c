/* Runs in nono-relay. Words of the host, each a byte with what belongs to it (numbers little-endian); it says them before it does what they are about:
 *   +  it enters the alternate screen       -  it has left it
 *   k PREFIX:u8 MASTER:u32                  it does not read the keyboard any more, MASTER is its descriptor of the shell's terminal
 *   h                                       it reads again
 *   g LOOKED:u32                            it has looked at so many bytes: what is plain may go straight to the shell
 *   s                                       no longer */
#define _GNU_SOURCE
#include "terminal/host_words.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static size_t length_of(unsigned char word)
{
	return word == 'k' ? 6 : word == 'g' ? 5 : 1;
}

static uint32_t number_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void obey(struct host_words *words)
{
	const unsigned char *word = words->word;
	switch (word[0]) {
	case '+':
	case '-':
		words->alternate = word[0] == '+';
		break;
	case 'k':
		keyboard_lend(&words->keyboard, words->host, (int)number_at(word + 2), word[1]);
		break;
	case 'h':
		keyboard_give_back(&words->keyboard);
		break;
	case 'g':
		keyboard_straight(&words->keyboard, number_at(word + 1));
		break;
	case 's':
		words->keyboard.straight = false;
		break;
	default:
		break;
	}
}

void host_words_hear(struct host_words *words)
{
	for (;;) {
		const size_t wanted = words->length == 0 ? 1 : length_of(words->word[0]) - words->length;
		const ssize_t got = recv(words->line, words->word + words->length, wanted, MSG_DONTWAIT);
		if (got == 0)
			words->ended = true;
		if (got <= 0)
			return;
		words->length += (size_t)got;
		if (words->length < length_of(words->word[0]))
			continue;
		words->length = 0;
		obey(words);
	}
}

/* The host says that the keyboard is somebody else's before it shows it, so whoever types by what is on the screen types after that word. A relay that was held up since it looked
 * for words would take such keys for the shell's. */
void host_words_keys(struct host_words *words)
{
	unsigned char bytes[KEYBOARD_CHUNK];
	const ssize_t got = read(0, bytes, sizeof bytes);
	const int err = errno;
	host_words_hear(words);
	errno = err;
	keyboard_take(&words->keyboard, bytes, got);
}
