/* Any bytes as the words of a command: refused, or as many strings as were announced, which fill the bytes exactly. */
#include <stdlib.h>
#include <string.h>

#include "start/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	/* The first byte is the count, so that it is near the truth. A copy of exactly this size: the sanitizer then sees a read past its end. */
	uint32_t count = data[0];
	size_t length = size - 1, total = 0;
	char *bytes = malloc(length);
	memcpy(bytes, data + 1, length);
	char **words = request_words(bytes, length, count);
	for (uint32_t i = 0; words != NULL && i < count; i++) {
		if (words[i] != bytes + total)
			abort();
		total += strlen(words[i]) + 1;
	}
	if (words != NULL && (total != length || words[count] != NULL || words[0][0] == 0))
		abort();
	free(words);
	free(bytes);
	return 0;
}
