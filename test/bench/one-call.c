/* Opens one path many times and prints the median of the batches in nanoseconds per call.
 *   one-call open PATH COUNT     open for reading and close
 *   one-call denied PATH COUNT   open, which must fail
 *   one-call missing PATH COUNT  the same, with ENOENT
 *   one-call chmod PATH COUNT    set the mode that it has */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BATCHES = 20 };

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void call(const char *what, const char *path)
{
	if (strcmp(what, "chmod") == 0) {
		if (chmod(path, 0644) == 0)
			return;
	} else {
		int fd = open(path, O_RDONLY);
		if (fd >= 0 && strcmp(what, "open") == 0 && close(fd) == 0)
			return;
		if (fd < 0 && errno == EACCES && strcmp(what, "denied") == 0)
			return;
		if (fd < 0 && errno == ENOENT && strcmp(what, "missing") == 0)
			return;
	}
	fprintf(stderr, "one-call: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	int each = atoi(argv[3]) / BATCHES;
	double batch[BATCHES];
	for (int i = 0; i < 50; i++)
		call(argv[1], argv[2]);
	for (int b = 0; b < BATCHES; b++) {
		int64_t begin = now_ns();
		for (int i = 0; i < each; i++)
			call(argv[1], argv[2]);
		batch[b] = (double)(now_ns() - begin) / each;
	}
	qsort(batch, BATCHES, sizeof batch[0], compare);
	printf("%.0f\n", batch[BATCHES / 2]);
	return 0;
}
