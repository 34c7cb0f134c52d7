/* Performing a call on names: in the directory that was resolved, with one plain name. The supervisor is single-threaded and the only one inside that can change
 * names in a directory that is off the floor, so what was decided is what is done. Runs as the caller; where a server may not answer, in a process (changes.h). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/masks.h"
#include "floor/birth.h"
#include "floor/owned.h"
#include "names/changes.h"
#include "names/moves.h"
#include "names/names.h"
#include "path/devices.h"
#include "slow/slow_mounts.h"

static mode_t argument_mode(const struct name_call *c)
{
	return (mode_t)c->args[c->nr == SYS_mkdirat || c->nr == SYS_mknodat ? 2 : 1];
}

static struct moved side_of(const struct name *n)
{
	return (struct moved){.real = n->real, .parent = n->parent, .leaf = n->leaf, .exists = n->exists, .mode = n->st.st_mode};
}

/* By its name in /dev a device is granted, or not: under another one the next session would open it. */
static bool is_device(const struct name *n)
{
	return n->exists && devices_is_one(n->st.st_mode);
}

/* Its directory gives it a part of that name. */
static bool takes_devices(const struct name *n)
{
	return is_device(n) || (n->exists && S_ISDIR(n->st.st_mode) && devices_around(n->real, n->st.st_dev) && devices_below(n->parent, n->leaf));
}

int names_refused(const struct supervisor *s, const struct name_call *c, pid_t *work)
{
	const struct name *from = &c->side[0], *to = &c->side[1];
	mode_t type = argument_mode(c) & S_IFMT;
	switch (c->verb) {
	case VERB_RENAME: {
		if (takes_devices(from) || takes_devices(to))
			return EACCES;
		struct moved sides[2] = {side_of(from), side_of(to)};
		return moves_rename(s, &sides[0], &sides[1], c->nr == SYS_renameat2 && (c->args[4] & RENAME_EXCHANGE) != 0, work);
	}
	case VERB_LINK:
		if (is_device(from))
			return EACCES;
		return from->real[0] != 0 && rules_below(&s->rules, from->real) ? EACCES : moves_name(s, to->real, from->st.st_mode);
	case VERB_UNLINK:
		/* Everybody's output goes to /dev/null: removed, what is made in its place would get it. */
		return is_device(from) ? EACCES : 0;
	case VERB_SYMLINK:
		/* A link on the way to a path that is denied but missing would decide where that path ends up. */
		return moves_name(s, from->real, S_IFLNK);
	case VERB_MKNOD:
		/* Device nodes are never made. */
		return type == S_IFCHR || type == S_IFBLK ? EPERM : moves_name(s, from->real, S_IFREG);
	default:
		return 0;
	}
}

static bool remove_directory(const struct name_call *c)
{
#ifdef SYS_rmdir
	if (c->nr == SYS_rmdir)
		return true;
#endif
	return c->nr == SYS_unlinkat && (c->args[2] & AT_REMOVEDIR) != 0;
}

static int make_link(const struct name_call *c)
{
	char from[40];
	/* Through the descriptor of the very file that was decided on, whatever its path names by now. */
	snprintf(from, sizeof from, "/proc/self/fd/%d", c->side[0].object);
	return linkat(AT_FDCWD, from, c->side[1].parent, c->side[1].leaf, AT_SYMLINK_FOLLOW);
}

static bool exchanges(const struct name_call *c)
{
	return c->verb == VERB_RENAME && c->nr == SYS_renameat2 && (c->args[4] & RENAME_EXCHANGE) != 0;
}

/* What became of a call. Nothing that this process remembers is changed before it is known: another one may have performed it. */
struct done {
	int result; /* 0 or a negative errno */
	struct birth birth; /* of a directory */
};

static int make_directory(const struct supervisor *s, const struct name *n, mode_t mode, mode_t mask, struct birth *birth)
{
	*birth = birth_directory(s, n, mode & ~mask);
	if (birth->born == BORN_EXISTS)
		errno = EEXIST;
	if (birth->born != BORN_NOT)
		return birth->born == BORN ? 0 : -1;
	return mkdirat(n->parent, n->leaf, mode);
}

static int move(const struct name_call *c)
{
	const struct name *from = &c->side[0], *to = &c->side[1];
	unsigned flags = c->nr == SYS_renameat2 ? (unsigned)c->args[4] : 0;
	return (int)syscall(SYS_renameat2, from->parent, from->leaf, to->parent, to->leaf, flags);
}

static int perform(const struct supervisor *s, const struct name_call *c, mode_t mask, struct birth *birth)
{
	const struct name *n = &c->side[0];
	switch (c->verb) {
	case VERB_MKDIR:
		return make_directory(s, n, argument_mode(c) & 01777 /* more no directory gets from mkdir(2) */, mask, birth);
	case VERB_RMDIR:
	case VERB_UNLINK:
		return unlinkat(n->parent, n->leaf, remove_directory(c) ? AT_REMOVEDIR : 0);
	case VERB_RENAME:
		return move(c);
	case VERB_LINK:
		return make_link(c);
	case VERB_SYMLINK:
		return symlinkat(c->text, n->parent, n->leaf);
	case VERB_MKNOD:
		return mknodat(n->parent, n->leaf, argument_mode(c), 0);
	default:
		errno = ENOSYS;
		return -1;
	}
}

static struct done perform_here(const struct supervisor *s, const struct name_call *c, mode_t mask)
{
	struct done done = {0};
	done.result = perform(s, c, mask, &done.birth) == 0 ? 0 : -errno;
	return done;
}

struct slow_call {
	const struct supervisor *s;
	const struct name_call *c;
	mode_t mask;
};

static void perform_there(struct brief *b)
{
	const struct slow_call *slow = b->arg;
	struct done done = perform_here(slow->s, slow->c, slow->mask);
	brief_tell(b, &done);
}

/* By a process, which has this one's identity and mask as they are now. False: it is not known what became of it. */
static bool perform_slowly(const struct supervisor *s, const struct name_call *c, mode_t mask, struct done *done)
{
	struct slow_call slow = {.s = s, .c = c, .mask = mask};
	const struct name *a = &c->side[0], *b = &c->side[1];
	struct change change = {
		.brief = {.work = perform_there, .arg = &slow, .keep = {a->parent, a->object, b->parent, c->verb == VERB_MKDIR ? birth_descriptor(s, a->real) : -1}, .kept = 4, .result = done, .size = sizeof *done},
		.dir = {a->parent, b->parent},
		.real = {a->real, c->sides == 2 ? b->real : NULL},
	};
	return changes_make(&change);
}

static bool is_slow(const struct name_call *c)
{
	for (unsigned i = 0; i < c->sides; i++)
		if (c->side[i].parent >= 0 && slow_holds(c->side[i].parent))
			return true;
	return false;
}

bool names_stopped(const struct name_call *c)
{
	const struct name *from = &c->side[0], *to = &c->side[1];
	bool directory = (from->exists && S_ISDIR(from->st.st_mode)) || (exchanges(c) && to->exists && S_ISDIR(to->st.st_mode));
	return changes_stopped((int[2]){from->parent, to->parent}, c->verb == VERB_RENAME && directory);
}

static void made(const char *real)
{
	owned_made(real);
	moves_made(real);
}

static void note_move(const struct name_call *c)
{
	const struct name *from = &c->side[0], *to = &c->side[1];
	if (exchanges(c)) {
		quick_forget(from->real);
		quick_forget(to->real);
	} else if (S_ISDIR(from->st.st_mode)) {
		birth_moved(from->real, to->real);
	}
}

static void note(struct supervisor *s, const struct name_call *c, const struct done *done)
{
	bool removes = c->verb == VERB_UNLINK || c->verb == VERB_RMDIR;
	if (c->verb == VERB_MKDIR)
		birth_note(s, c->side[0].real, &done->birth);
	if (done->result != 0)
		return;
	if (c->verb == VERB_RENAME)
		note_move(c);
	if (!removes)
		made(c->side[c->sides - 1].real);
	if (exchanges(c))
		made(c->side[0].real);
}

/* It may have been done, or may be done at any time: what is known of the floor must hold either way. (Nothing that is made so is taken to be the session's own.) */
static void note_unknown(const struct supervisor *s, const struct name_call *c)
{
	if (c->verb == VERB_MKDIR)
		birth_unknown(s, c->side[0].real);
	if (c->verb == VERB_RENAME)
		note_move(c);
}

int names_perform(struct supervisor *s, struct name_call *c)
{
	bool masked = c->verb == VERB_MKDIR || c->verb == VERB_MKNOD;
	mode_t mask = 0;
	if (names_stopped(c))
		return -EIO;
	if ((masked && !mask_of(&c->calling, &mask)) || !calling_identity_take(&c->calling))
		return -EACCES;
	if (masked)
		umask(mask);
	struct done done = {.result = -EIO};
	bool known = true;
	if (is_slow(c))
		known = perform_slowly(s, c, mask, &done);
	else
		done = perform_here(s, c, mask);
	if (known)
		note(s, c, &done);
	else
		note_unknown(s, c);
	if (masked)
		umask(0);
	caller_identity_restore();
	return known ? done.result : -EIO;
}
