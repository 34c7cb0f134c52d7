#include "report.h"

#include <stdio.h>
#include <string.h>

bool fail(struct failure *f, int exit_code, int err, const char *step, const char *object)
{
	f->step = step;
	f->err = err;
	f->exit_code = exit_code;
	snprintf(f->object, sizeof f->object, "%s", object ? object : "");
	return false;
}

void print_failure(const struct failure *f)
{
	if (f->err)
		fprintf(stderr, "nono: %s: %s: %s\n", f->step, f->object, strerror(f->err));
	else
		fprintf(stderr, "nono: %s: %s\n", f->step, f->object);
}
