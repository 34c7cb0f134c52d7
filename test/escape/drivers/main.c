#define _GNU_SOURCE
#include "attempt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool show(int fd)
{
	char buffer[4096];
	ssize_t n;
	bool any = false;
	if (fd < 0)
		return false;
	while ((n = read(fd, buffer, sizeof buffer)) > 0) {
		any = true;
		fwrite(buffer, 1, (size_t)n, stdout);
	}
	putchar('\n');
	fflush(stdout);
	close(fd);
	return any;
}

bool said(const char *what, long result)
{
	if (result >= 0)
		fprintf(stderr, "@ %s: done\n", what);
	else
		fprintf(stderr, "@ %s: %s\n", what, strerror(errno));
	return result >= 0;
}

bool outside(void)
{
	const char *said_so = getenv("OUTSIDE");
	return said_so != NULL && said_so[0] != 0;
}

long now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	const struct attempt *const tables[] = {outside_attempts, file_attempts,   name_attempts,    metadata_attempts, race_attempts,
	                                        process_attempts, socket_attempts, syscall_attempts, mark_attempts,    further_attempts, observed_attempts, traced_attempts};
	for (size_t i = 0; argc > 1 && i < sizeof tables / sizeof tables[0]; i++)
		for (const struct attempt *a = tables[i]; a->name; a++)
			if (strcmp(a->name, argv[1]) == 0 && argc - 2 >= a->least)
				return a->run(argv + 2);
	fprintf(stderr, "attempt: no such attempt: %s with %d arguments\n", argc > 1 ? argv[1] : "", argc - 2);
	return 64;
}
