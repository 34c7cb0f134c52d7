#ifndef NONO_CACHE_SEARCH_H
#define NONO_CACHE_SEARCH_H
#include <stdbool.h>

/* Whether nono-search finds, for this request, what it found before: fields as search.c has them, with a line feed for each NUL; `answer` without its last. False as well where it takes
 * longer than nobody would want to be told of: the slow way says how far it is, and can be ended. */
bool cache_search_holds(const char *request, const char *answer);
#endif
