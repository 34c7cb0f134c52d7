#define _GNU_SOURCE
#include "loop/supervise_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/caller_identity.h"
#include "exec/refused.h"
#include "floor/birth.h"
#include "floor/owned.h"
#include "path/terminals.h"
#include "rules/fold.h"
#include "slow/later_mounts.h"
#include "slow/slow_mounts.h"
#include "start/child.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS _IOW('!', 4, __u64) /* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

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

bool supervise_fork_child(struct loop *l, const struct plan *plan, const struct limits *limits, const char *program, char *const argv[], char *const *fast_env, struct failure *f)
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
	return true;
}

bool supervise_take_listener(struct loop *l, struct failure *f)
{
	if (!child_receive(l->s.child, l->child_sock, &l->s.listener, &l->s.wait_killable, f))
		return false;
	__u64 flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;
	l->s.sync_wake = l->s.listener >= 0 && ioctl(l->s.listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags) == 0;
	return true;
}

bool supervise_release_child(struct loop *l, const struct front *held)
{
	if (held != NULL && !front_may_begin(held, l->guardian_fd))
		return false;
	child_go(l->child_sock);
	return true;
}

static bool load_rules(struct supervisor *s, const struct plan *plan, struct failure *f)
{
	s->rules.folds = fold_ignores_case;
	s->rules.bulk = (struct bulk_names){.names = plan->bulk, .count = plan->bulk_count}; /* the plan lives as long as this process */
	s->rules.closed = (struct bulk_names){.names = plan->closed, .count = plan->closed_count};
	pathmap_reserve(&s->rules.map, plan->rule_count); /* where it cannot, adding fails */
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

/* Everything about callers is read below /proc by their numbers, which must be the numbers of this process's own pid namespace: in another's they are those of processes
 * outside, whose directories, descriptors and identity would be taken for the callers'. */
static bool proc_is_ours(void)
{
	char own[16], there[16];
	ssize_t n = readlink("/proc/self", there, sizeof there - 1);
	snprintf(own, sizeof own, "%d", getpid());
	return n > 0 && (size_t)n == strlen(own) && memcmp(there, own, (size_t)n) == 0;
}

bool supervise_prepare(struct loop *l, struct failure *f)
{
	if (!proc_is_ours())
		return fail(f, 126, 0, "supervise the command", "/proc is missing or shows another pid namespace (unshare --mount-proc gives it its own)");
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
	return true;
}

static void watch(const struct loop *l, int fd, uint32_t events)
{
	struct epoll_event e = {.events = events, .data.fd = fd};
	if (fd >= 0)
		epoll_ctl(l->others, EPOLL_CTL_ADD, fd, &e);
}

/* Lengths are set here for callers, whose own limits are looked at then: the soft limit of whoever started the session is theirs to raise. SIGXFSZ is blocked, so what
 * is past this one is EFBIG for them. */
static void set_size_limit(const struct plan *plan)
{
	struct rlimit size;
	if (getrlimit(RLIMIT_FSIZE, &size) != 0)
		return;
	rlim_t wanted = plan->limits.file_size != 0 ? (rlim_t)plan->limits.file_size : RLIM_INFINITY;
	size.rlim_cur = size.rlim_max < wanted ? size.rlim_max : wanted;
	setrlimit(RLIMIT_FSIZE, &size);
}

bool supervise_become(struct loop *l, const struct plan *plan, const struct limits *limits, struct failure *f)
{
	if (!load_rules(&l->s, plan, f))
		return false;
	/* Not before the fork: without CAP_SETPCAP the child could not shrink its bounding set. */
	caller_identity_init(plan->cap_keep);
	/* It executes nothing. What it connects to for a caller can see that whoever connected is confined: the host of another session looks at this (attach.c, peer_is_free). */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	l->others = epoll_create1(EPOLL_CLOEXEC);
	watch(l, l->s.wire.fd, EPOLLIN);
	watch(l, l->signals, EPOLLIN);
	watch(l, l->guardian_fd, EPOLLIN);
	watch(l, l->hangup_fd, EPOLLIN);
	watch(l, slow_init(), EPOLLPRI);
	watch(l, l->child_sock, EPOLLIN);
	raise_descriptor_limit();
	umask(0); /* opens are performed with the caller's own, set each time */
	set_size_limit(plan);
	if (limits->procs_fd >= 0)
		close(limits->procs_fd);
	return true;
}

void supervise_begin(struct loop *l, const struct limits *limits)
{
	/* Not before the release: the terminal of a shell is given its size through them. */
	terminals_init();
	leave_standard_streams(l->s.wire.fd < 0);
	if (limits->notice[0] != 0)
		wire_notice(&l->s.wire, limits->notice);
	birth_begin(&l->s);
	later_tell(l->s.floor, &l->s.wire);
	if (l->s.listener < 0)
		wire_notice(&l->s.wire, "inside another session: this one narrows it further, denials are reported there");
}
