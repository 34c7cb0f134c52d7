/* Asks the file system again what the policy code asked when a plan was made. */
#ifndef NONO_CACHE_ASK_H
#define NONO_CACHE_ASK_H
#include <stdbool.h>
#include <stddef.h>

/* Whether every answer of a sound record is byte for byte the one of now. `node`: the Node.js that this start would take. */
bool cache_answers_hold(const char *record, size_t size, const char *node);
#endif
