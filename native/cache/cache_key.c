/* Every doubt makes the key unusable, and the start takes the slow way. The digest is cryptographic, because it is compared in place of what it stands
 * for: environment and arguments hold passwords, which must not lie on a disk. Runs with the user's privileges. */
#define _GNU_SOURCE
#include "cache/cache_key.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cache/cache_environment.h"
#include "cache/cache_words.h"
#include "floor/floor.h"
#include "plan/utf8.h"
#include "rules/pathmap.h"
#include "start/nested.h"

/* Changes with everything that gives an old entry another meaning. */
static const char format[] = "nono plan cache 4";
enum { MOST_FILES = 512, MOST_DEPTH = 8, MOST_STATUS = 16384 };

static void add_text(struct sha256 *s, const char *text)
{
	sha256_add_item(s, text, strlen(text));
}

/* A program that was replaced has another one of these: the inode's change time cannot be set by hand. */
static bool identify(const char *path, uint64_t identity[CACHE_KEY_STATS])
{
	struct stat st;
	if (stat(path, &st) != 0)
		return false;
	const uint64_t seen[CACHE_KEY_STATS] = {st.st_dev, st.st_ino, st.st_mode, st.st_uid, (uint64_t)st.st_size, (uint64_t)st.st_mtim.tv_sec, (uint64_t)st.st_mtim.tv_nsec,
						(uint64_t)st.st_ctim.tv_sec, (uint64_t)st.st_ctim.tv_nsec};
	memcpy(identity, seen, sizeof seen);
	return true;
}

static bool add_identity(struct sha256 *s, const char *path)
{
	uint64_t identity[CACHE_KEY_STATS];
	if (!identify(path, identity))
		return false;
	add_text(s, path);
	sha256_add_item(s, identity, sizeof identity);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_directory(struct sha256 *s, const char *directory, int depth);

static bool is_directory(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool add_names(struct sha256 *s, const char *directory, char **names, size_t count, int depth)
{
	qsort(names, count, sizeof *names, by_name);
	char path[PATH_MAX];
	for (size_t i = 0; i < count; i++) {
		if (snprintf(path, sizeof path, "%s/%s", directory, names[i]) >= (int)sizeof path || !add_identity(s, path))
			return false;
		if (is_directory(path) && !add_directory(s, path, depth + 1))
			return false;
	}
	return true;
}

/* Every file of a directory of the installation, and below it: which of them a start loads is not guessed. */
static bool add_directory(struct sha256 *s, const char *directory, int depth)
{
	if (depth > MOST_DEPTH)
		return false;
	DIR *entries = opendir(directory);
	if (entries == NULL)
		return false;
	char *names[MOST_FILES];
	size_t count = 0;
	bool ok = true;
	for (struct dirent *e; ok && (e = readdir(entries)) != NULL;)
		if (e->d_name[0] != '.') {
			ok = count < MOST_FILES && (names[count] = strdup(e->d_name)) != NULL;
			count += ok;
		}
	closedir(entries);
	ok = ok && add_names(s, directory, names, count, depth);
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	return ok;
}

/* dist/cli.cjs → the installation. The names are those that Node will use (it resolves the links of its main script). */
static bool add_installation(struct sha256 *s, const char *script)
{
	char dist[PATH_MAX], path[PATH_MAX + 32];
	if (realpath(script, dist) == NULL)
		return false;
	char *slash = strrchr(dist, '/');
	if (slash == NULL || strcmp(slash, "/cli.cjs") != 0)
		return false;
	*slash = 0;
	slash = strrchr(dist, '/');
	if (slash == NULL || !add_directory(s, dist, 0))
		return false;
	static const char *const parts[] = {"native/build", "profiles"};
	for (size_t i = 0; i < 2; i++) {
		snprintf(path, sizeof path, "%.*s/%s", (int)(slash - dist), dist, parts[i]);
		if (!add_directory(s, path, 0))
			return false;
	}
	snprintf(path, sizeof path, "%.*s/package.json", (int)(slash - dist), dist);
	return add_identity(s, path) && add_identity(s, "/proc/self/exe");
}

/* As execvp finds it. A relative place in PATH is another one in each directory: not looked at. */
static bool find_node(const char *name, char out[PATH_MAX])
{
	if (strchr(name, '/') != NULL)
		return access(name, X_OK) == 0 && realpath(name, out) != NULL;
	const char *path = getenv("PATH");
	char candidate[PATH_MAX];
	for (const char *at = path, *end; at != NULL; at = end == NULL ? NULL : end + 1) {
		end = strchr(at, ':');
		int length = end == NULL ? (int)strlen(at) : (int)(end - at);
		struct stat st;
		if (at[0] != '/' || snprintf(candidate, sizeof candidate, "%.*s/%s", length, at, name) >= (int)sizeof candidate)
			return false;
		if (access(candidate, X_OK) == 0 && stat(candidate, &st) == 0 && S_ISREG(st.st_mode))
			return realpath(candidate, out) != NULL;
	}
	return false;
}

static ssize_t read_small(const char *path, char *into, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = 0, n = 1;
	while (fd >= 0 && n > 0 && (size_t)got < size - 1) {
		n = read(fd, into + got, size - 1 - (size_t)got);
		got += n > 0 ? n : 0;
	}
	if (fd >= 0)
		close(fd);
	into[got] = 0;
	return fd < 0 || n < 0 ? -1 : got;
}

/* A filter that was set without no_new_privs is that of a container or a service, since only who has CAP_SYS_ADMIN can do that and every session of nono sets it. With it, the filter may be an outer
 * session's: who starts there is not remembered. Nor who starts where somebody listens to the filter. */
static bool may_remember(bool filtered, bool no_new_privs)
{
	return !filtered || (!no_new_privs && nested_try() == NESTED_NO);
}

/* Ids, groups, capabilities, umask, filters. */
static bool add_credentials(struct sha256 *s)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	if (getauxval(AT_SECURE) != 0 || getresuid(&ruid, &euid, &suid) != 0 || getresgid(&rgid, &egid, &sgid) != 0)
		return false;
	if (ruid != euid || euid != suid || rgid != egid || egid != sgid)
		return false;
	static char text[MOST_STATUS];
	ssize_t size = read_small("/proc/self/status", text, sizeof text);
	if (size <= 0 || size >= MOST_STATUS - 1)
		return false;
	static const char *const wanted[] = {"Umask:", "Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:"};
	enum { WANTED = sizeof wanted / sizeof wanted[0] };
	/* How many; older kernels do not say. */
	static const char filters[] = "Seccomp_filters:";
	size_t found = 0;
	bool filtered = true, no_new_privs = true;
	char *rest;
	for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, filters, sizeof filters - 1) == 0)
			add_text(s, line);
		for (size_t i = 0; i < WANTED; i++)
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0) {
				add_text(s, line);
				found++;
				if (i == WANTED - 1)
					filtered = strcmp(line, "Seccomp:\t0") != 0;
				if (i == WANTED - 2)
					no_new_privs = strcmp(line, "NoNewPrivs:\t0") != 0;
			}
	}
	return found == WANTED && may_remember(filtered, no_new_privs);
}

static bool add_machine(struct sha256 *s)
{
	struct utsname name;
	char boot[64];
	if (uname(&name) != 0 || read_small("/proc/sys/kernel/random/boot_id", boot, sizeof boot) <= 0)
		return false;
	add_text(s, boot);
	add_text(s, name.sysname);
	add_text(s, name.release);
	add_text(s, name.version);
	add_text(s, name.machine);
	const int abi = floor_abi();
	sha256_add_item(s, &abi, sizeof abi);
	return abi > 0;
}

static bool add_place(struct sha256 *s, bool in_pane)
{
	char cwd[PATH_MAX];
	struct stat st;
	if (getcwd(cwd, sizeof cwd) == NULL || cwd[0] != '/' || stat(".", &st) != 0)
		return false;
	const uint64_t identity[] = {st.st_dev, st.st_ino};
	add_text(s, cwd);
	sha256_add_item(s, identity, sizeof identity);
	for (int resource = 0; resource < (int)RLIM_NLIMITS; resource++) {
		struct rlimit limit;
		if (getrlimit((__rlimit_resource_t)resource, &limit) != 0)
			return false;
		const uint64_t values[] = {limit.rlim_cur, limit.rlim_max};
		sha256_add_item(s, values, sizeof values);
	}
	for (int fd = 0; fd < 3; fd++) {
		const uint8_t terminal = (uint8_t)isatty(fd);
		sha256_add_item(s, &terminal, 1);
	}
	/* What is said before the command is folded for it. */
	struct winsize window;
	const uint16_t columns = !in_pane && ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 ? window.ws_col : 0;
	sha256_add_item(s, &columns, sizeof columns);
	return true;
}

/* Unset, empty, or what it would be then. */
static bool is_default(const char *name, const char *home, const char *below)
{
	const char *value = getenv(name);
	size_t length = strlen(home);
	return value == NULL || value[0] == 0 || (strncmp(value, home, length) == 0 && strcmp(value + length, below) == 0);
}

/* nono's own directory, in the home of nobody else: `sudo` leaves HOME, and root would trust what that user wrote. Only at its default place, which every session
 * keeps closed that keeps this user's profiles closed (src/config/directories.ts): one that was started with another XDG_STATE_HOME knows nothing of this one's. */
static bool find_directory(char out[PATH_MAX])
{
	const char *home = getenv("HOME");
	struct stat st;
	if (home == NULL || !path_is_normal(home) || stat(home, &st) != 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		return false;
	if (!is_default("XDG_STATE_HOME", home, "/.local/state") || !is_default("XDG_CONFIG_HOME", home, "/.config"))
		return false;
	int length = snprintf(out, PATH_MAX, "%s/.local/state/nono/plan-cache", home);
	return length < PATH_MAX && path_is_normal(out);
}

static bool make(const char *kind, struct cache_key *key)
{
	/* What is said before it, Node says, in the width of the moment: a start in a pane that said something by itself is not kept. */
	const bool in_pane = strcmp(kind, "shell") == 0;
	struct sha256 *s = &key->start;
	sha256_init(s);
	add_text(s, format);
	add_text(s, kind);
	cache_environment_add(s, key->env, in_pane);
	/* Beside what they are now: where that is not the same, no other start has this key. */
	sha256_add_item(s, key->before, sizeof key->before);
	/* The command of `shell` is no part of its line. */
	key->whole_line = in_pane;
	for (char **word = key->argv; *word != NULL; word++)
		if (!is_utf8(*word))
			return false;
	return add_machine(s) && add_credentials(s) && add_place(s, in_pane) && add_identity(s, key->node) && add_installation(s, key->argv[1]);
}

void cache_key_digest(const struct cache_key *key, size_t words, uint8_t digest[SHA256_BYTES])
{
	struct sha256 s = key->start;
	const uint64_t count = words;
	sha256_add_item(&s, &count, sizeof count);
	for (size_t i = 0; i < words; i++)
		add_text(&s, key->argv[i]);
	sha256_end(&s, digest);
}

void cache_key_begin(char *const argv[], struct cache_key *key)
{
	key->usable = false;
	const size_t count = cache_count(environ), words = cache_count(argv);
	key->env = calloc(count + 1, sizeof *key->env);
	key->argv = calloc(words + 1, sizeof *key->argv);
	if (key->env == NULL || key->argv == NULL)
		return;
	memcpy(key->env, environ, count * sizeof *key->env);
	memcpy(key->argv, argv, words * sizeof *key->argv);
	key->usable = words >= CACHE_BEFORE_WORDS && find_directory(key->directory) && find_node(argv[0], key->node) && identify(key->node, key->before[0]) && identify(argv[1], key->before[1]);
}

void cache_key_end(const char *kind, struct cache_key *key)
{
	key->usable = key->usable && make(kind, key);
}
