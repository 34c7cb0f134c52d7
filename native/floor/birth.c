/* Security: a born object is granted for the whole session, wherever it is moved. So it is given out only where the plan (never a grant of the session, which
 * can be taken back) lets everything below be read and written, and where no deny lies on the way or below. Leaving that place is a rename or a link, which
 * the broker decides; and what a user moves elsewhere from outside is the same as with every inode on the floor. */
#define _GNU_SOURCE
#include "floor/birth.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "caller/caller_identity.h"
#include "floor/birth_pools.h"

/* `path` is `dir` or lies below it; "" is the root. */
static bool within(const char *path, size_t path_len, const char *dir, size_t dir_len)
{
	return path_len >= dir_len && memcmp(path, dir, dir_len) == 0 && (path_len == dir_len || path[dir_len] == '/');
}

static const struct plan_birth *tree_of(const char *real, uint8_t kind)
{
	const struct plan_birth *best = NULL;
	size_t best_len = 0, len = strlen(real);
	for (size_t i = 0; i < births.plan->birth_count; i++) {
		const struct plan_birth *b = &births.plan->births[i];
		size_t n = strcmp(b->tree, "/") == 0 ? 0 : strlen(b->tree);
		if (b->kind == kind && b->pool != 0 && within(real, len, b->tree, n) && (best == NULL || n > best_len)) {
			best = b;
			best_len = n;
		}
	}
	return best;
}

/* No deny, lifted or not, between the tree and the new object, at it, or below it: then policy is there what it is at the tree. */
static bool untouched(const struct supervisor *s, const char *tree, const char *real)
{
	size_t tree_len = strcmp(tree, "/") == 0 ? 0 : strlen(tree), len = strlen(real);
	for (size_t i = 0; i < s->rules.map.count; i++) {
		const struct pathmap_entry *e = &s->rules.map.entries[i];
		if (e->len <= tree_len || !within(e->path, e->len, tree, tree_len))
			continue;
		if (!within(e->path, e->len, real, len) && !within(real, len, e->path, e->len))
			continue;
		for (const struct rule *r = e->value; r != NULL; r = r->next)
			if (r->verdict != VERDICT_ALLOW)
				return false;
	}
	return true;
}

static void tell_once(struct supervisor *s, bool *told, const char *what, const char *where)
{
	if (*told)
		return;
	*told = true;
	char text[PLAN_MAX_PATH + 200];
	snprintf(text, sizeof text, "%s %s", what, where);
	wire_notice(&s->wire, text);
}

/* What mkdir(2) would make of the parent, and a rename cannot: an inherited ACL, another label, another way to be stored. */
static bool parent_is_plain(const struct pool *p, int parent, struct stat *st)
{
	char label[MAX_LABEL];
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return false;
	bool acl = fgetxattr(fd, "system.posix_acl_default", NULL, 0) >= 0;
	ssize_t len = fgetxattr(fd, "security.selinux", label, sizeof label);
	bool plain = !acl && fstat(fd, st) == 0 && st->st_dev == p->dev && pool_inode_flags(fd) == p->flags && len == p->label_len &&
	             (len <= 0 || memcmp(label, p->label, (size_t)len) == 0);
	close(fd);
	return plain;
}

/* An unborn directory with the mode and the group that the kernel would give a new one there; its descriptor, or -1. */
static int dress(const struct pool *p, const char *name, const struct stat *parent, mode_t mode)
{
	bool inherits = (parent->st_mode & S_ISGID) != 0;
	int fd = openat(p->scratch->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	/* Unless it is empty, somebody inside has found it. */
	if (fd < 0 || fstat(fd, &st) != 0 || !pool_is_empty(dup(fd)))
		goto bad;
	/* Where the pool's own directory does not pass its group on, a group other than ours shows a file system that always takes the parent's (grpid). */
	bool bsd = p->gid != getegid();
	gid_t group = inherits || bsd ? parent->st_gid : getegid();
	if (group != st.st_gid && fchown(fd, (uid_t)-1, group) != 0)
		goto bad;
	if (fchmod(fd, (mode & 01777) | (inherits ? S_ISGID : 0)) != 0 || futimens(fd, NULL) != 0)
		goto bad;
	return fd;
bad:
	if (fd >= 0)
		close(fd);
	return -1;
}

/* A bulk directory gets the right to make names unseen. Not where any pattern could match in it: one of the user's, or one of a guard's that began further up
 * (`.git/modules` of a submodule called dist). Should it be moved away from its name, it is a directory in which names are made unseen: moves.c. */
static const struct plan_birth *record_for(const struct supervisor *s, const char *real)
{
	if (bulk_ends(&s->rules.bulk, real, strlen(real))) {
		const struct plan_birth *b = tree_of(real, BIRTH_BULK);
		if (b != NULL && untouched(s, b->tree, real) && !rules_reach_below(&s->rules, real))
			return b;
	}
	const struct plan_birth *b = tree_of(real, BIRTH_POOL);
	return b != NULL && untouched(s, b->tree, real) ? b : NULL;
}

/* Below 0: what is made there comes from none. */
static int pool_for(const struct supervisor *s, const char *real)
{
	const struct plan_birth *b = births.plan != NULL && !caller_identity_taken() ? record_for(s, real) : NULL;
	return b != NULL ? (int)b->pool - 1 : -1;
}

struct birth birth_directory(const struct supervisor *s, const struct name *n, mode_t mode)
{
	struct birth made = {.born = BORN_NOT, .pool = pool_for(s, n->real)};
	if (made.pool < 0)
		return made;
	const struct pool *p = &births.pool[made.pool];
	struct stat parent;
	made.next = p->next_dir;
	if ((p->rights & ~floor_rights(births.floor, n->real, 0, 0)) == 0)
		return made; /* a plain one is on the floor already */
	for (; made.next < p->dirs; made.next++) {
		char name[16];
		pool_name(name, 'd', p, made.next);
		if (!parent_is_plain(p, n->parent, &parent))
			return made;
		int fd = dress(p, name, &parent, mode);
		if (fd < 0)
			continue;
		bool moved = syscall(SYS_renameat2, p->scratch->fd, name, n->parent, n->leaf, RENAME_NOREPLACE) == 0;
		int err = errno;
		if (!moved)
			fchmod(fd, 0700);
		close(fd);
		made.elsewhere = !moved && err == EXDEV;
		made.born = moved ? BORN : err == EEXIST ? BORN_EXISTS : BORN_NOT; /* a plain mkdir gives the errno that belongs to it */
		made.next += moved;
		return made;
	}
	made.none_left = true;
	return made;
}

void birth_note(struct supervisor *s, const char *real, const struct birth *b)
{
	if (b->born != BORN_EXISTS)
		quick_forget(real); /* another one of this name may have been on the floor */
	if (b->pool < 0)
		return;
	struct pool *p = &births.pool[b->pool];
	p->next_dir = b->next;
	if (b->born == BORN)
		floor_learn(births.floor, real, p->dev, p->dir_ino[b->next - 1], p->rights);
	if (b->elsewhere)
		tell_once(s, &p->told_mount, "another file system than nono's own state: what is made there is served by the supervisor, which is slower:", real);
	if (b->none_left)
		tell_once(s, &p->told_dirs, "no prepared directory is left: from here on, what is made beside denied paths is served by the supervisor, which is slower:", real);
}

void birth_unknown(const struct supervisor *s, const char *real)
{
	int pool = pool_for(s, real);
	if (pool >= 0)
		births.pool[pool].next_dir = births.pool[pool].dirs;
}

int birth_descriptor(const struct supervisor *s, const char *real)
{
	int pool = pool_for(s, real);
	return pool >= 0 ? births.pool[pool].scratch->fd : -1;
}

void birth_moved(const char *from, const char *to)
{
	if (births.floor != NULL)
		floor_moved(births.floor, from, to);
	quick_forget(from);
	quick_forget(to);
}

bool birth_file(struct supervisor *s, const char *real, struct birth_file *f)
{
	const struct plan_birth *b = births.plan != NULL && !caller_identity_taken() ? tree_of(real, BIRTH_POOL) : NULL;
	if (b == NULL || !untouched(s, b->tree, real))
		return false;
	struct pool *p = &births.pool[b->pool - 1];
	if (p->next_file == p->files) {
		tell_once(s, &p->told_files, "no prepared file is left: from here on, programs made beside denied paths run from a copy:", real);
		return false;
	}
	*f = (struct birth_file){.dir = p->scratch->fd, .dev = p->dev, .ino = p->file_ino[p->next_file], .taken = &p->next_file};
	pool_name(f->name, 'f', p, p->next_file);
	return true;
}

void birth_file_taken(const struct birth_file *f)
{
	(*f->taken)++;
}
