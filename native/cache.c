/* Puts the parts together: key, entry, answers. Runs with the user's privileges, before anything is confined. */
#define _GNU_SOURCE
#include "cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache_ask.h"
#include "cache_entry.h"
#include "cache_store.h"
#include "caller.h"
#include "tmpdir.h"

/* NODE and its script, before the user's words. */
enum { BEFORE_WORDS = 2 };

static char **last_words(const struct cache_key *key, size_t words)
{
	size_t count = 0;
	while (key->argv[count] != NULL)
		count++;
	return words == 0 || count < BEFORE_WORDS || words > count - BEFORE_WORDS ? NULL : key->argv + (count - words);
}

enum { SUFFIX = 6 };

/* The name that src/cli/session-tmp.ts would have given. */
static bool name_tmpdir(pid_t owner, char *leaf, size_t size)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	uint8_t random[SUFFIX];
	char suffix[SUFFIX + 1] = "";
	if (getrandom(random, sizeof random, GRND_NONBLOCK) != SUFFIX)
		return false;
	for (size_t i = 0; i < SUFFIX; i++)
		suffix[i] = letters[random[i] % (sizeof letters - 1)];
	int n = snprintf(leaf, size, "nono-tmp-%07d-%012llu-%s", owner, (unsigned long long)caller_start_time(owner), suffix);
	return n > 0 && (size_t)n < size;
}

/* A new directory of the session's own in the place of the one that the plan was made with; its name is like no other text in the plan. */
static bool renew_tmpdir(const struct cache_entry *entry, pid_t owner, struct cached *cached)
{
	const char *before = cache_record_find(entry->record, entry->record_size, 't');
	if (before == NULL)
		return true;
	const char *old = strrchr(before, '/');
	char leaf[64];
	if (old == NULL || strncmp(old, "/nono-tmp-", 10) != 0 || !name_tmpdir(owner, leaf, sizeof leaf) || strlen(leaf) != strlen(old + 1))
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

static bool fill(const struct cache_key *key, const struct cache_entry *entry, pid_t owner, struct cached *cached)
{
	*cached = (struct cached){.notices = (entry->flags & CACHE_NOTICES) != 0};
	cached->command = entry->words == 0 ? cache_record_words(entry->record, entry->record_size) : last_words(key, entry->words);
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

bool cache_take(const struct cache_key *key, pid_t owner, struct cached *cached)
{
	size_t size;
	uint8_t *data = key->usable ? cache_load(key, &size) : NULL;
	struct cache_entry entry;
	/* The bytes stay: `said` and `about` are in them. */
	return data != NULL && cache_entry_parse(data, size, &entry) && memcmp(entry.digest, key->digest, SHA256_BYTES) == 0 &&
	       cache_answers_hold(entry.record, entry.record_size, key->node) && fill(key, &entry, owner, cached);
}

static bool same_words(char *const a[], char *const b[])
{
	while (*a != NULL && *b != NULL && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return *a == NULL && *b == NULL;
}

void cache_keep(const struct cache_key *key, const struct request *request, struct plan_bytes *plan)
{
	if (!key->usable || request->record == NULL || !cache_record_sound(request->record, request->record_size))
		return;
	size_t words = 0;
	char **command = cache_record_words(request->record, request->record_size);
	if (command == NULL) {
		while (request->argv[words] != NULL)
			words++;
		/* The command line is not written down: it may hold a password. */
		command = last_words(key, words);
	}
	if (command == NULL || !same_words(command, request->argv))
		return;
	/* Asked here for the first time: what has changed while the policy was resolved is not kept, nor what this code understands in another way. */
	if (!cache_answers_hold(request->record, request->record_size, key->node))
		return;
	struct cache_entry entry = {.flags = request->notices ? CACHE_NOTICES : 0, .words = (uint32_t)words, .record = request->record, .record_size = request->record_size};
	char *env = malloc(plan->size);
	if (env != NULL && cache_plan_split(plan->data, &plan->size, key->env, env, &entry.env_size)) {
		memcpy(entry.digest, key->digest, SHA256_BYTES);
		entry.env = env;
		entry.plan = plan->data;
		entry.plan_size = plan->size;
		size_t size;
		uint8_t *data = cache_entry_make(&entry, &size);
		if (data != NULL)
			cache_save(key, data, size);
		free(data);
	}
	free(env);
}

bool cached_parse(const struct cached *cached, struct plan *plan, struct failure *f)
{
	if (!plan_parse(cached->plan.data, cached->plan.size, plan, f)) {
		if (cached->tmpdir[0] != 0)
			tmpdir_remove(cached->tmpdir);
		return false;
	}
	free(plan->env);
	plan->env = cached->env;
	plan->env_count = cached->env_count;
	return true;
}
