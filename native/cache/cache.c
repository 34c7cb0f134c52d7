/* Puts the parts together: key, entry, answers. Runs with the user's privileges, before anything is confined. */
#define _GNU_SOURCE
#include "cache/cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/cache_ask.h"
#include "cache/cache_entry.h"
#include "cache/cache_environment.h"
#include "cache/cache_store.h"
#include "cache/cache_words.h"
#include "start/tmpdir.h"

/* A new directory of the session's own in the place of the one that the plan was made with; its name is like no other text in the plan. */
static bool renew_tmpdir(const struct cache_entry *entry, pid_t owner, struct cached *cached)
{
	const char *before = cache_record_find(entry->record, entry->record_size, 't');
	if (before == NULL)
		return true;
	const char *old = strrchr(before, '/');
	char leaf[TMPDIR_NAME];
	if (old == NULL || !tmpdir_is_name(old + 1) || !tmpdir_name(owner, leaf))
		return false;
	if (snprintf(cached->tmpdir, sizeof cached->tmpdir, "%.*s/%s", (int)(old - before), before, leaf) >= (int)sizeof cached->tmpdir || mkdir(cached->tmpdir, 0700) != 0) {
		cached->tmpdir[0] = 0;
		return false;
	}
	cache_replace(cached->plan.data, cached->plan.size, old + 1, leaf);
	for (size_t i = 0; i < cached->env_count; i++)
		cache_replace(cached->env[i], strlen(cached->env[i]), old + 1, leaf);
	return true;
}

/* `command`: where the line has one. */
static bool fill(const struct cache_key *key, char **command, const struct cache_entry *entry, pid_t owner, struct cached *cached)
{
	*cached = (struct cached){.notices = (entry->flags & CACHE_NOTICES) != 0};
	cached->command = command != NULL ? command : cache_record_words(entry->record, entry->record_size);
	cached->about = cache_record_find(entry->record, entry->record_size, 'b');
	cached->said = cache_record_find(entry->record, entry->record_size, 'o');
	cached->env = cache_env_join(entry->env, entry->env_size, key->env, &cached->env_count);
	/* A copy, since the plan's are written into. */
	cached->plan = (struct plan_bytes){malloc(entry->plan_size + 1), entry->plan_size};
	if (cached->command == NULL || cached->command[0][0] == 0 || cached->env == NULL || cached->plan.data == NULL)
		return false;
	memcpy(cached->plan.data, entry->plan, entry->plan_size);
	return renew_tmpdir(entry, owner, cached);
}

static bool same_values(const struct cache_key *key, const struct cache_entry *entry)
{
	uint8_t values[SHA256_BYTES];
	cache_values_digest(&key->start, entry->record, entry->record_size, key->env, values);
	return memcmp(values, entry->values, SHA256_BYTES) == 0;
}

static bool take(const struct cache_key *key, size_t words, char **command, pid_t owner, struct cached *cached)
{
	uint8_t digest[SHA256_BYTES];
	size_t size;
	cache_key_digest(key, words, digest);
	uint8_t *data = cache_load(key->directory, digest, &size);
	struct cache_entry entry;
	/* The bytes stay: `said` and `about` are in them. */
	return data != NULL && cache_entry_parse(data, size, &entry) && memcmp(entry.digest, digest, SHA256_BYTES) == 0 && same_values(key, &entry) &&
	       cache_answers_hold(entry.record, entry.record_size, key) && fill(key, command, &entry, owner, cached);
}

bool cache_take(const struct cache_key *key, pid_t owner, struct cached *cached)
{
	if (!key->usable)
		return false;
	if (key->whole_line)
		return take(key, cache_count(key->argv), NULL, owner, cached);
	for (size_t at = CACHE_BEFORE_WORDS; cache_next_place(key->argv, &at); at++)
		if (take(key, at + 1, key->argv + at, owner, cached))
			return true;
	return false;
}

static bool same_words(char *const a[], char *const b[])
{
	while (*a != NULL && *b != NULL && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return *a == NULL && *b == NULL;
}

/* Where the command of the line is that Node has started: a place where cache_take will look, or the end of a line that has none. 0: it is not to be kept. */
static size_t deciding_words(const struct cache_key *key, const struct request *request)
{
	const size_t all = cache_count(key->argv), words = cache_count(request->argv);
	char **own = cache_record_words(request->record, request->record_size);
	if (key->whole_line)
		return own != NULL && same_words(own, request->argv) ? all : 0;
	if (own != NULL || words > all - CACHE_BEFORE_WORDS || !same_words(key->argv + (all - words), request->argv))
		return 0;
	for (size_t at = CACHE_BEFORE_WORDS; cache_next_place(key->argv, &at); at++)
		if (at == all - words)
			return at + 1;
	return 0;
}

/* The entry of a plan that was made for this start; NULL: it is not to be kept. Takes the plan's bytes apart. */
static uint8_t *make_entry(const struct cache_key *key, const struct request *request, struct plan_bytes *plan, size_t *words, uint8_t digest[SHA256_BYTES], size_t *size)
{
	if (!key->usable || request->record == NULL || !cache_record_sound(request->record, request->record_size))
		return NULL;
	*words = deciding_words(key, request);
	/* Asked here for the first time: what has changed while the policy was resolved is not kept, nor what this code understands in another way. */
	if (*words == 0 || !cache_answers_hold(request->record, request->record_size, key))
		return NULL;
	struct cache_entry entry = {.flags = request->notices ? CACHE_NOTICES : 0, .record = request->record, .record_size = request->record_size};
	char *env = malloc(plan->size);
	const char **inherited = cache_record_subjects(request->record, request->record_size, 'h');
	uint8_t *data = NULL;
	if (env != NULL && inherited != NULL && cache_plan_split(plan->data, &plan->size, inherited, key->env, env, &entry.env_size)) {
		cache_key_digest(key, *words, entry.digest);
		cache_values_digest(&key->start, entry.record, entry.record_size, key->env, entry.values);
		entry.env = env;
		entry.plan = plan->data;
		entry.plan_size = plan->size;
		memcpy(digest, entry.digest, SHA256_BYTES);
		data = cache_entry_make(&entry, size);
	}
	free(inherited);
	free(env);
	return data;
}

void cache_keep(const struct cache_key *key, const struct request *request, struct plan_bytes *plan)
{
	uint8_t digest[SHA256_BYTES];
	size_t words, size;
	uint8_t *data = make_entry(key, request, plan, &words, digest, &size);
	if (data != NULL)
		cache_save(key->directory, digest, data, size);
	free(data);
}

bool cache_take_made(const struct cache_key *key, const struct request *request, struct plan_bytes *plan, pid_t owner, struct cached *cached)
{
	uint8_t digest[SHA256_BYTES];
	size_t words, size;
	uint8_t *data = make_entry(key, request, plan, &words, digest, &size);
	struct cache_entry entry;
	/* As one that was loaded: the bytes stay. */
	if (data == NULL || !cache_entry_parse(data, size, &entry) || !fill(key, key->whole_line ? NULL : key->argv + words - 1, &entry, owner, cached)) {
		free(data);
		return false;
	}
	cached->made = data;
	cached->made_size = size;
	memcpy(cached->digest, digest, SHA256_BYTES);
	return true;
}

void cache_keep_made(const struct cache_key *key, const struct cached *cached)
{
	if (cached->made != NULL)
		cache_save(key->directory, cached->digest, cached->made, cached->made_size);
}

bool cached_parse(const struct cached *cached, struct plan *plan, struct failure *f)
{
	if (!plan_parse(cached->plan.data, cached->plan.size, plan, f)) {
		if (cached->tmpdir[0] != 0)
			tmpdir_remove(cached->tmpdir, TMPDIR_MOST);
		return false;
	}
	free(plan->env);
	plan->env = cached->env;
	plan->env_count = cached->env_count;
	return true;
}
