/* Asks the file system again what the policy code asked when a plan was made. */
#ifndef NONO_CACHE_ASK_H
#define NONO_CACHE_ASK_H
#include <stdbool.h>
#include <stddef.h>

#include "cache/cache_key.h"

/* Whether every answer of a sound record is byte for byte the one of now, for a start with this key. */
bool cache_answers_hold(const char *record, size_t size, const struct cache_key *key);
#endif
