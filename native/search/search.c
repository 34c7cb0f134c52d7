/* nono-search: what deny patterns may be concerned with below directories, found before the start with the user's own privileges. It only finds; what a name
 * means is decided by src/policy/pattern/pattern-search.ts, from the records that this program writes. Reads names, never contents.
 *
 * stdin: fields of a letter and text, each ended by NUL: P pattern, G one of a guard or H one of a guard that looks into bulk directories, B name of a bulk
 * directory, into which guards do not look and which is reported, C one into which no guard looks, F a pattern with folded literals (in the same order), K a path not to enter, S a mount that may never answer, N most entries, V milliseconds after
 * which it says on stderr how far it is, T the terminal is raw and on descriptor 3 (from then on ^C there ends the search, with status 130; other keys are
 * recorded), R a root. stdout: records of the same form: a letter for the kind and the path of a name to look at (f d l c b s p, from the type of the entry), U a
 * directory that cannot be listed, D one that lies too deep, S a mount not entered, L a root that was too large, T what was typed, in hexadecimal digits, O that more
 * was typed than is kept, so that nothing of it is; E with the number of entries is the last one: without it the answer is not complete. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "search/search_keys.h"
#include "search/search_names.h"
#include "search/search_request.h"

enum { MAX_WORKERS = 4, FLUSH = 32 << 10 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct item *stack;
static unsigned busy;
static unsigned long long searched;
static bool too_large, finished;
static struct timespec started;
static double said;

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - started.tv_sec) + (double)(now.tv_nsec - started.tv_nsec) / 1e9;
}

/* With the lock held. */
static void progress(void)
{
	double now = seconds();
	if (!asked.verbose || now < asked.patience || (said > 0 && now - said < 0.2))
		return;
	said = now;
	char line[120];
	int n = snprintf(line, sizeof line, "\r\033[K  [nono] searching for what deny patterns match: %llu entries in %.0f s (^C ends)", searched, now);
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		asked.verbose = false;
}

/* With the lock held. */
static void push(struct item *i)
{
	if (too_large) {
		free(i);
		return;
	}
	i->next = stack;
	stack = i;
}

/* With the lock held, which is let go for the listing. */
static void one_directory(struct worker *w)
{
	struct item *in = stack;
	stack = in->next;
	busy++;
	pthread_mutex_unlock(&lock);
	unsigned long long entries = search_list(w, in);
	free(in);
	pthread_mutex_lock(&lock);
	searched += entries;
	too_large |= searched > asked.most;
	for (struct item *i = w->found; i != NULL; i = w->found) {
		w->found = i->next;
		push(i);
	}
	while (too_large && stack != NULL) {
		struct item *i = stack;
		stack = i->next;
		free(i);
	}
	busy--;
	progress();
	if (w->used > FLUSH)
		worker_flush(w);
	if (stack != NULL || busy == 0)
		pthread_cond_broadcast(&changed);
}

static void *help(void *unused)
{
	struct worker w;
	(void)unused;
	if (!worker_begin(&w))
		_exit(1);
	pthread_mutex_lock(&lock);
	while (!finished) {
		if (stack != NULL)
			one_directory(&w);
		else
			pthread_cond_wait(&changed, &lock);
	}
	worker_flush(&w);
	pthread_mutex_unlock(&lock);
	worker_end(&w);
	return NULL;
}

static void search(struct worker *w, const char *root)
{
	pthread_mutex_lock(&lock);
	if (strlen(root) > MAX_DEPTH_BYTES) {
		worker_record(w, 'D', root, strlen(root));
	} else {
		push(search_root(root));
		pthread_cond_broadcast(&changed);
		while (stack != NULL || busy > 0) {
			if (stack != NULL)
				one_directory(w);
			else
				pthread_cond_wait(&changed, &lock);
		}
		if (too_large)
			worker_record(w, 'L', root, strlen(root));
	}
	pthread_mutex_unlock(&lock);
}

static unsigned helpers(void)
{
	cpu_set_t cpus;
	int n = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
	return (unsigned)(n > MAX_WORKERS ? MAX_WORKERS : n) - 1;
}

static int run(void)
{
	pthread_t thread[MAX_WORKERS];
	unsigned threads = 0;
	clock_gettime(CLOCK_MONOTONIC, &started);
	struct worker w;
	if (!search_read_request() || !worker_begin(&w))
		return 1;
	for (unsigned i = helpers(); i > 0; i--)
		if (pthread_create(&thread[threads], NULL, help, NULL) == 0)
			threads++;
	if (asked.raw && asked.verbose)
		keys_watch(asked.patience);
	for (size_t i = 0; i < asked.root_count; i++)
		search(&w, asked.roots[i]);
	pthread_mutex_lock(&lock);
	finished = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	keys_record(&w);
	char end[32];
	int n = snprintf(end, sizeof end, "%llu", searched);
	worker_record(&w, 'E', end, (size_t)n);
	worker_flush(&w);
	if (said > 0 && write(STDERR_FILENO, "\r\033[K", 4) < 0)
		return 0;
	return 0;
}

int main(void)
{
	_exit(run()); /* what is allocated lives as long as the process */
}
