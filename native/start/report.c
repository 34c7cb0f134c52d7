#include "start/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool fail(struct failure *f, int exit_code, int err, const char *step, const char *object)
{
	f->step = step;
	f->err = err;
	f->exit_code = exit_code;
	snprintf(f->object, sizeof f->object, "%s", object ? object : "");
	return false;
}

static void write_all(const char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		ssize_t n = write(2, text, left);
		struct pollfd full = {.fd = 2, .events = POLLOUT};
		if (n < 0 && errno == EAGAIN && poll(&full, 1, -1) > 0)
			continue;
		if (n < 0 && errno != EINTR)
			return; /* nobody to tell */
		text += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
}

void print_text(const char *text)
{
	/* As Node would: that nobody reads it must not end the start. */
	struct sigaction ignored = {.sa_handler = SIG_IGN}, before;
	sigaction(SIGPIPE, &ignored, &before);
	write_all(text);
	sigaction(SIGPIPE, &before, NULL);
}

void print_failure(const struct failure *f)
{
	char line[sizeof f->object + 512];
	const char *named = f->object[0] ? ": " : "", *cause = f->err ? ": " : "";
	snprintf(line, sizeof line, "nono: %s%s%s%s%s\n", f->step, named, f->object, cause, f->err ? strerror(f->err) : "");
	print_text(line);
}
