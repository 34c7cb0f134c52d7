/* Runs with the invoking user's privileges. All names are made by this process, one call after the other, so nothing from inside comes between a look and a decision. */
#define _GNU_SOURCE
#include "floor/owned.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { BUCKETS = 1024 };

struct owned {
	struct owned *next;
	unsigned major, minor;
	unsigned long long inode;
	/* An inode number is used again, with another time of birth. */
	long long born;
	unsigned born_nsec;
	char path[];
};

static const struct plan *plan;
static struct owned *table[BUCKETS];
/* Names are chosen inside: thousands in one bucket would each be looked at when the next one is made. */
static unsigned secret;

static struct owned **bucket(const char *path, size_t len)
{
	unsigned hash = 2166136261U ^ secret;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)path[i]) * 16777619U;
	return &table[(hash ^ hash >> 16) % BUCKETS];
}

/* The length of the name directly below one of the directories, with its path; 0 when `path` is not below one. */
static size_t own_name(const char *path)
{
	for (size_t i = 0; plan != NULL && i < plan->owned_count; i++) {
		size_t n = strlen(plan->owned[i]);
		if (strncmp(path, plan->owned[i], n) == 0 && path[n] == '/' && path[n + 1] != 0)
			return n + 1 + strcspn(path + n + 1, "/");
	}
	return 0;
}

static bool look(const char *path, struct statx *st)
{
	return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_INO | STATX_BTIME, st) == 0;
}

static bool same(const struct owned *o, const struct statx *st)
{
	return st->stx_dev_major == o->major && st->stx_dev_minor == o->minor && st->stx_ino == o->inode && st->stx_btime.tv_sec == o->born &&
	       st->stx_btime.tv_nsec == o->born_nsec;
}

static bool owned(const char *path)
{
	size_t len = own_name(path);
	char name[PLAN_MAX_PATH];
	struct statx st;
	if (len == 0 || len >= sizeof name)
		return false;
	memcpy(name, path, len);
	name[len] = 0;
	for (const struct owned *o = *bucket(name, len); o != NULL; o = o->next)
		if (strcmp(o->path, name) == 0)
			return look(name, &st) && same(o, &st);
	return false;
}

void owned_load(const struct plan *p, struct rules *rules)
{
	plan = p;
	if (p->owned_count == 0)
		return;
	rules->owned = owned;
	if (getrandom(&secret, sizeof secret, GRND_NONBLOCK) != (ssize_t)sizeof secret)
		secret = 0;
}

struct decision owned_decide(const struct rules *rules, const char *path, uint8_t access, bool exists)
{
	struct decision d = rules_decide(rules, path, access);
	size_t len = exists || d.allow || d.reason == REASON_RULE || d.reason == REASON_CANNOT ? 0 : own_name(path);
	if (len > 0 && path[len] == 0)
		return rules_decide_granted(rules, path, access);
	return d;
}

void owned_made(const char *path)
{
	size_t len = own_name(path);
	struct statx st, other;
	if (len == 0 || path[len] != 0 || !look(path, &st))
		return;
	struct owned **link = bucket(path, len);
	/* What is gone is forgotten here, so that the list does not grow with every file that a session makes and removes. */
	while (*link != NULL) {
		struct owned *o = *link;
		if (strcmp(o->path, path) != 0 && look(o->path, &other) && same(o, &other)) {
			link = &o->next;
			continue;
		}
		*link = o->next;
		free(o);
	}
	struct owned *made = malloc(sizeof *made + len + 1);
	if (made == NULL)
		return; /* not the session's then: what it made is closed to it */
	*made = (struct owned){.major = st.stx_dev_major, .minor = st.stx_dev_minor, .inode = st.stx_ino, .born = st.stx_btime.tv_sec, .born_nsec = st.stx_btime.tv_nsec};
	memcpy(made->path, path, len + 1);
	*link = made;
}
