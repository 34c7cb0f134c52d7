/* Bytes of a descriptor to its end: of a file, of a program that answers. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "planner.h"

enum { FIRST_ROOM = 4096 };

uint8_t *planner_read_all(int fd, size_t most, size_t *size)
{
	size_t room = FIRST_ROOM;
	uint8_t *bytes = malloc(room);
	*size = 0;
	for (ssize_t n = 1; bytes != NULL && n != 0;) {
		if (*size == room) {
			uint8_t *grown = room < most ? realloc(bytes, room *= 2) : NULL;
			if (grown == NULL) {
				free(bytes);
				errno = EFBIG;
				return NULL;
			}
			bytes = grown;
		}
		n = read(fd, bytes + *size, room - *size);
		if (n < 0 && errno != EINTR) {
			int error = errno;
			free(bytes);
			errno = error;
			return NULL;
		}
		*size += n > 0 ? (size_t)n : 0;
	}
	return bytes;
}
