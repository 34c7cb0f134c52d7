/* Terminals in /dev/pts. Each belongs to whoever opened its master: another one of the user's shows what is typed there, and takes escape sequences. Landlock knows
 * directories and not whose a terminal is, so none is on the floor: opened here, for those it belongs to. Runs as the supervisor, with the caller's identity. Never
 * becomes anybody's controlling terminal by the open: programs ask for that (TIOCSCTTY). */
#define _GNU_SOURCE
#include "path/terminals.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "caller/lineage.h"
#include "loop/in_time.h"
#include "sockets/sockets.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13 */
#endif

enum { SLAVES = 136 /* to 143 */, MASTERS = 5, MASTER_MINOR = 2 };

/* What the session was started on. */
static struct {
	dev_t dev, rdev;
	ino_t ino;
	uint8_t access;
} started_on[3];

bool terminal_is(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && major(st->st_rdev) >= SLAVES && major(st->st_rdev) < SLAVES + 8;
}

static bool is_master(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(MASTERS, MASTER_MINOR);
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_rdev == b->st_rdev;
}

void terminals_init(void)
{
	for (int fd = 0; fd < 3; fd++) {
		struct stat st;
		int flags = fcntl(fd, F_GETFL);
		if (flags < 0 || fstat(fd, &st) != 0 || !terminal_is(&st))
			continue;
		started_on[fd].dev = st.st_dev;
		started_on[fd].rdev = st.st_rdev;
		started_on[fd].ino = st.st_ino;
		started_on[fd].access = ((flags & O_ACCMODE) != O_WRONLY ? ACCESS_READ : 0) | ((flags & O_ACCMODE) != O_RDONLY ? ACCESS_WRITE : 0);
	}
}

static uint8_t sessions_access(const struct stat *st)
{
	uint8_t may = 0;
	for (int i = 0; i < 3; i++)
		if (started_on[i].rdev == st->st_rdev && started_on[i].dev == st->st_dev && started_on[i].ino == st->st_ino)
			may |= started_on[i].access;
	return may;
}

/* The controlling terminal that this process and the caller share? Its number does not tell: each mount of devpts counts for itself, and who came into a container by nsenter(1)
 * has brought a terminal of another one along. The kernel answers this question about nobody's terminal but the asker's own. */
static bool is_controlling(pid_t tid, const struct target *t)
{
	char link[40];
	if (caller_terminal(tid) != t->st.st_rdev || caller_terminal(getpid()) != t->st.st_rdev)
		return false;
	snprintf(link, sizeof link, "/proc/self/fd/%d", t->object);
	int fd = open(link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool is = fd >= 0 && tcgetsid(fd) >= 0;
	if (fd >= 0)
		close(fd);
	return is;
}

/* "tty-index" in proc_pid_fdinfo(5) of a master is the number of its slave. */
static bool leads_to(const char *owner, const char *fd, unsigned number)
{
	char path[300], line[256];
	unsigned index = ~0U;
	snprintf(path, sizeof path, "/proc/%s/fdinfo/%s", owner, fd);
	FILE *f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "tty-index: %u", &index) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return index == number;
}

/* The slave of a master that `owner` holds, if it is the terminal `st`; -1. Numbers alone do not tell: each mount of devpts counts for itself. */
static int open_peer(const char *owner, const char *fd, const struct stat *st)
{
	struct stat found;
	int master = socket_duplicate((pid_t)atol(owner), atoi(fd));
	int peer = master >= 0 && fstat(master, &found) == 0 && is_master(&found) ? ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	if (master >= 0)
		let_go(master);
	if (peer >= 0 && (fstat(peer, &found) != 0 || !same(&found, st))) {
		close(peer);
		peer = -1;
	}
	return peer;
}

enum { NOT_HELD = -1, HELD = -2 };

/* Each look at a descriptor costs 7 µs, and everybody waits meanwhile: forty processes with as many descriptors as they may have would stop the session for seconds, with one
 * call. Past these a terminal is nobody's. */
enum { OF_ONE_PROCESS = 1024, OF_ALL = 4096, A_PROCESS = 4 /* costs as much as */ };
static unsigned left;
enum { QUESTIONS = 8192 };
static unsigned questions; /* for the lineage of processes */

/* Only what tells a terminal, and without a question to the server of what else is held. */
static bool look(int dir, const char *name, int flags, struct stat *st)
{
	struct statx x;
	if (statx(dir, name, flags | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_MODE | STATX_INO, &x) != 0)
		return false;
	*st = (struct stat){.st_dev = makedev(x.stx_dev_major, x.stx_dev_minor), .st_ino = x.stx_ino, .st_mode = x.stx_mode, .st_rdev = makedev(x.stx_rdev_major, x.stx_rdev_minor)};
	return true;
}

/* Does this process hold the terminal open, for what is asked (HELD; `access` 0 asks for masters only)? Or its master: then the slave, to be closed after the
 * open, since the last close of a slave is the end of file for its master. */
static int held_by(const char *owner, const struct stat *st, uint8_t access)
{
	char path[300];
	struct stat at, link;
	mode_t wanted = ((access & ACCESS_READ) ? 0400 : 0) | ((access & ACCESS_WRITE) ? 0200 : 0);
	int found = NOT_HELD;
	snprintf(path, sizeof path, "/proc/%s/fd", owner);
	DIR *d = left > A_PROCESS ? opendir(path) : NULL;
	left -= d != NULL ? A_PROCESS : 0;
	unsigned of_this = left < OF_ONE_PROCESS ? left : OF_ONE_PROCESS;
	for (struct dirent *e; found == NOT_HELD && d != NULL && of_this > 0 && (e = readdir(d)) != NULL; of_this--, left--) {
		if (!isdigit((unsigned char)e->d_name[0]) || !look(dirfd(d), e->d_name, 0, &at))
			continue;
		/* The link's own mode shows what the descriptor may do: nothing, for O_PATH. */
		if (access != 0 && same(&at, st) && look(dirfd(d), e->d_name, AT_SYMLINK_NOFOLLOW, &link) && (wanted & ~link.st_mode) == 0)
			found = HELD;
		else if (is_master(&at) && leads_to(owner, e->d_name, minor(st->st_rdev)))
			found = open_peer(owner, e->d_name, st);
	}
	if (d != NULL)
		closedir(d);
	return found;
}

/* A terminal that another process only has open is not everybody's. */
static int master_in_session(pid_t tid, const struct stat *st)
{
	int found = NOT_HELD;
	char number[16];
	/* Mostly it is an ancestor's: script, tmux, an editor. */
	for (pid_t pid = caller_parent(tid), depth = 0; found == NOT_HELD && depth < 64 && lineage_in_session_within(pid, &questions); pid = caller_parent(pid), depth++) {
		snprintf(number, sizeof number, "%d", pid);
		found = held_by(number, st, 0);
	}
	DIR *all = opendir("/proc");
	for (struct dirent *e; found == NOT_HELD && all != NULL && left > A_PROCESS && (e = readdir(all)) != NULL;)
		if (isdigit((unsigned char)e->d_name[0]) && lineage_in_session_within((pid_t)atol(e->d_name), &questions))
			found = held_by(e->d_name, st, 0);
	if (all != NULL)
		closedir(all);
	return found;
}

bool terminal_is_own(pid_t tid, const struct target *t)
{
	char caller[16];
	if (caller_terminal(tid) != t->st.st_rdev)
		return false;
	if (!terminal_is(&t->st) || sessions_access(&t->st) != 0 || is_controlling(tid, t))
		return true; /* a console has its number alone */
	snprintf(caller, sizeof caller, "%d", tid);
	left = OF_ALL;
	questions = QUESTIONS;
	int found = held_by(caller, &t->st, ACCESS_READ);
	found = found == NOT_HELD ? master_in_session(tid, &t->st) : found;
	if (found >= 0)
		close(found);
	return found != NOT_HELD;
}

int terminal_open(const struct supervisor *s, pid_t tid, const struct target *t, uint8_t access, int flags)
{
	char caller[16], link[40];
	snprintf(caller, sizeof caller, "%d", tid);
	snprintf(link, sizeof link, "/proc/self/fd/%d", t->object);
	left = OF_ALL;
	questions = QUESTIONS;
	int found = held_by(caller, &t->st, access);
	/* A caller that narrowed itself gets again what it holds, and no more. */
	if (found == NOT_HELD && !narrowed_contains(s, tid)) {
		bool own = (access & ~sessions_access(&t->st)) == 0 || is_controlling(tid, t);
		found = own ? HELD : master_in_session(tid, &t->st);
	}
	if (found == NOT_HELD)
		return -EACCES;
	struct caller_status status;
	int fd = -1, err = EACCES;
	if (caller_identity_fixed() || (caller_status(tid, &status) && caller_identity_take(tid, &status))) {
		fd = open(link, (flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW)) | O_NOCTTY | O_CLOEXEC);
		err = errno;
	}
	caller_identity_restore();
	if (found >= 0)
		close(found);
	return fd >= 0 ? fd : -err;
}

void terminal_peer_call(struct supervisor *s, const struct seccomp_notif *n)
{
	pid_t tid = (pid_t)n->pid;
	struct stat st;
	int flags = (int)n->data.args[2];
	int master = socket_duplicate(tid, (int)n->data.args[0]);
	if (master < 0 || fstat(master, &st) != 0 || !is_master(&st)) {
		if (master >= 0)
			let_go(master);
		answer_continue(s, n->id); /* the kernel's errno; should the number mean a master by then, its slave is not on the floor */
		return;
	}
	int fd = caller_still_waits(s, n->id) ? ioctl(master, TIOCGPTPEER, flags | O_NOCTTY | O_CLOEXEC) : -1;
	int err = errno;
	let_go(master);
	if (fd < 0)
		answer_error(s, n->id, err);
	else
		answer_descriptor(s, n->id, tid, fd, (flags & O_CLOEXEC) != 0);
}
