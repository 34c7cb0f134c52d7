/* Runs as the supervisor. Nothing is taken back: who may mount on this machine made the mount, and Landlock lets nothing be taken off a floor. But who relies on a rule is told
 * where it does not hold. */
#define _GNU_SOURCE
#include "slow/later_mounts.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "slow/slow_mounts.h"

/* Who builds containers below what is granted makes hundreds: the first ones are named. */
enum { MOST_NEWS = 64, MOST_TOLD = 16 };

struct table {
	uint64_t *at;
	size_t count, room;
	bool known;
};

static struct table before, now;
static char *news[MOST_NEWS];
static unsigned waiting, told;
static bool more, told_more; /* than could be kept, or are named */

/* Number, parent, device, root and place of a line of proc_pid_mountinfo(5): a number alone is used again. */
static uint64_t digest(const char *line)
{
	uint64_t hash = 14695981039346656037ULL; /* FNV-1a */
	for (unsigned blanks = 0; *line != 0 && (*line != ' ' || ++blanks < 5); line++)
		hash = (hash ^ (unsigned char)*line) * 1099511628211ULL;
	return hash;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

static void remember(const char *line)
{
	static char place[PLAN_MAX_PATH];
	if (waiting == MOST_NEWS || sscanf(line, "%*u %*u %*s %*s %4095s", place) != 1 || (news[waiting] = strdup(place)) == NULL) {
		more = true;
		return;
	}
	slow_unescape(news[waiting++]);
}

void later_line(const char *line)
{
	if (now.count == now.room) {
		size_t room = 2 * now.room + 64;
		uint64_t *larger = realloc(now.at, room * sizeof *larger);
		if (larger == NULL) {
			more = true;
			return;
		}
		now.at = larger;
		now.room = room;
	}
	const uint64_t one = now.at[now.count++] = digest(line);
	if (before.known && (before.count == 0 || bsearch(&one, before.at, before.count, sizeof one, by_value) == NULL))
		remember(line);
}

void later_end(void)
{
	struct table last = before;
	if (now.count > 0)
		qsort(now.at, now.count, sizeof *now.at, by_value);
	before = now;
	before.known = true;
	now = (struct table){.at = last.at, .room = last.room};
}

/* What is asked of the floor is where the directories above are: on a file system that may not answer, nobody asks. */
static bool reached(const struct floor *floor, const char *place)
{
	char dir[PLAN_MAX_PATH];
	snprintf(dir, sizeof dir, "%s", place);
	char *slash = strrchr(dir, '/');
	if (slash == NULL || slash[1] == 0)
		return true;
	slash[slash == dir ? 1 : 0] = 0;
	/* By a rule above the place: one on the place itself is for what the mount covers. */
	return slow_at(dir) || floor_holds(floor, place, 0, 0, FLOOR_READ_FILE) || floor_holds(floor, place, 0, 0, FLOOR_WRITE_FILE);
}

void later_tell(const struct floor *floor, struct wire *w)
{
	static const char what[] = "now lies below what is granted: what it shows is granted too, also devices, and what a rule denies elsewhere";
	char text[PLAN_MAX_PATH + sizeof what + 16];
	for (unsigned i = 0; i < waiting; i++) {
		if (told == MOST_TOLD) {
			more = true;
		} else if (reached(floor, news[i])) {
			told++;
			snprintf(text, sizeof text, "mounted: %s %s", news[i], what);
			wire_notice(w, text);
		}
		free(news[i]);
	}
	if (more && !told_more) {
		told_more = true;
		wire_notice(w, "mounted: more than is named, perhaps below what is granted: what they show is granted then");
	}
	waiting = 0;
	more = false;
}
