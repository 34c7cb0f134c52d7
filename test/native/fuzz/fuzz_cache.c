/* Any bytes as a cached plan: refused, or every part of it lies inside, and what is made of it comes apart again. */
#include <stdlib.h>
#include <string.h>

#include "cache/cache_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *outside[] = {(char *)"HOME=/home/u", (char *)"A=b", (char *)"A=c", (char *)"V=old", NULL};

static const char *const inherited[] = {"HOME", "A", "V", NULL};

static size_t number(const uint8_t *p, size_t size)
{
	size_t value = 0;
	for (size_t i = 0; i < size; i++)
		value |= (size_t)p[i] << (8 * i);
	return value;
}

/* What a list means; `plan`, when given: the plan that it was taken out of, whose variables it must mean in their order. */
static void environment(const char *list, size_t size, const uint8_t *plan, size_t plan_size)
{
	size_t count = 0, at = 24, i = 0;
	char **env = cache_env_join(list, size, outside, &count);
	for (; plan != NULL && at < plan_size; at += 8 + number(plan + at, 4)) {
		if (number(plan + at + 4, 2) != 4)
			continue;
		size_t length = number(plan + at, 4) - 4;
		if (env == NULL || i >= count || strlen(env[i]) != length || memcmp(env[i], plan + at + 12, length) != 0)
			abort();
		i++;
	}
	if (plan != NULL && i != count)
		abort();
	for (i = 0; env != NULL && i < count; i++) {
		if (strchr(env[i], '=') == NULL)
			abort();
		free(env[i]);
	}
	free(env);
}

/* The same text in the place of itself: nothing changes, wherever it stands. */
static void replaces(const uint8_t *data, size_t size)
{
	char from[8] = "";
	memcpy(from, data, size < sizeof from - 1 ? size : sizeof from - 1);
	uint8_t *copy = malloc(size + 1);
	memcpy(copy, data, size);
	cache_replace(copy, size, from, from);
	if (memcmp(copy, data, size) != 0)
		abort();
	free(copy);
}

static void split(const uint8_t *plan, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	char *env = malloc(size + 1);
	size_t left = size, length;
	memcpy(copy, plan, size);
	if (cache_plan_split(copy, &left, inherited, outside, env, &length)) {
		if (left > size || length > size)
			abort();
		environment(env, length, plan, size);
	}
	free(copy);
	free(env);
}

static void reads(const struct cache_entry *entry)
{
	struct cache_question q;
	size_t questions = 0;
	for (size_t at = 0; cache_question_next(entry->record, entry->record_size, &at, &q); questions++)
		if (q.subject < entry->record || q.answer + strlen(q.answer) >= entry->record + entry->record_size)
			abort();
	if (questions > CACHE_MOST_QUESTIONS)
		abort();
	cache_record_find(entry->record, entry->record_size, 'o');
	free(cache_record_subjects(entry->record, entry->record_size, 'h'));
	char **words = cache_record_words(entry->record, entry->record_size);
	for (size_t i = 0; words != NULL && words[i] != NULL; i++)
		if (words[i] < entry->record || words[i] + strlen(words[i]) >= entry->record + entry->record_size)
			abort();
	free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	split(data, size);
	replaces(data, size);
	environment((const char *)data, size, NULL, 0);
	/* A copy of exactly this size: the sanitizer then sees a read past its end. With the right sum, which no mutation would find. */
	uint8_t *bytes = malloc(size);
	memcpy(bytes, data, size);
	cache_entry_seal(bytes, size);
	struct cache_entry entry;
	if (cache_entry_parse(bytes, size, &entry)) {
		reads(&entry);
		split(entry.plan, entry.plan_size);
		environment(entry.env, entry.env_size, NULL, 0);
		size_t again;
		uint8_t *made = cache_entry_make(&entry, &again);
		if (made == NULL || again != size || memcmp(made, bytes, size) != 0)
			abort();
		free(made);
	}
	free(bytes);
	return 0;
}
