/* How a failed step reaches the user: one line naming the step, the errno and the object (PROTOCOL.md, SETUP_ERROR). */
#ifndef NONO_REPORT_H
#define NONO_REPORT_H
#include <stdbool.h>

struct failure {
	const char *step;   /* what was being done, as a person would say it: "open the plan" */
	char object[512];   /* on which object */
	int err;            /* errno, 0 when the kernel was not involved */
	int exit_code;      /* 126 set-up or execution failed, 127 command not found */
};

/* Fills `f` and returns false, so that `return fail(...)` reads as what it is. */
bool fail(struct failure *f, int exit_code, int err, const char *step, const char *object);
/* Prints the line to stderr, for the cases without a host to tell. */
void print_failure(const struct failure *f);
/* Writes all of a text to stderr, as the host would. */
void print_text(const char *text);
#endif
