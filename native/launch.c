/* nono-launch: starts one command in its sandbox. Runs with the invoking user's privileges and needs none beyond them.
 *
 *   nono-launch --plan FILE | --plan-fd N  [--unlink-plan] [--notices] [--events-fd N] -- COMMAND [ARG…]
 *   nono-launch --front run|wrap|shell -- NODE ARG…
 *   nono-launch --probe
 *   nono-launch --session
 *
 * With SUPERVISE in the plan this process becomes the guardian: it starts the supervisor, and when the supervisor is gone, however that came about, it
 * ends every process that was inside. Without, it confines itself and executes the command in place. */
#define _GNU_SOURCE
#include <linux/seccomp.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "birth.h"
#include "cache.h"
#include "child.h"
#include "front.h"
#include "inside.h"
#include "limits.h"
#include "nested.h"
#include "planner_run.h"
#include "request.h"
#include "self.h"
#include "supervisor.h"
#include "tmpdir.h"

struct options {
	const char *plan_path;
	int plan_fd, events_fd;
	bool notices, unlink_plan, probe, session;
	bool waits; /* started before its host: the command comes with the plan */
	struct front front;
	struct cache_key key; /* of such a start */
	bool remembered; /* its plan is a cached one, and parsed */
	const char *about; /* of its policy, for the host */
	struct request request;
	struct plan_bytes bytes; /* of a plan that may be kept */
	char **command;
};

static struct plan plan;
static struct cached cached;

static bool number(const char *text, int *out)
{
	char *end;
	long value = text ? strtol(text, &end, 10) : -1;
	if (value < 0 || value > 1 << 20 || *end != 0)
		return false;
	*out = (int)value;
	return true;
}

static bool parse_options(int argc, char **argv, struct options *o)
{
	*o = (struct options){.plan_fd = -1, .events_fd = -1};
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

/* The command, where it comes with the plan. */
static bool load_request(struct options *o, struct failure *f)
{
	int got = request_read(o->plan_fd, &o->request, f);
	if (got == 0)
		front_end_as_host(&o->front);
	if (got < 0)
		return false;
	o->command = o->request.argv;
	o->notices = o->request.notices;
	if (o->request.size != 0 && !front_resize(&o->front, o->request.size))
		return fail(f, 126, errno, "set the size of the terminal", "");
	return true;
}

/* A plan that another user wrote would be another user's policy. */
static bool plan_is_ours(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_uid == geteuid() || st.st_uid == 0) && (st.st_mode & S_IWOTH) == 0;
}

static bool load_plan(struct options *o, struct failure *f)
{
	int fd = o->plan_fd;
	if (o->remembered)
		return true;
	if (o->waits && !load_request(o, f))
		return false;
	const char *name = o->plan_path ? o->plan_path : "plan descriptor";
	if (o->plan_path != NULL) {
		fd = open(o->plan_path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			return fail(f, 126, errno, "open the plan", o->plan_path);
		if (!plan_is_ours(fd))
			return fail(f, 126, EPERM, "take a plan that others could write", o->plan_path);
		if (o->unlink_plan)
			unlink(o->plan_path);
	}
	bool ok = plan_read(fd, name, &plan, o->request.record == NULL ? NULL : &o->bytes, f);
	front_dismiss(&o->front);
	/* Under `run` the host, which does not know us as its child, sees by the end of this socket that we are gone, and the supervisor by its end that the host is. */
	if (!o->waits || o->front.host > 0)
		close(fd);
	return ok;
}

/* For the next start of the same. */
static void keep_plan(struct options *o)
{
	if (o->remembered)
		cache_keep_made(&o->key, &cached);
	if (o->bytes.data == NULL)
		return;
	plan.self = NULL; /* it is in these bytes; only the supervisor, which has its own, answers with it */
	cache_keep(&o->key, &o->request, &o->bytes);
	free(o->bytes.data);
	o->bytes = (struct plan_bytes){0};
}

static volatile sig_atomic_t supervisor_pid;

static void forward_term(int sig)
{
	if (supervisor_pid > 0)
		kill((pid_t)supervisor_pid, sig);
}

static void ignore_terminal_signals(void)
{
	/* Ctrl-C and Ctrl-Z are for the command, which shares the terminal's process group under `run`. */
	static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP, SIGPIPE};
	for (size_t i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
		signal(ignored[i], SIG_IGN);
}

/* Waits for the supervisor, reaping what is handed to us; then ends whatever it left behind. */
static int guard(pid_t supervisor)
{
	int status = 0;
	for (;;) {
		int any;
		pid_t pid = waitpid(-1, &any, 0);
		if (pid == supervisor) {
			supervisor_pid = 0; /* its number may be anybody's from here on */
			status = any;
			break;
		}
		if (pid < 0 && errno == ECHILD)
			break;
	}
	inside_kill_all();
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run_guarded(struct options *o, const struct limits *limits, const struct floor *floor, const char *program, struct failure *f)
{
	int events_fd = o->events_fd;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
		fail(f, 126, errno, "become a subreaper", "");
		return -1;
	}
	ignore_terminal_signals();
	signal(SIGTERM, forward_term);
	pid_t guardian = getpid();
	pid_t pid = fork();
	if (pid < 0) {
		fail(f, 126, errno, "start the supervisor", "fork");
		return -1;
	}
	if (pid == 0)
		_exit(supervise(&plan, limits, floor, program, o->command, events_fd, o->waits ? o->plan_fd : -1, o->remembered ? &o->front : NULL, guardian));
	supervisor_pid = pid;
	/* Only the supervisor may hold the host's socket and the streams: their ends must be seen when it goes. */
	if (events_fd >= 0)
		close(events_fd);
	close(floor->ruleset_fd);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3 && null >= 0; fd++)
		dup2(null, fd);
	if (limits->procs_fd >= 0)
		close(limits->procs_fd);
	if (plan.tmpdir != NULL)
		tmpdir_remove_stale(plan.tmpdir);
	keep_plan(o);
	int code = guard(pid);
	limits_remove(limits);
	if (plan.tmpdir != NULL)
		tmpdir_remove(plan.tmpdir);
	/* Nothing inside lives on, and nothing is left that anybody waits for: the host may end. */
	if (o->waits)
		close(o->plan_fd);
	birth_end(true);
	return code;
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

static int give_up(const struct options *o, const struct failure *f)
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
static void close_foreign(const struct options *o)
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

/* A plan that is here before Node could have made one: from a start before this one, or of nono-planner. */
static bool find_plan(struct options *o, const char *word, pid_t owner)
{
	struct request request = {.argv = NULL};
	struct plan_bytes bytes = {0};
	if (cache_take(&o->key, owner, &cached))
		return true;
	if (!planner_run(&o->key, word, &request, &bytes))
		return false;
	bool made = cache_take_made(&o->key, &request, &bytes, owner, &cached);
	request_free(&request);
	free(bytes.data);
	return made;
}

/* Under `wrap` Node is not started; under `run` and `shell` it is, and only says when to begin. */
static bool take_cached(struct options *o, const char *word, enum front_kind kind)
{
	struct failure f;
	if (!find_plan(o, word, kind == FRONT_WRAP ? getpid() : o->front.above) || !cached_parse(&cached, &plan, &f))
		return false;
	o->remembered = true;
	o->command = cached.command;
	o->notices = cached.notices;
	o->about = cached.about == NULL ? "" : cached.about;
	/* The streams of a shell in the pane are its own. */
	if (cached.said != NULL && kind != FRONT_SHELL)
		print_text(cached.said);
	return true;
}

/* While Node boots. It loads nothing that a plan is made with before it is told. */
static void answer_host(struct options *o, const char *word, enum front_kind kind)
{
	cache_key_end(word, &o->key);
	if (!take_cached(o, word, kind)) {
		front_have_none(&o->front, o->key.usable);
	} else if (!front_have(&o->front, o->about, plan.self, plan.self_size)) {
		/* Node reads the end of the socket, and starts a launcher of its own. */
		if (plan.tmpdir != NULL)
			tmpdir_remove(plan.tmpdir);
		_exit(126);
	}
}

/* Said by Node under `run`. */
static void print_notice(const char *notice)
{
	char line[sizeof ((struct limits *)0)->notice + 16];
	snprintf(line, sizeof line, "  [nono] %s\n", notice);
	print_text(line);
}

/* Only the launcher comes back. */
static bool start_front(int argc, char **argv, struct options *o)
{
	if (argc < 5 || strcmp(argv[1], "--front") != 0 || strcmp(argv[3], "--") != 0)
		return false;
	static const char *const kinds[] = {[FRONT_RUN] = "run", [FRONT_WRAP] = "wrap", [FRONT_SHELL] = "shell"};
	int kind = FRONT_SHELL;
	while (kind >= 0 && strcmp(argv[2], kinds[kind]) != 0)
		kind--;
	if (kind < 0)
		return false;
	*o = (struct options){.waits = true, .plan_fd = -1, .events_fd = -1};
	cache_key_begin(argv + 4, &o->key);
	if (kind == FRONT_WRAP) {
		cache_key_end(argv[2], &o->key);
		child_default_signals(); /* as Node, which is not started, would; SIGCHLD among them, or nobody's end could be waited for */
		if (take_cached(o, argv[2], FRONT_WRAP))
			return true;
	}
	front_start((enum front_kind)kind, argv + 4, o->key.usable, &o->front);
	o->plan_fd = o->front.plan_fd;
	o->events_fd = o->front.events_fd;
	if (kind != FRONT_WRAP)
		answer_host(o, argv[2], (enum front_kind)kind);
	return true;
}

int main(int argc, char **argv)
{
	static struct options o; /* its words stay in use to the end */
	fill_standard_streams();
	if (!start_front(argc, argv, &o) && !parse_options(argc, argv, &o)) {
		fprintf(stderr, "usage: nono-launch --plan FILE | --plan-fd N [--unlink-plan] [--notices] [--events-fd N] -- COMMAND [ARG...]\n");
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
	if (!load_plan(&o, &f) || !child_find_program(&plan, o.command[0], program, &f) || !floor_build(&plan, &floor, &f) ||
	    !limits_prepare(&plan, &limits, &f)) {
		if (plan.tmpdir != NULL)
			tmpdir_remove(plan.tmpdir);
		return give_up(&o, &f);
	}
	if ((plan.flags & PLAN_SUPERVISE) == 0) {
		if (o.notices && limits.notice[0] != 0)
			print_notice(limits.notice);
		keep_plan(&o);
		front_reap(&o.front);
		child_wrap(&plan, &limits, &floor, program, o.command, &f);
		return give_up(&o, &f);
	}
	birth_prepare(&plan, &floor);
	int code = run_guarded(&o, &limits, &floor, program, &f);
	if (code < 0)
		birth_end(false);
	return code < 0 ? give_up(&o, &f) : code;
}
