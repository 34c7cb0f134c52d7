/* Starts nono-planner and reads its answer. Runs with the user's privileges, before anything is confined; what comes back is checked like what comes from Node. */
#define _GNU_SOURCE
#include "start/planner_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "start/front.h"

/* A search of whole trees may take longer; Node says how far it is, and can be interrupted. */
enum { PATIENCE_MS = 1000, RESULT_FD = 16 };

/* Beside this installation's script, as the key has looked at it. */
static bool find_planner(const char *script, char path[PATH_MAX])
{
	char dist[PATH_MAX];
	char *slash = realpath(script, dist) == NULL ? NULL : strrchr(dist, '/');
	if (slash == NULL)
		return false;
	*slash = 0;
	slash = strrchr(dist, '/');
	return slash != NULL && snprintf(path, PATH_MAX, "%.*s/native/build/nono-planner", (int)(slash - dist), dist) < PATH_MAX && access(path, X_OK) == 0;
}

static _Noreturn void become_planner(const struct cache_key *key, const char *kind, const char *path, char **argv, int result, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	char number[16];
	/* Above those that may be free on purpose: what it opens must not look like a stream of the user's. */
	int fd = fcntl(result, F_DUPFD, RESULT_FD);
	if (fd < 0 || getppid() != parent)
		_exit(126);
	snprintf(number, sizeof number, "%d", fd);
	argv[0] = (char *)(uintptr_t)"nono-planner";
	argv[1] = number;
	argv[2] = (char *)(uintptr_t)kind;
	argv[3] = (char *)(uintptr_t)key->node;
	front_tell_host(false);
	execv(path, argv);
	_exit(126);
}

/* Until there is something to read: it is all there a moment later. */
static bool comes_in_time(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;
	do
		n = poll(&p, 1, PATIENCE_MS);
	while (n < 0 && errno == EINTR);
	return n == 1 && (p.revents & POLLIN) != 0;
}

static bool read_answer(int fd, struct request *request, struct plan_bytes *bytes)
{
	struct plan read = {.floor = NULL};
	struct failure f;
	if (!comes_in_time(fd) || request_read(fd, request, &f) != 1 || request->record == NULL || !plan_read(fd, "of the planner", &read, bytes, &f))
		return false;
	plan_free(&read); /* only that it can be read */
	return true;
}

bool planner_run(const struct cache_key *key, const char *kind, struct request *request, struct plan_bytes *bytes)
{
	char path[PATH_MAX];
	int ends[2];
	size_t words = 0;
	while (key->usable && key->argv[words] != NULL)
		words++;
	if (words < 2 || !find_planner(key->argv[1], path))
		return false;
	/* Its own name, the result, the kind and Node come before the script. */
	char **argv = calloc(words + 4, sizeof *argv);
	if (argv == NULL || pipe2(ends, O_CLOEXEC) != 0) {
		free(argv);
		return false;
	}
	memcpy(argv + 4, key->argv + 1, (words - 1) * sizeof *argv);
	pid_t self = getpid(), child = fork();
	if (child == 0)
		become_planner(key, kind, path, argv, ends[1], self);
	free(argv);
	close(ends[1]);
	bool made = child > 0 && read_answer(ends[0], request, bytes);
	close(ends[0]);
	int status = -1;
	if (child > 0 && !made)
		kill(child, SIGKILL);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	if (made && status == 0)
		return true;
	request_free(request);
	free(bytes->data);
	*bytes = (struct plan_bytes){.data = NULL};
	return false;
}
