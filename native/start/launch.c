/* nono-launch: starts one command in its sandbox. Runs with the invoking user's privileges and needs none beyond them.
 *
 *   nono-launch --plan FILE [--plan-digest SHA256] | --plan-fd N  [--unlink-plan] [--notices] [--events-fd N] -- COMMAND [ARG…]
 *   nono-launch --front run|wrap|shell [OPTION of NODE] -- NODE ARG…
 *   nono-launch --probe
 *   nono-launch --session
 *
 * With SUPERVISE in the plan this process becomes the guardian: it starts the supervisor, and when the supervisor is gone, however that came about, it
 * ends every process that was inside. Without, it confines itself and executes the command in place. */
#define _GNU_SOURCE
#include "start/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "floor/birth.h"
#include "loop/self.h"
#include "start/child.h"
#include "start/inherited_sockets.h"
#include "start/nested.h"
#include "start/standard_input.h"
#include "start/tmpdir.h"

static bool number(const char *text, int *out)
{
	char *end;
	long value = text ? strtol(text, &end, 10) : -1;
	if (value < 0 || value > 1 << 20 || *end != 0)
		return false;
	*out = (int)value;
	return true;
}

static bool parse_options(int argc, char **argv, struct launch *o)
{
	*o = (struct launch){.plan_fd = -1, .events_fd = -1};
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
		if (strcmp(a, "--") == 0) {
			o->command = argv + i + 1;
			break;
		}
		if (strcmp(a, "--probe") == 0)
			o->probe = true;
		else if (strcmp(a, "--session") == 0)
			o->session = true;
		else if (strcmp(a, "--notices") == 0)
			o->notices = true;
		else if (strcmp(a, "--unlink-plan") == 0)
			o->unlink_plan = true;
		else if (strcmp(a, "--plan") == 0 && value != NULL)
			o->plan_path = argv[++i];
		else if (strcmp(a, "--plan-digest") == 0 && value != NULL)
			o->plan_digest = argv[++i];
		else if (strcmp(a, "--plan-fd") == 0 && number(value, &o->plan_fd))
			i++;
		else if (strcmp(a, "--events-fd") == 0 && number(value, &o->events_fd))
			i++;
		else
			return false;
	}
	return o->probe || o->session || ((o->plan_path != NULL) != (o->plan_fd >= 0) && o->command != NULL && o->command[0] != NULL);
}

static int probe(void)
{
	struct seccomp_notif_sizes sizes;
	bool notify = syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0;
	printf("abi=%d notify=%d nested=%d\n", floor_abi(), notify, nested_try() == NESTED_YES);
	return floor_abi() > 0 && notify ? 0 : 1;
}

/* Started with a standard stream closed, the next descriptor opened here would take its number: the listener, or the ruleset, as somebody's stdout. */
static void fill_standard_streams(void)
{
	int fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2)
		fd = open("/dev/null", O_RDWR);
	if (fd > 2)
		close(fd);
}

static int give_up(const struct launch *o, const struct failure *f)
{
	if (o->events_fd < 0) {
		print_failure(f);
	} else {
		static struct wire w;
		wire_init(&w, o->events_fd);
		wire_setup_error(&w, f);
		wire_drain(&w, 1000);
	}
	return f->exit_code;
}

/* The host may hold descriptors that are not close-on-exec (a pty master among them). Kept open here, its terminal would not hang up when it dies. */
static void close_foreign(const struct launch *o)
{
	int low = o->plan_fd < o->events_fd ? o->plan_fd : o->events_fd, high = o->plan_fd < o->events_fd ? o->events_fd : o->plan_fd;
	unsigned from = 3;
	const int kept[] = {low, high};
	for (size_t i = 0; i < 2; i++) {
		if (kept[i] < (int)from)
			continue;
		if (kept[i] > (int)from)
			syscall(SYS_close_range, from, (unsigned)kept[i] - 1, 0U);
		from = (unsigned)kept[i] + 1;
	}
	syscall(SYS_close_range, from, ~0U, 0U);
}

/* Said by Node under `run`. */
static void print_notice(const char *notice)
{
	char line[sizeof ((struct limits *)0)->notice + 16];
	snprintf(line, sizeof line, "  [nono] %s\n", notice);
	print_text(line);
}

int main(int argc, char **argv)
{
	static struct launch o; /* its words stay in use to the end */
	fill_standard_streams();
	if (!launch_front(argc, argv, &o) && !parse_options(argc, argv, &o)) {
		fprintf(stderr, "usage: nono-launch --plan FILE [--plan-digest SHA256] | --plan-fd N [--unlink-plan] [--notices] [--events-fd N] -- COMMAND [ARG...]\n");
		return 2;
	}
	if (o.probe)
		return probe();
	if (o.session)
		return self_print();
	close_foreign(&o);
	static struct floor floor;
	static struct limits limits;
	struct failure f = {.step = ""};
	char program[PLAN_MAX_PATH];
	if (o.events_fd >= 0)
		fcntl(o.events_fd, F_SETFD, FD_CLOEXEC);
	if (!launch_load_plan(&o, &f) || !child_find_program(&o.plan, o.command[0], program, &f) || !floor_build(&o.plan, &floor, &f) ||
	    !limits_prepare(&o.plan, &limits, &f)) {
		if (o.plan.tmpdir != NULL)
			tmpdir_remove(o.plan.tmpdir, TMPDIR_MOST);
		return give_up(&o, &f);
	}
	if ((o.plan.flags & PLAN_SUPERVISE) == 0) {
		if (o.notices && limits.notice[0] != 0)
			print_notice(limits.notice);
		launch_keep_plan(&o);
		front_reap(&o.front);
		if (!inherited_sockets_hold(&o.plan, &f))
			return give_up(&o, &f);
		if (!standard_input_wrap()) {
			fail(&f, 126, errno, "part the command's standard input from the pipe outside", "");
			return give_up(&o, &f);
		}
		child_wrap(&o.plan, &limits, &floor, program, o.command, &f);
		return give_up(&o, &f);
	}
	birth_prepare(&o.plan, &floor);
	int code = guardian_run(&o, &limits, &floor, program, &f);
	if (code < 0)
		birth_end(false);
	return code < 0 ? give_up(&o, &f) : code;
}
