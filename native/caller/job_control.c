/* A terminal signals whole process groups, and asks nobody: who reads from it in the background is stopped with the rest of its group, and ^C ends the group in the
 * foreground. Under `run` the groups of the shell outside belong to the same session. Whoever joined one of them could stop it, and whoever put one in the foreground could end
 * it, by an answer of the terminal with the letter in it that was made its interrupt character. Landlock's signal scope does not see these signals.
 *
 * So only two kinds of group are joined and put in the foreground: those that a process inside made, and the one that the command was started in, of which nono's own
 * processes and the rest of its pipeline are members. */
#define _GNU_SOURCE
#include "caller/job_control.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/lineage.h"
#include "loop/in_time.h"
#include "sockets/sockets.h"

/* Elsewhere there is nobody outside: a session or a pid namespace that was made inside has only what descends from its maker, and neither is ever left for one outside. */
enum place { OURS, ITS_OWN, UNKNOWN };
static enum place place_of(pid_t tid)
{
	pid_t session = getsid(tid);
	enum elsewhere e = caller_elsewhere(tid);
	if (session < 0 || e == NOT_KNOWN)
		return UNKNOWN;
	return session != getsid(0) || e == ELSEWHERE ? ITS_OWN : OURS;
}

/* Its leader has ended: then by those that are left. A number is given to nobody else as long as a group has it. A list that breaks off leaves out whoever comes behind. */
static bool members_are_inside(pid_t group)
{
	enum { QUESTIONS = 8192 };
	unsigned questions = QUESTIONS, found = 0;
	bool inside = true;
	DIR *all = opendir("/proc");
	errno = 0;
	for (struct dirent *e; inside && all != NULL && (e = readdir(all)) != NULL; errno = 0) {
		pid_t pid = isdigit((unsigned char)e->d_name[0]) ? (pid_t)atol(e->d_name) : 0;
		if (pid == 0 || getpgid(pid) != group)
			continue;
		inside = lineage_in_session_within(pid, &questions);
		found++;
	}
	inside = inside && errno == 0;
	if (all != NULL)
		closedir(all);
	return inside && found > 0;
}

/* Who made a group is the process with its number. */
static bool is_sessions(pid_t group)
{
	if (group == getpgrp())
		return true;
	return getpgid(group) >= 0 ? lineage_in_session(group) : members_are_inside(group);
}

void group_call(struct supervisor *s, const struct seccomp_notif *n)
{
	pid_t tid = (pid_t)n->pid, process = (pid_t)n->data.args[0], group = (pid_t)n->data.args[1];
	enum place place = place_of(tid);
	/* A group of its own: the kernel lets nobody but the caller and its children be meant. */
	bool own = process == group || (process == 0 && group == tid);
	/* Only the caller can make this call, so it goes on. Between here and there the group would have to end, and its number to become that of a new group of the shell
	 * outside: numbers go round once before they come again. */
	if (place == ITS_OWN || (place == OURS && (own || group < 0 || is_sessions(group))))
		answer_continue(s, n->id); /* makes a group, joins one of the session's, or is the kernel's error */
	else
		answer_error(s, n->id, EPERM);
}

/* As the caller, whose session and terminal this process shares. Not as one in the background: it is no member of its group, and must not be stopped with it. */
static int put_in_foreground(int terminal, pid_t group)
{
	sigset_t stop, before;
	sigemptyset(&stop);
	sigaddset(&stop, SIGTTOU);
	sigprocmask(SIG_BLOCK, &stop, &before);
	int err = ioctl(terminal, TIOCSPGRP, &group) == 0 ? 0 : errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
	return err;
}

/* Without a question to the server of what else it may be: such a server would be asked what its file makes of this ioctl, and could keep everybody waiting. */
static bool is_device(int fd)
{
	struct statx x;
	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &x) == 0 && S_ISCHR(x.stx_mode);
}

static int foreground(const struct supervisor *s, const struct seccomp_notif *n)
{
	pid_t tid = (pid_t)n->pid, group;
	int terminal = socket_duplicate(tid, (int)n->data.args[0]);
	if (terminal < 0)
		return -terminal;
	int err = -caller_read(tid, n->data.args[2], &group, sizeof group);
	dev_t its = caller_terminal(tid);
	if (err == 0 && (its == 0 || its != caller_terminal(getpid()) || !is_device(terminal)))
		err = ENOTTY;
	if (err == 0 && group < 0)
		err = EINVAL;
	if (err == 0 && (!is_sessions(group) || !caller_still_waits(s, n->id)))
		err = EPERM;
	if (err == 0)
		err = put_in_foreground(terminal, group);
	let_go(terminal);
	return err;
}

void foreground_call(struct supervisor *s, const struct seccomp_notif *n)
{
	enum place place = place_of((pid_t)n->pid);
	if (place == ITS_OWN) {
		answer_continue(s, n->id); /* the kernel takes a group of the caller's own session alone, and of its pid namespace */
		return;
	}
	int err = place == OURS ? foreground(s, n) : EPERM;
	if (err == 0)
		answer_value(s, n->id, 0);
	else
		answer_error(s, n->id, err);
}
