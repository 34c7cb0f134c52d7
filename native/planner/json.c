/* JSON.stringify of plain data: the policy that a plan holds. The engine's own asks each value for a toJSON, and appends a character at a time. Whatever is not as plain (a number with a fraction,
 * an object of a class, half a character) is not answered, and the engine's own is asked. test/planner/json.test.ts compares both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "planner.h"

enum { DEEPEST = 32, FIRST_ROOM = 64 << 10 };

struct text {
	char *bytes;
	size_t size, room;
	bool bad;
	JSClassID plain;
};

static void add(struct text *text, const char *bytes, size_t size)
{
	if (size > text->room - text->size) {
		size_t room = text->room + size < FIRST_ROOM ? FIRST_ROOM : (text->room + size) * 2;
		char *grown = text->bad ? NULL : realloc(text->bytes, room);
		if (grown == NULL) {
			text->bad = true;
			return;
		}
		text->bytes = grown;
		text->room = room;
	}
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
}

static void add_escaped(struct text *text, unsigned char c)
{
	static const char named[][3] = {['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
	char escaped[8];
	if (c == '"' || c == '\\')
		snprintf(escaped, sizeof escaped, "\\%c", c);
	else if (c < sizeof named / sizeof named[0] && named[c][0] != 0)
		memcpy(escaped, named[c], sizeof named[c]);
	else
		snprintf(escaped, sizeof escaped, "\\u%04x", c);
	add(text, escaped, strlen(escaped));
}

static void add_quoted(struct text *text, const char *bytes, size_t size)
{
	size_t from = 0;
	text->bad = text->bad || bytes == NULL || !planner_is_utf8(bytes, size);
	add(text, "\"", 1);
	for (size_t at = 0; !text->bad && at < size; at++) {
		unsigned char c = (unsigned char)bytes[at];
		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		add(text, bytes + from, at - from);
		add_escaped(text, c);
		from = at + 1;
	}
	if (!text->bad)
		add(text, bytes + from, size - from);
	add(text, "\"", 1);
}

static void add_string(JSContext *ctx, struct text *text, JSValueConst value)
{
	size_t size = 0;
	const char *bytes = JS_ToCStringLen(ctx, &size, value);
	add_quoted(text, bytes, size);
	if (bytes != NULL)
		JS_FreeCString(ctx, bytes);
}

static void add_value(JSContext *ctx, struct text *text, JSValueConst value, int depth);

static void add_array(JSContext *ctx, struct text *text, JSValueConst array, int depth)
{
	int64_t length = 0;
	text->bad = text->bad || JS_GetLength(ctx, array, &length) != 0 || length > UINT32_MAX;
	add(text, "[", 1);
	for (int64_t i = 0; !text->bad && i < length; i++) {
		JSValue value = JS_GetPropertyUint32(ctx, array, (uint32_t)i);
		if (i > 0)
			add(text, ",", 1);
		if (JS_IsUndefined(value))
			add(text, "null", 4);
		else
			add_value(ctx, text, value, depth);
		JS_FreeValue(ctx, value);
	}
	add(text, "]", 1);
}

static bool converts_itself(JSContext *ctx, JSValueConst object)
{
	JSValue convert = JS_GetPropertyStr(ctx, object, "toJSON");
	bool does = !JS_IsUndefined(convert);
	JS_FreeValue(ctx, convert);
	return does;
}

static void add_members(JSContext *ctx, struct text *text, JSValueConst object, int depth)
{
	JSPropertyEnum *keys = NULL;
	uint32_t count = 0;
	bool any = false;
	text->bad = text->bad || JS_GetOwnPropertyNames(ctx, &keys, &count, object, JS_GPN_STRING_MASK | JS_GPN_ENUM_ONLY) != 0;
	add(text, "{", 1);
	for (uint32_t i = 0; !text->bad && i < count; i++) {
		JSValue value = JS_GetProperty(ctx, object, keys[i].atom);
		if (!JS_IsUndefined(value)) {
			size_t size;
			const char *key = JS_AtomToCStringLen(ctx, &size, keys[i].atom);
			if (any)
				add(text, ",", 1);
			add_quoted(text, key, size);
			JS_FreeCString(ctx, key);
			add(text, ":", 1);
			add_value(ctx, text, value, depth);
			any = true;
		}
		JS_FreeValue(ctx, value);
	}
	add(text, "}", 1);
	JS_FreePropertyEnum(ctx, keys, count);
}

static void add_value(JSContext *ctx, struct text *text, JSValueConst value, int depth)
{
	char digits[16];
	if (JS_IsString(value))
		add_string(ctx, text, value);
	else if (JS_VALUE_GET_TAG(value) == JS_TAG_INT)
		add(text, digits, (size_t)snprintf(digits, sizeof digits, "%d", JS_VALUE_GET_INT(value)));
	else if (JS_IsBool(value))
		add(text, JS_VALUE_GET_BOOL(value) ? "true" : "false", JS_VALUE_GET_BOOL(value) ? 4 : 5);
	else if (JS_IsNull(value))
		add(text, "null", 4);
	else if (depth == DEEPEST || !JS_IsObject(value) || converts_itself(ctx, value))
		text->bad = true;
	else if (JS_IsArray(value))
		add_array(ctx, text, value, depth + 1);
	else if (JS_GetClassID(value) == text->plain)
		add_members(ctx, text, value, depth + 1);
	else
		text->bad = true;
}

static JSValue json(JSContext *ctx, JSValueConst self, int argc, JSValueConst *argv)
{
	(void)self;
	(void)argc;
	JSValue plain = JS_NewObject(ctx);
	struct text text = {.plain = JS_GetClassID(plain)};
	JS_FreeValue(ctx, plain);
	add_value(ctx, &text, argv[0], 0);
	JSValue result = text.bad || JS_HasException(ctx) ? JS_UNDEFINED : JS_NewStringLen(ctx, text.bytes, text.size);
	free(text.bytes);
	if (JS_HasException(ctx))
		return JS_EXCEPTION;
	return result;
}

void planner_add_json(JSContext *ctx, JSValueConst host)
{
	static const JSCFunctionListEntry functions[] = {JS_CFUNC_DEF("json", 1, json)};
	JS_SetPropertyFunctionList(ctx, host, functions, sizeof functions / sizeof functions[0]);
}
