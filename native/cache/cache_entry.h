/* One cached plan as bytes: parsed and made without touching anything outside. Fuzzed by test/native/fuzz/fuzz_cache.c. */
#ifndef NONO_CACHE_ENTRY_H
#define NONO_CACHE_ENTRY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/sha256.h"

enum { CACHE_MOST_BYTES = 8 << 20, CACHE_MOST_RECORD = 2 << 20, CACHE_MOST_QUESTIONS = 20000, CACHE_NOTICES = 1 };

struct cache_entry {
	uint8_t digest[SHA256_BYTES]; /* of the start that it belongs to */
	uint8_t values[SHA256_BYTES]; /* of the variables that were asked for: cache_environment.h */
	uint32_t flags;
	const char *record; /* what was asked, and the answers: cache_question */
	size_t record_size;
	const char *env; /* of the command: `i` and a name of the user's environment, or `v` and NAME=value; each ended by NUL */
	size_t env_size;
	const uint8_t *plan; /* without its environment */
	size_t plan_size;
};

/* The fields point into `data`. False: nothing may be used. */
bool cache_entry_parse(const uint8_t *data, size_t size, struct cache_entry *entry);
/* In memory of its own; NULL when there is none or the entry is too large. */
uint8_t *cache_entry_make(const struct cache_entry *entry, size_t *size);

/* Puts the sum of the bytes where it belongs, if there is room for it. */
void cache_entry_seal(uint8_t *data, size_t size);

/* `op` and what it is asked about, and the answer. Paths are absolute; see cache_ask.c for the ops. */
struct cache_question {
	char op;
	const char *subject, *answer;
};

/* The next one at *at, which moves on; false at the end. Only for a record that passed cache_record_sound. */
bool cache_question_next(const char *record, size_t size, size_t *at, struct cache_question *q);
/* Whether a record is whole questions, each known, each path absolute and of a length that there is. */
bool cache_record_sound(const char *record, size_t size);
/* The command where it is not part of the command line: the shell's. NULL-terminated, pointing into the record; NULL: the record has none. */
char **cache_record_words(const char *record, size_t size);
/* The text of the only question with this op, NULL without one. */
const char *cache_record_find(const char *record, size_t size, char op);

/* The subjects of the questions with this op. NULL-terminated, pointing into the record; NULL: no memory. */
const char **cache_record_subjects(const char *record, size_t size, char op);

/* Takes the environment out of a plan: `plan` becomes shorter in place, `env` (as much room as the plan has) gets the list. Of `inherited` only the names, since values may be passwords; they must
 * stand word for word in `outside`. That another value is the one of outside is chance, and no name of it. False: malformed, or not so. */
bool cache_plan_split(uint8_t *plan, size_t *size, const char *const inherited[], char *const outside[], char *env, size_t *env_size);
/* The environment that such a list means; NULL: it means none here. */
char **cache_env_join(const char *env, size_t size, char *const outside[], size_t *count);
/* Replaces `from` by `to`, which are of one length, wherever it stands. */
void cache_replace(void *data, size_t size, const char *from, const char *to);
#endif
