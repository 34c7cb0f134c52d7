/* Runs one command and prints "nanoseconds exit-code held denied". From C, because starting a process out of Node costs milliseconds of its own.
 *   stopwatch COMMAND…           streams from and to /dev/null, standard error kept
 *   stopwatch --host COMMAND…    and descriptor 3 is the event socket of nono-launch: this is the least that a host can be; it denies whatever is asked */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { EVENTS_FD = 3, EVENT_DENIED = 3, EVENT_HELD = 4, COMMAND_VERDICT = 101, HEADER = 8, MAX_FRAME = 8 + 65536 };

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void deny(int fd, const unsigned char *hold_id)
{
	unsigned char frame[HEADER + 9] = {9, 0, 0, 0, COMMAND_VERDICT};
	memcpy(frame + HEADER, hold_id, 8);
	if (write(fd, frame, sizeof frame) < 0)
		perror("stopwatch: verdict");
}

static void host(int fd, unsigned *held, unsigned *denied)
{
	static unsigned char buffer[4 * MAX_FRAME];
	size_t have = 0;
	ssize_t n;
	while ((n = read(fd, buffer + have, sizeof buffer - have)) > 0) {
		size_t at = 0;
		have += (size_t)n;
		while (have - at >= HEADER) {
			uint32_t length;
			memcpy(&length, buffer + at, 4);
			if (have - at < HEADER + length)
				break;
			if (buffer[at + 4] == EVENT_HELD) {
				++*held;
				deny(fd, buffer + at + HEADER);
			} else if (buffer[at + 4] == EVENT_DENIED)
				++*denied;
			at += HEADER + length;
		}
		have -= at;
		memmove(buffer, buffer + at, have);
	}
}

int main(int argc, char **argv)
{
	int hosted = argc > 1 && strcmp(argv[1], "--host") == 0, pair[2], status = 0;
	unsigned held = 0, denied = 0;
	if (argc < 2 + hosted || (hosted && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0))
		return 2;
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_RDWR, 0);
	if (hosted)
		posix_spawn_file_actions_adddup2(&actions, pair[1], EVENTS_FD);
	pid_t pid;
	int64_t begin = now_ns();
	if (posix_spawnp(&pid, argv[1 + hosted], &actions, NULL, argv + 1 + hosted, environ) != 0)
		return 127;
	if (hosted) {
		close(pair[1]);
		host(pair[0], &held, &denied);
	}
	waitpid(pid, &status, 0);
	int64_t took = now_ns() - begin;
	printf("%lld %d %u %u\n", (long long)took, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), held, denied);
	return 0;
}
