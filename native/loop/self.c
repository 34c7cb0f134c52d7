/* Runs in the supervisor; self_print in nono-launch inside the session. The record is made anew only when the rules have changed: everybody inside shares one
 * sealed file, so asking often costs no memory. */
#define _GNU_SOURCE
#include "loop/self.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SEALS = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, HEADER = 16, LOG_MAX = 1 << 20 };
#define MEMFD_NAME "nono-session"

static const struct plan *source;
static uint8_t *changes;
static size_t changes_size, changes_capacity;
static bool changes_lost;
/* One for callers that restricted themselves further, one for the rest. */
static int made[2] = {-1, -1};

void self_init(const struct plan *plan)
{
	source = plan;
}

static void forget_made(void)
{
	for (int i = 0; i < 2; i++) {
		if (made[i] >= 0)
			close(made[i]);
		made[i] = -1;
	}
}

void self_changed(const struct command *c)
{
	if (source == NULL || source->self == NULL || changes_lost)
		return;
	forget_made();
	if (changes_size + c->frame_size > changes_capacity) {
		size_t wanted = changes_capacity == 0 ? 8192 : changes_capacity * 2;
		uint8_t *grown = wanted > LOG_MAX ? NULL : realloc(changes, wanted);
		if (grown == NULL) {
			changes_lost = true; /* an answer without some of the changes would be wrong: none is given any more */
			return;
		}
		changes = grown;
		changes_capacity = wanted;
	}
	memcpy(changes + changes_size, c->frame, c->frame_size);
	changes_size += c->frame_size;
}

bool self_is_asked(const struct open_call *call)
{
	return source != NULL && source->self != NULL && strcmp(call->path, SELF_PATH) == 0 && (call->flags & (O_ACCMODE | O_CREAT | O_TRUNC)) == O_RDONLY;
}

static bool write_all(int fd, const void *data, size_t size)
{
	const uint8_t *at = data;
	while (size > 0) {
		ssize_t n = write(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

static int make(bool narrowed)
{
	int fd = memfd_create(MEMFD_NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	uint32_t length = (uint32_t)source->self_size;
	uint8_t head[HEADER] = {'N', 'O', 'N', 'O', 'S', 'E', 'L', 'F', narrowed};
	for (unsigned i = 0; i < 4; i++)
		head[12 + i] = (uint8_t)(length >> 8 * i);
	bool ok = fd >= 0 && write_all(fd, head, sizeof head) && write_all(fd, source->self, length) && write_all(fd, changes, changes_size) &&
	          fcntl(fd, F_ADD_SEALS, SEALS) == 0;
	if (!ok && fd >= 0)
		close(fd);
	return ok ? fd : -1;
}

void self_answer(struct supervisor *s, const struct open_call *call)
{
	bool narrowed = narrowed_contains(s, call->tid);
	if (changes_lost) {
		answer_error(s, call->id, EOVERFLOW);
		return;
	}
	if (made[narrowed] < 0)
		made[narrowed] = make(narrowed);
	/* Opened again: an offset of its own, and no right to write. */
	char link[40];
	snprintf(link, sizeof link, "/proc/self/fd/%d", made[narrowed]);
	int fd = made[narrowed] < 0 ? -1 : open(link, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		answer_error(s, call->id, EIO);
	else
		answer_descriptor(s, call->id, call->tid, fd, (call->flags & O_CLOEXEC) != 0);
}

/* A file that somebody inside made would be no memfd with these seals at this name; asked for all the same, since a mistake here would be believed. */
static bool from_supervisor(int fd)
{
	char link[40], name[64];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, name, sizeof name - 1);
	if (n < 0)
		return false;
	name[n] = 0;
	return strcmp(name, "/memfd:" MEMFD_NAME " (deleted)") == 0 && fcntl(fd, F_GET_SEALS) == SEALS;
}

int self_print(void)
{
	/* The system call itself: the library's open may be one that the fast path lets by. */
	int fd = (int)syscall(SYS_openat, AT_FDCWD, SELF_PATH, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return errno == ENOENT ? 1 : 2;
	if (!from_supervisor(fd))
		return 2;
	char data[65536];
	ssize_t n;
	while ((n = read(fd, data, sizeof data)) > 0)
		if (!write_all(1, data, (size_t)n))
			return 2;
	return n < 0 ? 2 : 0;
}
