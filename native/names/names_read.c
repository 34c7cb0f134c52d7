#define _GNU_SOURCE
#include "names/names_read.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

/* RENAME_WHITEOUT, which would make a device node, the filter has refused. */
static const struct names_shape shapes[] = {
	{SYS_mkdirat, VERB_MKDIR, -1, 0, {{0, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_unlinkat, VERB_UNLINK, 2, AT_REMOVEDIR, {{0, 1, MUST_EXIST, FLOOR_REMOVE}}, 1},
	{SYS_renameat2, VERB_RENAME, 4, RENAME_NOREPLACE | RENAME_EXCHANGE, {{0, 1, MUST_EXIST, FLOOR_REMOVE}, {2, 3, ANYTHING, FLOOR_MAKE}}, 2},
	{SYS_linkat, VERB_LINK, 4, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH, {{0, 1, MUST_EXIST, FLOOR_REFER}, {2, 3, MUST_BE_FREE, FLOOR_MAKE}}, 2},
	{SYS_symlinkat, VERB_SYMLINK, -1, 0, {{1, 2, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_mknodat, VERB_MKNOD, -1, 0, {{0, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
#ifdef SYS_open
	{SYS_mkdir, VERB_MKDIR, -1, 0, {{-1, 0, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_rmdir, VERB_RMDIR, -1, 0, {{-1, 0, MUST_EXIST, FLOOR_REMOVE}}, 1},
	{SYS_unlink, VERB_UNLINK, -1, 0, {{-1, 0, MUST_EXIST, FLOOR_REMOVE}}, 1},
	{SYS_rename, VERB_RENAME, -1, 0, {{-1, 0, MUST_EXIST, FLOOR_REMOVE}, {-1, 1, ANYTHING, FLOOR_MAKE}}, 2},
	{SYS_link, VERB_LINK, -1, 0, {{-1, 0, MUST_EXIST, FLOOR_REFER}, {-1, 1, MUST_BE_FREE, FLOOR_MAKE}}, 2},
	{SYS_symlink, VERB_SYMLINK, -1, 0, {{-1, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_mknod, VERB_MKNOD, -1, 0, {{-1, 0, MUST_BE_FREE, FLOOR_MAKE}}, 1},
#endif
#ifdef SYS_renameat
	{SYS_renameat, VERB_RENAME, -1, 0, {{0, 1, MUST_EXIST, FLOOR_REMOVE}, {2, 3, ANYTHING, FLOOR_MAKE}}, 2},
#endif
};

const struct names_shape *names_shape_of(int nr)
{
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		if (shapes[i].nr == nr)
			return &shapes[i];
	return NULL;
}

/* All of it but the unused part of its texts: they are pages, and written for every call. */
static void begin_name(struct name *n)
{
	n->parent = n->object = -1;
	n->leaf[0] = n->real[0] = 0;
	n->exists = n->on_floor = n->looked = false;
	n->st = (struct stat){0};
}

bool names_read(const struct seccomp_notif *n, const struct names_shape *shape, struct name_call *c, struct written written[2])
{
	c->id = n->id;
	c->calling.tid = (pid_t)n->pid;
	c->calling.known = false;
	c->nr = n->data.nr;
	c->verb = shape->verb;
	c->sides = shape->sides;
	memcpy(c->args, n->data.args, sizeof c->args);
	for (unsigned i = 0; i < 2; i++)
		begin_name(&c->side[i]);
	c->text[0] = 0;
	c->rounds = 0;
	unsigned flags = shape->flags < 0 ? 0 : (unsigned)c->args[(int)shape->flags];
	if ((flags & ~shape->flags_known) != 0 || (shape->verb == VERB_RENAME && flags == (RENAME_NOREPLACE | RENAME_EXCHANGE)))
		return false; /* EINVAL */
	if (c->nr == SYS_unlinkat && (flags & AT_REMOVEDIR) != 0)
		c->verb = VERB_RMDIR;
	/* Unreadable memory: EFAULT, or a caller that made itself non-dumpable. The floor decides these calls completely, so they may go on. */
	for (unsigned i = 0; i < shape->sides; i++) {
		const struct side *side = &shape->side[i];
		written[i].dirfd = side->dirfd < 0 ? AT_FDCWD : (int)c->args[(int)side->dirfd];
		if (caller_string((pid_t)n->pid, c->args[(int)side->path], written[i].path, PLAN_MAX_PATH) != 0)
			return false;
		if (written[i].path[0] == 0 && !(c->nr == SYS_linkat && i == 0 && (flags & AT_EMPTY_PATH)))
			return false; /* ENOENT */
	}
	mode_t type = (mode_t)c->args[c->nr == SYS_mknodat ? 2 : 1] & S_IFMT;
	if (c->verb == VERB_MKNOD && type != 0 && type != S_IFREG && type != S_IFIFO && type != S_IFSOCK && type != S_IFCHR && type != S_IFBLK)
		return false; /* EINVAL, or EPERM for a directory */
	return c->verb != VERB_SYMLINK || (caller_string((pid_t)n->pid, c->args[0], c->text, sizeof c->text) == 0 && c->text[0] != 0);
}
