#define _GNU_SOURCE
#include "exec/first_line.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/brief.h"
#include "slow/slow_mounts.h"

bool first_line(int object, char interpreter[FIRST_LINE], char argument[FIRST_LINE])
{
	char link[40], line[FIRST_LINE];
	snprintf(link, sizeof link, "/proc/self/fd/%d", object);
	int fd = open(link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, line, sizeof line - 1) : -1;
	if (fd >= 0)
		close(fd);
	interpreter[0] = argument[0] = 0;
	if (n < 3 || line[0] != '#' || line[1] != '!')
		return false;
	line[n] = 0;
	line[strcspn(line, "\n")] = 0;
	char *at = line + 2 + strspn(line + 2, " \t");
	size_t len = strcspn(at, " \t");
	char *rest = at + len + strspn(at + len, " \t");
	size_t end = strlen(rest);
	while (end > 0 && (rest[end - 1] == ' ' || rest[end - 1] == '\t'))
		end--;
	snprintf(interpreter, FIRST_LINE, "%.*s", (int)len, at);
	snprintf(argument, FIRST_LINE, "%.*s", (int)end, rest);
	return interpreter[0] != 0;
}

struct line {
	char interpreter[FIRST_LINE], argument[FIRST_LINE];
};

static void read_and_tell(struct brief *b)
{
	const int *object = b->arg;
	struct line line;
	memset(&line, 0, sizeof line);
	first_line(*object, line.interpreter, line.argument);
	brief_tell(b, &line);
}

bool first_line_soon(int object, char interpreter[FIRST_LINE], char argument[FIRST_LINE])
{
	if (!slow_holds(object)) {
		first_line(object, interpreter, argument);
		return true;
	}
	struct line line;
	struct brief b = {.work = read_and_tell, .arg = &object, .keep = {object}, .kept = 1, .result = &line, .size = sizeof line};
	interpreter[0] = argument[0] = 0;
	if (brief_ask(&b, slow_mount_number(object)) != BRIEF_CAME)
		return false;
	memcpy(interpreter, line.interpreter, FIRST_LINE);
	memcpy(argument, line.argument, FIRST_LINE);
	return true;
}
