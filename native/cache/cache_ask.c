/* The other half of src/platform/asked.ts, which has these ops in a table. The policy code is a function of a start's key and of these answers: the same
 * answers make it ask the same questions and come to the same plan. Reads untrusted names, as the user; opens only for reading, and nothing that could block. */
#define _GNU_SOURCE
#include "cache/cache_ask.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/cache_entry.h"
#include "cache/cache_environment.h"
#include "cache/cache_search.h"
#include "start/tmpdir.h"

static char letter(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return 'f';
	case S_IFDIR: return 'd';
	case S_IFLNK: return 'l';
	case S_IFCHR: return 'c';
	case S_IFBLK: return 'b';
	case S_IFSOCK: return 's';
	default: return 'p';
	}
}

/* That something cannot be looked at is an answer only for a reason that lies in the path: out of memory or of descriptors, nothing is known. */
static bool is_answer(int error)
{
	return error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP || error == ENAMETOOLONG;
}

static bool kind(const char *path, const char *answer)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		return is_answer(errno) && strcmp(answer, "-") == 0;
	char now = letter(st.st_mode);
	return answer[0] == now && answer[1] == 0;
}

/* Only "no such file" counts as absent: what cannot be looked up ends a start. */
static bool there(const char *path, const char *answer)
{
	struct stat st;
	bool is = lstat(path, &st) == 0;
	if (!is && errno != ENOENT && errno != ENOTDIR)
		return false;
	return strcmp(answer, is ? "1" : "0") == 0;
}

static bool link_target(const char *path, const char *answer)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof target - 1);
	if (n < 0)
		return (is_answer(errno) || errno == EINVAL) && strcmp(answer, "-") == 0;
	target[n] = 0;
	return n < (ssize_t)sizeof target - 1 && answer[0] == '=' && strcmp(answer + 1, target) == 0;
}

static bool searchable(const char *path, const char *answer)
{
	bool is = access(path, X_OK) == 0;
	return (is || is_answer(errno)) && strcmp(answer, is ? "1" : "0") == 0;
}

/* Searchable, or this user's own, who changes its mode; or it cannot be said whose. */
static bool enterable(const char *path, const char *answer)
{
	struct stat st;
	bool is = access(path, X_OK) == 0 || lstat(path, &st) != 0 || st.st_uid == geteuid();
	return strcmp(answer, is ? "1" : "0") == 0;
}

static bool identity(const char *path, const char *answer)
{
	struct stat st;
	char now[96];
	if (lstat(path, &st) != 0)
		return is_answer(errno) && strcmp(answer, "-") == 0;
	snprintf(now, sizeof now, "%llu:%llu:%llu", (unsigned long long)st.st_dev, (unsigned long long)st.st_ino, (unsigned long long)st.st_nlink);
	return strcmp(answer, now) == 0;
}

static bool real(const char *path, const char *answer)
{
	char now[PATH_MAX];
	return realpath(path, now) != NULL && answer[0] == '=' && strcmp(answer + 1, now) == 0;
}

/* Where the policy code was. The key has it too; but between the two somebody may have renamed the directory, and back. */
static bool here(const char *answer)
{
	char now[PATH_MAX];
	return getcwd(now, sizeof now) != NULL && strcmp(answer, now) == 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a + 1, *(char *const *)b + 1);
}

static char type_letter(unsigned char type)
{
	return type == DT_UNKNOWN ? 0 : letter(DTTOIF(type));
}

/* "+" and each entry as letter, name, slash; sorted by name, since no order is promised. */
static bool same_names(char **names, size_t count, const char *answer)
{
	qsort(names, count, sizeof *names, by_name);
	if (*answer++ != '+')
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(names[i]);
		if (strncmp(answer, names[i], length) != 0 || answer[length] != '/')
			return false;
		answer += length + 1;
	}
	return *answer == 0;
}

/* What comes and goes beside a session and decides nothing (src/policy/plan/asked-file-system.ts): terminals of /dev/pts, directories of sessions. */
static bool is_left_out(char op, int directory, const char *name)
{
	return op == 'p' ? strspn(name, "0123456789") == strlen(name) : op == 'u' && tmpdir_is_one(directory, name);
}

static bool listing(const char *path, const char *answer, char op)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return is_answer(errno) && strcmp(answer, "-") == 0;
	DIR *entries = fdopendir(fd);
	if (entries == NULL) {
		close(fd);
		return false;
	}
	/* No more than the answer has: a directory that has grown is not read to its end. */
	size_t most = 0, count = 0;
	for (const char *s = answer; (s = strchr(s, '/')) != NULL; s++)
		most++;
	char **names = calloc(most + 1, sizeof *names);
	bool ok = names != NULL;
	errno = 0;
	for (struct dirent *e; ok && (e = readdir(entries)) != NULL; errno = 0) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || is_left_out(op, fd, e->d_name))
			continue;
		char type = type_letter(e->d_type);
		ok = type != 0 && count < most && asprintf(&names[count], "%c%s", type, e->d_name) > 0;
		count += ok;
	}
	ok = ok && errno == 0 && same_names(names, count, answer);
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	closedir(entries);
	return ok;
}

/* "=" and the text of the file, or "-" where there is none. */
static bool content(const char *path, const char *answer)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return (errno == ENOENT || errno == ENOTDIR) && strcmp(answer, "-") == 0;
	struct stat st;
	bool same = answer[0] == '=' && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	const char *rest = answer + 1;
	size_t left = same ? strlen(rest) : 0;
	while (same) {
		char bytes[16384];
		ssize_t n = read(fd, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			break;
		same = n > 0 && (size_t)n <= left && memcmp(bytes, rest, (size_t)n) == 0;
		rest += same ? n : 0;
		left -= same ? (size_t)n : 0;
	}
	close(fd);
	return same && left == 0;
}

static bool holds(const struct cache_question *q, const struct cache_key *key)
{
	switch (q->op) {
	case 'k': return kind(q->subject, q->answer);
	case 'e': return there(q->subject, q->answer);
	case 'l': return link_target(q->subject, q->answer);
	case 'd':
	case 'p':
	case 'u': return listing(q->subject, q->answer, q->op);
	case 'x': return searchable(q->subject, q->answer);
	case 'y': return enterable(q->subject, q->answer);
	case 'i': return identity(q->subject, q->answer);
	case 'c': return content(q->subject, q->answer);
	case 's': return cache_search_holds(q->subject, q->answer);
	case 'r': return real(q->subject, q->answer);
	/* Which Node.js made the plan: a `node` that is a script may choose another one each time. */
	case 'n': return strcmp(q->answer, key->node) == 0;
	case 'w': return here(q->answer);
	case 'q': return cache_without_at(key->env, q->subject);
	case 'a': /* a word of the command */
	case 'b': /* of the policy, what the host needs first */
	case 'o': /* what nono said: said again, not asked */
	case 't': /* the session's own directory: made anew */
	case 'h': /* a variable that the command inherits */
	case 'v': /* one whose value was asked for: compared with all of them, as a digest */
		return true;
	default: return false;
	}
}

bool cache_answers_hold(const char *record, size_t size, const struct cache_key *key)
{
	struct cache_question q;
	bool made_by = false, in = false;
	for (size_t at = 0; cache_question_next(record, size, &at, &q);) {
		if (q.op != 's' && !holds(&q, key))
			return false;
		made_by = made_by || q.op == 'n';
		in = in || q.op == 'w';
	}
	/* What takes long is asked last. */
	for (size_t at = 0; made_by && in && cache_question_next(record, size, &at, &q);)
		if (q.op == 's' && !holds(&q, key))
			return false;
	return made_by && in;
}
