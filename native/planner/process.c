/* What JavaScript knows of its process: words, environment, ids, streams; and the one program that it may start. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "planner.h"

enum { MOST_ANSWER = 64 << 20 };

static JSValue host_cwd(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	(void)argv;
	char path[PATH_MAX];
	/* Of a directory that is out of reach the kernel says "(unreachable)/…". */
	return getcwd(path, sizeof path) == NULL || path[0] != '/' ? planner_give_up(ctx, "no working directory") : planner_string(ctx, path, strlen(path));
}

static JSValue host_is_terminal(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	int32_t fd;
	return JS_ToInt32(ctx, &fd, argv[0]) != 0 ? JS_EXCEPTION : JS_NewBool(ctx, isatty(fd));
}

/* JavaScript puts names that are numbers before all others, and has one value for each. */
static bool has_its_place(JSContext *ctx, JSValueConst environment, const char *name, JSAtom atom)
{
	return name[strspn(name, "0123456789")] != 0 && strncmp(name, "__proto__", 9) != 0 && JS_HasProperty(ctx, environment, atom) == 0;
}

static JSValue environment_of(JSContext *ctx)
{
	JSValue environment = JS_NewObject(ctx);
	for (char **entry = environ; *entry != NULL; entry++) {
		const char *equals = strchr(*entry, '=');
		char *name = equals == NULL || equals == *entry ? NULL : strndup(*entry, (size_t)(equals - *entry));
		if (name == NULL)
			return planner_give_up(ctx, "a variable without a name");
		JSValue key = planner_string(ctx, name, strlen(name));
		JSAtom atom = JS_ValueToAtom(ctx, key);
		JS_FreeValue(ctx, key);
		if (!has_its_place(ctx, environment, name, atom))
			return planner_give_up(ctx, "a variable that Node would put elsewhere");
		if (JS_SetProperty(ctx, environment, atom, planner_string(ctx, equals + 1, strlen(equals + 1))) < 0)
			return planner_give_up(ctx, "no room for a variable");
		JS_FreeAtom(ctx, atom);
		free(name);
	}
	return environment;
}

static JSValue words_of(JSContext *ctx, char *const argv[])
{
	JSValue words = JS_NewArray(ctx);
	for (uint32_t i = 0; argv[i] != NULL; i++)
		planner_put(ctx, words, i, planner_string(ctx, argv[i], strlen(argv[i])));
	return words;
}

/* With the question as its standard input, an environment and a working directory that say nothing. */
static _Noreturn void become(const char *program, int question, int answer, pid_t parent)
{
	char *const argv[] = {(char *)(uintptr_t)program, NULL}, *const none[] = {NULL};
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() == parent && dup2(question, 0) == 0 && dup2(answer, 1) == 1 && nothing >= 0 && dup2(nothing, 2) == 2 && chdir("/") == 0)
		execve(program, argv, none);
	_exit(127);
}

/* What a program answers, a Uint8Array; undefined where it failed. */
static JSValue answer_of(JSContext *ctx, const char *program, const uint8_t *question, size_t size)
{
	int in = memfd_create("question", MFD_CLOEXEC), out[2];
	if (in < 0 || write(in, question, size) != (ssize_t)size || lseek(in, 0, SEEK_SET) != 0 || pipe2(out, O_CLOEXEC) != 0) {
		if (in >= 0)
			close(in);
		return planner_give_up(ctx, "no room for a search");
	}
	pid_t self = getpid(), child = fork();
	if (child == 0)
		become(program, in, out[1], self);
	close(in);
	close(out[1]);
	size_t got = 0;
	int status = -1;
	uint8_t *bytes = child < 0 ? NULL : planner_read_all(out[0], MOST_ANSWER, &got);
	close(out[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	JSValue result = bytes == NULL || status != 0 ? planner_give_up(ctx, "a search that failed") : JS_NewUint8ArrayCopy(ctx, bytes, got);
	free(bytes);
	return result;
}

static JSValue host_search(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	size_t size;
	const uint8_t *question = JS_GetUint8Array(ctx, &size, argv[1]);
	const char *program = question == NULL ? NULL : planner_text(ctx, argv[0], NULL);
	if (program == NULL)
		return JS_EXCEPTION;
	JSValue result = answer_of(ctx, program, question, size);
	JS_FreeCString(ctx, program);
	return result;
}

void planner_add_process(JSContext *ctx, JSValueConst host)
{
	static const JSCFunctionListEntry functions[] = {
		JS_CFUNC_DEF("cwd", 0, host_cwd),
		JS_CFUNC_DEF("isTerminal", 1, host_is_terminal),
		JS_CFUNC_DEF("search", 2, host_search),
	};
	JS_SetPropertyFunctionList(ctx, host, functions, sizeof functions / sizeof functions[0]);
}

static JSValue too_early(JSContext *ctx, JSValueConst self)
{
	(void)self;
	return planner_give_up(ctx, "asked of the start before there is one");
}

void planner_forbid_start(JSContext *ctx, JSValueConst host)
{
	static const JSCFunctionListEntry unknown[] = {
		JS_CGETSET_DEF("words", too_early, NULL),
		JS_CGETSET_DEF("environment", too_early, NULL),
		JS_CGETSET_DEF("uid", too_early, NULL),
		JS_CGETSET_DEF("euid", too_early, NULL),
		JS_CGETSET_DEF("release", too_early, NULL),
		JS_CGETSET_DEF("pid", too_early, NULL),
		JS_CGETSET_DEF("dist", too_early, NULL),
	};
	JS_SetPropertyFunctionList(ctx, host, unknown, sizeof unknown / sizeof unknown[0]);
}

static void tell(JSContext *ctx, JSValueConst host, const char *name, JSValue value)
{
	if (JS_IsException(value) || JS_DefinePropertyValueStr(ctx, host, name, value, JS_PROP_C_W_E) < 0)
		planner_give_up(ctx, "no room for what is told");
}

void planner_tell_start(JSContext *ctx, JSValueConst host, char *const argv[], const char *dist)
{
	struct utsname kernel;
	tell(ctx, host, "words", words_of(ctx, argv));
	tell(ctx, host, "environment", environment_of(ctx));
	tell(ctx, host, "uid", JS_NewUint32(ctx, getuid()));
	tell(ctx, host, "euid", JS_NewUint32(ctx, geteuid()));
	tell(ctx, host, "release", uname(&kernel) != 0 ? planner_give_up(ctx, "uname") : planner_string(ctx, kernel.release, strlen(kernel.release)));
	tell(ctx, host, "pid", JS_NewInt32(ctx, getpid()));
	tell(ctx, host, "dist", planner_string(ctx, dist, strlen(dist)));
}
