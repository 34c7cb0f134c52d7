/* Runs with the user's privileges. The directory is denied to every session (src/policy/resolve/protection.ts); other users are kept out by its owner and mode, which are
 * looked at on the opened descriptor each time. */
#define _GNU_SOURCE
#include "cache/cache_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache/cache_entry.h"

enum { MOST_ENTRIES = 64, NAME_BYTES = SHA256_TEXT, STALE_SECONDS = 60 };
static const char temporary[] = ".new-";

static bool only_ours(int fd, mode_t type)
{
	struct stat st;
	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == type && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

static int open_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && !only_ours(fd, S_IFDIR)) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

static uint8_t *read_entry(int fd, size_t *size)
{
	struct stat st;
	if (!only_ours(fd, S_IFREG) || fstat(fd, &st) != 0 || st.st_nlink != 1 || st.st_size <= 0 || st.st_size > CACHE_MOST_BYTES)
		return NULL;
	*size = (size_t)st.st_size;
	uint8_t *data = malloc(*size);
	size_t got = 0;
	while (data != NULL && got < *size) {
		ssize_t n = read(fd, data + got, *size - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += (size_t)n;
	}
	if (data != NULL && got != *size) {
		free(data);
		return NULL;
	}
	return data;
}

uint8_t *cache_load(const char *path, const uint8_t digest[SHA256_BYTES], size_t *size)
{
	int directory = open_directory(path);
	if (directory < 0)
		return NULL;
	char name[NAME_BYTES];
	sha256_text(digest, name);
	int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	close(directory);
	if (fd < 0)
		return NULL;
	uint8_t *data = read_entry(fd, size);
	close(fd);
	return data;
}

static int make_directory(const char *path)
{
	char part[PATH_MAX];
	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return -1;
	}
	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return -1;
	return open_directory(path);
}

/* What a start that was killed in the middle left behind, and the entries that were written longest ago. */
static void make_room(int directory)
{
	int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = own < 0 ? NULL : fdopendir(own);
	if (entries == NULL) {
		if (own >= 0)
			close(own);
		return;
	}
	char oldest[NAME_BYTES] = "";
	time_t age = 0, now = time(NULL);
	size_t count = 0;
	for (struct dirent *e; (e = readdir(entries)) != NULL;) {
		struct stat st;
		if (e->d_name[0] == '.' && strncmp(e->d_name, temporary, sizeof temporary - 1) != 0)
			continue;
		if (fstatat(directory, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (e->d_name[0] == '.') {
			if (now - st.st_mtime > STALE_SECONDS)
				unlinkat(directory, e->d_name, 0);
		} else if (strlen(e->d_name) == NAME_BYTES - 1) {
			count++;
			if (oldest[0] == 0 || st.st_mtime < age) {
				age = st.st_mtime;
				memcpy(oldest, e->d_name, NAME_BYTES);
			}
		}
	}
	closedir(entries);
	if (count >= MOST_ENTRIES)
		unlinkat(directory, oldest, 0);
}

static bool write_bytes(int fd, const uint8_t *data, size_t size)
{
	while (size > 0) {
		ssize_t n = write(fd, data, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		size -= (size_t)n;
	}
	return true;
}

/* Past the user's limit on the size of files a write fails; it must not kill the command that is about to start. */
static bool write_whole(int fd, const uint8_t *data, size_t size)
{
	struct sigaction before, ignore = {.sa_handler = SIG_IGN};
	bool ignored = sigaction(SIGXFSZ, &ignore, &before) == 0;
	bool whole = ignored && write_bytes(fd, data, size);
	if (ignored)
		sigaction(SIGXFSZ, &before, NULL);
	return whole;
}

void cache_save(const char *path, const uint8_t digest[SHA256_BYTES], const uint8_t *data, size_t size)
{
	int directory = open_directory(path);
	if (directory < 0 && errno == ENOENT)
		directory = make_directory(path);
	uint64_t word;
	if (directory < 0 || getrandom(&word, sizeof word, GRND_NONBLOCK) != sizeof word) {
		if (directory >= 0)
			close(directory);
		return;
	}
	make_room(directory);
	char name[NAME_BYTES], fresh[40];
	sha256_text(digest, name);
	snprintf(fresh, sizeof fresh, "%s%016llx", temporary, (unsigned long long)word);
	int fd = openat(directory, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0) {
		bool ok = write_whole(fd, data, size);
		ok = close(fd) == 0 && ok;
		if (!ok || renameat(directory, fresh, directory, name) != 0)
			unlinkat(directory, fresh, 0);
	}
	close(directory);
}
