/* Performing a call on names: in the directory that was resolved, with one plain name. The supervisor is single-threaded and the only one inside that can change
 * names in a directory that is off the floor, so what was decided is what is done. Runs as the caller. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "birth.h"
#include "masks.h"
#include "moves.h"
#include "names.h"
#include "owned.h"

static mode_t argument_mode(const struct name_call *c)
{
	return (mode_t)c->args[c->nr == SYS_mkdirat || c->nr == SYS_mknodat ? 2 : 1];
}

static struct moved side_of(const struct name *n)
{
	return (struct moved){.real = n->real, .parent = n->parent, .leaf = n->leaf, .exists = n->exists, .mode = n->st.st_mode};
}

int names_refused(const struct supervisor *s, const struct name_call *c, pid_t *work)
{
	const struct name *from = &c->side[0], *to = &c->side[1];
	mode_t type = argument_mode(c) & S_IFMT;
	switch (c->verb) {
	case VERB_RENAME: {
		struct moved sides[2] = {side_of(from), side_of(to)};
		return moves_rename(s, &sides[0], &sides[1], c->nr == SYS_renameat2 && (c->args[4] & RENAME_EXCHANGE) != 0, work);
	}
	case VERB_LINK:
		return from->real[0] != 0 && rules_below(&s->rules, from->real) ? EACCES : moves_name(s, to->real, from->st.st_mode);
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

static int make_directory(struct supervisor *s, const struct name *n, mode_t mode, mode_t mask)
{
	enum born born = birth_directory(s, n, mode & ~mask);
	if (born == BORN_EXISTS)
		errno = EEXIST;
	if (born != BORN_NOT)
		return born == BORN ? 0 : -1;
	quick_forget(n->real); /* another one of this name may have been on the floor */
	return mkdirat(n->parent, n->leaf, mode);
}

static int move(const struct name_call *c)
{
	const struct name *from = &c->side[0], *to = &c->side[1];
	unsigned flags = c->nr == SYS_renameat2 ? (unsigned)c->args[4] : 0;
	if (syscall(SYS_renameat2, from->parent, from->leaf, to->parent, to->leaf, flags) != 0)
		return -1;
	if (flags & RENAME_EXCHANGE) {
		quick_forget(from->real);
		quick_forget(to->real);
	} else if (S_ISDIR(from->st.st_mode)) {
		birth_moved(from->real, to->real);
	}
	return 0;
}

static int perform(struct supervisor *s, const struct name_call *c, mode_t mask)
{
	const struct name *n = &c->side[0];
	switch (c->verb) {
	case VERB_MKDIR:
		return make_directory(s, n, argument_mode(c) & 01777 /* more no directory gets from mkdir(2) */, mask);
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

static void made(const char *real)
{
	owned_made(real);
	moves_made(real);
}

int names_perform(struct supervisor *s, struct name_call *c)
{
	bool masked = c->verb == VERB_MKDIR || c->verb == VERB_MKNOD;
	mode_t mask = 0;
	if ((masked && !mask_of(&c->calling, &mask)) || !calling_identity_take(&c->calling))
		return -EACCES;
	if (masked)
		umask(mask);
	int result = perform(s, c, mask) == 0 ? 0 : -errno;
	bool removes = c->verb == VERB_UNLINK || c->verb == VERB_RMDIR, exchange = c->verb == VERB_RENAME && c->nr == SYS_renameat2 && (c->args[4] & RENAME_EXCHANGE) != 0;
	if (result == 0 && !removes)
		made(c->side[c->sides - 1].real);
	if (result == 0 && exchange)
		made(c->side[0].real);
	if (masked)
		umask(0);
	caller_identity_restore();
	return result;
}
