#include "cache_words.h"

#include <string.h>

/* A line with more words than this before the command is none that somebody starts again and again. */
enum { MOST_PLACES = 64 };

size_t cache_count(char *const list[])
{
	size_t count = 0;
	while (list[count] != NULL)
		count++;
	return count;
}

bool cache_next_place(char *const argv[], size_t *at)
{
	for (; *at < CACHE_BEFORE_WORDS + MOST_PLACES && argv[*at] != NULL; (*at)++) {
		/* Behind "--", which no flag takes as its value, is the command, or a word of one that stood before. */
		if (*at > CACHE_BEFORE_WORDS && strcmp(argv[*at - 1], "--") == 0)
			return true;
		if (*at > CACHE_BEFORE_WORDS + 1 && strcmp(argv[*at - 2], "--") == 0)
			return false;
		if (argv[*at][0] != '-' || argv[*at][1] == 0)
			return true;
	}
	return false;
}

/* How many bytes follow the first one of a character, and the range of the second (RFC 3629, section 4): no overlong form, no surrogate, nothing above U+10FFFF. */
static int following(unsigned char first, unsigned char *least, unsigned char *most)
{
	*least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	return first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
}

bool cache_is_utf8(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != 0;) {
		unsigned char least, most;
		int n = following(*p++, &least, &most);
		if (n < 0)
			return false;
		for (; n > 0; n--, p++, least = 0x80, most = 0xbf)
			if (*p < least || *p > most)
				return false;
	}
	return true;
}
