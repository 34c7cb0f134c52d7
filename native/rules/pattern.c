#include "rules/pattern.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum kind { TOKEN_CHAR, TOKEN_ONE, TOKEN_RUN, TOKEN_CLASS };
enum shape { SHAPE_LITERAL, SHAPE_GLOB, SHAPE_DEPTH };

struct token {
	uint8_t kind;
	bool negated;
	uint32_t code;        /* TOKEN_CHAR */
	unsigned from, count; /* TOKEN_CLASS: its ranges in `ranges` */
};

struct component {
	uint8_t shape;
	char *name; /* SHAPE_LITERAL, unescaped */
	size_t len;
	unsigned from, count; /* SHAPE_GLOB: its tokens in `tokens` */
};

struct pattern {
	unsigned count;
	struct component component[PATTERN_MAX_COMPONENTS];
	struct token *tokens;
	uint32_t (*ranges)[2];
	unsigned token_count, range_count;
	char *names; /* literal components, one after the other */
};

/* One character; a byte that is no UTF-8 is a character of its own, outside Unicode. */
static uint32_t next_char(const char **at, const char *end)
{
	const unsigned char *p = (const unsigned char *)*at;
	size_t left = (size_t)(end - *at);
	unsigned n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 && p[0] < 0xf5 ? 4 : p[0] >= 0xe0 && p[0] < 0xf0 ? 3 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : 0;
	uint32_t c = n == 1 ? p[0] : n != 0 ? p[0] & (0x7fU >> n) : 0;
	for (unsigned i = 1; i < n && n != 0; i++) {
		if (i >= left || (p[i] & 0xc0) != 0x80)
			n = 0;
		else
			c = c << 6 | (p[i] & 0x3fU);
	}
	if (n == 0 || (n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) || (n == 4 && (c < 0x10000 || c > 0x10ffff))) {
		*at += 1;
		return 0x110000U + p[0];
	}
	*at += n;
	return c;
}

/* After the '['. Leaves `at` behind the ']'; false when there is none. */
static bool parse_class(struct pattern *p, const char **at, const char *end, struct token *t)
{
	*t = (struct token){.kind = TOKEN_CLASS, .from = p->range_count};
	if (*at < end && (**at == '!' || **at == '^')) {
		t->negated = true;
		++*at;
	}
	for (bool first = true; *at < end && (first || **at != ']'); first = false) {
		if (**at == '\\' && *at + 1 < end)
			++*at;
		uint32_t low = next_char(at, end), high = low;
		if (*at + 1 < end && **at == '-' && (*at)[1] != ']') {
			++*at;
			if (**at == '\\' && *at + 1 < end)
				++*at;
			high = next_char(at, end);
		}
		p->ranges[p->range_count][0] = low;
		p->ranges[p->range_count++][1] = high;
	}
	t->count = p->range_count - t->from;
	if (*at >= end)
		return false;
	++*at;
	return true;
}

static bool parse_component(struct pattern *p, const char *at, const char *end, char **name)
{
	struct component *c = &p->component[p->count++];
	*c = (struct component){.shape = SHAPE_DEPTH};
	if (end - at == 2 && at[0] == '*' && at[1] == '*')
		return true;
	*c = (struct component){.shape = SHAPE_LITERAL, .name = *name, .from = p->token_count};
	while (at < end) {
		struct token t = {.kind = TOKEN_CHAR};
		if (*at == '*') {
			t.kind = TOKEN_RUN;
			at++;
			if (p->token_count > c->from && p->tokens[p->token_count - 1].kind == TOKEN_RUN)
				continue;
		} else if (*at == '?') {
			t.kind = TOKEN_ONE;
			at++;
		} else if (*at == '[') {
			at++;
			if (!parse_class(p, &at, end, &t))
				return false;
		} else {
			if (*at == '\\' && at + 1 < end)
				at++;
			const char *from = at;
			t.code = next_char(&at, end);
			memcpy(*name, from, (size_t)(at - from));
			*name += at - from;
		}
		if (t.kind != TOKEN_CHAR)
			c->shape = SHAPE_GLOB;
		p->tokens[p->token_count++] = t;
	}
	c->count = p->token_count - c->from;
	c->len = (size_t)(*name - c->name);
	return true;
}

void pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	free(p->tokens);
	free(p->ranges);
	free(p->names);
	free(p);
}

struct pattern *pattern_compile(const char *text)
{
	size_t size = strlen(text);
	struct pattern *p = text[0] == '/' && text[1] != 0 ? calloc(1, sizeof *p) : NULL;
	if (p == NULL)
		return NULL;
	/* No part of it can be longer than the text. */
	p->tokens = malloc(size * sizeof *p->tokens);
	p->ranges = malloc(size * sizeof *p->ranges);
	p->names = malloc(size);
	bool ok = p->tokens != NULL && p->ranges != NULL && p->names != NULL;
	char *name = p->names;
	for (const char *at = text + 1; ok; ) {
		const char *end = strchr(at, '/');
		size_t n = end ? (size_t)(end - at) : strlen(at);
		bool odd = n == 0 || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.');
		bool again = n == 2 && memcmp(at, "**", 2) == 0 && p->count > 0 && p->component[p->count - 1].shape == SHAPE_DEPTH;
		ok = !odd && (again || (p->count < PATTERN_MAX_COMPONENTS && parse_component(p, at, at + n, &name)));
		if (end == NULL)
			break;
		at = end + 1;
	}
	if (ok)
		return p;
	pattern_free(p);
	return NULL;
}

static bool one(const struct pattern *p, const struct token *t, uint32_t c)
{
	if (t->kind == TOKEN_CHAR)
		return t->code == c;
	if (t->kind != TOKEN_CLASS)
		return true;
	bool in = false;
	for (unsigned i = 0; i < t->count && !in; i++)
		in = c >= p->ranges[t->from + i][0] && c <= p->ranges[t->from + i][1];
	return in != t->negated;
}

/* One star to go back to is enough, since a later star makes every earlier one settled: never more than length times tokens. */
static bool glob(const struct pattern *p, const struct component *c, const char *name, size_t len)
{
	const struct token *t = p->tokens + c->from, *last = t + c->count, *star = NULL;
	const char *end = name + len, *resume = NULL;
	while (name < end) {
		const char *next = name;
		if (t < last && t->kind == TOKEN_RUN) {
			star = t++;
			resume = name;
			continue;
		}
		uint32_t ch = next_char(&next, end);
		if (t < last && one(p, t, ch)) {
			t++;
			name = next;
		} else if (star != NULL) {
			t = star + 1;
			next_char(&resume, end);
			name = resume;
		} else {
			return false;
		}
	}
	while (t < last && t->kind == TOKEN_RUN)
		t++;
	return t == last;
}

static bool matches_component(const struct pattern *p, const struct component *c, const char *name, size_t len)
{
	if (c->shape == SHAPE_LITERAL)
		return c->len == len && memcmp(c->name, name, len) == 0;
	return c->shape == SHAPE_DEPTH || glob(p, c, name, len);
}

/* A "**" that is not the last stands for no directory as well. */
static pattern_state closed(const struct pattern *p, pattern_state state)
{
	for (unsigned i = 0; i + 1 < p->count; i++)
		if ((state & 1U << i) != 0 && p->component[i].shape == SHAPE_DEPTH)
			state |= 1U << (i + 1);
	return state;
}

pattern_state pattern_start(const struct pattern *p)
{
	return closed(p, 1);
}

/* Top directories that hold the kernel's and the distribution's files and nobody's own: a pattern that begins with "**" does not mean them. The host adds a
 * pattern of its own for what the user granted in them. */
static bool is_system(const struct pattern *p, const char *name, size_t len, bool at_root)
{
	static const char *const system[] = {"proc", "sys", "usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"};
	if (!at_root || p->component[0].shape != SHAPE_DEPTH)
		return false;
	for (size_t i = 0; i < sizeof system / sizeof system[0]; i++)
		if (strlen(system[i]) == len && memcmp(system[i], name, len) == 0)
			return true;
	return false;
}

static unsigned first_depth(const struct pattern *p)
{
	unsigned i = 0;
	while (i < p->count && p->component[i].shape != SHAPE_DEPTH)
		i++;
	return i;
}

typedef bool component_test(const struct pattern *p, const struct component *c, const char *name, size_t len);

static inline pattern_state step(const struct pattern *p, pattern_state state, const char *name, size_t len, bool at_root, bool bulk, component_test *matches)
{
	pattern_state next = 0;
	unsigned looking = bulk ? first_depth(p) : p->count;
	if (is_system(p, name, len, at_root))
		return 0;
	for (unsigned i = 0; i < p->count; i++) {
		if ((state & 1U << i) == 0 || i == looking)
			continue;
		if (p->component[i].shape == SHAPE_DEPTH)
			next |= 1U << i | (i + 1 == p->count ? 1U << (i + 1) : 0);
		else if (matches(p, &p->component[i], name, len))
			next |= 1U << (i + 1);
	}
	return closed(p, next);
}

pattern_state pattern_step(const struct pattern *p, pattern_state state, const char *name, size_t len, bool at_root, bool bulk)
{
	return step(p, state, name, len, at_root, bulk, matches_component);
}

/* A literal equals any spelling of the same letters; a glob may have letters or a class in either case, so the name is tried in both. */
static bool any_case(const struct pattern *p, const struct component *c, const char *name, size_t len)
{
	char other[256] = "";
	if (c->shape == SHAPE_LITERAL)
		return c->len == len && strncasecmp(c->name, name, len) == 0;
	if (matches_component(p, c, name, len))
		return true;
	if (len > sizeof other)
		return true;
	for (size_t i = 0; i < len; i++)
		other[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	if (glob(p, c, other, len))
		return true;
	for (size_t i = 0; i < len; i++)
		other[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 32 : name[i]);
	return glob(p, c, other, len);
}

pattern_state pattern_step_any_case(const struct pattern *p, pattern_state state, const char *name, size_t len, bool at_root, bool bulk)
{
	return step(p, state, name, len, at_root, bulk, any_case);
}

/* "**", or "*" alone. */
static bool is_every_name(const struct pattern *p, const struct component *c)
{
	return c->shape == SHAPE_DEPTH || (c->shape == SHAPE_GLOB && c->count == 1 && p->tokens[c->from].kind == TOKEN_RUN);
}

static bool any_name(const struct pattern *p, const struct component *c, const char *name, size_t len)
{
	(void)name, (void)len;
	return is_every_name(p, c);
}

pattern_state pattern_step_other(const struct pattern *p, pattern_state state)
{
	return step(p, state, "", 0, false, false, any_name);
}

uint64_t pattern_letters(const char *name, size_t len)
{
	uint64_t letters = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];
		/* Small and capital letters alike; digits and marks apart from them. */
		letters |= 1ULL << (c < 0x40 ? c & 0x1f : c < 0x80 ? 0x20 | (c & 0x1f) : 0);
	}
	return letters;
}

bool pattern_needs(const struct pattern *p, unsigned i, struct pattern_needs *needs)
{
	const struct component *c = &p->component[i];
	*needs = (struct pattern_needs){.least = 0};
	if (is_every_name(p, c))
		return false;
	for (const struct token *t = p->tokens + c->from, *last = t + c->count; t < last; t++) {
		char plain = (char)t->code;
		if (t->kind == TOKEN_CHAR && t->code < 0x80)
			needs->letters |= pattern_letters(&plain, 1);
		needs->least += t->kind != TOKEN_RUN;
	}
	return true;
}

bool pattern_component_any_case(const struct pattern *p, unsigned i, const char *name, size_t len)
{
	return any_case(p, &p->component[i], name, len);
}

unsigned pattern_components(const struct pattern *p)
{
	return p->count;
}

bool pattern_matches(const struct pattern *p, pattern_state state)
{
	return (state & 1U << p->count) != 0;
}

bool pattern_reaches(const struct pattern *p, pattern_state state)
{
	return (state & ((1U << p->count) - 1)) != 0;
}

enum pattern_prefix pattern_prefix(const struct pattern *p, pattern_state before, const char *name, size_t len, bool at_root)
{
	enum pattern_prefix found = PREFIX_NONE;
	if (is_system(p, name, len, at_root))
		return found;
	for (unsigned i = 0; i + 1 < p->count; i++) {
		const struct component *c = &p->component[i];
		if ((before & 1U << i) == 0 || c->shape == SHAPE_DEPTH || !matches_component(p, c, name, len))
			continue;
		if (c->shape == SHAPE_LITERAL)
			return PREFIX_LITERAL;
		found = PREFIX_GLOB;
	}
	return found;
}

bool pattern_prefix_other(const struct pattern *p, pattern_state before)
{
	for (unsigned i = 0; i + 1 < p->count; i++)
		if ((before & 1U << i) != 0 && p->component[i].shape != SHAPE_DEPTH && is_every_name(p, &p->component[i]))
			return true;
	return false;
}
