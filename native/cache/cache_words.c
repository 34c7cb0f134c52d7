#include "cache/cache_words.h"

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
