/* One directory of the search: its names, where each stands in every pattern, and what is recorded of it. */
#ifndef NONO_SEARCH_NAMES_H
#define NONO_SEARCH_NAMES_H
#include <stdbool.h>
#include <stddef.h>

#include "rules/pattern.h"

/* Of a path; below a longer one nothing is looked for (src/policy/pattern/pattern-search.ts knows the number too). */
enum { MAX_DEPTH_BYTES = 2048 };

/* A directory to list, with the positions of every pattern in it; the path follows them. */
struct item {
	struct item *next;
	size_t len;
	pattern_state state[];
};

/* One for each thread. */
struct worker {
	char *listing;
	pattern_state *next; /* room for the positions behind a name */
	/* Behind a name of the directory that is listed which is no component of a pattern; `reach` and `match` are of these. */
	pattern_state *other;
	bool other_known, other_reach, other_match;
	char *out;
	size_t used, size;
	struct item *found; /* the directories to enter */
};

/* False: no memory. */
bool worker_begin(struct worker *w);
void worker_end(struct worker *w);
/* Adds a record to those that are not written yet. */
void worker_record(struct worker *w, char kind, const char *path, size_t len);
/* Writes them. One thread at a time. */
void worker_flush(struct worker *w);

struct item *search_root(const char *path);
/* Lists the directory; the number of its entries. */
unsigned long long search_list(struct worker *w, const struct item *in);
#endif
