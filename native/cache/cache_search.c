/* Names of whole trees, searched again. Runs with the user's privileges; the program is the launcher's neighbour, and part of the key. */
#define _GNU_SOURCE
#include "cache/cache_search.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/clock.h"

/* PATIENCE_MS of src/policy/pattern/native-search.ts. LAST: `E`, a number, NUL. */
enum { MOST_MS = 1000, LAST = 32 };

static bool find_program(char path[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
	if (n <= 0 || n >= PATH_MAX - 1)
		return false;
	path[n] = 0;
	char *slash = strrchr(path, '/');
	static const char name[] = "/nono-search";
	if (slash == NULL || slash - path + (ptrdiff_t)sizeof name > PATH_MAX)
		return false;
	memcpy(slash, name, sizeof name);
	return true;
}

static _Noreturn void become_search(const char *program, int sock, pid_t above)
{
	char *const argv[] = {(char *)"nono-search", NULL}, *const env[] = {NULL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	/* It ends with this process, however that ends. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() == above && null >= 0 && dup2(sock, 0) == 0 && dup2(sock, 1) == 1 && dup2(null, 2) == 2 && chdir("/") == 0)
		execve(program, argv, env);
	_exit(127);
}

/* Both directions at once: it reads all before it writes, but a socket takes only so much. True: the end of the answer was read in time, and it was no longer than `size`. */
static bool exchange(int sock, const char *request, size_t length, char *into, size_t size, size_t *got)
{
	const int64_t until = monotonic_ms() + MOST_MS;
	size_t sent = 0;
	bool closed = false;
	for (*got = 0;;) {
		if (sent == length && !closed)
			closed = shutdown(sock, SHUT_WR) == 0;
		int64_t left = until - monotonic_ms();
		struct pollfd p = {.fd = sock, .events = (short)(POLLIN | (sent < length ? POLLOUT : 0))};
		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			return false;
		if (p.revents & POLLOUT) {
			ssize_t n = send(sock, request + sent, length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
			if (n < 0 && errno != EAGAIN && errno != EINTR)
				return false;
			sent += n > 0 ? (size_t)n : 0;
		}
		if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
			ssize_t n = recv(sock, into + *got, size - *got, MSG_DONTWAIT);
			if (n == 0)
				return sent == length && *got < size;
			if (n < 0 && errno != EAGAIN && errno != EINTR)
				return false;
			*got += n > 0 ? (size_t)n : 0;
			if (*got == size)
				return false;
		}
	}
}

static bool ask(const char *program, const char *request, size_t length, char *into, size_t size, size_t *got)
{
	int pair[2], status = -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return false;
	pid_t self = getpid();
	pid_t pid = fork();
	if (pid == 0)
		become_search(program, pair[1], self);
	close(pair[1]);
	bool done = pid > 0 && exchange(pair[0], request, length, into, size, got);
	close(pair[0]);
	if (pid > 0 && !done)
		kill(pid, SIGKILL);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return done && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The texts in `bytes`, each ended by `end`, sorted: several threads find them in any order. */
static char **sorted(char *bytes, size_t size, char end, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < size; i++)
		*count += bytes[i] == end;
	char **list = calloc(*count + 1, sizeof *list);
	size_t n = 0;
	for (char *at = bytes; list != NULL && at < bytes + size; at = strchr(at, 0) + 1) {
		list[n++] = at;
		*(char *)memchr(at, end, (size_t)(bytes + size - at)) = 0;
	}
	if (list != NULL)
		qsort(list, n, sizeof *list, by_text);
	return list;
}

/* How many entries it has seen is not part of the answer, but that it came to its end. */
static bool cut_end(const char *found, size_t *size)
{
	if (*size < 3 || found[*size - 1] != 0)
		return false;
	const char *before = memrchr(found, 0, *size - 1);
	const char *last = before == NULL ? found : before + 1;
	if (last[0] != 'E' || last[1] == 0 || strspn(last + 1, "0123456789") != strlen(last + 1))
		return false;
	*size = (size_t)(last - found);
	return true;
}

static bool same(char *found, size_t found_size, char *before, size_t before_size)
{
	if (!cut_end(found, &found_size) || found_size != before_size || (before_size > 0 && before[before_size - 1] != '\n'))
		return false;
	/* A name with a line feed was never kept. */
	if (memchr(found, '\n', found_size) != NULL)
		return false;
	size_t counts[2];
	char **now = sorted(found, found_size, 0, &counts[0]), **then = sorted(before, before_size, '\n', &counts[1]);
	bool are = now != NULL && then != NULL && counts[0] == counts[1];
	for (size_t i = 0; are && i < counts[0]; i++)
		are = strcmp(now[i], then[i]) == 0;
	free(now);
	free(then);
	return are;
}

bool cache_search_holds(const char *request, const char *answer)
{
	char program[PATH_MAX];
	size_t length = strlen(request), before_size = strlen(answer), size = before_size + LAST, got;
	char *fields = strdup(request), *before = strdup(answer), *found = malloc(size);
	bool holds = fields != NULL && before != NULL && found != NULL && length > 0 && request[length - 1] == '\n' && find_program(program);
	for (size_t i = 0; holds && i < length; i++)
		if (fields[i] == '\n')
			fields[i] = 0;
	holds = holds && ask(program, fields, length, found, size, &got) && same(found, got, before, before_size);
	free(fields);
	free(before);
	free(found);
	return holds;
}
