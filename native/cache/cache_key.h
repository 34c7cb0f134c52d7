/* Which start this is: everything outside the file system that a plan rests on, as one digest. Two starts with the same digest and the same answers
 * of the file system (cache_ask.h) have the same plan. The words behind the command's own are not in it: no policy code sees them. */
#ifndef NONO_CACHE_KEY_H
#define NONO_CACHE_KEY_H
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "cache/sha256.h"

enum { CACHE_KEY_STATS = 9 };

struct cache_key {
	bool usable; /* false: this start is neither taken from the cache nor put into it */
	bool whole_line; /* all words of the line decide */
	struct sha256 start; /* everything but the words of the line */
	char directory[PATH_MAX]; /* where the entries are */
	char node[PATH_MAX]; /* the Node.js that would be started, at its real path */
	uint64_t before[2][CACHE_KEY_STATS]; /* Node.js and its script, before it was started */
	char **argv; /* of nono: NODE, cli.cjs, the user's words */
	char **env; /* as it was when nono was started; its strings are the kernel's */
};

/* What has to be seen before Node is started: which one, and its script. What is replaced from then on belongs to another key. */
void cache_key_begin(char *const argv[], struct cache_key *key);
/* The rest: before the environment is changed, and before Node loads more than the part of its script that waits (scripts/build/loader.cjs). */
void cache_key_end(const char *kind, struct cache_key *key);
/* Of a usable key, with the first `words` of argv: what decides the plan of a line whose command is the last of them, or that has none. */
void cache_key_digest(const struct cache_key *key, size_t words, uint8_t digest[SHA256_BYTES]);
#endif
