/* Where the plan of a start comes from: a file, a descriptor, the host that was started meanwhile, a start before this one, nono-planner. Before anything is confined. */
#define _GNU_SOURCE
#include "start/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/sha256.h"
#include "start/child.h"
#include "start/planner_run.h"
#include "start/tmpdir.h"

static struct cached cached;

/* The command, where it comes with the plan. */
static bool load_request(struct launch *o, struct failure *f)
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

/* Where nothing else can be written the plan was put into $TMPDIR. Sessions of the same user may write there too, and be quick enough to put another one in its place. */
static bool is_what_was_written(const struct plan_bytes *plan, const char *digest)
{
	struct sha256 h;
	uint8_t made[SHA256_BYTES];
	char text[SHA256_TEXT];
	sha256_init(&h);
	sha256_add(&h, plan->data, plan->size);
	sha256_end(&h, made);
	sha256_text(made, text);
	return strcmp(text, digest) == 0;
}

/* From a file. Only its parsed form is needed, and of the bytes what that points to. */
static bool read_file(struct launch *o, int fd, struct failure *f)
{
	struct plan_bytes bytes = {0};
	if (!plan_read(fd, o->plan_path, &o->plan, &bytes, f))
		return false;
	bool ok = o->plan_digest == NULL || is_what_was_written(&bytes, o->plan_digest);
	if (!ok || o->plan.self == NULL)
		free(bytes.data);
	return ok || fail(f, 126, EPERM, "take a plan that was changed", o->plan_path);
}

bool launch_load_plan(struct launch *o, struct failure *f)
{
	int fd = o->plan_fd;
	if (o->remembered)
		return true;
	if (o->waits && !load_request(o, f))
		return false;
	if (o->plan_path != NULL) {
		fd = open(o->plan_path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd < 0)
			return fail(f, 126, errno, "open the plan", o->plan_path);
		if (!plan_is_ours(fd))
			return fail(f, 126, EPERM, "take a plan that others could write", o->plan_path);
		if (o->unlink_plan)
			unlink(o->plan_path);
	}
	bool ok = o->plan_path != NULL ? read_file(o, fd, f) : plan_read(fd, "plan descriptor", &o->plan, o->request.record == NULL ? NULL : &o->bytes, f);
	front_dismiss(&o->front);
	/* Under `run` the host, which does not know us as its child, sees by the end of this socket that we are gone, and the supervisor by its end that the host is. */
	if (!o->waits || o->front.host > 0)
		close(fd);
	return ok;
}

void launch_keep_plan(struct launch *o)
{
	if (o->remembered)
		cache_keep_made(&o->key, &cached);
	if (o->bytes.data == NULL)
		return;
	o->plan.self = NULL; /* it is in these bytes; only the supervisor, which has its own, answers with it */
	cache_keep(&o->key, &o->request, &o->bytes);
	free(o->bytes.data);
	o->bytes = (struct plan_bytes){0};
}

/* A plan that is here before Node could have made one: from a start before this one, or of nono-planner. */
static bool find_plan(struct launch *o, const char *word, pid_t owner)
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
static bool take_cached(struct launch *o, const char *word, enum front_kind kind)
{
	struct failure f;
	if (!find_plan(o, word, kind == FRONT_WRAP ? getpid() : o->front.above) || !cached_parse(&cached, &o->plan, &f))
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
static void answer_host(struct launch *o, const char *word, enum front_kind kind)
{
	cache_key_end(word, &o->key);
	if (!take_cached(o, word, kind)) {
		front_have_none(&o->front, o->key.usable);
	} else if (!front_have(&o->front, o->about, o->plan.self, o->plan.self_size)) {
		/* Node reads the end of the socket, and starts a launcher of its own. */
		if (o->plan.tmpdir != NULL)
			tmpdir_remove(o->plan.tmpdir, TMPDIR_MOST);
		_exit(126);
	}
}

bool launch_front(int argc, char **argv, struct launch *o)
{
	/* One option of Node's may stand before the words. */
	int begin = argc > 5 && argv[3][0] == '-' && strcmp(argv[3], "--") != 0 ? 5 : 4;
	if (argc <= begin || strcmp(argv[1], "--front") != 0 || strcmp(argv[begin - 1], "--") != 0)
		return false;
	static const char *const kinds[] = {[FRONT_RUN] = "run", [FRONT_WRAP] = "wrap", [FRONT_SHELL] = "shell"};
	int kind = FRONT_SHELL;
	while (kind >= 0 && strcmp(argv[2], kinds[kind]) != 0)
		kind--;
	if (kind < 0)
		return false;
	*o = (struct launch){.waits = true, .plan_fd = -1, .events_fd = -1};
	cache_key_begin(argv + begin, &o->key);
	if (kind == FRONT_WRAP) {
		cache_key_end(argv[2], &o->key);
		child_default_signals(); /* as Node, which is not started, would; SIGCHLD among them, or nobody's end could be waited for */
		if (take_cached(o, argv[2], FRONT_WRAP))
			return true;
	}
	front_start((enum front_kind)kind, argv + begin, begin == 5 ? argv[3] : NULL, o->key.usable, &o->front);
	o->plan_fd = o->front.plan_fd;
	o->events_fd = o->front.events_fd;
	if (kind != FRONT_WRAP)
		answer_host(o, argv[2], (enum front_kind)kind);
	return true;
}
