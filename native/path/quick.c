/* The common case, fast: a path below a directory that the floor grants. Directories are resolved once and remembered for a moment. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "caller/caller_directory.h"
#include "loop/supervisor.h"

enum { SLOTS = 512, MAX_AGE_MS = 100 };

struct known_dir {
	char *key;  /* absolute, normalised, as the caller spelt it: may run through symlinks */
	char *real; /* where it leads */
	int fd;     /* O_PATH */
	dev_t dev;
	ino_t ino;
	uint32_t rights;
	int64_t at_ms;
	unsigned char in_vain; /* how often in a row a look at a file in it did not put that on the floor */
};

static struct known_dir known[SLOTS];

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void forget(struct known_dir *d)
{
	if (d->key == NULL)
		return;
	close(d->fd);
	free(d->key);
	free(d->real);
	*d = (struct known_dir){.fd = -1};
}

/* The directory, and where it really is. A path without links is its own answer; the link of a descriptor in /proc costs more than the walk. */
static int open_directory(const char *key, char real[PLAN_MAX_PATH])
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	int fd = (int)syscall(SYS_openat2, AT_FDCWD, key, &how, sizeof how);
	if (fd >= 0) {
		strcpy(real, key);
		return fd;
	}
	if (errno != ELOOP)
		return -1;
	how.resolve = RESOLVE_NO_MAGICLINKS;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, key, &how, sizeof how);
	if (fd >= 0 && !resolve_descriptor(fd, real)) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool learn(const struct supervisor *s, struct known_dir *d, const char *key, int64_t now)
{
	char real[PLAN_MAX_PATH];
	struct stat st;
	int fd = open_directory(key, real);
	if (fd < 0)
		return false;
	/* Entries of /proc differ by who looks. */
	if (strncmp(real, "/proc", 5) == 0 || fstat(fd, &st) != 0) {
		close(fd);
		return false;
	}
	forget(d);
	*d = (struct known_dir){.key = strdup(key), .real = strdup(real), .fd = fd, .dev = st.st_dev, .ino = st.st_ino,
	                        .rights = floor_rights(s->floor, real, st.st_dev, st.st_ino), .at_ms = now};
	if (d->key == NULL || d->real == NULL) {
		free(d->key);
		free(d->real);
		close(fd);
		*d = (struct known_dir){.fd = -1};
		return false;
	}
	return true;
}

static struct known_dir *directory(const struct supervisor *s, const char *key, uint64_t hash)
{
	struct known_dir *d = &known[hash % SLOTS];
	int64_t now = now_ms();
	if (d->key != NULL && strcmp(d->key, key) == 0 && now - d->at_ms < MAX_AGE_MS)
		return d;
	return learn(s, d, key, now) ? d : NULL;
}

/* A directory removed since is not the one that has its name now. */
static bool removed(struct known_dir *d)
{
	struct stat st;
	if (fstat(d->fd, &st) == 0 && st.st_nlink > 0)
		return false;
	forget(d);
	return true;
}

static bool base_text(pid_t tid, int dirfd, char *out, size_t *len)
{
	if (!caller_directory_printed(tid, dirfd, out))
		return false;
	*len = strcmp(out, "/") == 0 ? 0 : strlen(out);
	return true;
}

/* A directory off the floor whose files are not on it by themselves is the common case of what is performed. After some looks in a row that said so, most are left out until it
 * is learnt again: what this file does not answer is decided the longer way. */
static bool look_is_vain(struct known_dir *d)
{
	enum { IN_A_ROW = 4, NOT_LOOKED = 60 };
	if (d->in_vain < IN_A_ROW)
		return false;
	d->in_vain = d->in_vain < IN_A_ROW + NOT_LOOKED ? d->in_vain + 1 : IN_A_ROW - 1;
	return true;
}

/* A slash or "." at the end: a symlink there is followed, whatever the call says about links. */
static bool leads_through(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL && (slash[1] == 0 || strcmp(slash + 1, ".") == 0);
}

/* Joins and removes "." and "//", also at the end. ".." is not for text: after a symlink it leads elsewhere. */
static bool join(char *out, size_t len, const char *path)
{
	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");
		if (n == 2 && p[0] == '.' && p[1] == '.')
			return false;
		if (n > 0 && !(n == 1 && p[0] == '.')) {
			if (len + n + 2 > PLAN_MAX_PATH)
				return false;
			out[len++] = '/';
			memcpy(out + len, p, n);
			len += n;
		}
		p += n;
		if (*p == '/')
			p++;
	}
	out[len] = 0;
	return len > 1;
}

static struct known_dir *directory_called(const struct supervisor *s, const char *full)
{
	uint64_t hash = 1469598103934665603ULL;
	for (const char *p = full; *p; p++)
		hash = (hash ^ (unsigned char)*p) * 1099511628211ULL;
	return directory(s, full, hash);
}

/* The caller's own directory: known by its identity, whatever it is called by now. */
static struct known_dir *own_directory(const struct supervisor *s, pid_t tid, int dirfd)
{
	const char *real = caller_directory(tid, dirfd);
	struct known_dir *d = real != NULL ? directory_called(s, real) : NULL;
	return d != NULL && caller_directory_is(d->dev, d->ino) ? d : NULL;
}

static bool is_name(const char *path)
{
	return strchr(path, '/') == NULL && strcmp(path, ".") != 0 && strcmp(path, "..") != 0;
}

/* The remembered directory above the last component, which is copied to `leaf`. NULL, and then `full` names the directory that is not there or not known, or is "". */
static struct known_dir *directory_above(const struct supervisor *s, pid_t tid, int dirfd, const char *path, char leaf[256], char full[PLAN_MAX_PATH])
{
	size_t base = 0;
	full[0] = 0;
	struct known_dir *d = path[0] != '/' ? own_directory(s, tid, dirfd) : NULL;
	if (d != NULL && is_name(path) && strlen(path) < 256) {
		strcpy(leaf, path);
		return d;
	}
	if (d != NULL) {
		base = strcmp(d->real, "/") == 0 ? 0 : strlen(d->real);
		memcpy(full, d->real, base);
	} else if (path[0] != '/' && !base_text(tid, dirfd, full, &base)) {
		full[0] = 0;
		return NULL;
	}
	if (!join(full, base, path)) {
		full[0] = 0;
		return NULL;
	}
	char *slash = strrchr(full, '/');
	if (strlen(slash + 1) >= 256) {
		full[0] = 0;
		return NULL;
	}
	strcpy(leaf, slash + 1);
	slash[slash == full ? 1 : 0] = 0;
	return directory_called(s, full);
}

/* The directory above the caller's own, whose path is real, so its text says what lies above. */
static struct known_dir *directory_above_own(const struct supervisor *s, pid_t tid, int dirfd)
{
	char above[PLAN_MAX_PATH];
	const struct known_dir *own = own_directory(s, tid, dirfd);
	const char *slash = own != NULL ? strrchr(own->real, '/') : NULL;
	if (slash == NULL || slash[1] == 0)
		return NULL;
	size_t len = slash == own->real ? 1 : (size_t)(slash - own->real);
	memcpy(above, own->real, len);
	above[len] = 0;
	return directory_called(s, above);
}

/* A loader looks in many directories that were never made (glibc-hwcaps, tls). Nothing is found below one, whoever looks: the kernel may say so, where it would also decide
 * should something be made there meanwhile. `full` is the missing directory; it is shortened. */
static bool missing_on_floor(const struct supervisor *s, char *full, uint32_t rights)
{
	enum { LEVELS = 4 };
	for (int level = 0; level < LEVELS; level++) {
		char *slash = strrchr(full, '/');
		if (slash == NULL || slash == full)
			return false;
		*slash = 0;
		struct known_dir *d = directory_called(s, full);
		struct stat st;
		if (d != NULL)
			return (rights & ~d->rights) == 0 && fstatat(d->fd, slash + 1, &st, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT && !removed(d);
	}
	return false;
}

/* A directory is listed, everything else is read. */
static uint32_t listing(uint32_t rights)
{
	return (rights & FLOOR_READ_FILE) ? (rights & ~(uint32_t)FLOOR_READ_FILE) | FLOOR_READ_DIR : rights;
}

enum quick quick_parent(const struct supervisor *s, pid_t tid, int dirfd, const char *path, uint32_t rights)
{
	char leaf[256], full[PLAN_MAX_PATH];
	if (path[strlen(path) - 1] == '/') /* it gives the last name a meaning, by the call */
		return QUICK_UNKNOWN;
	struct known_dir *d = directory_above(s, tid, dirfd, path, leaf, full);
	if (d != NULL && (rights & ~d->rights) == 0 && removed(d))
		d = directory_above(s, tid, dirfd, path, leaf, full);
	return d != NULL && (rights & ~d->rights) == 0 ? QUICK_INSIDE : QUICK_UNKNOWN;
}

enum quick quick_look(const struct supervisor *s, pid_t tid, int dirfd, const char *path, bool nofollow, uint32_t rights, uint32_t missing_rights)
{
	char leaf[256], full[PLAN_MAX_PATH];
	if (strcmp(path, "..") == 0) { /* on the way up in a walk through a tree (fts) */
		const struct known_dir *above = directory_above_own(s, tid, dirfd);
		return above != NULL && (listing(rights) & ~above->rights) == 0 ? QUICK_INSIDE : QUICK_UNKNOWN;
	}
	struct known_dir *d = directory_above(s, tid, dirfd, path, leaf, full);
	struct stat st;
	bool granted = d != NULL && (rights & ~d->rights) == 0;
	if (d != NULL && !granted && look_is_vain(d))
		return QUICK_UNKNOWN;
	bool found = d != NULL && fstatat(d->fd, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0;
	/* Nothing is found in a removed directory. */
	if (granted && !found && errno == ENOENT && removed(d)) {
		d = directory_above(s, tid, dirfd, path, leaf, full);
		found = d != NULL && fstatat(d->fd, leaf, &st, AT_SYMLINK_NOFOLLOW) == 0;
	}
	if (d == NULL)
		return full[0] != 0 && missing_on_floor(s, full, rights | missing_rights) ? QUICK_INSIDE : QUICK_UNKNOWN;
	d->in_vain = granted ? 0 : d->in_vain + 1;
	if (!found)
		/* Also for an open that creates nothing: the remembered directory may be another one by now, and off the floor the kernel would refuse what is in it. */
		return errno == ENOENT && ((rights | missing_rights) & ~d->rights) == 0 ? QUICK_INSIDE : QUICK_UNKNOWN;
	if (S_ISLNK(st.st_mode) && (!nofollow || leads_through(path)))
		return QUICK_UNKNOWN;
	if (S_ISDIR(st.st_mode))
		rights = listing(rights);
	bool inside = (rights & ~(d->rights | floor_own_rights(s->floor, &st))) == 0;
	if (inside)
		d->in_vain = 0;
	return inside ? QUICK_INSIDE : QUICK_UNKNOWN;
}

void quick_forget(const char *real)
{
	size_t n = strlen(real);
	for (size_t i = 0; i < SLOTS; i++)
		if (known[i].key != NULL && strncmp(known[i].real, real, n) == 0 && (known[i].real[n] == '/' || known[i].real[n] == 0))
			forget(&known[i]);
}
