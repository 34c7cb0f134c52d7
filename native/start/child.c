/* Runs with the invoking user's privileges until floor_enter and filter_install; nothing here allocates after fork. */
#define _GNU_SOURCE
#include "start/child.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "caller/identity.h"
#include "filter/calls.h"
#include "filter/filter.h"
#include "slow/slow_server.h"
#include "start/own_streams.h"

static const char *env_value(const struct plan *plan, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i < plan->env_count; i++)
		if (strncmp(plan->env[i], name, n) == 0 && plan->env[i][n] == '=')
			return plan->env[i] + n + 1;
	return NULL;
}

bool child_find_program(const struct plan *plan, const char *name, char *out, struct failure *f)
{
	const char *dir = plan->cwd ? plan->cwd : ".";
	if (strchr(name, '/') != NULL) {
		int n = name[0] == '/' ? snprintf(out, PLAN_MAX_PATH, "%s", name) : snprintf(out, PLAN_MAX_PATH, "%s/%s", dir, name);
		if (n < 0 || n >= (int)PLAN_MAX_PATH)
			return fail(f, 126, ENAMETOOLONG, "find the command", name);
		if (!slow_answers(out))
			return fail(f, 126, ETIMEDOUT, "find the command", out);
		if (access(out, F_OK) != 0)
			return fail(f, errno == ENOENT || errno == ENOTDIR ? 127 : 126, errno, "find the command", name);
		return true;
	}
	const char *path = env_value(plan, "PATH");
	bool seen = false;
	for (const char *p = path ? path : "/usr/local/bin:/usr/bin:/bin"; name[0] != 0;) {
		size_t n = strcspn(p, ":");
		/* An empty element means the working directory; it is skipped, because a file planted there would be started instead. */
		int len = n == 0 ? 0 : snprintf(out, PLAN_MAX_PATH, "%s%s%.*s/%s", p[0] == '/' ? "" : dir, p[0] == '/' ? "" : "/", (int)n, p, name);
		struct stat st;
		if (len > 0 && len < (int)PLAN_MAX_PATH && !slow_answers(out))
			return fail(f, 126, ETIMEDOUT, "find the command", out);
		if (len > 0 && len < (int)PLAN_MAX_PATH && stat(out, &st) == 0 && S_ISREG(st.st_mode)) {
			if (access(out, X_OK) == 0)
				return true;
			seen = true;
		}
		if (p[n] == 0)
			break;
		p += n + 1;
	}
	return seen ? fail(f, 126, EACCES, "find the command", name) : fail(f, 127, ENOENT, "find the command", name);
}

/* To the plan's list, for root and for whoever holds ambient ones. */
static bool drop_capabilities(uint64_t keep, struct failure *f)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &head, data) != 0)
		return fail(f, 126, errno, "read capabilities", "");
	/* Without CAP_SETPCAP the bounding set cannot shrink; then no_new_privs alone keeps execve from using it. Numbers above the last capability are EINVAL. */
	for (int cap = 0, err = 0; cap < 64 && err == 0; cap++) {
		if ((keep & (1ULL << cap)) == 0 && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0)
			err = errno;
		if (err != 0 && err != EPERM && err != EINVAL)
			return fail(f, 126, err, "drop a capability", "bounding set");
	}
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL)
		return fail(f, 126, errno, "clear ambient capabilities", "");
	for (int i = 0; i < 2; i++) {
		uint32_t mask = (uint32_t)(keep >> (32 * i));
		data[i].effective &= mask;
		data[i].permitted &= mask;
		data[i].inheritable = 0;
	}
	if (syscall(SYS_capset, &head, data) != 0)
		return fail(f, 126, errno, "drop capabilities", "");
	return true;
}

void child_default_signals(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	for (int s = 1; s < 32; s++)
		sigaction(s, &dfl, NULL);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool confine(const struct plan *plan, const struct limits *limits, const struct floor *floor, bool notify, uint32_t options, int *listener, bool *wait_killable, struct failure *f)
{
	if (!limits_enter(limits, f) || !drop_capabilities(plan->cap_keep, f))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return fail(f, 126, errno, "set no_new_privs", "");
	return floor_enter(floor, f) && filter_install(notify, options, listener, wait_killable, f);
}

static bool enter_directory(const struct plan *plan, struct failure *f)
{
	if (plan->cwd != NULL && chdir(plan->cwd) != 0)
		return fail(f, 126, errno, "enter the working directory", plan->cwd);
	return true;
}

static bool new_session(struct failure *f)
{
	if (setsid() < 0)
		return fail(f, 126, errno, "start a session", "");
	if (ioctl(STDIN_FILENO, TIOCSCTTY, 0) != 0)
		return fail(f, 126, errno, "take the controlling terminal", "standard input");
	return true;
}

/* As execvp: a file without a #! line is a script for /bin/sh. */
static void execute(const char *program, char *const argv[], char *const env[])
{
	execve(program, argv, env);
	if (errno != ENOEXEC)
		return;
	char *script[256] = {(char *)"sh", (char *)program};
	size_t n = 2;
	for (size_t i = 1; argv[0] != NULL && argv[i] != NULL && n < 255; i++)
		script[n++] = argv[i];
	if (n > 1 && argv[0] != NULL && argv[n - 1] != NULL) {
		errno = E2BIG; /* rather than run it with some of its arguments */
		return;
	}
	script[n] = NULL;
	execve("/bin/sh", script, env);
	errno = ENOEXEC;
}

struct hello {
	uint8_t ok, wait_killable;
	int listener, err, exit_code; /* listener: its number here, or -1 */
	char step[64], object[192];
};

/* No descriptor travels with it: sendmsg may be a trapped call by now, and nobody listens yet. The supervisor takes the listener by its number. */
static void tell(int sock, const struct hello *h)
{
	while (send(sock, h, sizeof *h, MSG_NOSIGNAL) < 0 && errno == EINTR)
		continue;
}

static bool wait_for_word(int sock)
{
	char word;
	ssize_t n;
	while ((n = recv(sock, &word, 1, 0)) < 0 && errno == EINTR)
		continue;
	return n == 1;
}

static void tell_failure(int sock, const struct failure *f)
{
	struct hello h = {.listener = -1, .err = f->err, .exit_code = f->exit_code};
	snprintf(h.step, sizeof h.step, "%s", f->step);
	snprintf(h.object, sizeof h.object, "%.*s", (int)sizeof h.object - 1, f->object);
	tell(sock, &h);
}

_Noreturn void child_run(const struct plan *plan, const struct limits *limits, const struct floor *floor, const char *program, char *const argv[], char *const *fast_env, int sock)
{
	struct failure f = {.step = ""};
	/* Dies with the supervisor even if the guardian is gone too. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	child_default_signals();
	int listener = -1;
	bool wait_killable = false;
	uint32_t options = fast_env != NULL ? plan->flags : plan->flags & ~(uint32_t)PLAN_FAST_PATH;
	options |= identity_privileged() ? (uint32_t)PLAN_CREDENTIALS : 0U;
	bool ok = enter_directory(plan, &f) && ((plan->flags & PLAN_NEW_SESSION) == 0 || new_session(&f)) &&
	          confine(plan, limits, floor, true, options, &listener, &wait_killable, &f);
	if (!ok) {
		tell_failure(sock, &f);
		_exit(f.exit_code);
	}
	struct hello h = {.ok = 1, .listener = listener, .wait_killable = wait_killable};
	tell(sock, &h);
	if (!wait_for_word(sock))
		_exit(126); /* nobody supervises, or nobody wants it any more */
	/* The socket is close-on-exec and stays for the one failure that is left; nothing else above 2 may reach the program. */
	if (listener >= 0)
		close(listener);
	if (sock != 3 && dup3(sock, 3, O_CLOEXEC) == 3)
		sock = 3;
	if (sock != 3 || syscall(SYS_close_range, 4U, ~0U, 0U) != 0) {
		fail(&f, 126, errno, "close inherited descriptors", "");
	} else {
		/* Without a listener of its own, nothing that this session's library marks would be let through. */
		execute(program, argv, fast_env != NULL && listener >= 0 ? fast_env : plan->env);
		fail(&f, 126, errno, "execute the command", program);
	}
	tell_failure(sock, &f);
	_exit(f.exit_code);
}

/* The child waits meanwhile; when it is gone, so is the descriptor. */
static int take_listener(pid_t child, int number)
{
	int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
	int fd = pidfd >= 0 ? (int)syscall(SYS_pidfd_getfd, pidfd, number, 0) : -1;
	int err = errno;
	if (pidfd >= 0)
		close(pidfd);
	errno = err;
	return fd;
}

bool child_receive(pid_t child, int sock, int *listener, bool *wait_killable, struct failure *f)
{
	struct hello h = {0};
	ssize_t n;
	while ((n = recv(sock, &h, sizeof h, 0)) < 0 && errno == EINTR)
		continue;
	*listener = -1;
	if (n != (ssize_t)sizeof h)
		return fail(f, 126, n < 0 ? errno : ECHILD, "start the sandboxed process", "it ended before it could report");
	h.step[sizeof h.step - 1] = 0;
	h.object[sizeof h.object - 1] = 0;
	if (!h.ok) {
		static char step[sizeof h.step];
		memcpy(step, h.step, sizeof step);
		return fail(f, h.exit_code, h.err, step, h.object);
	}
	*wait_killable = h.wait_killable;
	if (h.listener >= 0 && (*listener = take_listener(child, h.listener)) < 0)
		return fail(f, 126, errno, "take the seccomp listener", "pidfd_getfd is needed, for every call on a socket too");
	return true;
}

void child_go(int sock)
{
	send(sock, "", 1, MSG_NOSIGNAL);
}

void child_wrap(const struct plan *plan, const struct limits *limits, const struct floor *floor, const char *program, char *const argv[], struct failure *f)
{
	int listener;
	bool wait_killable;
	own_streams();
	if (!enter_directory(plan, f) || ((plan->flags & PLAN_NEW_SESSION) != 0 && !new_session(f)))
		return;
	if (!confine(plan, limits, floor, false, plan->flags, &listener, &wait_killable, f))
		return;
	if (syscall(SYS_close_range, 3U, ~0U, 0U) != 0) {
		fail(f, 126, errno, "close inherited descriptors", "");
		return;
	}
	execute(program, argv, plan->env);
	fail(f, 126, errno, "execute the command", program);
}
