/* Runs in the launcher, before anything is confined. It is on the way of every start: memory is asked for once, and the end is known from the header. */
#define _GNU_SOURCE
#include "plan/plan_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 /* Linux 5.14 */
#endif

#define PLAN_MAX_BYTES (64U * 1024 * 1024)

/* With all its pages at once: one at a time costs up to 2 µs each. Where the kernel cannot (before Linux 5.14) they come one at a time. */
static uint8_t *allocate_whole(size_t size)
{
	enum { PAGE = 4096 };
	uint8_t *data = aligned_alloc(PAGE, (size + PAGE - 1) / PAGE * PAGE);
	if (data != NULL)
		madvise(data, size, MADV_POPULATE_WRITE);
	return data;
}

/* Behind the header room for what it announces, unless that is more than any policy has been; and for a byte more, which a plan does not have. */
static uint8_t *more_room(uint8_t *data, size_t *capacity)
{
	enum { USUAL = 65536, AT_ONCE = 1 << 20 };
	if (*capacity > PLAN_HEADER_BYTES)
		return *capacity >= PLAN_MAX_BYTES ? NULL : realloc(data, *capacity *= 2);
	size_t announced = plan_length(data);
	*capacity = announced > PLAN_HEADER_BYTES && announced < AT_ONCE ? announced + 1 : USUAL;
	uint8_t *grown = allocate_whole(*capacity);
	if (grown != NULL) {
		memcpy(grown, data, PLAN_HEADER_BYTES);
		free(data);
	}
	return grown;
}

bool plan_read(int fd, const char *name, struct plan *plan, struct plan_bytes *kept, struct failure *f)
{
	size_t size = 0, capacity = PLAN_HEADER_BYTES;
	uint8_t *data = malloc(capacity);
	while (data != NULL) {
		ssize_t n = read(fd, data + size, capacity - size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			free(data);
			return fail(f, 126, errno, "read the plan", name);
		}
		if (n == 0)
			break;
		size += (size_t)n;
		/* The header says where it ends: a host that closes its end late must not delay the start. */
		if (size >= PLAN_HEADER_BYTES && plan_length(data) == size)
			break;
		if (size == capacity) {
			uint8_t *grown = more_room(data, &capacity);
			if (grown == NULL) {
				free(data);
				return fail(f, 126, EFBIG, "read the plan", name);
			}
			data = grown;
		}
	}
	if (data == NULL)
		return fail(f, 126, ENOMEM, "read the plan", name);
	bool ok = plan_parse(data, size, plan, f);
	if (ok && kept != NULL)
		*kept = (struct plan_bytes){data, size};
	else if (!ok || plan->self == NULL)
		free(data);
	return ok;
}
