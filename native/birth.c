/* Security: a born object is granted for the whole session, wherever it is moved. So it is given out only where the plan (never a grant of the session, which
 * can be taken back) lets everything below be read and written, and where no deny lies on the way or below. Leaving that place is a rename or a link, which
 * the broker decides; and what a user moves elsewhere from outside is the same as with every inode on the floor. */
#define _GNU_SOURCE
#include "birth.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "caller.h"
#include "scratch.h"

/* 11 and 9 µs each on ext4 when they must be made, and 1.6 µs for the rule. One directory serves everything below it. */
enum { POOL_DIRS = 64, POOL_FILES = 32, MAX_POOLS = 8, MAX_LABEL = 256, UNKNOWN = -2 };
static const char ANNEX[] = "x";
enum { FILE_RIGHTS_BORN = FLOOR_READ_FILE | FLOOR_EXECUTE | FLOOR_WRITE_FILE };

struct pool {
	const char *place;
	uint32_t rights;
	struct scratch *scratch;
	unsigned dirs, files, next_dir, next_file;
	ino_t dir_ino[POOL_DIRS], file_ino[POOL_FILES];
	dev_t dev;
	gid_t gid;
	int flags; /* inode flags that a directory here is made with */
	ssize_t label_len, xattrs; /* of a new one; xattrs: length of the list of all its attributes' names */
	char label[MAX_LABEL];
	bool told_dirs, told_files, told_mount;
};

static struct {
	const struct plan *plan;
	struct floor *floor;
	struct scratch scratch[MAX_POOLS];
	unsigned scratches;
	struct pool pool[MAX_POOLS];
	unsigned pools;
	int annex;
	int failed; /* errno */
	const char *failed_place;
} births = {.annex = -1};

static void name_of(char out[16], char kind, const struct pool *p, unsigned i)
{
	snprintf(out, 16, "%c%u-%u", kind, (unsigned)(p - births.pool), i);
}

static struct scratch *scratch_for(const char *place)
{
	for (size_t i = 0; i < births.plan->birth_count; i++) {
		const struct plan_birth *b = &births.plan->births[i];
		if (b->scratch != 0 && strcmp(b->place, place) == 0)
			return &births.scratch[b->scratch - 1];
	}
	struct scratch *s = &births.scratch[births.scratches];
	if (births.scratches == MAX_POOLS || !scratch_make(place, s)) {
		births.failed = errno;
		births.failed_place = place;
		return NULL;
	}
	births.scratches++;
	return s;
}

static int inode_flags(int fd)
{
	int flags = 0;
	/* How a file is stored or synchronised; what says how far a directory has grown (EXTENTS, INDEX, INLINE_DATA) differs without meaning. */
	const int meant = FS_SECRM_FL | FS_UNRM_FL | FS_COMPR_FL | FS_SYNC_FL | FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL | FS_NOCOMP_FL |
	                  FS_ENCRYPT_FL | FS_JOURNAL_DATA_FL | FS_DIRSYNC_FL | FS_NOCOW_FL | FS_PROJINHERIT_FL | FS_CASEFOLD_FL;
	return ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 ? flags & meant : 0;
}

/* Left unused by a session before this one, where nothing inside can reach it; should it have been touched all the same, it is not used. */
static bool pristine(const struct pool *p, int fd, const struct stat *st, bool directory)
{
	mode_t mode = directory ? S_IFDIR | 0700 : S_IFREG | 0600;
	return st->st_mode == mode && st->st_uid == geteuid() && st->st_gid == getegid() && st->st_nlink == (directory ? 2 : 1) && (directory || st->st_size == 0) &&
	       (p->xattrs == UNKNOWN || flistxattr(fd, NULL, 0) == p->xattrs);
}

static int make(const struct pool *p, const char *name, bool directory)
{
	if (directory && mkdirat(p->scratch->fd, name, 0700) != 0)
		return -1;
	return openat(p->scratch->fd, name, (directory ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT | O_EXCL) | O_NOFOLLOW | O_CLOEXEC, 0600);
}

/* An empty directory or file of the pool, from before or new; its descriptor, or -1. */
static int have(const struct pool *p, const char *name, bool directory, struct stat *st)
{
	int fd = openat(p->scratch->fd, name, (directory ? O_RDONLY | O_DIRECTORY : O_RDWR | O_NONBLOCK) | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		fd = make(p, name, directory);
	} else if (fd < 0 || fstat(fd, st) != 0 || !pristine(p, fd, st, directory)) {
		if (fd >= 0)
			close(fd);
		scratch_discard(p->scratch, name);
		fd = make(p, name, directory);
	}
	if (fd >= 0 && fstat(fd, st) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool grant(int fd, uint32_t rights)
{
	struct failure f;
	bool ok = fd >= 0 && floor_grant(births.floor, fd, rights, &f);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* What a new directory is here without anybody's doing: an SELinux label is an attribute too. */
static void learn(struct pool *p)
{
	struct stat st;
	int fd = have(p, "t", true, &st);
	if (fd < 0)
		return;
	p->dev = st.st_dev;
	p->gid = st.st_gid;
	p->flags = inode_flags(fd);
	p->label_len = fgetxattr(fd, "security.selinux", p->label, sizeof p->label);
	p->xattrs = flistxattr(fd, NULL, 0);
	close(fd);
}

static void fill(struct pool *p, bool files)
{
	struct stat st;
	char name[16];
	learn(p);
	for (unsigned i = 0; i < POOL_DIRS; i++, p->dirs++) {
		name_of(name, 'd', p, i);
		int fd = have(p, name, true, &st);
		p->dir_ino[i] = st.st_ino;
		if (!grant(fd, p->rights))
			break;
	}
	for (unsigned i = 0; files && i < POOL_FILES; i++, p->files++) {
		name_of(name, 'f', p, i);
		int fd = have(p, name, false, &st);
		p->file_ino[i] = st.st_ino;
		if (!grant(fd, FILE_RIGHTS_BORN))
			break;
	}
}

/* Files are given out at and below the trees of POOL records only. */
static bool wants_files(const struct pool *p)
{
	for (size_t i = 0; i < births.plan->birth_count; i++) {
		const struct plan_birth *b = &births.plan->births[i];
		if (b->kind == BIRTH_POOL && b->rights == p->rights && strcmp(b->place, p->place) == 0)
			return true;
	}
	return false;
}

static unsigned pool_for(const struct plan_birth *b)
{
	for (unsigned i = 0; i < births.pools; i++)
		if (births.pool[i].rights == b->rights && strcmp(births.pool[i].place, b->place) == 0)
			return i + 1;
	struct scratch *s = births.pools < MAX_POOLS ? scratch_for(b->place) : NULL;
	if (s == NULL)
		return 0;
	struct pool *p = &births.pool[births.pools++];
	*p = (struct pool){.place = b->place, .rights = b->rights, .scratch = s, .xattrs = UNKNOWN};
	return births.pools;
}

static void make_annex(const struct plan_birth *b, struct scratch *s)
{
	struct failure f;
	struct stat st;
	char path[PLAN_MAX_PATH];
	scratch_discard(s, ANNEX);
	if (mkdirat(s->fd, ANNEX, 0700) != 0)
		return;
	births.annex = openat(s->fd, ANNEX, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (births.annex < 0)
		return;
	int n = snprintf(path, sizeof path, "%s/%s/%s", b->place, s->name, ANNEX);
	if (n >= (int)sizeof path || fstat(births.annex, &st) != 0 || !floor_grant(births.floor, births.annex, b->rights, &f) ||
	    !floor_learn(births.floor, path, st.st_dev, st.st_ino, b->rights)) {
		close(births.annex);
		births.annex = -1;
	}
}

void birth_prepare(const struct plan *plan, struct floor *floor)
{
	births.plan = plan;
	births.floor = floor;
	for (size_t i = 0; i < plan->birth_count; i++) {
		struct plan_birth *b = &plan->births[i];
		struct scratch *s;
		if (b->kind == BIRTH_ANNEX && births.annex < 0 && (s = scratch_for(b->place)) != NULL) {
			b->scratch = (unsigned)(s - births.scratch) + 1;
			make_annex(b, s);
		} else if (b->kind == BIRTH_POOL || b->kind == BIRTH_BULK) {
			unsigned known = births.pools;
			b->pool = pool_for(b);
			if (b->pool > known) {
				struct pool *p = &births.pool[b->pool - 1];
				b->scratch = (unsigned)(p->scratch - births.scratch) + 1;
				fill(p, wants_files(p));
			}
		}
	}
}

void birth_begin(struct supervisor *s)
{
	/* Inside another session the outer one supervises, and refuses its own state directory. */
	if (births.failed == 0 || s->listener < 0)
		return;
	char text[PLAN_MAX_PATH + 200];
	snprintf(text, sizeof text, "%s: %s: what is made beside denied paths is served by the supervisor, which is slower, and executed from a copy or not at all",
	         births.failed_place, strerror(births.failed));
	wire_notice(&s->wire, text);
}

/* Takes `fd`. */
static bool is_empty(int fd)
{
	DIR *d = fdopendir(fd);
	bool found = d == NULL;
	for (struct dirent *e; !found && (e = readdir(d)) != NULL;)
		found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	if (d != NULL)
		closedir(d);
	else
		close(fd);
	return !found;
}

/* A program that has a file open while it changes places learns the pool's path (/proc/self/fd), and the unborn are on the floor: what it leaves there would be on the
 * floor of the next session as well, whose policy may be another. Everybody inside is dead by now. */
static bool nothing_left_in(const struct scratch *s)
{
	char name[16];
	for (const struct pool *p = births.pool; p < births.pool + births.pools; p++)
		for (unsigned i = 0; p->scratch == s && i < p->dirs; i++) {
			name_of(name, 'd', p, i);
			int fd = openat(s->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			if (fd < 0 ? errno != ENOENT /* born */ : !is_empty(fd))
				return false;
		}
	return true;
}

void birth_end(bool keep)
{
	for (unsigned i = 0; i < births.scratches; i++) {
		if (!keep || !nothing_left_in(&births.scratch[i])) {
			scratch_remove(&births.scratch[i]);
			continue;
		}
		if (births.annex >= 0)
			scratch_discard(&births.scratch[i], ANNEX);
		scratch_park(&births.scratch[i]);
	}
}

int birth_annex(void)
{
	return births.annex;
}

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
	bool plain = !acl && fstat(fd, st) == 0 && st->st_dev == p->dev && inode_flags(fd) == p->flags && len == p->label_len &&
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
	if (fd < 0 || fstat(fd, &st) != 0 || !is_empty(dup(fd)))
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

enum born birth_directory(struct supervisor *s, const struct name *n, mode_t mode)
{
	const struct plan_birth *b = births.plan != NULL && !caller_identity_taken() ? record_for(s, n->real) : NULL;
	if (b == NULL)
		return BORN_NOT;
	struct pool *p = &births.pool[b->pool - 1];
	struct stat parent;
	if ((p->rights & ~floor_rights(births.floor, n->real, 0, 0)) == 0)
		return BORN_NOT; /* a plain one is on the floor already */
	while (p->next_dir < p->dirs) {
		char name[16];
		name_of(name, 'd', p, p->next_dir);
		if (!parent_is_plain(p, n->parent, &parent))
			return BORN_NOT;
		int fd = dress(p, name, &parent, mode);
		if (fd < 0) {
			p->next_dir++;
			continue;
		}
		bool moved = syscall(SYS_renameat2, p->scratch->fd, name, n->parent, n->leaf, RENAME_NOREPLACE) == 0;
		int err = errno;
		if (!moved)
			fchmod(fd, 0700);
		close(fd);
		if (!moved && err == EXDEV)
			tell_once(s, &p->told_mount, "another file system than nono's own state: what is made there is served by the supervisor, which is slower:", n->real);
		if (!moved)
			return err == EEXIST ? BORN_EXISTS : BORN_NOT; /* a plain mkdir gives the errno that belongs to it */
		floor_learn(births.floor, n->real, p->dev, p->dir_ino[p->next_dir], p->rights);
		quick_forget(n->real);
		p->next_dir++;
		return BORN;
	}
	tell_once(s, &p->told_dirs, "no prepared directory is left: from here on, what is made beside denied paths is served by the supervisor, which is slower:",
	          n->real);
	return BORN_NOT;
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
	name_of(f->name, 'f', p, p->next_file);
	return true;
}

void birth_file_taken(const struct birth_file *f)
{
	(*f->taken)++;
}
