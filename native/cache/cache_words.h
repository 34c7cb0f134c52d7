/* Which words of a command line decide its plan. No I/O. */
#ifndef NONO_CACHE_WORDS_H
#define NONO_CACHE_WORDS_H
#include <stdbool.h>
#include <stddef.h>

/* NODE and its script, before the user's words. */
enum { CACHE_BEFORE_WORDS = 2 };

size_t cache_count(char *const list[]);

/* The next word, at *at or behind it, that could be the command which `run` or `wrap` starts; *at is its index. False: there is none. Which one it is, only Node's parser knows: it reads from left to
 * right, and what stands behind that word it looks at no more. So a plan is kept under the words up to the one that Node started, and any line that begins with the same words has its command there. */
bool cache_next_place(char *const argv[], size_t *at);
#endif
