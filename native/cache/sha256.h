/* SHA-256 (FIPS 180-4), for the name of a cached plan, for a plan that others could replace, and for what a held call is about. */
#ifndef NONO_SHA256_H
#define NONO_SHA256_H
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_TEXT = 2 * SHA256_BYTES + 1 };

struct sha256 {
	uint32_t state[8];
	uint64_t length;
	uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *data, size_t size);
/* With its length, so that no two lists of items run together to the same bytes. */
void sha256_add_item(struct sha256 *s, const void *data, size_t size);
void sha256_end(struct sha256 *s, uint8_t digest[SHA256_BYTES]);
/* As hexadecimal digits, with its end. */
void sha256_text(const uint8_t digest[SHA256_BYTES], char text[SHA256_TEXT]);
#endif
