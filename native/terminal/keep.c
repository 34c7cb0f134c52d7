/* nono-keep stands between a command without a terminal and the file that holds what it prints: a pipe takes the output, and no more than a bound of it is kept.
 *
 *   nono-keep FILE BYTES FD -- PROGRAM ARG…
 *
 * Runs as the invoking user, outside every sandbox. This process becomes PROGRAM (nono-launch), with the pipe as its standard output and error; a child that is nobody's any
 * more reads the pipe until everybody who could write to it is gone. The newest half of the bound at least is kept: FILE is what is written now, FILE.1 what was before it.
 * Each begins with a line that says at which byte of the whole output it starts, so that a reader knows what is missing, at the beginning or in between.
 * FD is the host's: its other end is closed when everything was written.
 * A disk without room loses the oldest, and never stops the command: what cannot be written is read all the same. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 65536, HEAD = 43, SETUP_FAILED = 126, MODE = 0600, FIRST_KEPT = 3, KEPT = 4 };

struct kept {
	int dir, fd, life;
	const char *name;
	char older[256];
	uint64_t half, size; /* of what was printed, in the file that is open */
	uint64_t at;         /* how much has been printed in all */
	bool gap;            /* the open file cannot go on */
};

static void head(const struct kept *k, char *text)
{
	(void)snprintf(text, HEAD + 1, "nono output from byte %020llu\n", (unsigned long long)k->at);
}

static bool write_head(struct kept *k)
{
	char text[HEAD + 1];
	head(k, text);
	return pwrite(k->fd, text, HEAD, 0) == HEAD && lseek(k->fd, HEAD, SEEK_SET) == HEAD;
}

static bool open_next(struct kept *k)
{
	k->fd = openat(k->dir, k->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE);
	k->gap = k->fd < 0 || !write_head(k);
	if (k->gap && k->fd >= 0) {
		(void)close(k->fd);
		(void)unlinkat(k->dir, k->name, 0);
		k->fd = -1;
	}
	return !k->gap;
}

/* What was written until now becomes the older half, in the place of the one before it. */
static void begin_next(struct kept *k)
{
	if (k->fd >= 0 && k->size == 0) {
		k->gap = !write_head(k);
		return;
	}
	if (k->fd >= 0) {
		(void)close(k->fd);
		(void)renameat(k->dir, k->name, k->dir, k->older);
	}
	k->size = 0;
	if (!open_next(k)) {
		(void)unlinkat(k->dir, k->older, 0);
		(void)open_next(k);
	}
}

static void keep(struct kept *k, const char *bytes, size_t count)
{
	while (count > 0) {
		if (k->gap || k->size >= k->half)
			begin_next(k);
		uint64_t room = k->half - k->size;
		ssize_t n = k->gap ? 0 : write(k->fd, bytes, count < room ? count : (size_t)room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0) {
			k->size += (uint64_t)n;
			k->at += (uint64_t)n;
			bytes += n;
			count -= (size_t)n;
		} else if (k->gap || k->size == 0) {
			/* Not even now. */
			k->gap = true;
			k->at += count;
			return;
		} else {
			/* No room: two halves of what fits, and the older one goes at once. */
			k->gap = true;
			k->half = k->size / 2 > CHUNK ? k->size / 2 : CHUNK;
		}
	}
}

static _Noreturn void keep_all(struct kept *k, int from)
{
	static char chunk[CHUNK];
	for (;;) {
		ssize_t n = read(from, chunk, sizeof chunk);
		if (n > 0)
			keep(k, chunk, (size_t)n);
		else if (n == 0 || errno != EINTR)
			_exit(0);
	}
}

static bool open_kept(struct kept *k, char *file, const char *bytes, const char *life)
{
	char *slash = strrchr(file, '/'), *end;
	k->half = strtoull(bytes, &end, 10) / 2;
	k->life = (int)strtol(life, NULL, 10);
	if (slash == NULL || slash == file || *end != 0 || k->half == 0)
		return false;
	*slash = 0;
	k->name = slash + 1;
	int n = snprintf(k->older, sizeof k->older, "%s.1", k->name);
	k->dir = open(file, O_PATH | O_DIRECTORY | O_CLOEXEC);
	k->fd = k->dir < 0 ? -1 : openat(k->dir, k->name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	return n > 0 && (size_t)n < sizeof k->older && k->fd >= 0 && fcntl(k->life, F_GETFD) >= 0 && write_head(k);
}

/* Its descriptors: the pipe, the file, and the host's word that it is still there. Anything else of the host's kept open here would hide its end from the supervisor. */
static bool leave_rest(struct kept *k, int *from)
{
	int *const kept[KEPT] = {from, &k->dir, &k->fd, &k->life};
	for (int i = 0; i < KEPT; i++) {
		/* Out of the way of the numbers they are moved to, and no further: the user's limit on open files may be low. */
		int high = fcntl(*kept[i], F_DUPFD_CLOEXEC, FIRST_KEPT + KEPT);
		if (high < 0)
			return false;
		*kept[i] = high;
	}
	for (int i = 0; i < KEPT; i++)
		if (dup3(*kept[i], FIRST_KEPT + i, O_CLOEXEC) < 0)
			return false;
		else
			*kept[i] = FIRST_KEPT + i;
	(void)syscall(SYS_close_range, (unsigned)(FIRST_KEPT + KEPT), ~0U, 0U);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		(void)dup2(null, fd);
	if (null >= FIRST_KEPT + KEPT)
		(void)close(null);
	return true;
}

/* By a second fork: the launcher ends all its children, and counts them. Before it: a command whose output nobody reads is not started. */
static bool start_keeper(struct kept *k, int pipe_ends[2])
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		int from = pipe_ends[0];
		(void)setsid();
		pid_t keeper = leave_rest(k, &from) ? fork() : -1;
		if (keeper != 0)
			_exit(keeper < 0 ? 1 : 0);
		static const int ignored[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGXFSZ, SIGPIPE};
		for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
			(void)signal(ignored[i], SIG_IGN);
		keep_all(k, from);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char *argv[])
{
	static struct kept kept;
	int ends[2];
	if (argc < 6 || strcmp(argv[4], "--") != 0 || !open_kept(&kept, argv[1], argv[2], argv[3])) {
		(void)dprintf(2, "usage: nono-keep FILE BYTES FD -- PROGRAM ARG...\n");
		return SETUP_FAILED;
	}
	if (pipe2(ends, O_CLOEXEC) < 0 || !start_keeper(&kept, ends) || dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0)
		return SETUP_FAILED;
	(void)execv(argv[5], argv + 5);
	return SETUP_FAILED;
}
