/*   nono-planner RESULT-FD KIND NODE CLI.CJS [WORD…]     the plan of that command line, as Node would write it to the launcher's socket (native/PROTOCOL.md), or nothing
 *   nono-planner --compile FILE.JS FILE.BYTECODE         run by the build
 *   nono-planner --image FILE.BYTECODE FILE.IMAGE        run by the build; without a file where this program is not good for one
 *
 * RESULT-FD is written once, when all of it is known; what ends in any other way has written nothing. Bytecode and image are files of the installation, as this program is. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planner.h"

enum { MOST_MEMORY = 256 << 20, STACK = 4 << 20, MOST_BYTECODE = 16 << 20, GIVEN_UP = 1 };

static int result_fd = -1;

JSValue planner_give_up(JSContext *ctx, const char *why)
{
	(void)ctx;
	if (getenv("NONO_PLANNER_WHY") != NULL)
		dprintf(STDERR_FILENO, "nono-planner: %s\n", why);
	_exit(GIVEN_UP);
}

static JSValue host_give_up(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	const char *why = JS_ToCString(ctx, argv[0]);
	return planner_give_up(ctx, why == NULL ? "?" : why);
}

/* Does not come back. */
static JSValue host_finish(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	size_t size, done = 0;
	const uint8_t *bytes = JS_GetUint8Array(ctx, &size, argv[0]);
	if (bytes == NULL)
		_exit(GIVEN_UP);
	while (done < size) {
		ssize_t n = write(result_fd, bytes + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(GIVEN_UP);
		done += (size_t)n;
	}
	_exit(0);
}

static uint8_t *read_file(const char *path, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	uint8_t *bytes = NULL;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size < MOST_BYTECODE && (bytes = malloc((size_t)st.st_size + 1)) != NULL) {
		*size = (size_t)st.st_size;
		bytes[*size] = 0;
		if (read(fd, bytes, *size) != (ssize_t)*size) {
			free(bytes);
			bytes = NULL;
		}
	}
	if (fd >= 0)
		close(fd);
	return bytes;
}

static JSContext *start_engine(void)
{
	JSRuntime *runtime = JS_NewRuntime2(planner_memory(), NULL);
	if (runtime == NULL)
		return NULL;
	JS_SetMemoryLimit(runtime, MOST_MEMORY);
	JS_SetMaxStackSize(runtime, STACK);
	/* It ends within milliseconds. */
	JS_SetGCThreshold(runtime, (size_t)-1);
	return JS_NewContext(runtime);
}

static int fail_with(JSContext *ctx)
{
	JSValue error = JS_GetException(ctx);
	const char *text = JS_ToCString(ctx, error);
	if (getenv("NONO_PLANNER_WHY") != NULL)
		dprintf(STDERR_FILENO, "nono-planner: %s\n", text == NULL ? "?" : text);
	return GIVEN_UP;
}

static int compile(const char *source, const char *target)
{
	size_t size, written;
	uint8_t *text = read_file(source, &size);
	JSContext *ctx = start_engine();
	if (text == NULL || ctx == NULL) {
		fprintf(stderr, "nono-planner: cannot read %s\n", source);
		return 1;
	}
	JSValue script = JS_Eval(ctx, (const char *)text, size, "planner", JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_COMPILE_ONLY);
	uint8_t *bytes = JS_IsException(script) ? NULL : JS_WriteObject(ctx, &written, script, JS_WRITE_OBJ_BYTECODE | JS_WRITE_OBJ_STRIP_SOURCE | JS_WRITE_OBJ_STRIP_DEBUG);
	FILE *file = bytes == NULL ? NULL : fopen(target, "wb");
	bool ok = file != NULL && fwrite(bytes, 1, written, file) == written;
	ok = file != NULL && fclose(file) == 0 && ok;
	if (!ok)
		fprintf(stderr, "nono-planner: cannot compile %s into %s\n", source, target);
	return ok ? 0 : 1;
}

static JSValue make_host(JSContext *ctx)
{
	static const JSCFunctionListEntry functions[] = {JS_CFUNC_DEF("giveUp", 1, host_give_up), JS_CFUNC_DEF("finish", 1, host_finish)};
	JSValue host = JS_NewObject(ctx);
	JS_SetPropertyFunctionList(ctx, host, functions, sizeof functions / sizeof functions[0]);
	planner_add_json(ctx, host);
	planner_add_text(ctx, host);
	planner_add_files(ctx, host);
	planner_add_process(ctx, host);
	planner_forbid_start(ctx, host);
	return host;
}

/* An engine in which the program has run, up to where it waits for a start. */
static JSContext *load_program(const char *path)
{
	size_t size;
	uint8_t *bytes = read_file(path, &size);
	JSContext *ctx = bytes == NULL ? NULL : start_engine();
	if (ctx == NULL)
		return NULL;
	JSValue global = JS_GetGlobalObject(ctx);
	JSValue host = make_host(ctx);
	const char *slash = strrchr(path, '/');
	JS_SetPropertyStr(ctx, host, "built", slash == NULL ? planner_string(ctx, ".", 1) : planner_string(ctx, path, (size_t)(slash - path)));
	JS_SetPropertyStr(ctx, global, "host", host);
	JS_FreeValue(ctx, global);
	JSValue program = JS_ReadObject(ctx, bytes, size, JS_READ_OBJ_BYTECODE);
	free(bytes);
	if (!JS_IsException(program))
		program = JS_EvalFunction(ctx, program);
	if (!JS_IsException(program) && !JS_IsJobPending(JS_GetRuntime(ctx)))
		return ctx;
	fail_with(ctx);
	return NULL;
}

static int make_image(const char *bytecode, const char *target)
{
	JSContext *ctx = load_program(bytecode);
	if (ctx == NULL) {
		fprintf(stderr, "nono-planner: cannot run %s\n", bytecode);
		return 1;
	}
	if (!planner_save_image(ctx, target))
		unlink(target);
	return 0;
}

/* `script`: dist/cli.cjs, beside which image and bytecode lie. */
static int make_plan(const char *script, char *const words[])
{
	char dist[PATH_MAX], file[PATH_MAX + 32];
	char *slash = realpath(script, dist) == NULL ? NULL : strrchr(dist, '/');
	if (slash == NULL)
		return GIVEN_UP;
	*slash = 0;
	snprintf(file, sizeof file, "%s/planner.image", dist);
	JSContext *ctx = planner_resume_image(file), *at;
	snprintf(file, sizeof file, "%s/planner.bytecode", dist);
	if (ctx == NULL && (ctx = load_program(file)) == NULL)
		return GIVEN_UP;
	JSValue global = JS_GetGlobalObject(ctx), host = JS_GetPropertyStr(ctx, global, "host");
	planner_tell_start(ctx, host, words, dist);
	JSValue begin = JS_GetPropertyStr(ctx, host, "begin");
	if (JS_IsException(JS_Call(ctx, begin, JS_UNDEFINED, 0, NULL)))
		return fail_with(ctx);
	int left;
	while ((left = JS_ExecutePendingJob(JS_GetRuntime(ctx), &at)) > 0) {
	}
	return left < 0 ? fail_with(at) : GIVEN_UP;
}

/* As Node does when it begins: what is opened here is no stream of the user's. */
static bool open_streams(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	return fd >= 0 && close(fd) == 0;
}

int main(int argc, char *argv[])
{
	if (argc == 4 && strcmp(argv[1], "--compile") == 0)
		return compile(argv[2], argv[3]);
	if (argc == 4 && strcmp(argv[1], "--image") == 0)
		return make_image(argv[2], argv[3]);
	char *end;
	long fd = argc < 5 ? -1 : strtol(argv[1], &end, 10);
	if (fd < 3 || fd > INT_MAX || *end != 0)
		return 2;
	result_fd = (int)fd;
	/* Whoever waits for it would also wait for what this program starts. */
	if (!open_streams() || fcntl(result_fd, F_SETFD, FD_CLOEXEC) != 0)
		return 2;
	return make_plan(argv[4], argv + 2);
}
