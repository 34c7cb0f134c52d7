/* The supervisor: parent and subreaper of everything inside. Runs with the invoking user's privileges, outside the sandbox, and holds the only listener. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/caller_directory.h"
#include "caller/caller_identity.h"
#include "caller/identity.h"
#include "exec/annex.h"
#include "exec/exec.h"
#include "exec/redirect.h"
#include "exec/swap.h"
#include "filter/calls.h"
#include "filter/fast-path.h"
#include "floor/birth.h"
#include "loop/clock.h"
#include "loop/host_commands.h"
#include "loop/inside.h"
#include "loop/loop.h"
#include "loop/self.h"
#include "loop/supervise_start.h"
#include "metadata/metadata_slow.h"
#include "names/changes.h"
#include "names/moves.h"
#include "names/names.h"
#include "slow/later_mounts.h"
#include "slow/slow.h"
#include "slow/slow_mounts.h"
#include "sockets/sockets.h"
#include "start/child.h"
#include "start/own_streams.h"
#include "start/standard_input.h"
#include "start/tmpdir.h"

/* ENDINGS_PER_TURN: with many children each is searched for among all of them, and whoever calls meanwhile waits. */
enum { TICK_MS = 20, END_GRACE_MS = 500, ENDINGS_PER_TURN = 8 };

void loop_end(struct loop *l, int sig)
{
	if (l->ending)
		return;
	l->ending = true;
	l->s.mode = MODE_DENY; /* nobody is asked about what is being ended */
	held_deny_all(&l->s);
	inside_signal(sig);
	l->end_deadline = monotonic_ms() + END_GRACE_MS;
}

static void dispatch(struct supervisor *s, const struct seccomp_notif *n)
{
	const struct trapped_call *call = trapped_call(n->data.nr);
	if (call != NULL)
		call->handle(s, n);
	else
		answer_error(s, n->id, EACCES); /* trapped by a filter that is not ours to know */
}

static bool call_waits(const void *s, uint64_t notification)
{
	return caller_still_waits(s, notification);
}

static void ended(struct loop *l, pid_t pid, int status)
{
	struct seccomp_notif n;
	bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (pid == l->s.child) {
		l->child_ended = true;
		l->child_status = status;
		/* Daemons that the command left behind end with its session. */
		loop_end(l, SIGHUP);
		return;
	}
	caller_worker_ended(pid);
	caller_begin();
	caller_directory_begin();
	if (annex_ended(pid, well, call_waits, &l->s) || swap_ended(&l->s, pid, well) || moves_ended(pid, code) || changes_ended(pid) || exec_waited(&l->s, pid) ||
	    names_waited(&l->s, pid) || metadata_ended(&l->s, pid, code) || many_ended(&l->s, pid))
		return;
	if (slow_looked(&l->s, pid, well, &n))
		dispatch(&l->s, &n); /* looked at: it does not wait any more */
	else
		held_worker_lost(&l->s, pid);
}

static void reap(struct loop *l)
{
	for (unsigned i = 0; i < ENDINGS_PER_TURN; i++) {
		int status;
		/* __WALL: threads that are being redirected are traced, not children. */
		pid_t pid = waitpid(-1, &status, WNOHANG | __WALL);
		l->endings = pid > 0;
		if (!l->endings)
			return;
		if (!redirect_stopped(pid, status) && (WIFEXITED(status) || WIFSIGNALED(status)))
			ended(l, pid, status);
	}
}

/* One, whatever comes meanwhile: the next wakes the loop again. */
static void on_signal(struct loop *l)
{
	struct signalfd_siginfo info;
	if (read(l->signals, &info, sizeof info) != (ssize_t)sizeof info)
		return;
	if (info.ssi_signo == SIGCHLD)
		l->endings = true;
	else if (info.ssi_signo == SIGTERM)
		loop_end(l, SIGTERM);
}

static void on_notification(struct supervisor *s)
{
	static struct seccomp_notif n;
	memset(&n, 0, sizeof n);
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &n) != 0)
		return; /* EINTR, or the caller was killed first (ENOENT) */
	caller_begin();
	caller_directory_begin();
	if (!slow_look(s, &n))
		dispatch(s, &n);
}

/* End of file: execve succeeded (the socket is close-on-exec). A message: it failed. */
static void on_child_sock(struct loop *l)
{
	int listener;
	bool killable;
	char peek;
	ssize_t n = recv(l->child_sock, &peek, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0 && !child_receive(l->s.child, l->child_sock, &listener, &killable, &l->exec_failure))
		l->exec_failed = true;
	if (n == 0) {
		l->started = true;
		uint32_t features = (l->s.sync_wake ? 1U : 0) | (l->s.wait_killable ? 2U : 0) | (l->s.fast_path ? 8U : 0);
		wire_ready(&l->s.wire, l->s.floor->abi, l->s.guardian, getpid(), l->s.child, features);
	}
	close(l->child_sock);
	l->child_sock = -1;
}

/* A look at one held call costs some 40 µs: many of them are looked at less often, or looking would be all that is done. */
static int tick_interval(const struct loop *l)
{
	enum { HELD_PER_TICK = 16 };
	return TICK_MS * (1 + (int)l->s.held_count / HELD_PER_TICK);
}

/* By time, not by turn: other callers must not pay for the held ones with every call of theirs. */
static void tick(struct loop *l)
{
	int64_t now = monotonic_ms();
	if (now < l->next_tick)
		return;
	held_tick(&l->s);
	l->next_tick = now + tick_interval(l) - 1;
}

static int timeout_of(const struct loop *l)
{
	if (l->endings)
		return 0;
	if (l->ending)
		return 5;
	return l->s.held_count > 0 ? tick_interval(l) : -1;
}

static void want_writable(struct loop *l)
{
	bool wanted = wire_pending(&l->s.wire);
	if (wanted == l->host_writable_wanted || l->s.wire.fd < 0)
		return;
	struct epoll_event e = {.events = EPOLLIN | (wanted ? EPOLLOUT : 0), .data.fd = l->s.wire.fd};
	epoll_ctl(l->others, EPOLL_CTL_MOD, l->s.wire.fd, &e);
	l->host_writable_wanted = wanted;
}

static void guardian_lost(struct loop *l)
{
	/* Without it nothing would end the session if this process were killed next. */
	held_deny_all(&l->s);
	inside_kill_all();
	birth_end(false);
	_exit(137);
}

static void serve_others(struct loop *l)
{
	struct epoll_event e[4];
	int n = epoll_wait(l->others, e, 4, 0);
	for (int i = 0; i < n; i++) {
		if (e[i].data.fd == l->child_sock)
			on_child_sock(l);
		else if (e[i].data.fd == l->s.wire.fd && (e[i].events & ~(uint32_t)EPOLLOUT) != 0)
			host_serve(l);
		else if (e[i].data.fd == l->signals)
			on_signal(l);
		else if (e[i].data.fd == l->guardian_fd)
			guardian_lost(l);
		else if (e[i].data.fd == l->hangup_fd)
			host_lost(l);
	}
}

static void turn(struct loop *l)
{
	struct supervisor *s = &l->s;
	struct pollfd p[2] = {{.fd = s->listener, .events = POLLIN}, {.fd = l->others, .events = POLLIN}};
	if (poll(p, 2, timeout_of(l)) < 0)
		return;
	identity_begin();
	/* A mount that was there before a call is known before that call is looked at: it woke before, and the listener is asked first. */
	if (p[1].revents && slow_look_again())
		later_tell(s->floor, &s->wire);
	/* What the host said before a call was made counts for that call: its commands were there first, and are asked for last by poll(2). */
	if (p[1].revents)
		serve_others(l);
	if (l->endings)
		reap(l);
	if (p[0].revents & POLLIN)
		on_notification(s);
	else if (p[0].revents & (POLLHUP | POLLERR)) {
		close(s->listener); /* nobody is left under the filter */
		s->listener = -1;
	}
	if (s->held_count > 0)
		tick(l);
	if (wire_pending(&s->wire)) {
		if (!wire_flush(&s->wire))
			host_lost(l);
		want_writable(l);
	}
}

/* They are nobody's any more, and run no program again. */
static void say_left(struct loop *l)
{
	const struct inside_left *left = &l->end.left;
	char comm[16], text[200];
	caller_comm(left->first, comm);
	if (left->count == 0)
		return; /* workers only */
	snprintf(text, sizeof text, "left: %u process%s (%s, %d%s), killed, end when a file server that they wait for answers", left->count,
	         left->count == 1 ? "" : "es", comm, left->first, left->count == 1 ? "" : ", ...");
	wire_notice(&l->s.wire, text);
}

/* Nothing inside uses it any more. Here and not by the guardian alone, which has nobody to tell; and when the end of the command is told. */
static void remove_temporary(struct loop *l, const char *directory)
{
	char text[PLAN_MAX_PATH + 100];
	if (directory == NULL || tmpdir_remove(directory, TMPDIR_MOST))
		return;
	snprintf(text, sizeof text, "left: %s, for a later session to remove (too many files in it, or a program outside adds to them)", directory);
	wire_notice(&l->s.wire, text);
	wire_drain(&l->s.wire, 1000);
}

static int finish(struct loop *l)
{
	if (l->exec_failed) {
		if (l->s.wire.fd < 0)
			print_failure(&l->exec_failure);
		wire_setup_error(&l->s.wire, &l->exec_failure);
		wire_drain(&l->s.wire, 1000);
		return l->exec_failure.exit_code;
	}
	bool signalled = WIFSIGNALED(l->child_status);
	int code = signalled ? WTERMSIG(l->child_status) : WEXITSTATUS(l->child_status);
	wire_exit(&l->s.wire, signalled, (uint8_t)code);
	wire_drain(&l->s.wire, 1000);
	return signalled ? 128 + code : code;
}

/* The host went before it listened to signals: there was no session. The command waits, confined, and ends when its socket does. */
static int nothing_begun(struct loop *l)
{
	close(l->child_sock);
	inside_kill_all();
	return 0;
}

int supervise(const struct plan *plan, const struct limits *limits, const struct floor *floor, const char *program, char *const argv[], int events_fd, int hangup_fd,
              const struct front *held, pid_t guardian)
{
	static struct loop l;
	struct failure f = {.step = ""};
	/* The rest is zero, as everything static; written all the same, it would take 17 pages that hardly a session needs. */
	l.s.listener = -1;
	l.s.floor = floor;
	l.s.mode = plan->mode;
	l.s.guardian = guardian;
	l.s.options = plan->flags;
	l.child_sock = -1;
	l.hangup_fd = hangup_fd;
	wire_init(&l.s.wire, events_fd);
	self_init(plan);
	char **fast_env = fast_path_environment(plan, floor);
	own_streams();
	if (!supervise_prepare(&l, &f) || (!standard_input_part() && !fail(&f, 126, errno, "part the command's standard input from the pipe outside", "")) ||
	    !supervise_fork_child(&l, plan, limits, program, argv, fast_env, &f) || !supervise_become(&l, plan, limits, &f) ||
	    !supervise_take_listener(&l, &f)) {
		if (events_fd < 0)
			print_failure(&f);
		wire_setup_error(&l.s.wire, &f);
		wire_drain(&l.s.wire, 1000);
		inside_kill_all();
		return f.exit_code;
	}
	if (!supervise_release_child(&l, held))
		return nothing_begun(&l);
	l.s.fast_path = fast_env != NULL && l.s.listener >= 0;
	supervise_begin(&l, limits);
	while (!l.child_ended || !inside_empty()) {
		turn(&l);
		if (l.ending && monotonic_ms() >= l.end_deadline) {
			if (inside_kill(&l.end)) {
				say_left(&l);
				break;
			}
			l.end_deadline = monotonic_ms() + 5;
		}
	}
	if (!l.child_ended && !caller_exit_status(l.s.child, &l.child_status))
		l.child_status = SIGKILL;
	held_deny_all(&l.s);
	own_streams_end();
	int code = finish(&l);
	remove_temporary(&l, plan->tmpdir);
	return code;
}
