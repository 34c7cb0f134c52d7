#define _GNU_SOURCE
#include "search/search_names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "search/search_request.h"

enum { LISTING = 64 << 10 };

/* getdents64(2) */
struct entry {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

static char *path_of(const struct item *i)
{
	return (char *)(i->state + asked.count);
}

bool worker_begin(struct worker *w)
{
	size_t positions = (asked.count + 1) * sizeof *w->next;
	*w = (struct worker){.listing = malloc(LISTING), .next = malloc(positions), .other = malloc(positions)};
	return w->listing != NULL && w->next != NULL && w->other != NULL;
}

void worker_end(struct worker *w)
{
	free(w->listing);
	free(w->out);
	free(w->next);
	free(w->other);
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

void worker_flush(struct worker *w)
{
	write_all(w->out, w->used);
	w->used = 0;
}

void worker_record(struct worker *w, char kind, const char *path, size_t len)
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

/* What is said of a name, by where the patterns stand behind it. */
struct found {
	const pattern_state *next;
	bool matched, reached, wanted;
};

/* The last name of `path`, of `n` bytes, asked of every pattern. */
static struct found ask_each(struct worker *w, const struct item *in, const char *path, size_t len, size_t n, bool is_bulk)
{
	const char *name = path + len - n;
	bool root = in->len == 1, is_closed = is_bulk && bulk_ends(&asked.closed, path, len);
	struct found found = {.next = w->next};
	for (size_t i = 0; i < asked.count; i++) {
		pattern_state from = in->state[i];
		bool over = asked.guard[i] == DEEP ? is_closed : is_bulk && asked.guard[i] == GUARD;
		pattern_state next = w->next[i] = from == 0 ? 0 : pattern_step(asked.patterns[i], from, name, n, root, over);
		if (from == 0)
			continue;
		found.wanted |= over;
		found.matched |= pattern_matches(asked.patterns[i], next);
		found.reached |= pattern_reaches(asked.patterns[i], next);
		if (found.wanted)
			continue;
		/* A name that leads on, one that is the pattern's where case is ignored, and one whose spellings only Unicode knows. */
		pattern_state wide = pattern_step_any_case(asked.patterns[i], from, name, n, root, over) |
		                     pattern_step_any_case(asked.folded[i], from, name, n, root, over);
		found.wanted = (wide & ~next) != 0 || pattern_prefix(asked.patterns[i], from, name, n, root) == PREFIX_LITERAL;
	}
	return found;
}

/* The same of a name that is no component of any: the answer is one for the directory. */
static struct found ask_none(struct worker *w, const struct item *in)
{
	for (size_t i = 0; i < asked.count && !w->other_known; i++) {
		w->other[i] = pattern_step_other(asked.patterns[i], in->state[i]);
		w->other_match |= pattern_matches(asked.patterns[i], w->other[i]);
		w->other_reach |= pattern_reaches(asked.patterns[i], w->other[i]);
	}
	w->other_known = true;
	return (struct found){.next = w->other, .matched = w->other_match, .reached = w->other_reach};
}

/* `path` has room for one more name. */
static void look(struct worker *w, const struct item *in, int dir, char *path, struct entry *e)
{
	size_t n = strlen(e->name), at = in->len;
	bool root = in->len == 1, plain = true, is_bulk;
	if (!root)
		path[at++] = '/';
	memcpy(path + at, e->name, n + 1);
	at += n;
	is_bulk = bulk_ends(&asked.bulk, path, at);
	for (size_t i = 0; i < n && plain; i++)
		plain = (unsigned char)e->name[i] < 0x80;
	struct found found = root || is_bulk || pattern_names_could(&asked.names, e->name, n) ? ask_each(w, in, path, at, n, is_bulk) : ask_none(w, in);
	if (e->type == DT_UNKNOWN)
		e->type = type_at(dir, e->name);
	if (found.matched || found.wanted || !plain)
		worker_record(w, letter(e->type), path, at);
	if (e->type != DT_DIR || found.matched || !found.reached || is_process(path) || search_listed(asked.closed_paths, asked.closed_count, path))
		return;
	if (at > MAX_DEPTH_BYTES || search_listed(asked.slow, asked.slow_count, path)) {
		worker_record(w, at > MAX_DEPTH_BYTES ? 'D' : 'S', path, at);
		return;
	}
	struct item *child = malloc(sizeof *child + asked.count * sizeof *found.next + at + 1);
	if (child == NULL)
		_exit(1);
	child->len = at;
	memcpy(child->state, found.next, asked.count * sizeof *found.next);
	memcpy(path_of(child), path, at + 1);
	child->next = w->found;
	w->found = child;
}

unsigned long long search_list(struct worker *w, const struct item *in)
{
	char path[MAX_DEPTH_BYTES + 1 + NAME_MAX + 1];
	unsigned long long entries = 0;
	ssize_t got;
	bool whole = true;
	w->other_known = w->other_match = w->other_reach = false;
	memcpy(path, path_of(in), in->len + 1);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		worker_record(w, 'U', path, in->len);
		return 0;
	}
	while ((got = syscall(SYS_getdents64, fd, w->listing, LISTING)) > 0) {
		for (ssize_t at = 0; at < got; ) {
			struct entry *e = (struct entry *)(void *)(w->listing + at);
			at += e->len;
			if (e->name[0] == '.' && (e->name[1] == 0 || (e->name[1] == '.' && e->name[2] == 0)))
				continue;
			entries++;
			/* A FUSE server may list longer ones than there can be (FUSE_NAME_MAX is 4,095 since Linux 6.14). */
			if (strlen(e->name) > NAME_MAX)
				whole = false;
			else
				look(w, in, fd, path, e);
		}
	}
	/* Known in part is not known. */
	if (got < 0 || !whole)
		worker_record(w, 'U', path_of(in), in->len);
	close(fd);
	return entries;
}

struct item *search_root(const char *path)
{
	size_t len = strlen(path);
	struct item *i = malloc(sizeof *i + asked.count * sizeof i->state[0] + len + 1);
	if (i == NULL)
		_exit(1);
	i->len = len;
	memcpy(path_of(i), path, len + 1);
	for (size_t p = 0; p < asked.count; p++) {
		i->state[p] = pattern_start(asked.patterns[p]);
		for (const char *at = path + 1; len > 1 && at != NULL; ) {
			const char *end = strchr(at, '/');
			size_t n = end ? (size_t)(end - at) : strlen(at);
			bool over = asked.guard[p] != NO_GUARD && bulk_ends(asked.guard[p] == DEEP ? &asked.closed : &asked.bulk, path, (size_t)(at + n - path));
			i->state[p] = pattern_step(asked.patterns[p], i->state[p], at, n, at == path + 1, over);
			at = end ? end + 1 : NULL;
		}
	}
	return i;
}
