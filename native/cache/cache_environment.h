/* What of the environment decides a plan: which variables there are, always; of some the value, always; and of the rest what the record says was asked. No I/O. */
#ifndef NONO_CACHE_ENVIRONMENT_H
#define NONO_CACHE_ENVIRONMENT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/sha256.h"

/* `in_pane`: of the relay's variables only which of them there are. */
void cache_environment_add(struct sha256 *s, char *const env[], bool in_pane);
/* Of the values that a sound record says were asked for, as they are here. `key`: whatever else belongs to the start, so that no value can be guessed from the digest alone. */
void cache_values_digest(const struct sha256 *key, const char *record, size_t size, char *const env[], uint8_t digest[SHA256_BYTES]);
/* Whether there is such a variable, and no `@` in its value. */
bool cache_without_at(char *const env[], const char *name);
#endif
