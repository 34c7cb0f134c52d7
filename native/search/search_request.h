/* What nono-search is asked, as search.c says it is written. */
#ifndef NONO_SEARCH_REQUEST_H
#define NONO_SEARCH_REQUEST_H
#include <stdbool.h>
#include <stddef.h>

#include "rules/bulk_names.h"
#include "rules/pattern_names.h"

/* Into which directories the first "**" of a pattern does not look: none, all bulk ones, the closed ones. */
enum { NO_GUARD, GUARD, DEEP };

extern struct search_request {
	struct pattern **patterns, **folded;
	unsigned char *guard; /* for each pattern */
	size_t count, folded_count;
	struct pattern_names names; /* of both */
	struct bulk_names bulk, closed;
	const char **closed_paths, **slow; /* sorted */
	size_t closed_count, slow_count;
	const char **roots;
	size_t root_count;
	unsigned long long most;
	bool verbose, raw;
	double patience; /* seconds */
} asked;

/* Reads it from standard input. False: it is not complete, or not understood. */
bool search_read_request(void);
/* Is `path` one of these, which are sorted? */
bool search_listed(const char **paths, size_t n, const char *path);
#endif
