/* A hung NFS or FUSE server stops whoever resolves a path there, in a sleep that only SIGKILL ends, or not even that. It must be a process that does nothing else. Costs
 * nothing where no such file system is mounted, and little for paths on others: what is cached, or lies in a cached directory, is told apart without waiting
 * (RESOLVE_CACHED). The look itself must not be answered from a cache: that of sshfs is good for 20 s after its server is gone, and the call would be made then. */
#define _GNU_SOURCE
#include "slow/slow.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "caller/caller.h"
#include "exec/first_line.h"
#include "loop/brief.h"
#include "loop/supervisor.h"
#include "loop/work.h"
#include "slow/slow_mounts.h"
#include "slow/slow_server.h"

enum { MAX_LOOKS = 64 };

static struct {
	pid_t pid;
	struct seccomp_notif call;
} looks[MAX_LOOKS];

static int open_cached(int base, const char *path, uint64_t resolve)
{
	struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_CACHED | RESOLVE_NO_MAGICLINKS | resolve};
	return (int)syscall(SYS_openat2, base, path, &how, sizeof how);
}

/* A name in a directory that is cached and not slow: only a link there can lead away. */
static bool leads_away(int base, const char *path)
{
	char dir[PLAN_MAX_PATH], real[PLAN_MAX_PATH], whole[PLAN_MAX_PATH + 256];
	snprintf(dir, sizeof dir, "%s", path);
	for (size_t len = strlen(dir); len > 1 && dir[len - 1] == '/';)
		dir[--len] = 0;
	char *slash = strrchr(dir, '/');
	const char *leaf = slash ? slash + 1 : dir;
	char name[256];
	if (snprintf(name, sizeof name, "%s", leaf) >= (int)sizeof name)
		return false;
	if (slash != NULL)
		slash[slash == dir ? 1 : 0] = 0;
	int parent = open_cached(base, slash ? dir : ".", 0);
	if (parent < 0)
		return errno == EAGAIN;
	struct stat st;
	bool away = true;
	if (resolve_descriptor(parent, real) && !slow_at(real) && snprintf(whole, sizeof whole, "%s/%s", real, name) < (int)sizeof whole && !slow_at(whole))
		away = fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode);
	close(parent);
	return away;
}

bool slow_may_wait(int base, const char *path)
{
	char real[PLAN_MAX_PATH];
	/* A path without links is where it says: the link of a descriptor in /proc costs more than the walk. */
	bool straight = path_is_normal(path);
	int fd = open_cached(base, path, straight ? RESOLVE_NO_SYMLINKS : 0);
	if (fd < 0 && straight && errno == ELOOP) {
		straight = false;
		fd = open_cached(base, path, 0);
	}
	if (fd < 0)
		return errno == EAGAIN && leads_away(base, path);
	bool slow = straight ? slow_at(path) : resolve_descriptor(fd, real) && slow_at(real);
	close(fd);
	return slow;
}

/* The paths of a call: argument numbers of descriptor and text; -1 for the working directory, and for a call on the descriptor itself. */
struct paths {
	int nr;
	signed char at[2][2];
	unsigned count;
};

static const struct paths with_paths[] = {
	{SYS_openat, {{0, 1}}, 1}, {SYS_openat2, {{0, 1}}, 1}, {SYS_execve, {{-1, 0}}, 1}, {SYS_execveat, {{0, 1}}, 1}, {SYS_mkdirat, {{0, 1}}, 1},
	{SYS_unlinkat, {{0, 1}}, 1}, {SYS_renameat2, {{0, 1}, {2, 3}}, 2}, {SYS_linkat, {{0, 1}, {2, 3}}, 2}, {SYS_symlinkat, {{1, 2}}, 1},
	{SYS_mknodat, {{0, 1}}, 1}, {SYS_truncate, {{-1, 0}}, 1}, {SYS_inotify_add_watch, {{-1, 1}}, 1}, {SYS_fchmodat, {{0, 1}}, 1},
	{SYS_fchownat, {{0, 1}}, 1}, {SYS_utimensat, {{0, 1}}, 1}, {SYS_setxattr, {{-1, 0}}, 1}, {SYS_lsetxattr, {{-1, 0}}, 1},
	{SYS_removexattr, {{-1, 0}}, 1}, {SYS_lremovexattr, {{-1, 0}}, 1}, {452 /* fchmodat2 */, {{0, 1}}, 1}, {SYS_fchmod, {{0, -1}}, 1},
	{SYS_fchown, {{0, -1}}, 1}, {SYS_fsetxattr, {{0, -1}}, 1}, {SYS_fremovexattr, {{0, -1}}, 1}, {SYS_ioctl, {{0, -1}}, 1},
#ifdef SYS_open
	{SYS_open, {{-1, 0}}, 1}, {SYS_creat, {{-1, 0}}, 1}, {SYS_mkdir, {{-1, 0}}, 1}, {SYS_rmdir, {{-1, 0}}, 1}, {SYS_unlink, {{-1, 0}}, 1},
	{SYS_rename, {{-1, 0}, {-1, 1}}, 2}, {SYS_link, {{-1, 0}, {-1, 1}}, 2}, {SYS_symlink, {{-1, 1}}, 1}, {SYS_mknod, {{-1, 0}}, 1},
	{SYS_chmod, {{-1, 0}}, 1}, {SYS_chown, {{-1, 0}}, 1}, {SYS_lchown, {{-1, 0}}, 1}, {SYS_utime, {{-1, 0}}, 1}, {SYS_utimes, {{-1, 0}}, 1},
	{SYS_futimesat, {{0, 1}}, 1},
#endif
#ifdef SYS_renameat
	{SYS_renameat, {{0, 1}, {2, 3}}, 2},
#endif
};

/* The file that a call on a local socket names. */
static bool socket_path(const struct seccomp_notif *n, char path[PLAN_MAX_PATH])
{
	const __u64 *a = n->data.args;
	struct msghdr h = {.msg_name = NULL};
	struct sockaddr_un un = {.sun_family = AF_UNSPEC};
	switch (n->data.nr) {
	case SYS_connect:
	case SYS_bind:
		h.msg_name = (void *)(uintptr_t)a[1];
		h.msg_namelen = (socklen_t)a[2];
		break;
	case SYS_sendto:
		h.msg_name = (void *)(uintptr_t)a[4];
		h.msg_namelen = (socklen_t)a[5];
		break;
	case SYS_sendmsg:
	case SYS_sendmmsg: /* the first is where another one goes too, mostly */
		if (caller_read((pid_t)n->pid, a[1], &h, sizeof h) != 0)
			return false;
		break;
	default:
		return false;
	}
	size_t len = h.msg_namelen < sizeof un ? h.msg_namelen : sizeof un;
	if (h.msg_name == NULL || caller_read((pid_t)n->pid, (uint64_t)(uintptr_t)h.msg_name, &un, len) != 0 || un.sun_family != AF_UNIX)
		return false;
	snprintf(path, PLAN_MAX_PATH, "%.*s", (int)sizeof un.sun_path, un.sun_path);
	return path[0] != 0;
}

static bool executes(const struct seccomp_notif *n)
{
	return n->data.nr == SYS_execve || n->data.nr == SYS_execveat;
}

static bool start_look(struct supervisor *s, const struct seccomp_notif *n, int base, const char *path)
{
	unsigned slot = 0;
	while (slot < MAX_LOOKS && looks[slot].pid != 0)
		slot++;
	if (slot == MAX_LOOKS) {
		answer_error(s, n->id, EIO); /* so many wait for a server already */
		return true;
	}
	/* It may outlive the session in its sleep: the host's socket and the listener must not. */
	pid_t pid = work_fork(&base, 1);
	if (pid < 0) {
		answer_error(s, n->id, EIO);
		return true;
	}
	if (pid == 0) {
		if (base != -1)
			slow_ask_server(base, path, executes(n) ? MAX_INTERPRETERS : 0);
		_exit(0);
	}
	looks[slot].pid = pid;
	looks[slot].call = *n;
	held_add_worker(s, n->id, (pid_t)n->pid, pid);
	return true;
}

static bool look_at(struct supervisor *s, const struct seccomp_notif *n, int dirfd, const char *path)
{
	int base = path[0] == '/' ? AT_FDCWD : resolve_base((pid_t)n->pid, dirfd);
	bool found = path[0] == '/' || base >= 0;
	bool waits = found && (path[0] == 0 ? slow_holds(base) : slow_may_wait(base, path) || (executes(n) && slow_interpreter_waits(base, path)));
	waits = waits && start_look(s, n, base, path);
	if (base >= 0)
		close(base);
	return waits;
}

bool slow_look(struct supervisor *s, const struct seccomp_notif *n)
{
	if (!slow_mounted())
		return false;
	const struct paths *p = NULL;
	for (size_t i = 0; i < sizeof with_paths / sizeof with_paths[0]; i++)
		if (with_paths[i].nr == n->data.nr)
			p = &with_paths[i];
	static char path[PLAN_MAX_PATH];
	if (p == NULL)
		return socket_path(n, path) && look_at(s, n, AT_FDCWD, path);
	for (unsigned i = 0; i < p->count; i++) {
		int dirfd = p->at[i][0] < 0 ? AT_FDCWD : (int)n->data.args[(int)p->at[i][0]];
		uint64_t text = p->at[i][1] < 0 ? 0 : n->data.args[(int)p->at[i][1]];
		path[0] = 0;
		if (text != 0 && caller_string((pid_t)n->pid, text, path, sizeof path) != 0)
			continue;
		if (look_at(s, n, dirfd, path))
			return true;
	}
	return false;
}

bool slow_looked(struct supervisor *s, pid_t pid, bool well, struct seccomp_notif *n)
{
	for (unsigned i = 0; i < MAX_LOOKS; i++) {
		if (looks[i].pid != pid)
			continue;
		looks[i].pid = 0;
		*n = looks[i].call;
		/* Of one that was killed nothing is known: the loop itself would wait for the server. */
		return well && held_worker_ended(s, pid) && caller_still_waits(s, n->id);
	}
	return false;
}

struct question {
	int base;
	const char *path;
	unsigned interpreters;
};

static void ask_and_tell(struct brief *b)
{
	const struct question *q = b->arg;
	const bool answered = true;
	slow_ask_server(q->base, q->path, q->interpreters);
	brief_tell(b, &answered);
}

static bool answers(const struct question *q, int mount)
{
	bool answered = false;
	struct brief b = {.work = ask_and_tell, .arg = q, .keep = {q->base}, .kept = 1, .result = &answered, .size = sizeof answered};
	return brief_ask(&b, mount) == BRIEF_CAME && answered;
}

bool slow_answers_again(const char *real, bool executes)
{
	const struct question q = {.base = AT_FDCWD, .path = real, .interpreters = executes ? MAX_INTERPRETERS : 0};
	return !slow_at(real) || answers(&q, slow_mount_at(real));
}

bool slow_lets_close(pid_t tid, int fd)
{
	int at = slow_mounted() && fd >= 0 ? resolve_base(tid, fd) : -1;
	const struct question q = {.base = at, .path = ""};
	bool lets = at < 0 || !slow_mount_of(at) || answers(&q, slow_mount_number(at));
	if (at >= 0)
		close(at);
	return lets;
}
