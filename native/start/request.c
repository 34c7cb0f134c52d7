/* Reads the command from the host's socket (native/PROTOCOL.md). All of it is checked before any of it is used. */
#define _GNU_SOURCE
#include "start/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char magic[8] = {'N', 'O', 'N', 'O', 'A', 'R', 'G', 'V'};
/* More than the kernel takes in one execve. */
enum { MOST_BYTES = 16 << 20 };

static uint32_t u32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* How much came before the end of file. */
static size_t read_whole(int fd, void *into, size_t size)
{
	size_t got = 0;
	while (got < size) {
		ssize_t n = read(fd, (char *)into + got, size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	return got;
}

char **request_words(char *bytes, size_t size, uint32_t count)
{
	/* Each takes a byte at least, so that a count cannot ask for more memory than came. */
	if (count == 0 || count > size || bytes[size - 1] != 0)
		return NULL;
	char **words = calloc((size_t)count + 1, sizeof *words);
	if (words == NULL)
		return NULL;
	size_t at = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (at >= size) {
			free(words);
			return NULL;
		}
		words[i] = bytes + at;
		at += strlen(bytes + at) + 1;
	}
	if (at != size || words[0][0] == 0) {
		free(words);
		return NULL;
	}
	return words;
}

/* The length, and what it says. */
static bool read_record(int fd, struct request *request)
{
	uint8_t length[4];
	if (read_whole(fd, length, sizeof length) != sizeof length)
		return false;
	request->record_size = u32(length);
	if (request->record_size == 0 || request->record_size > MOST_BYTES)
		return false;
	request->record = malloc(request->record_size);
	return request->record != NULL && read_whole(fd, request->record, request->record_size) == request->record_size;
}

int request_read(int fd, struct request *request, struct failure *f)
{
	uint8_t header[REQUEST_HEADER];
	size_t got = read_whole(fd, header, sizeof header);
	if (got == 0)
		return 0;
	uint32_t flags = u32(header + 8), count = u32(header + 12), size = u32(header + 16);
	bool sound = got == sizeof header && memcmp(header, magic, sizeof magic) == 0 && (flags & ~(uint32_t)(REQUEST_NOTICES | REQUEST_RECORD)) == 0;
	char *bytes = sound && size > 0 && size <= MOST_BYTES ? malloc(size) : NULL;
	if (bytes != NULL && read_whole(fd, bytes, size) == size)
		request->argv = request_words(bytes, size, count);
	if (request->argv == NULL || ((flags & REQUEST_RECORD) != 0 && !read_record(fd, request))) {
		if (request->argv == NULL)
			free(bytes);
		request_free(request);
		fail(f, 126, 0, "read the command", "it is cut short or malformed");
		return -1;
	}
	request->size = u32(header + 20);
	request->notices = (flags & REQUEST_NOTICES) != 0;
	return 1;
}

void request_free(struct request *request)
{
	if (request->argv != NULL)
		free(request->argv[0]); /* where all of them stand */
	free(request->argv);
	free(request->record);
	*request = (struct request){.argv = NULL};
}
