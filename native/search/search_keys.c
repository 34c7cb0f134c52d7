#define _GNU_SOURCE
#include "search/search_keys.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { TERMINAL = 3, INTERRUPT = 3, INTERRUPTED = 130, MOST_KEYS = 64 << 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char typed[MOST_KEYS];
static size_t kept;
static bool watched, over, too_much;
static double wait;

static void interrupted(void)
{
	static const char line[] = "\r\033[K^C\r\n";
	if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
		_exit(INTERRUPTED);
	_exit(INTERRUPTED);
}

/* Half of a paste is another command: beyond the bound nothing of it is kept, and the host is told. */
static void keep(const char *keys, size_t n)
{
	too_much |= n > sizeof typed - kept;
	if (too_much)
		return;
	memcpy(typed + kept, keys, n);
	kept += n;
}

enum got { NOTHING, KEYS, GONE };

/* With the lock held. No signal comes from a raw terminal: ^C is one of the keys. */
static enum got take(void)
{
	char keys[4096];
	struct pollfd p = {.fd = TERMINAL, .events = POLLIN};
	if (poll(&p, 1, 0) <= 0)
		return NOTHING;
	ssize_t n = (p.revents & POLLIN) ? read(TERMINAL, keys, sizeof keys) : 0;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return NOTHING;
	if (n <= 0)
		return GONE;
	if (memchr(keys, INTERRUPT, (size_t)n) != NULL)
		interrupted();
	keep(keys, (size_t)n);
	return KEYS;
}

static void *watch(void *unused)
{
	(void)unused;
	usleep((useconds_t)(wait * 1e6));
	for (enum got got = NOTHING; got != GONE;) {
		struct pollfd p = {.fd = TERMINAL, .events = POLLIN};
		pthread_mutex_lock(&lock);
		watched = true;
		got = over ? GONE : take();
		pthread_mutex_unlock(&lock);
		if (got == NOTHING && poll(&p, 1, -1) < 0 && errno != EINTR)
			return NULL;
	}
	return NULL;
}

void keys_watch(double patience)
{
	pthread_t thread;
	wait = patience;
	if (pthread_create(&thread, NULL, watch, NULL) == 0)
		pthread_detach(thread);
}

/* In hexadecimal digits: a record has no NUL, and a key can be one. */
void keys_record(struct worker *w)
{
	static char digits[2 * MOST_KEYS];
	pthread_mutex_lock(&lock);
	while (watched && take() == KEYS)
		;
	over = true;
	for (size_t i = 0; i < kept; i++) {
		digits[2 * i] = "0123456789abcdef"[(unsigned char)typed[i] >> 4];
		digits[2 * i + 1] = "0123456789abcdef"[typed[i] & 15];
	}
	if (too_much)
		worker_record(w, 'O', "", 0);
	else if (kept > 0)
		worker_record(w, 'T', digits, 2 * kept);
	pthread_mutex_unlock(&lock);
}
