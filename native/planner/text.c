/* Strings and bytes. JavaScript's strings may hold halves of surrogate pairs, and the system's names may be no UTF-8: Node puts U+FFFD in the place of both, so neither goes through here. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plan/utf8.h"
#include "planner.h"

/* Nearly every text of a plan, some of a hundred kilobytes: eight bytes at once. */
static bool all_ascii(const char *bytes, size_t size)
{
	uint64_t word, high = 0;
	size_t at = 0;
	for (; size - at >= sizeof word; at += sizeof word) {
		memcpy(&word, bytes + at, sizeof word);
		high |= word;
	}
	for (; at < size; at++)
		high |= (unsigned char)bytes[at];
	return (high & 0x8080808080808080) == 0;
}

/* The engine ends its buffers with a NUL, which none of the others has to be. */
bool planner_is_utf8(const char *bytes, size_t size)
{
	if (all_ascii(bytes, size))
		return true;
	for (size_t at = 0; at <= size; at += strlen(bytes + at) + 1)
		if (!is_utf8(bytes + at))
			return false;
	return true;
}

const char *planner_text(JSContext *ctx, JSValueConst value, size_t *size)
{
	size_t length;
	const char *text = JS_ToCStringLen(ctx, &length, value);
	if (text == NULL)
		return NULL;
	/* A NUL ends a path early, and Node refuses it; half a pair is encoded by the engine as it stands. */
	if ((size == NULL && strlen(text) != length) || !planner_is_utf8(text, length)) {
		JS_FreeCString(ctx, text);
		planner_give_up(ctx, "a text that cannot be encoded");
		return NULL;
	}
	if (size != NULL)
		*size = length;
	return text;
}

/* A copy with a NUL behind it, to be freed; NULL: no room. */
static char *with_end(const void *bytes, size_t size)
{
	char *ended = malloc(size + 1);
	if (ended == NULL)
		return NULL;
	memcpy(ended, bytes, size);
	ended[size] = 0;
	return ended;
}

JSValue planner_string(JSContext *ctx, const char *bytes, size_t size)
{
	char *ended = with_end(bytes, size);
	if (ended == NULL)
		return JS_ThrowOutOfMemory(ctx);
	JSValue text = planner_is_utf8(ended, size) ? JS_NewStringLen(ctx, ended, size) : planner_give_up(ctx, "bytes that are not UTF-8");
	free(ended);
	return text;
}

void planner_put(JSContext *ctx, JSValueConst array, uint32_t at, JSValue value)
{
	if (JS_IsException(array) || JS_IsException(value) || JS_SetPropertyUint32(ctx, array, at, value) < 0)
		planner_give_up(ctx, "no room for an answer");
}

static JSValue utf8(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	size_t size;
	const char *text = planner_text(ctx, argv[0], &size);
	if (text == NULL)
		return JS_EXCEPTION;
	JSValue bytes = JS_NewArrayBufferCopy(ctx, (const uint8_t *)text, size);
	JS_FreeCString(ctx, text);
	return bytes;
}

static JSValue byte_length(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	size_t size;
	const char *text = planner_text(ctx, argv[0], &size);
	if (text == NULL)
		return JS_EXCEPTION;
	JS_FreeCString(ctx, text);
	return JS_NewInt64(ctx, (int64_t)size);
}

/* One byte for each character; above U+00FF Node drops bits, and nothing of ours has such a character there. */
static JSValue latin1(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	size_t size, out = 0;
	/* Whatever is no character of one byte gives up below, halves of a pair as well. */
	const unsigned char *text = (const unsigned char *)JS_ToCStringLen(ctx, &size, argv[0]);
	if (text == NULL)
		return JS_EXCEPTION;
	if (all_ascii((const char *)text, size)) {
		JSValue same = JS_NewArrayBufferCopy(ctx, text, size);
		JS_FreeCString(ctx, (const char *)text);
		return same;
	}
	uint8_t *bytes = malloc(size + 1);
	bool fits = bytes != NULL;
	for (size_t at = 0; fits && at < size; at++) {
		if (text[at] < 0x80) {
			bytes[out++] = text[at];
		} else if ((fits = text[at] == 0xc2 || text[at] == 0xc3)) {
			bytes[out++] = (uint8_t)((text[at] & 3) << 6 | (text[at + 1] & 0x3f));
			at++;
		}
	}
	JSValue result = fits ? JS_NewArrayBufferCopy(ctx, bytes, out) : planner_give_up(ctx, "a character above U+00FF in latin1");
	free(bytes);
	JS_FreeCString(ctx, (const char *)text);
	return result;
}

static JSValue from_utf8(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	size_t size;
	const uint8_t *bytes = JS_GetUint8Array(ctx, &size, argv[0]);
	return bytes == NULL ? JS_EXCEPTION : planner_string(ctx, (const char *)bytes, size);
}

static JSValue from_latin1(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	size_t size, out = 0;
	const uint8_t *bytes = JS_GetUint8Array(ctx, &size, argv[0]);
	if (bytes == NULL)
		return JS_EXCEPTION;
	char *text = malloc(size * 2 + 1);
	if (text == NULL)
		return JS_ThrowOutOfMemory(ctx);
	for (size_t at = 0; at < size; at++) {
		if (bytes[at] >= 0x80)
			text[out++] = (char)(0xc0 | bytes[at] >> 6);
		text[out++] = (char)(bytes[at] < 0x80 ? bytes[at] : 0x80 | (bytes[at] & 0x3f));
	}
	JSValue result = JS_NewStringLen(ctx, text, out);
	free(text);
	return result;
}

static JSValue is_utf8_bytes(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	size_t size;
	const uint8_t *bytes = JS_GetUint8Array(ctx, &size, argv[0]);
	if (bytes == NULL)
		return JS_EXCEPTION;
	char *ended = with_end(bytes, size);
	if (ended == NULL)
		return JS_ThrowOutOfMemory(ctx);
	bool sound = planner_is_utf8(ended, size);
	free(ended);
	return JS_NewBool(ctx, sound);
}

void planner_add_text(JSContext *ctx, JSValueConst host)
{
	static const JSCFunctionListEntry functions[] = {
		JS_CFUNC_DEF("utf8", 1, utf8),
		JS_CFUNC_DEF("byteLength", 1, byte_length),
		JS_CFUNC_DEF("latin1", 1, latin1),
		JS_CFUNC_DEF("fromUtf8", 1, from_utf8),
		JS_CFUNC_DEF("fromLatin1", 1, from_latin1),
		JS_CFUNC_DEF("isUtf8", 1, is_utf8_bytes),
	};
	JS_SetPropertyFunctionList(ctx, host, functions, sizeof functions / sizeof functions[0]);
}
