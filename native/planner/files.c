/* Questions to the file system, each one system call as libuv makes it. What fails gives back its errno, a number, which no answer is; src/planner/node/fs.ts makes an error of it. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "planner.h"

enum { MOST_BYTES = 16 << 20 };

static JSValue failed(JSContext *ctx)
{
	return JS_NewInt32(ctx, errno);
}

/* Mode, device, inode, names, owner, size, what it is a device of: numbers as JavaScript has them, as in Node. */
static JSValue facts(JSContext *ctx, int result, const struct stat *st)
{
	if (result != 0)
		return failed(ctx);
	const double values[] = {st->st_mode, (double)st->st_dev, (double)st->st_ino, (double)st->st_nlink, st->st_uid, (double)st->st_size, (double)st->st_rdev};
	JSValue array = JS_NewArray(ctx);
	for (uint32_t i = 0; i < sizeof values / sizeof values[0]; i++)
		planner_put(ctx, array, i, JS_NewNumber(ctx, values[i]));
	return array;
}

static JSValue look(JSContext *ctx, JSValueConst path, int flags)
{
	const char *text = planner_text(ctx, path, NULL);
	if (text == NULL)
		return JS_EXCEPTION;
	struct stat st;
	JSValue result = facts(ctx, fstatat(AT_FDCWD, text, &st, flags), &st);
	JS_FreeCString(ctx, text);
	return result;
}

static JSValue host_lstat(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	return look(ctx, argv[0], AT_SYMLINK_NOFOLLOW);
}

static JSValue host_stat(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	return look(ctx, argv[0], 0);
}

static JSValue host_fstat(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	int32_t fd;
	if (JS_ToInt32(ctx, &fd, argv[0]) != 0)
		return JS_EXCEPTION;
	struct stat st;
	return facts(ctx, fstat(fd, &st), &st);
}

static JSValue host_access(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	int32_t mode;
	const char *path = planner_text(ctx, argv[0], NULL);
	if (path == NULL || JS_ToInt32(ctx, &mode, argv[1]) != 0)
		return JS_EXCEPTION;
	JSValue result = access(path, mode) == 0 ? JS_TRUE : failed(ctx);
	JS_FreeCString(ctx, path);
	return result;
}

static JSValue host_readlink(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	const char *path = planner_text(ctx, argv[0], NULL);
	if (path == NULL)
		return JS_EXCEPTION;
	char target[PATH_MAX];
	ssize_t size = readlink(path, target, sizeof target);
	JSValue result = size < 0 ? failed(ctx) : (size_t)size == sizeof target ? planner_give_up(ctx, "a link longer than a path") : planner_string(ctx, target, (size_t)size);
	JS_FreeCString(ctx, path);
	return result;
}

static JSValue host_realpath(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	const char *path = planner_text(ctx, argv[0], NULL);
	if (path == NULL)
		return JS_EXCEPTION;
	char real[PATH_MAX];
	JSValue result = realpath(path, real) == NULL ? failed(ctx) : planner_string(ctx, real, strlen(real));
	JS_FreeCString(ctx, path);
	return result;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* Of a file system that does not say in its listing what an entry is. */
static mode_t kind_of(const char *directory, const struct dirent *entry)
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct stat st;
	if (entry->d_type != DT_UNKNOWN)
		return DTTOIF(entry->d_type);
	int length = snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
	return length > 0 && (size_t)length < sizeof path && lstat(path, &st) == 0 ? st.st_mode & S_IFMT : 0;
}

/* Name and kind in turn, in the order of their bytes, as libuv sorts them. */
static JSValue host_readdir(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	const char *path = planner_text(ctx, argv[0], NULL);
	if (path == NULL)
		return JS_EXCEPTION;
	struct dirent **entries;
	int count = scandir(path, &entries, is_entry, by_name);
	JSValue result = count < 0 ? failed(ctx) : JS_NewArray(ctx);
	for (int i = 0; i < count; i++) {
		mode_t kind = kind_of(path, entries[i]);
		if (kind == 0)
			JS_FreeValue(ctx, planner_give_up(ctx, "an entry that is nothing"));
		planner_put(ctx, result, (uint32_t)i * 2, planner_string(ctx, entries[i]->d_name, strlen(entries[i]->d_name)));
		planner_put(ctx, result, (uint32_t)i * 2 + 1, JS_NewUint32(ctx, kind));
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	JS_FreeCString(ctx, path);
	return result;
}

static JSValue host_open(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	int32_t flags;
	const char *path = planner_text(ctx, argv[0], NULL);
	if (path == NULL || JS_ToInt32(ctx, &flags, argv[1]) != 0)
		return JS_EXCEPTION;
	/* Nothing here writes. */
	int fd = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0 ? -1 : open(path, flags | O_CLOEXEC);
	if (fd < 0) {
		JSValue result = (flags & (O_ACCMODE | O_CREAT | O_TRUNC)) != 0 ? planner_give_up(ctx, "a file to write") : failed(ctx);
		JS_FreeCString(ctx, path);
		return result;
	}
	JS_FreeCString(ctx, path);
	JSValue result = JS_NewArray(ctx);
	planner_put(ctx, result, 0, JS_NewInt32(ctx, fd));
	return result;
}

static JSValue host_close(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	int32_t fd;
	if (JS_ToInt32(ctx, &fd, argv[0]) != 0)
		return JS_EXCEPTION;
	close(fd);
	return JS_UNDEFINED;
}

/* Into a Uint8Array from a place on, as much as there is room for. */
static JSValue host_read(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	int32_t fd;
	uint32_t at, length;
	size_t size;
	uint8_t *bytes = JS_GetUint8Array(ctx, &size, argv[1]);
	if (bytes == NULL || JS_ToInt32(ctx, &fd, argv[0]) != 0 || JS_ToUint32(ctx, &at, argv[2]) != 0 || JS_ToUint32(ctx, &length, argv[3]) != 0)
		return JS_EXCEPTION;
	if (at > size || length > size - at)
		return planner_give_up(ctx, "more than there is room for");
	ssize_t n;
	do
		n = read(fd, bytes + at, length);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return failed(ctx);
	JSValue result = JS_NewArray(ctx);
	planner_put(ctx, result, 0, JS_NewInt64(ctx, n));
	return result;
}

static bool is_ascii(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)bytes[i] >= 0x80)
			return false;
	return true;
}

static JSValue content(JSContext *ctx, int fd, bool latin1)
{
	size_t size;
	char *bytes = (char *)planner_read_all(fd, MOST_BYTES, &size);
	if (bytes == NULL)
		return errno == EFBIG ? planner_give_up(ctx, "a file too large") : failed(ctx);
	JSValue result;
	if (!latin1)
		result = planner_string(ctx, bytes, size);
	else /* Of ASCII both are the same; nothing else is read so. */
		result = is_ascii(bytes, size) ? JS_NewStringLen(ctx, bytes, size) : planner_give_up(ctx, "latin1");
	free(bytes);
	return result;
}

static JSValue host_read_file(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	const char *path = planner_text(ctx, argv[0], NULL);
	if (path == NULL)
		return JS_EXCEPTION;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	JSValue result = fd < 0 ? failed(ctx) : content(ctx, fd, JS_ToBool(ctx, argv[1]));
	if (fd >= 0)
		close(fd);
	JS_FreeCString(ctx, path);
	return result;
}

void planner_add_files(JSContext *ctx, JSValueConst host)
{
	static const JSCFunctionListEntry functions[] = {
		JS_CFUNC_DEF("lstat", 1, host_lstat),
		JS_CFUNC_DEF("stat", 1, host_stat),
		JS_CFUNC_DEF("fstat", 1, host_fstat),
		JS_CFUNC_DEF("access", 2, host_access),
		JS_CFUNC_DEF("readLink", 1, host_readlink),
		JS_CFUNC_DEF("realPath", 1, host_realpath),
		JS_CFUNC_DEF("readDirectory", 1, host_readdir),
		JS_CFUNC_DEF("open", 2, host_open),
		JS_CFUNC_DEF("close", 1, host_close),
		JS_CFUNC_DEF("read", 4, host_read),
		JS_CFUNC_DEF("readFile", 2, host_read_file),
		JS_PROP_INT32_DEF("X_OK", X_OK, JS_PROP_C_W_E),
		JS_PROP_INT32_DEF("O_RDONLY", O_RDONLY, JS_PROP_C_W_E),
		JS_PROP_INT32_DEF("O_NONBLOCK", O_NONBLOCK, JS_PROP_C_W_E),
		JS_PROP_INT32_DEF("O_NOCTTY", O_NOCTTY, JS_PROP_C_W_E),
	};
	JS_SetPropertyFunctionList(ctx, host, functions, sizeof functions / sizeof functions[0]);
}
