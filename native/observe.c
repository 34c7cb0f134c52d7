/* Calls that the floor alone decides. They are trapped so that their denial can be shown; the answer is always CONTINUE, which is safe because the floor
 * decides again inside the kernel, and keeps every errno as the kernel gives it (EEXIST, ENOENT, ENOTEMPTY …). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "caller.h"
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

enum { EXEC = FLOOR_EXECUTE | FLOOR_READ_FILE };

static const struct shape shapes[] = {
	{SYS_execve, VERB_EXECVE, ACCESS_READ, true, {{-1, 0, MUST_EXIST, EXEC}}, 1},
	{SYS_execveat, VERB_EXECVEAT, ACCESS_READ, true, {{0, 1, MUST_EXIST, EXEC}}, 1},
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

/* Reports the denial that the floor is about to give, if any. True when one was reported. */
static bool observe_side(struct supervisor *s, const struct seccomp_notif *n, const struct shape *shape, const struct side *side)
{
	static char path[PLAN_MAX_PATH];
	pid_t tid = (pid_t)n->pid;
	int dirfd = side->dirfd < 0 ? AT_FDCWD : (int)n->data.args[(int)side->dirfd];
	if (caller_string(tid, n->data.args[(int)side->path], path, sizeof path) != 0 || path[0] == 0)
		return false;
	bool above = (side->rights & (FLOOR_MAKE | FLOOR_REMOVE)) != 0;
	if (!above && quick_look(s, tid, dirfd, path, false, side->rights, 0) == QUICK_INSIDE)
		return false;
	/* For names: the directory's own right decides, and a missing name is as good as a present one. */
	if (above && quick_look(s, tid, dirfd, path, true, 0, side->rights) == QUICK_INSIDE && side->expects == MUST_BE_FREE)
		return false;
	struct target t;
	struct path_request request = {.tid = tid, .dirfd = dirfd, .path = path, .nofollow = !shape->follow};
	enum resolve_status status = resolve_as_caller(&request, &t);
	bool exists = status == RESOLVED;
	bool reported = false;
	if ((exists && side->expects == MUST_EXIST) || (status == RESOLVED_PARENT && side->expects == MUST_BE_FREE)) {
		uint32_t rights = above ? rights_above(s, t.real) : floor_rights(s->floor, t.real, t.st.st_dev, t.st.st_ino);
		if ((side->rights & ~rights) != 0 && t.proc_pid == 0) {
			struct decision d = rules_decide(&s->rules, t.real, shape->access);
			report_denied(s, tid, shape->verb, shape->access, d.allow ? REASON_NOT_BROKERED : d.reason, d.allow ? NO_RULE : d.rule_id, object_kind(&t), t.real);
			reported = true;
		}
	}
	target_close(&t);
	return reported;
}

void observe_call(struct supervisor *s, const struct seccomp_notif *n)
{
	const struct shape *shape = shape_of(n->data.nr);
	for (unsigned i = 0; shape != NULL && i < shape->sides; i++)
		if (observe_side(s, n, shape, &shape->side[i]))
			break;
	answer_continue(s, n->id); /* the floor decides these calls completely */
}
