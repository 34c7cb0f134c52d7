/* Plan parser. Runs with the invoking user's privileges on a file that user's host wrote; still treats every length as hostile, because a plan
 * that is misread is a sandbox that is not there. Fuzzed by test/native/fuzz/fuzz_plan.c. */
#include "plan/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/bulk_names.h"
#include "rules/pathmap.h"

enum { REC_OPTIONS = 1, REC_FLOOR = 2, REC_RULE = 3, REC_ENV = 4, REC_CWD = 5, REC_NET = 7, REC_BIRTH = 8, REC_LIMIT = 9, REC_PRELOAD = 10, REC_TMPDIR = 11, REC_COMMAND = 12, REC_OWNED = 13, REC_SELF = 14, REC_BULK = 15, REC_END = 0xffff };

struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static uint64_t take(struct cursor *c, size_t n)
{
	if (c->bad || (size_t)(c->end - c->at) < n) {
		c->bad = true;
		return 0;
	}
	uint64_t value = 0;
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)c->at[i] << (8 * i);
	c->at += n;
	return value;
}

/* A NUL-terminated copy; NULL (and c->bad) when it is cut, holds a NUL, or is longer than `max`. */
static char *take_string(struct cursor *c, size_t max)
{
	size_t n = (size_t)take(c, 4);
	if (c->bad || n > max || (size_t)(c->end - c->at) < n || memchr(c->at, 0, n) != NULL) {
		c->bad = true;
		return NULL;
	}
	char *s = malloc(n + 1);
	if (s == NULL) {
		c->bad = true;
		return NULL;
	}
	memcpy(s, c->at, n);
	s[n] = 0;
	c->at += n;
	return s;
}

static char *take_path(struct cursor *c)
{
	char *p = take_string(c, PLAN_MAX_PATH - 1);
	if (p != NULL && !path_is_normal(p)) {
		c->bad = true;
		free(p);
		return NULL;
	}
	return p;
}

static void *grow(void *array, size_t count, size_t item)
{
	/* Doubles at powers of two, so the array needs no capacity field. */
	if (count != 0 && (count & (count - 1)) != 0)
		return array;
	return realloc(array, (count ? count * 2 : 1) * item);
}

static bool add_floor(struct plan *plan, struct cursor *c)
{
	struct plan_floor r = {.rights = (uint32_t)take(c, 4)};
	c->bad |= take(c, 4) != 0 || (r.rights & ~(uint32_t)FLOOR_ALL) != 0;
	r.path = take_path(c);
	struct plan_floor *grown = c->bad ? NULL : grow(plan->floor, plan->floor_count, sizeof r);
	if (grown == NULL) {
		free(r.path);
		return false;
	}
	plan->floor = grown;
	plan->floor[plan->floor_count++] = r;
	return true;
}

static bool add_rule(struct plan *plan, struct cursor *c)
{
	struct plan_rule r = {.id = (uint32_t)take(c, 4)};
	r.verdict = (uint8_t)take(c, 1);
	r.kind = (uint8_t)take(c, 1);
	r.access = (uint16_t)take(c, 2);
	c->bad |= r.verdict > VERDICT_OVERRIDE || r.kind > KIND_PATTERN || (r.access & ACCESS_ALL) == 0 ||
	          (r.access & ~(ACCESS_ALL | (r.verdict == VERDICT_DENY ? RULE_FIXED : 0) | (r.verdict == VERDICT_DENY && r.kind == KIND_PATTERN ? RULE_GUARD | RULE_DEEP : 0))) != 0 ||
	          r.id == NO_RULE;
	r.path = take_path(c);
	struct plan_rule *grown = c->bad ? NULL : grow(plan->rules, plan->rule_count, sizeof r);
	if (grown == NULL) {
		free(r.path);
		return false;
	}
	plan->rules = grown;
	plan->rules[plan->rule_count++] = r;
	return true;
}

static bool add_net(struct plan *plan, struct cursor *c)
{
	struct net_rule r;
	if (c->end - c->at != NET_RULE_BYTES || (plan->flags & PLAN_NET_RULES) == 0 || !net_rule_parse(c->at, &r))
		return false;
	c->at += NET_RULE_BYTES;
	return net_rules_add(&plan->net, &r);
}

static bool add_birth(struct plan *plan, struct cursor *c)
{
	struct plan_birth b = {.kind = (uint8_t)take(c, 1)};
	uint64_t few = take(c, 1);
	c->bad |= few > 1 || take(c, 2) != 0 || b.kind > BIRTH_BULK;
	b.few = few == 1;
	b.rights = (uint32_t)take(c, 4);
	c->bad |= (b.rights & ~(uint32_t)FLOOR_ALL) != 0;
	b.place = take_path(c);
	b.tree = take_path(c);
	struct plan_birth *grown = c->bad ? NULL : grow(plan->births, plan->birth_count, sizeof b);
	if (grown == NULL) {
		free(b.place);
		free(b.tree);
		return false;
	}
	plan->births = grown;
	plan->births[plan->birth_count++] = b;
	return true;
}

static bool add_bulk(struct plan *plan, struct cursor *c)
{
	uint64_t closed = take(c, 4);
	char *s = closed <= 1 ? take_string(c, PLAN_MAX_PATH - 1) : NULL;
	char **grown = s != NULL && bulk_name_valid(s) ? grow(plan->bulk, plan->bulk_count, sizeof *grown) : NULL;
	if (grown == NULL) {
		free(s);
		return false;
	}
	plan->bulk = grown;
	plan->bulk[plan->bulk_count++] = s;
	if (closed == 0)
		return true;
	grown = grow(plan->closed, plan->closed_count, sizeof *grown);
	if (grown == NULL)
		return false;
	plan->closed = grown;
	plan->closed[plan->closed_count++] = s;
	return true;
}

static bool add_owned(struct plan *plan, struct cursor *c)
{
	char *path = take_path(c);
	char **grown = path != NULL && path[1] != 0 ? grow(plan->owned, plan->owned_count, sizeof *grown) : NULL;
	if (grown == NULL) {
		free(path);
		return false;
	}
	plan->owned = grown;
	plan->owned[plan->owned_count++] = path;
	return true;
}

/* A name, or the absolute path of a file. */
static bool add_command(struct plan *plan, struct cursor *c)
{
	char *s = take_string(c, PLAN_MAX_PATH - 1);
	bool ok = s != NULL && s[0] != 0 && (s[0] == '/' || strchr(s, '/') == NULL);
	char **grown = ok ? grow(plan->commands, plan->command_count, sizeof *grown) : NULL;
	if (grown == NULL) {
		free(s);
		return false;
	}
	plan->commands = grown;
	plan->commands[plan->command_count++] = s;
	return true;
}

static bool add_env(struct plan *plan, struct cursor *c)
{
	char *s = take_string(c, 1024 * 1024);
	bool ok = s != NULL && strchr(s, '=') != NULL && s[0] != '=';
	/* One slot more than the count, for the terminating NULL. */
	char **grown = ok ? realloc(plan->env, (plan->env_count + 2) * sizeof *grown) : NULL;
	if (grown == NULL) {
		free(s);
		return false;
	}
	plan->env = grown;
	plan->env[plan->env_count++] = s;
	plan->env[plan->env_count] = NULL;
	return true;
}

static bool set_options(struct plan *plan, struct cursor *c)
{
	plan->flags = (uint32_t)take(c, 4);
	plan->mode = (uint32_t)take(c, 4);
	plan->min_abi = (uint32_t)take(c, 4);
	plan->cap_keep = take(c, 8);
	bool net = (plan->flags & PLAN_NET_RULES) != 0, blocked = (plan->flags & PLAN_BLOCK_NET) != 0;
	bool unix_rules = (plan->flags & PLAN_UNIX_RULES) != 0, supervised = (plan->flags & PLAN_SUPERVISE) != 0;
	if ((net && blocked) || (unix_rules && !supervised))
		return false;
	return !c->bad && (plan->flags & ~(uint32_t)PLAN_FLAGS_ALL) == 0 && plan->mode <= MODE_ASK;
}

static bool set_limit(struct plan *plan, struct cursor *c)
{
	uint64_t *const kinds[] = {&plan->limits.memory, &plan->limits.processes, &plan->limits.cpu_seconds, &plan->limits.file_size, &plan->limits.open_files};
	uint32_t kind = (uint32_t)take(c, 4);
	bool zero = take(c, 4) == 0;
	uint64_t value = take(c, 8);
	if (c->bad || !zero || kind < 1 || kind > sizeof kinds / sizeof kinds[0] || value == 0 || value > INT64_MAX || *kinds[kind - 1] != 0)
		return false;
	*kinds[kind - 1] = value;
	return true;
}

/* The rest of the record, as it is and where it is: only nono inside reads it, and it is most of a plan. */
static bool set_self(struct plan *plan, struct cursor *c)
{
	size_t size = (size_t)(c->end - c->at);
	if (plan->self != NULL || size == 0 || (plan->flags & PLAN_SUPERVISE) == 0)
		return false;
	plan->self = (const char *)c->at;
	plan->self_size = size;
	c->at = c->end;
	return true;
}

static bool read_record(struct plan *plan, unsigned type, struct cursor *c)
{
	bool ok;
	switch (type) {
	case REC_FLOOR:
		ok = add_floor(plan, c);
		break;
	case REC_RULE:
		ok = add_rule(plan, c);
		break;
	case REC_ENV:
		ok = add_env(plan, c);
		break;
	case REC_NET:
		ok = add_net(plan, c);
		break;
	case REC_LIMIT:
		ok = set_limit(plan, c);
		break;
	case REC_TMPDIR:
		ok = plan->tmpdir == NULL && (plan->tmpdir = take_path(c)) != NULL;
		break;
	case REC_CWD:
		ok = plan->cwd == NULL && (plan->cwd = take_path(c)) != NULL;
		break;
	case REC_PRELOAD:
		ok = plan->preload == NULL && (plan->preload = take_path(c)) != NULL;
		break;
	case REC_SELF:
		ok = set_self(plan, c);
		break;
	case REC_BULK:
		ok = add_bulk(plan, c);
		break;
	case REC_OWNED:
		ok = add_owned(plan, c);
		break;
	case REC_COMMAND:
		ok = add_command(plan, c);
		break;
	case REC_BIRTH:
		ok = add_birth(plan, c);
		break;
	case REC_END:
		ok = true;
		break;
	default:
		ok = false;
		break;
	}
	return ok && !c->bad && c->at == c->end;
}

static bool parse_records(const uint8_t *data, size_t size, struct plan *plan, const char **why)
{
	*why = "it is cut short";
	struct cursor head = {.at = data, .end = data + size};
	if (size < PLAN_HEADER_BYTES || memcmp(data, "NONOPLAN", 8) != 0) {
		*why = size < PLAN_HEADER_BYTES ? *why : "it is not a plan";
		return false;
	}
	head.at += 8;
	uint64_t version = take(&head, 4), count = take(&head, 4), total = take(&head, 8);
	if (version != 1) {
		*why = "its version is not 1";
		return false;
	}
	if (total != size) {
		*why = total > size ? *why : "bytes follow its end";
		return false;
	}
	const uint8_t *at = data + PLAN_HEADER_BYTES;
	bool ended = false;
	for (uint64_t i = 0; i < count; i++) {
		struct cursor rec = {.at = at, .end = data + size};
		size_t length = (size_t)take(&rec, 4);
		unsigned type = (unsigned)take(&rec, 2);
		bool zero = take(&rec, 2) == 0;
		if (rec.bad || (size_t)(rec.end - rec.at) < length)
			return false;
		*why = "a record in it is malformed";
		rec.end = rec.at + length;
		at = rec.end;
		bool ok = zero && (type == REC_OPTIONS) == (i == 0);
		ok = ok && (type == REC_OPTIONS ? set_options(plan, &rec) && rec.at == rec.end : read_record(plan, type, &rec));
		if (!ok || ended)
			return false;
		ended = type == REC_END;
		*why = "it is cut short";
	}
	if (at != data + size)
		*why = "bytes follow its end";
	return ended && at == data + size;
}

size_t plan_length(const uint8_t header[PLAN_HEADER_BYTES])
{
	struct cursor c = {.at = header + 16, .end = header + PLAN_HEADER_BYTES};
	return (size_t)take(&c, 8);
}

bool plan_parse(const uint8_t *data, size_t size, struct plan *plan, struct failure *f)
{
	*plan = (struct plan){0};
	const char *why = "";
	if (!parse_records(data, size, plan, &why)) {
		plan_free(plan);
		return fail(f, 126, 0, "read the plan", why);
	}
	if (plan->env == NULL) {
		plan->env = calloc(1, sizeof *plan->env);
		if (plan->env == NULL)
			return fail(f, 126, ENOMEM, "read the plan", "environment");
	}
	return true;
}

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->floor_count; i++)
		free(plan->floor[i].path);
	for (size_t i = 0; i < plan->rule_count; i++)
		free(plan->rules[i].path);
	for (size_t i = 0; i < plan->env_count; i++)
		free(plan->env[i]);
	for (size_t i = 0; i < plan->birth_count; i++) {
		free(plan->births[i].place);
		free(plan->births[i].tree);
	}
	for (size_t i = 0; i < plan->command_count; i++)
		free(plan->commands[i]);
	free(plan->commands);
	for (size_t i = 0; i < plan->bulk_count; i++)
		free(plan->bulk[i]);
	free(plan->bulk);
	free(plan->closed);
	for (size_t i = 0; i < plan->owned_count; i++)
		free(plan->owned[i]);
	free(plan->owned);
	free(plan->births);
	free(plan->floor);
	free(plan->rules);
	free(plan->net.list);
	free(plan->env);
	free(plan->cwd);
	free(plan->tmpdir);
	free(plan->preload);
	*plan = (struct plan){0};
}
