/* One program that tries to get out of a sandbox in many ways: `attempt NAME ARGUMENT…`. What it prints is evidence, never the verdict. */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include <stdbool.h>
#include <stddef.h>

struct attempt {
	const char *name;
	int (*run)(char **args);
	int least; /* arguments */
};

extern const struct attempt outside_attempts[], file_attempts[], name_attempts[], metadata_attempts[], race_attempts[], process_attempts[], socket_attempts[],
	syscall_attempts[], mark_attempts[], further_attempts[], observed_attempts[], traced_attempts[];

/* Prints what the descriptor holds; false when nothing could be read. */
bool show(int fd);
/* Says on standard error how the named call ended, in a line that the runner reads (try.ts); true when it succeeded. */
bool said(const char *what, long result);
/* Whether no sandbox is around: then what a call did may be undone, so that the next one shows what it can do, too. */
bool outside(void);
/* CLOCK_MONOTONIC in milliseconds. */
long now(void);

#endif
