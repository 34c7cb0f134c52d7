#define _GNU_SOURCE
#include "names/changes.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "loop/supervisor.h"
#include "names/moves.h"
#include "slow/slow_mounts.h"

struct place {
	unsigned major, minor; /* of the file system; both 0: none */
};

struct late {
	struct late *next;
	pid_t pid;
	struct place place[2];
	char real[2][PLAN_MAX_PATH];
};

static struct late *lates;

/* From what is cached: asked for now, the server would be waited for. */
static bool place_of(int dir, struct place *place)
{
	struct statx st;
	*place = (struct place){0};
	if (dir < 0)
		return true;
	if (statx(dir, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, 0, &st) != 0)
		return false;
	*place = (struct place){st.stx_dev_major, st.stx_dev_minor};
	return true;
}

static bool same(const struct place *a, const struct place *b)
{
	return a->major == b->major && a->minor == b->minor && (a->major != 0 || a->minor != 0);
}

bool changes_stopped(const int dir[2], bool moves_directory)
{
	bool stopped = lates != NULL && moves_directory;
	for (unsigned i = 0; lates != NULL && !stopped && i < 2; i++) {
		struct place place;
		stopped = !place_of(dir[i], &place);
		for (const struct late *l = lates; !stopped && l != NULL; l = l->next)
			stopped = same(&place, &l->place[0]) || same(&place, &l->place[1]);
	}
	return stopped;
}

static void forget(const char *real)
{
	if (real[0] == 0)
		return;
	quick_forget(real);
	moves_made(real);
}

static bool known(struct late *l, const struct change *c)
{
	for (unsigned i = 0; i < 2; i++) {
		int n = c->real[i] != NULL ? snprintf(l->real[i], sizeof l->real[i], "%s", c->real[i]) : 0;
		if (!place_of(c->dir[i], &l->place[i]) || n >= (int)sizeof l->real[i])
			return false;
	}
	return true;
}

static bool withdraws(int dir)
{
	return dir < 0 || !slow_holds(dir) || slow_withdraws(dir);
}

bool changes_make(struct change *c)
{
	struct late *l = calloc(1, sizeof *l); /* before it is begun: what is not known here would stop nothing */
	if (l == NULL || !known(l, c)) {
		free(l);
		return false;
	}
	enum brief_came came = brief_run(&c->brief);
	if (came == BRIEF_CAME) {
		free(l);
		return true;
	}
	forget(l->real[0]);
	forget(l->real[1]);
	if (came == BRIEF_LOST) {
		free(l);
		return false;
	}
	/* Killed only where that takes it back. Elsewhere it has to be known when the server has answered. */
	if (withdraws(c->dir[0]) && withdraws(c->dir[1]))
		kill(c->brief.pid, SIGKILL);
	l->pid = c->brief.pid;
	l->next = lates;
	lates = l;
	return false;
}

bool changes_ended(pid_t pid)
{
	for (struct late **link = &lates; *link != NULL; link = &(*link)->next) {
		struct late *l = *link;
		if (l->pid != pid)
			continue;
		*link = l->next;
		/* What was seen meanwhile may have been seen before it was made. */
		forget(l->real[0]);
		forget(l->real[1]);
		free(l);
		return true;
	}
	return false;
}
