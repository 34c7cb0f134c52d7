/* The supervisor: parent and subreaper of everything inside. Runs with the invoking user's privileges, outside the sandbox, and holds the only listener. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "caller.h"
#include "annex.h"
#include "calls.h"
#include "child.h"
#include "exec.h"
#include "birth.h"
#include "fast-path.h"
#include "fold.h"
#include "inside.h"
#include "moves.h"
#include "names.h"
#include "owned.h"
#include "redirect.h"
#include "refused.h"
#include "self.h"
#include "slow.h"
#include "straight.h"
#include "supervisor.h"
#include "swap.h"
#include "terminals.h"
#include "uapi/landlock_abi.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS _IOW('!', 4, __u64) /* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

enum { TICK_MS = 20, END_GRACE_MS = 500 };

struct loop {
	struct supervisor s;
	int signals, guardian_fd, hangup_fd, child_sock, mounts_fd;
	int others; /* epoll of everything but the listener, which is polled directly: one wait queue less on the hot path, and the wake-up stays synchronous */
	bool host_writable_wanted;
	bool child_ended, ending, started;
	int child_status;
	int64_t end_deadline, next_tick;
	unsigned kills;
	struct failure exec_failure;
	bool exec_failed;
};

static int64_t now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void raise_descriptor_limit(void)
{
	/* Held calls and remembered directories keep descriptors; only this process's limit changes, the child was forked before. */
	struct rlimit r;
	if (getrlimit(RLIMIT_NOFILE, &r) == 0) {
		r.rlim_cur = r.rlim_max;
		setrlimit(RLIMIT_NOFILE, &r);
	}
}

/* Held open here, a pipe would not end when the command does. Without a host, standard error stays for a last line. */
static void leave_standard_streams(bool keep_error)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < (keep_error ? 2 : 3) && null >= 0; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
}

static void begin_end(struct loop *l, int sig)
{
	if (l->ending)
		return;
	l->ending = true;
	l->s.mode = MODE_DENY; /* nobody is asked about what is being ended */
	held_deny_all(&l->s);
	inside_signal(sig);
	l->end_deadline = now_ms() + END_GRACE_MS;
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

static void reap(struct loop *l)
{
	int status;
	pid_t pid;
	/* __WALL: threads that are being redirected are traced, not children. */
	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
		if (redirect_stopped(pid, status) || !(WIFEXITED(status) || WIFSIGNALED(status)))
			continue;
		if (pid != l->s.child) {
			struct seccomp_notif n;
			bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;
			caller_worker_ended(pid);
			caller_begin();
			straight_begin();
			if (annex_ended(pid, well, call_waits, &l->s) || swap_ended(&l->s, pid, well) || moves_ended(pid, WIFEXITED(status) ? WEXITSTATUS(status) : -1) ||
			    exec_waited(&l->s, pid) || names_waited(&l->s, pid))
				continue;
			if (slow_looked(&l->s, pid, &n))
				dispatch(&l->s, &n); /* looked at: it does not wait any more */
			continue;
		}
		l->child_ended = true;
		l->child_status = status;
		/* Daemons that the command left behind end with its session. */
		begin_end(l, SIGHUP);
	}
}

static void on_signal(struct loop *l)
{
	struct signalfd_siginfo info;
	while (read(l->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGCHLD)
			reap(l);
		else if (info.ssi_signo == SIGTERM)
			begin_end(l, SIGTERM);
	}
}

static void on_command(struct loop *l, const struct command *c)
{
	struct supervisor *s = &l->s;
	switch (c->type) {
	case COMMAND_VERDICT:
		held_verdict(s, c->hold_id, c->flag == 1);
		break;
	case COMMAND_ADD_RULE:
		if (rules_add(&s->rules, c->rule_id, c->verdict, c->kind, c->access, c->path)) {
			self_changed(c);
			held_review(s);
		} else
			wire_notice(&s->wire, "too many rules: the grant was not taken");
		break;
	case COMMAND_ADD_NET_RULE:
		if (net_rules_add(&s->net, &c->net)) {
			self_changed(c);
			held_review(s);
		} else
			wire_notice(&s->wire, "too many network rules: the grant was not taken");
		break;
	case COMMAND_REMOVE_NET_RULE:
		net_rules_remove(&s->net, c->rule_id);
		self_changed(c);
		break;
	case COMMAND_REMOVE_RULE:
		rules_remove(&s->rules, c->rule_id);
		self_changed(c);
		break;
	case COMMAND_SET_MODE:
		s->mode = l->ending ? MODE_DENY : c->flag;
		held_review(s);
		break;
	case COMMAND_SIGNAL:
		if (!l->child_ended)
			kill(s->child, c->flag); /* afterwards its number may be anybody's */
		break;
	default: /* COMMAND_TERMINATE; wire_parse lets nothing else through */
		begin_end(l, c->flag);
		break;
	}
}

/* The host hung up or speaks nonsense: nothing is granted any more and nothing inside lives on. */
static void host_lost(struct loop *l)
{
	l->s.mode = MODE_DENY;
	held_deny_all(&l->s);
	close(l->s.wire.fd);
	l->s.wire.fd = -1;
	inside_kill_all();
	_exit(137);
}

static void on_host(struct loop *l)
{
	static struct command c;
	bool open = wire_fill(&l->s.wire);
	int got;
	while ((got = wire_next(&l->s.wire, &c)) > 0)
		on_command(l, &c);
	if (!open || got < 0)
		host_lost(l);
}

static void on_notification(struct supervisor *s)
{
	static struct seccomp_notif n;
	memset(&n, 0, sizeof n);
	if (ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &n) != 0)
		return; /* EINTR, or the caller was killed first (ENOENT) */
	caller_begin();
	straight_begin();
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
	int64_t now = now_ms();
	if (now < l->next_tick)
		return;
	held_tick(&l->s);
	l->next_tick = now + tick_interval(l) - 1;
}

static int timeout_of(const struct loop *l)
{
	if (l->ending)
		return 5;
	return l->s.held_count > 0 ? tick_interval(l) : -1;
}

static void watch(const struct loop *l, int fd)
{
	struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};
	if (fd >= 0)
		epoll_ctl(l->others, EPOLL_CTL_ADD, fd, &e);
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
			on_host(l);
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
	/* The mount table is asked here and not by epoll: asking takes the news away, and epoll asks twice. */
	struct pollfd p[3] = {{.fd = s->listener, .events = POLLIN}, {.fd = l->others, .events = POLLIN}, {.fd = l->mounts_fd, .events = POLLPRI}};
	if (poll(p, 3, timeout_of(l)) < 0)
		return;
	if (p[2].revents)
		slow_reread();
	if (p[0].revents & POLLIN)
		on_notification(s);
	else if (p[0].revents & (POLLHUP | POLLERR)) {
		close(s->listener); /* nobody is left under the filter */
		s->listener = -1;
	}
	if (p[1].revents)
		serve_others(l);
	if (s->held_count > 0)
		tick(l);
	if (wire_pending(&s->wire)) {
		if (!wire_flush(&s->wire))
			host_lost(l);
		want_writable(l);
	}
}

static bool start_child(struct loop *l, const struct plan *plan, const struct limits *limits, const char *program, char *const argv[], char *const *fast_env, struct failure *f)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return fail(f, 126, errno, "make a socket pair", "");
	pid_t pid = fork();
	if (pid < 0)
		return fail(f, 126, errno, "start the sandboxed process", "fork");
	if (pid == 0) {
		close(pair[0]);
		child_run(plan, limits, l->s.floor, program, argv, fast_env, pair[1]);
	}
	close(pair[1]);
	l->s.child = pid;
	l->child_sock = pair[0];
	return child_receive(pid, pair[0], &l->s.listener, &l->s.wait_killable, f);
}

static bool load_rules(struct supervisor *s, const struct plan *plan, struct failure *f)
{
	s->rules.folds = fold_ignores_case;
	s->rules.bulk = (struct bulk_names){.names = plan->bulk, .count = plan->bulk_count}; /* the plan lives as long as this process */
	for (size_t i = 0; i < plan->rule_count; i++) {
		const struct plan_rule *r = &plan->rules[i];
		if (!rules_add(&s->rules, r->id, r->verdict, r->kind, r->access, r->path))
			return fail(f, 126, ENOMEM, "load the rules", r->path);
	}
	owned_load(plan, &s->rules);
	if (!refused_load(plan))
		return fail(f, 126, ENOMEM, "load the refused commands", "");
	for (size_t i = 0; i < plan->net.count; i++)
		if (!net_rules_add(&s->net, &plan->net.list[i]))
			return fail(f, 126, ENOMEM, "load the network rules", "");
	return true;
}

static bool prepare(struct loop *l, const struct plan *plan, struct failure *f)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
		return fail(f, 126, errno, "become a subreaper", "");
	sigset_t some;
	sigemptyset(&some);
	sigaddset(&some, SIGCHLD);
	sigaddset(&some, SIGTERM);
	l->signals = signalfd(-1, &some, SFD_CLOEXEC | SFD_NONBLOCK);
	l->guardian_fd = (int)syscall(SYS_pidfd_open, l->s.guardian, 0);
	if (l->signals < 0 || l->guardian_fd < 0)
		return fail(f, 126, errno, "watch the guardian", "");
	return load_rules(&l->s, plan, f);
}

static void begin_supervision(struct loop *l, const struct plan *plan, const struct limits *limits)
{
	/* Not before the fork: without CAP_SETPCAP the child could not shrink its bounding set. */
	caller_identity_init(plan->cap_keep);
	__u64 flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;
	l->s.sync_wake = l->s.listener >= 0 && ioctl(l->s.listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags) == 0;
	l->others = epoll_create1(EPOLL_CLOEXEC);
	watch(l, l->s.wire.fd);
	watch(l, l->signals);
	watch(l, l->guardian_fd);
	watch(l, l->hangup_fd);
	l->mounts_fd = slow_init();
	watch(l, l->child_sock);
	raise_descriptor_limit();
	terminals_init();
	leave_standard_streams(l->s.wire.fd < 0);
	umask(0); /* opens are performed with the caller's own, set each time */
	if (limits->notice[0] != 0)
		wire_notice(&l->s.wire, limits->notice);
	if (plan->limits.file_size != 0) {
		/* Lengths are set here for callers; SIGXFSZ is blocked, so it is EFBIG for them. */
		struct rlimit size;
		if (getrlimit(RLIMIT_FSIZE, &size) != 0)
			size.rlim_max = RLIM_INFINITY;
		size.rlim_cur = size.rlim_max < plan->limits.file_size ? size.rlim_max : (rlim_t)plan->limits.file_size;
		setrlimit(RLIMIT_FSIZE, &size);
	}
	if (limits->procs_fd >= 0)
		close(limits->procs_fd);
	birth_begin(&l->s);
	if (l->s.listener < 0)
		wire_notice(&l->s.wire, "inside another session: this one narrows it further, denials are reported there");
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

int supervise(const struct plan *plan, const struct limits *limits, const struct floor *floor, const char *program, char *const argv[], int events_fd, int hangup_fd, pid_t guardian)
{
	static struct loop l;
	struct failure f = {.step = ""};
	l.s = (struct supervisor){.listener = -1, .floor = floor, .mode = plan->mode, .guardian = guardian, .options = plan->flags};
	l.child_sock = -1;
	l.hangup_fd = hangup_fd;
	wire_init(&l.s.wire, events_fd);
	self_init(plan);
	char **fast_env = fast_path_environment(plan, floor);
	if (!prepare(&l, plan, &f) || !start_child(&l, plan, limits, program, argv, fast_env, &f)) {
		if (events_fd < 0)
			print_failure(&f);
		wire_setup_error(&l.s.wire, &f);
		wire_drain(&l.s.wire, 1000);
		inside_kill_all();
		return f.exit_code;
	}
	l.s.fast_path = fast_env != NULL && l.s.listener >= 0;
	begin_supervision(&l, plan, limits);
	while (!l.child_ended || !inside_empty()) {
		turn(&l);
		if (l.ending && now_ms() >= l.end_deadline) {
			enum { ROUNDS_BETWEEN_LOOKS = 256 };
			inside_signal(SIGKILL);
			l.end_deadline = now_ms() + 5;
			if (++l.kills % ROUNDS_BETWEEN_LOOKS == 0 && inside_doomed())
				break;
		}
	}
	if (!l.child_ended)
		l.child_status = SIGKILL;
	held_deny_all(&l.s);
	return finish(&l);
}
