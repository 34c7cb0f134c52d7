/* nono-search: what deny patterns may be concerned with below directories, found before the start with the user's own privileges. It only finds; what a name
 * means is decided by src/policy/pattern-search.ts, from the records that this program writes. Reads names, never contents.
 *
 * stdin: fields of a letter and text, each ended by NUL: P pattern or G one of a guard, B name of a bulk directory, into which guards do not look and which is reported, F a pattern with folded literals (in the same order), K a path not to enter, S a mount that may never answer,
 * N most entries, V milliseconds after which it says on stderr how far it is, T the terminal is raw and on descriptor 3 (from then on ^C there
 * ends the search, with status 130; other keys are dropped), R a root. stdout: records of the same form: a letter for the kind and the path of a name to look at
 * (f d l c b s p, from the type of the entry), U a directory that cannot be listed, D one that lies too deep, S a mount not entered, L a root that was too large; E with the number of
 * entries is the last one: without it the answer is not complete. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "pattern.h"

enum { MOST_REQUEST = 16 << 20, MAX_DEPTH_BYTES = 2048, LISTING = 64 << 10, MAX_WORKERS = 4, FLUSH = 32 << 10 };

/* getdents64(2) */
struct entry {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

/* A directory to list, with the positions of every pattern in it; the path follows them. */
struct item {
	struct item *next;
	size_t len;
	pattern_state state[];
};

static struct pattern **patterns, **folded;
static bool *guard;
static size_t count, folded_count;
static struct bulk_names bulk;
static char **bulk_list;
static const char **closed_paths, **slow;
static size_t closed_count, slow_count;
static unsigned long long most = 2000000;
static bool verbose, raw;
static double patience;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct item *stack;
static unsigned busy;
static unsigned long long searched;
static bool too_large, finished;
static struct timespec started;
static double said;

struct worker {
	char *listing;
	char *out;
	size_t used, size;
	struct item *found;
};

static char *path_of(const struct item *i)
{
	return (char *)(i->state + count);
}

static double seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - started.tv_sec) + (double)(now.tv_nsec - started.tv_nsec) / 1e9;
}

static void write_all(const char *at, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDOUT_FILENO, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			_exit(1);
		at += n;
		len -= (size_t)n;
	}
}

/* With the lock held. */
static void flush(struct worker *w)
{
	write_all(w->out, w->used);
	w->used = 0;
}

static void record(struct worker *w, char kind, const char *path, size_t len)
{
	if (w->used + len + 2 > w->size) {
		w->size = (w->used + len + 2) * 2;
		w->out = realloc(w->out, w->size);
		if (w->out == NULL)
			_exit(1);
	}
	w->out[w->used++] = kind;
	memcpy(w->out + w->used, path, len);
	w->used += len;
	w->out[w->used++] = 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool listed(const char **paths, size_t n, const char *path)
{
	return n > 0 && bsearch(&path, paths, n, sizeof *paths, compare) != NULL;
}

/* /proc/1: what is in there is never granted. */
static bool is_process(const char *path)
{
	return strncmp(path, "/proc/", 6) == 0 && path[6] >= '0' && path[6] <= '9';
}

static char letter(unsigned char type)
{
	switch (type) {
	case DT_REG: return 'f';
	case DT_DIR: return 'd';
	case DT_LNK: return 'l';
	case DT_CHR: return 'c';
	case DT_BLK: return 'b';
	case DT_SOCK: return 's';
	default: return 'p';
	}
}

static unsigned char type_at(int dir, const char *name)
{
	struct stat st;
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? (unsigned char)IFTODT(st.st_mode) : DT_UNKNOWN;
}

/* `path` has room for one more name. `next` receives the positions behind it. */
static void look(struct worker *w, const struct item *in, int dir, char *path, struct entry *e, pattern_state *next)
{
	size_t n = strlen(e->name), at = in->len;
	bool root = in->len == 1, plain = true, matched = false, reached = false, wanted = false, is_bulk;
	if (!root)
		path[at++] = '/';
	memcpy(path + at, e->name, n + 1);
	is_bulk = bulk_ends(&bulk, path, at + n);
	for (size_t i = 0; i < n && plain; i++)
		plain = (unsigned char)e->name[i] < 0x80;
	for (size_t i = 0; i < count; i++) {
		pattern_state from = in->state[i];
		next[i] = from == 0 ? 0 : pattern_step(patterns[i], from, e->name, n, root, is_bulk && guard[i]);
		if (from == 0)
			continue;
		wanted |= is_bulk && guard[i];
		matched |= pattern_matches(patterns[i], next[i]);
		reached |= pattern_reaches(patterns[i], next[i]);
		if (wanted)
			continue;
		/* A name that leads on, one that is the pattern's where case is ignored, and one whose spellings only Unicode knows. */
		pattern_state wide = pattern_step_any_case(patterns[i], from, e->name, n, root, is_bulk && guard[i]) |
		                     pattern_step_any_case(folded[i], from, e->name, n, root, is_bulk && guard[i]);
		wanted = (wide & ~next[i]) != 0 || pattern_prefix(patterns[i], from, e->name, n, root) == PREFIX_LITERAL;
	}
	if (e->type == DT_UNKNOWN)
		e->type = type_at(dir, e->name);
	at += n;
	if (matched || wanted || !plain)
		record(w, letter(e->type), path, at);
	if (e->type != DT_DIR || matched || !reached || is_process(path) || listed(closed_paths, closed_count, path))
		return;
	if (at > MAX_DEPTH_BYTES || listed(slow, slow_count, path)) {
		record(w, at > MAX_DEPTH_BYTES ? 'D' : 'S', path, at);
		return;
	}
	struct item *child = malloc(sizeof *child + count * sizeof *next + at + 1);
	if (child == NULL)
		_exit(1);
	child->len = at;
	memcpy(child->state, next, count * sizeof *next);
	memcpy(path_of(child), path, at + 1);
	child->next = w->found;
	w->found = child;
}

static unsigned long long list(struct worker *w, const struct item *in, pattern_state *next)
{
	char path[MAX_DEPTH_BYTES + 300];
	unsigned long long entries = 0;
	ssize_t got;
	memcpy(path, path_of(in), in->len + 1);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		record(w, 'U', path, in->len);
		return 0;
	}
	while ((got = syscall(SYS_getdents64, fd, w->listing, LISTING)) > 0) {
		for (ssize_t at = 0; at < got; ) {
			struct entry *e = (struct entry *)(void *)(w->listing + at);
			at += e->len;
			if (e->name[0] == '.' && (e->name[1] == 0 || (e->name[1] == '.' && e->name[2] == 0)))
				continue;
			look(w, in, fd, path, e, next);
			entries++;
		}
	}
	/* Known in part is not known. */
	if (got < 0)
		record(w, 'U', path_of(in), in->len);
	close(fd);
	return entries;
}

/* With the lock held. */
static void progress(void)
{
	double now = seconds();
	if (!verbose || now < patience || (said > 0 && now - said < 0.2))
		return;
	said = now;
	char line[120];
	int n = snprintf(line, sizeof line, "\r\033[K  [nono] searching for what deny patterns match: %llu entries in %.0f s (^C ends)", searched, now);
	if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
		verbose = false;
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
static void one_directory(struct worker *w, pattern_state *next)
{
	struct item *in = stack;
	stack = in->next;
	busy++;
	pthread_mutex_unlock(&lock);
	unsigned long long entries = list(w, in, next);
	free(in);
	pthread_mutex_lock(&lock);
	searched += entries;
	too_large |= searched > most;
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
		flush(w);
	if (stack != NULL || busy == 0)
		pthread_cond_broadcast(&changed);
}

static void *help(void *unused)
{
	struct worker w = {.listing = malloc(LISTING)};
	pattern_state *next = malloc((count + 1) * sizeof *next);
	(void)unused;
	if (w.listing == NULL || next == NULL)
		_exit(1);
	pthread_mutex_lock(&lock);
	while (!finished) {
		if (stack != NULL)
			one_directory(&w, next);
		else
			pthread_cond_wait(&changed, &lock);
	}
	flush(&w);
	pthread_mutex_unlock(&lock);
	free(w.listing);
	free(w.out);
	free(next);
	return NULL;
}

static struct item *root_item(const char *path)
{
	size_t len = strlen(path);
	struct item *i = malloc(sizeof *i + count * sizeof i->state[0] + len + 1);
	if (i == NULL)
		_exit(1);
	i->len = len;
	memcpy(path_of(i), path, len + 1);
	for (size_t p = 0; p < count; p++) {
		i->state[p] = pattern_start(patterns[p]);
		for (const char *at = path + 1; len > 1 && at != NULL; ) {
			const char *end = strchr(at, '/');
			size_t n = end ? (size_t)(end - at) : strlen(at);
			i->state[p] = pattern_step(patterns[p], i->state[p], at, n, at == path + 1, guard[p] && bulk_ends(&bulk, path, (size_t)(at + n - path)));
			at = end ? end + 1 : NULL;
		}
	}
	return i;
}

static void search(struct worker *w, pattern_state *next, const char *root)
{
	pthread_mutex_lock(&lock);
	if (strlen(root) > MAX_DEPTH_BYTES) {
		record(w, 'D', root, strlen(root));
	} else {
		push(root_item(root));
		pthread_cond_broadcast(&changed);
		while (stack != NULL || busy > 0) {
			if (stack != NULL)
				one_directory(w, next);
			else
				pthread_cond_wait(&changed, &lock);
		}
		if (too_large)
			record(w, 'L', root, strlen(root));
	}
	pthread_mutex_unlock(&lock);
}

static char *read_input(size_t *size)
{
	char *in = malloc(MOST_REQUEST);
	*size = 0;
	while (in != NULL && *size < MOST_REQUEST) {
		ssize_t n = read(STDIN_FILENO, in + *size, MOST_REQUEST - *size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 && *size > 0 && in[*size - 1] == 0 ? in : NULL;
		*size += (size_t)n;
	}
	return NULL;
}

/* Every field has room in every array: there are at most as many fields as NULs. */
static bool parse(char *in, size_t size, const char **roots, size_t *root_count)
{
	for (char *at = in; at < in + size; at += strlen(at) + 1) {
		const char *text = at[0] == 0 ? at : at + 1;
		switch (at[0]) {
		case 'B':
			if (!bulk_name_valid(text))
				return false;
			bulk_list[bulk.count++] = at + 1;
			break;
		case 'P':
		case 'G':
			guard[count] = at[0] == 'G';
			if ((patterns[count++] = pattern_compile(text)) == NULL)
				return false;
			break;
		case 'F':
			if ((folded[folded_count++] = pattern_compile(text)) == NULL)
				return false;
			break;
		case 'K': closed_paths[closed_count++] = text; break;
		case 'S': slow[slow_count++] = text; break;
		case 'R':
			if (text[0] != '/')
				return false;
			roots[(*root_count)++] = text;
			break;
		case 'N': most = strtoull(text, NULL, 10); break;
		case 'V':
			verbose = true;
			patience = (double)strtoul(text, NULL, 10) / 1000;
			break;
		case 'T': raw = true; break;
		default: return false;
		}
	}
	return count == folded_count;
}

/* No signal comes from a raw terminal. Nothing is read before the user was told: what is typed early is for the shell. */
static void *watch_keys(void *unused)
{
	char keys[64];
	(void)unused;
	usleep((useconds_t)(patience * 1e6));
	for (;;) {
		struct pollfd p = {.fd = 3, .events = POLLIN};
		if (poll(&p, 1, -1) < 0 && errno == EINTR)
			continue;
		ssize_t n = (p.revents & POLLIN) ? read(3, keys, sizeof keys) : -1;
		if (n <= 0 && errno != EAGAIN && errno != EINTR)
			return NULL;
		if (n > 0 && memchr(keys, 3, (size_t)n) != NULL) {
			static const char over[] = "\r\033[K^C\r\n";
			if (write(STDERR_FILENO, over, sizeof over - 1) < 0)
				_exit(130);
			_exit(130);
		}
	}
}

static unsigned helpers(void)
{
	cpu_set_t cpus;
	int n = sched_getaffinity(0, sizeof cpus, &cpus) == 0 ? CPU_COUNT(&cpus) : 1;
	return (unsigned)(n > MAX_WORKERS ? MAX_WORKERS : n) - 1;
}

static int run(void)
{
	size_t size, fields = 0, root_count = 0;
	pthread_t thread[MAX_WORKERS];
	unsigned threads = 0;
	clock_gettime(CLOCK_MONOTONIC, &started);
	char *in = read_input(&size);
	if (in == NULL)
		return 1;
	for (size_t i = 0; i < size; i++)
		fields += in[i] == 0;
	const char **roots = calloc(fields, sizeof *roots);
	closed_paths = calloc(fields, sizeof *closed_paths);
	slow = calloc(fields, sizeof *slow);
	patterns = calloc(fields, sizeof(struct pattern *));
	folded = calloc(fields, sizeof(struct pattern *));
	guard = calloc(fields, sizeof *guard);
	bulk_list = calloc(fields, sizeof *bulk_list);
	bulk.names = bulk_list;
	if (roots == NULL || closed_paths == NULL || slow == NULL || patterns == NULL || folded == NULL || guard == NULL || bulk_list == NULL || !parse(in, size, roots, &root_count))
		return 1;
	qsort(closed_paths, closed_count, sizeof *closed_paths, compare);
	qsort(slow, slow_count, sizeof *slow, compare);
	struct worker w = {.listing = malloc(LISTING)};
	pattern_state *next = malloc((count + 1) * sizeof *next);
	if (w.listing == NULL || next == NULL)
		return 1;
	for (unsigned i = helpers(); i > 0; i--)
		if (pthread_create(&thread[threads], NULL, help, NULL) == 0)
			threads++;
	pthread_t keys;
	if (raw && verbose && pthread_create(&keys, NULL, watch_keys, NULL) == 0)
		pthread_detach(keys);
	for (size_t i = 0; i < root_count; i++)
		search(&w, next, roots[i]);
	pthread_mutex_lock(&lock);
	finished = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	char end[32];
	int n = snprintf(end, sizeof end, "%llu", searched);
	record(&w, 'E', end, (size_t)n);
	flush(&w);
	if (said > 0 && write(STDERR_FILENO, "\r\033[K", 4) < 0)
		return 0;
	return 0;
}

int main(void)
{
	_exit(run()); /* what is allocated lives as long as the process */
}
