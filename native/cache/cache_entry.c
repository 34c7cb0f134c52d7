/* Every length is hostile, although only this user can write an entry: a plan that is misread is a sandbox that is not there. The sum is against a disk that
 * lost something, not against a person. */
#define _GNU_SOURCE
#include "cache/cache_entry.h"

#include <stdlib.h>
#include <string.h>

static const char magic[8] = {'N', 'O', 'N', 'O', 'P', 'C', 'A', '3'};
enum { HEADER = 8 + 8 + 2 * SHA256_BYTES + 4 * 4, MOST_PATH = 4096 };
enum { PLAN_HEADER = 24, PLAN_RECORD = 8, PLAN_ENV = 4 };

static uint64_t get(const uint8_t *p, size_t n)
{
	uint64_t value = 0;
	for (size_t i = 0; i < n; i++)
		value |= (uint64_t)p[i] << (8 * i);
	return value;
}

static void put(uint8_t *p, size_t n, uint64_t value)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t sum(const uint8_t *data, size_t size)
{
	uint64_t h = 0xcbf29ce484222325ULL ^ size;
	size_t at = 0;
	for (; at + 8 <= size; at += 8) {
		uint64_t word;
		memcpy(&word, data + at, 8);
		h = (h ^ word) * 0x9e3779b97f4a7c15ULL;
		h ^= h >> 29;
	}
	for (; at < size; at++)
		h = (h ^ data[at]) * 0x100000001b3ULL;
	return h ^ h >> 32;
}

bool cache_question_next(const char *record, size_t size, size_t *at, struct cache_question *q)
{
	if (*at >= size)
		return false;
	q->op = record[*at];
	q->subject = record + *at + 1;
	q->answer = q->subject + strlen(q->subject) + 1;
	*at = (size_t)(q->answer - record) + strlen(q->answer) + 1;
	return true;
}

/* What is asked of a path, of a variable, of nono itself, or only said. */
static bool known(char op, const char *subject)
{
	if (strchr("kelxyidpucr", op) != NULL)
		return subject[0] == '/' && strlen(subject) < MOST_PATH;
	if (op == 's')
		return subject[0] != 0;
	if (strchr("vqh", op) != NULL)
		return subject[0] != 0 && strchr(subject, '=') == NULL;
	if (op == 'a')
		return subject[0] != 0 && strspn(subject, "0123456789") == strlen(subject);
	return strchr("bnotw", op) != NULL && subject[0] == 0;
}

bool cache_record_sound(const char *record, size_t size)
{
	size_t count = 0;
	if (size > CACHE_MOST_RECORD)
		return false;
	for (size_t at = 0; at < size; count++) {
		/* Its op, the end of its subject and the end of its answer, all of them inside. */
		const char *subject = record + at + 1, *end = record[at] == 0 ? NULL : memchr(record + at, 0, size - at);
		const char *last = end == NULL ? NULL : memchr(end + 1, 0, size - (size_t)(end + 1 - record));
		if (last == NULL || !known(record[at], subject) || count >= CACHE_MOST_QUESTIONS)
			return false;
		at = (size_t)(last - record) + 1;
	}
	return true;
}

char **cache_record_words(const char *record, size_t size)
{
	struct cache_question q;
	size_t count = 0, i = 0;
	for (size_t at = 0; cache_question_next(record, size, &at, &q);)
		count += q.op == 'a';
	char **words = count == 0 ? NULL : calloc(count + 1, sizeof *words);
	for (size_t at = 0; words != NULL && cache_question_next(record, size, &at, &q);)
		if (q.op == 'a')
			words[i++] = (char *)q.answer;
	return words;
}

const char **cache_record_subjects(const char *record, size_t size, char op)
{
	struct cache_question q;
	size_t count = 0, i = 0;
	for (size_t at = 0; cache_question_next(record, size, &at, &q);)
		count += q.op == op;
	const char **list = calloc(count + 1, sizeof *list);
	for (size_t at = 0; list != NULL && cache_question_next(record, size, &at, &q);)
		if (q.op == op)
			list[i++] = q.subject;
	return list;
}

const char *cache_record_find(const char *record, size_t size, char op)
{
	struct cache_question q;
	for (size_t at = 0; cache_question_next(record, size, &at, &q);)
		if (q.op == op)
			return q.answer;
	return NULL;
}

bool cache_entry_parse(const uint8_t *data, size_t size, struct cache_entry *entry)
{
	if (size < HEADER || size > CACHE_MOST_BYTES || memcmp(data, magic, sizeof magic) != 0 || get(data + 8, 8) != sum(data + 16, size - 16))
		return false;
	memcpy(entry->digest, data + 16, SHA256_BYTES);
	memcpy(entry->values, data + 16 + SHA256_BYTES, SHA256_BYTES);
	const uint8_t *numbers = data + 16 + 2 * SHA256_BYTES;
	entry->flags = (uint32_t)get(numbers, 4);
	entry->record_size = (size_t)get(numbers + 4, 4);
	entry->env_size = (size_t)get(numbers + 8, 4);
	entry->plan_size = (size_t)get(numbers + 12, 4);
	/* Three lengths of 32 bits: their sum cannot run over. */
	if ((uint64_t)entry->record_size + entry->env_size + entry->plan_size != size - HEADER || (entry->flags & ~(uint32_t)CACHE_NOTICES) != 0)
		return false;
	entry->record = (const char *)data + HEADER;
	entry->env = entry->record + entry->record_size;
	entry->plan = data + HEADER + entry->record_size + entry->env_size;
	return cache_record_sound(entry->record, entry->record_size);
}

void cache_entry_seal(uint8_t *data, size_t size)
{
	if (size >= HEADER)
		put(data + 8, 8, sum(data + 16, size - 16));
}

uint8_t *cache_entry_make(const struct cache_entry *entry, size_t *size)
{
	uint64_t whole = (uint64_t)HEADER + entry->record_size + entry->env_size + entry->plan_size;
	uint8_t *data = whole > CACHE_MOST_BYTES ? NULL : malloc((size_t)whole);
	if (data == NULL)
		return NULL;
	memcpy(data, magic, sizeof magic);
	memcpy(data + 16, entry->digest, SHA256_BYTES);
	memcpy(data + 16 + SHA256_BYTES, entry->values, SHA256_BYTES);
	uint8_t *numbers = data + 16 + 2 * SHA256_BYTES;
	put(numbers, 4, entry->flags);
	put(numbers + 4, 4, entry->record_size);
	put(numbers + 8, 4, entry->env_size);
	put(numbers + 12, 4, entry->plan_size);
	uint8_t *at = data + HEADER;
	memcpy(at, entry->record, entry->record_size);
	memcpy(at + entry->record_size, entry->env, entry->env_size);
	memcpy(at + entry->record_size + entry->env_size, entry->plan, entry->plan_size);
	*size = (size_t)whole;
	cache_entry_seal(data, *size);
	return data;
}

/* The first of that name: of two, cache_env_join would take no other. `name` is the length up to the equals sign, and with it. */
static bool stands_in(const char *text, size_t size, size_t name, char *const list[])
{
	for (; *list != NULL; list++)
		if (strncmp(*list, text, name) == 0)
			return strlen(*list) == size && memcmp(*list, text, size) == 0;
	return false;
}

/* U+FFFD: Node has put it where a value was not UTF-8. What is left of that value may be a password as well. */
static bool has_lost(const char *text, size_t size)
{
	return memmem(text, size, "\xef\xbf\xbd", 3) != NULL;
}

static bool is_one_of(const char *name, size_t length, const char *const list[])
{
	for (; *list != NULL; list++)
		if (strlen(*list) == length && memcmp(*list, name, length) == 0)
			return true;
	return false;
}

/* One variable onto the list. Each takes less room there than its record in the plan. */
static bool list_variable(const char *text, size_t size, const char *const inherited[], char *const outside[], char *env, size_t *env_size)
{
	const char *equals = memchr(text, '=', size);
	if (equals == NULL || equals == text || memchr(text, 0, size) != NULL)
		return false;
	bool named = is_one_of(text, (size_t)(equals - text), inherited);
	if (named ? !stands_in(text, size, (size_t)(equals - text) + 1, outside) : has_lost(text, size))
		return false;
	size_t length = named ? (size_t)(equals - text) : size;
	env[(*env_size)++] = named ? 'i' : 'v';
	memcpy(env + *env_size, text, length);
	*env_size += length;
	env[(*env_size)++] = 0;
	return true;
}

bool cache_plan_split(uint8_t *plan, size_t *size, const char *const inherited[], char *const outside[], char *env, size_t *env_size)
{
	*env_size = 0;
	if (*size < PLAN_HEADER)
		return false;
	size_t to = PLAN_HEADER, at = PLAN_HEADER;
	uint32_t count = 0;
	while (at < *size) {
		if (*size - at < PLAN_RECORD)
			return false;
		size_t length = (size_t)get(plan + at, 4), type = (size_t)get(plan + at + 4, 2);
		if (*size - at - PLAN_RECORD < length)
			return false;
		if (type == PLAN_ENV) {
			const uint8_t *payload = plan + at + PLAN_RECORD;
			if (length < 4 || get(payload, 4) != length - 4 || !list_variable((const char *)payload + 4, length - 4, inherited, outside, env, env_size))
				return false;
		} else {
			memmove(plan + to, plan + at, PLAN_RECORD + length);
			to += PLAN_RECORD + length;
			count++;
		}
		at += PLAN_RECORD + length;
	}
	put(plan + 12, 4, count);
	put(plan + 16, 8, to);
	*size = to;
	return true;
}

static char *variable(const char *item, char *const outside[])
{
	if (item[0] == 0)
		return NULL;
	size_t length = strlen(item + 1);
	if (item[0] == 'v')
		return item[1] == '=' || strchr(item + 1, '=') == NULL ? NULL : strdup(item + 1);
	for (; item[0] == 'i' && length > 0 && *outside != NULL; outside++)
		if (strncmp(*outside, item + 1, length) == 0 && (*outside)[length] == '=')
			return strdup(*outside);
	return NULL;
}

char **cache_env_join(const char *env, size_t size, char *const outside[], size_t *count)
{
	if (size > 0 && env[size - 1] != 0)
		return NULL;
	size_t items = 0;
	for (size_t at = 0; at < size; at += strlen(env + at) + 1)
		items++;
	char **list = calloc(items + 1, sizeof *list);
	*count = 0;
	for (size_t at = 0; list != NULL && at < size; at += strlen(env + at) + 1) {
		list[*count] = variable(env + at, outside);
		if (list[*count] == NULL) {
			while (*count > 0)
				free(list[--*count]);
			free(list);
			return NULL;
		}
		(*count)++;
	}
	return list;
}

void cache_replace(void *data, size_t size, const char *from, const char *to)
{
	size_t length = strlen(from);
	if (length == 0 || strlen(to) != length)
		return;
	for (char *at = data, *end = at + size; (at = memmem(at, (size_t)(end - at), from, length)) != NULL; at += length)
		memcpy(at, to, length);
}
