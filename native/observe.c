/* Calls on names. On the floor they CONTINUE: the floor decides again inside the kernel, with its own errno (EEXIST, ENOENT, ENOTEMPTY …).
 * Off it, calls on names that policy allows are performed here (names.c); the rest is reported, and CONTINUEs into the floor's refusal. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "caller.h"
#include "names.h"
#include "supervisor.h"

/* What must be true of the object for the call to get as far as the floor. */
enum expects { MUST_EXIST, MUST_BE_FREE };

struct side {
	signed char dirfd, path; /* argument indexes; dirfd -1: the working directory */
	enum expects expects;
	uint32_t rights;
};

struct shape {
	int nr;
	uint16_t verb;
	uint8_t access;
	bool follow;
	struct side side[2];
	unsigned sides;
};

static const struct shape shapes[] = {
	{SYS_mkdirat, VERB_MKDIR, ACCESS_WRITE, false, {{0, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_unlinkat, VERB_UNLINK, ACCESS_WRITE, false, {{0, 1, MUST_EXIST, FLOOR_REMOVE}}, 1},
	{SYS_renameat2, VERB_RENAME, ACCESS_WRITE, false, {{0, 1, MUST_EXIST, FLOOR_REMOVE}, {2, 3, MUST_BE_FREE, FLOOR_MAKE}}, 2},
	{SYS_linkat, VERB_LINK, ACCESS_WRITE, false, {{2, 3, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_symlinkat, VERB_SYMLINK, ACCESS_WRITE, false, {{1, 2, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_mknodat, VERB_MKNOD, ACCESS_WRITE, false, {{0, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_truncate, VERB_TRUNCATE, ACCESS_WRITE, true, {{-1, 0, MUST_EXIST, FLOOR_WRITE_FILE}}, 1},
#ifdef SYS_open
	{SYS_mkdir, VERB_MKDIR, ACCESS_WRITE, false, {{-1, 0, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_rmdir, VERB_RMDIR, ACCESS_WRITE, false, {{-1, 0, MUST_EXIST, FLOOR_REMOVE}}, 1},
	{SYS_unlink, VERB_UNLINK, ACCESS_WRITE, false, {{-1, 0, MUST_EXIST, FLOOR_REMOVE}}, 1},
	{SYS_rename, VERB_RENAME, ACCESS_WRITE, false, {{-1, 0, MUST_EXIST, FLOOR_REMOVE}, {-1, 1, MUST_BE_FREE, FLOOR_MAKE}}, 2},
	{SYS_link, VERB_LINK, ACCESS_WRITE, false, {{-1, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_symlink, VERB_SYMLINK, ACCESS_WRITE, false, {{-1, 1, MUST_BE_FREE, FLOOR_MAKE}}, 1},
	{SYS_mknod, VERB_MKNOD, ACCESS_WRITE, false, {{-1, 0, MUST_BE_FREE, FLOOR_MAKE}}, 1},
#endif
#ifdef SYS_renameat
	{SYS_renameat, VERB_RENAME, ACCESS_WRITE, false, {{0, 1, MUST_EXIST, FLOOR_REMOVE}, {2, 3, MUST_BE_FREE, FLOOR_MAKE}}, 2},
#endif
};

static const struct shape *shape_of(int nr)
{
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		if (shapes[i].nr == nr)
			return &shapes[i];
	return NULL;
}

/* Removing and making need the right on the directory above; a rule on the object itself does not help. */
static uint32_t rights_above(const struct supervisor *s, const char *real)
{
	char dir[PLAN_MAX_PATH];
	snprintf(dir, sizeof dir, "%s", real);
	char *slash = strrchr(dir, '/');
	slash[slash == dir ? 1 : 0] = 0;
	struct stat st;
	return lstat(dir, &st) == 0 ? floor_rights(s->floor, dir, st.st_dev, st.st_ino) : 0;
}

static bool read_path(const struct seccomp_notif *n, const struct side *side, char *path, int *dirfd)
{
	*dirfd = side->dirfd < 0 ? AT_FDCWD : (int)n->data.args[(int)side->dirfd];
	return caller_string((pid_t)n->pid, n->data.args[(int)side->path], path, PLAN_MAX_PATH) == 0 && path[0] != 0;
}

static uint8_t name_kind(const struct name *n)
{
	return !n->exists ? OBJECT_MISSING : S_ISREG(n->t.st.st_mode) ? OBJECT_FILE : S_ISDIR(n->t.st.st_mode) ? OBJECT_DIRECTORY : OBJECT_OTHER;
}

static void report_name(struct supervisor *s, const struct seccomp_notif *n, const struct shape *shape, const struct name *name, uint8_t reason,
                        uint32_t rule_id)
{
	report_denied(s, (pid_t)n->pid, shape->verb, shape->access, reason, rule_id, name_kind(name), name->t.real);
}

/* Resolves every side. False: the kernel has its own answer (ENOENT, EEXIST …), or the floor grants all of them. */
static bool needs_broker(struct supervisor *s, const struct seccomp_notif *n, const struct shape *shape, struct name *names)
{
	static char path[2][PLAN_MAX_PATH];
	int dirfd[2];
	bool inside = true;
	for (unsigned i = 0; i < shape->sides; i++) {
		const struct side *side = &shape->side[i];
		if (!read_path(n, side, path[i], &dirfd[i]))
			return false;
		if (shape->verb == VERB_TRUNCATE)
			inside = inside && quick_look(s, (pid_t)n->pid, dirfd[i], path[i], false, side->rights, 0) == QUICK_INSIDE;
		else
			inside = inside && quick_parent(s, (pid_t)n->pid, dirfd[i], path[i], side->rights) == QUICK_INSIDE;
	}
	if (inside)
		return false;
	for (unsigned i = 0; i < shape->sides; i++) {
		const struct side *side = &shape->side[i];
		if (!name_resolve((pid_t)n->pid, dirfd[i], path[i], &names[i]))
			return false;
		if (side->expects == MUST_EXIST ? !names[i].exists : names[i].exists && shape->verb != VERB_RENAME)
			return false;
		uint32_t rights = shape->verb == VERB_TRUNCATE ? floor_rights(s->floor, names[i].t.real, names[i].t.st.st_dev, names[i].t.st.st_ino)
		                                               : rights_above(s, names[i].t.real);
		names[i].on_floor = (side->rights & ~rights) == 0;
		inside = i == 0 ? names[i].on_floor : inside && names[i].on_floor;
	}
	return !inside;
}

/* True when the call was answered. */
static bool broker_names(struct supervisor *s, const struct seccomp_notif *n, const struct shape *shape, struct name *names)
{
	if (!needs_broker(s, n, shape, names))
		return false;
	for (unsigned i = 0; i < shape->sides; i++) {
		struct decision d = rules_decide(&s->rules, names[i].t.real, shape->access);
		if (!d.allow) {
			report_name(s, n, shape, &names[i], d.reason, d.rule_id);
			return false;
		}
	}
	if (names_perform(s, n, shape->verb, names))
		return true;
	report_name(s, n, shape, &names[0], REASON_CANNOT, NO_RULE);
	return false;
}

void observe_call(struct supervisor *s, const struct seccomp_notif *n)
{
	const struct shape *shape = shape_of(n->data.nr);
	static struct name names[2];
	names[0] = names[1] = (struct name){.t = {.object = -1, .parent = -1}};
	bool answered = false;
	if (shape != NULL)
		answered = broker_names(s, n, shape, names);
	name_close(&names[0]);
	name_close(&names[1]);
	if (!answered)
		answer_continue(s, n->id); /* the floor decides these calls completely, with the kernel's own errno */
}
