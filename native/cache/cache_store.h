/* The cached plans in nono's own state directory. Whatever fails, fails silently: the start is slower, or not remembered. */
#ifndef NONO_CACHE_STORE_H
#define NONO_CACHE_STORE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cache/sha256.h"

/* The bytes of the entry of that digest, in memory of their own; NULL: there is none, or not one that only this user could have written. */
uint8_t *cache_load(const char *directory, const uint8_t digest[SHA256_BYTES], size_t *size);
/* In one step, in the place of an older one. */
void cache_save(const char *directory, const uint8_t digest[SHA256_BYTES], const uint8_t *data, size_t size);
#endif
