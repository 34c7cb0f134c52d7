/* What bin/nono starts for `run`, `wrap` and, below the relay, `shell`: the launcher, there before Node is. Node takes 25 ms to boot and then only writes the plan to a socket; it need
 * not load what starts processes, nor be copied by a fork.
 *
 *   run    this process becomes Node; the launcher is its child. While Node boots it looks for a cached plan, says whether there is one, and otherwise waits for one.
 *   shell  as run; the launcher has a new terminal as its standard streams, and Node the other end of it.
 *   wrap   this process stays and becomes the launcher and then the command; Node is its child, and gone before the command runs.
 *
 * No plan, no command: when Node ends, however that came about, the launcher reads the end of its socket and ends too. Runs with the user's privileges. */
#define _GNU_SOURCE
#include "start/front.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "start/child.h"
#include "start/report.h"

/* Below 16: Node makes all of these close-on-exec when it starts, so that nothing it runs holds a session open (src/sandbox/linux/waiting-launcher.ts checks). */
enum { HOST_FIRST_FD = 3, OUT_OF_THE_WAY = 16 };
static const char variable[] = "NONO_LAUNCHER", record_variable[] = "NONO_PLAN_RECORD", columns_variable[] = "NONO_COLUMNS";
/* The first byte that such a host reads (native/PROTOCOL.md). */
enum word { WORD_HAVE = 'H', WORD_MAKE = 'M', WORD_MAKE_TO_KEEP = 'K' };

static bool pair(int ends[2])
{
	int made[2];
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, made) != 0)
		return false;
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(made[i], F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
		close(made[i]);
	}
	return ends[0] >= 0 && ends[1] >= 0;
}

/* Only the host may be held up by neither end: the command's own must block, as any terminal does. */
static bool terminal_pair(int ends[2])
{
	int controller = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (controller < 0)
		return false;
	int terminal = grantpt(controller) == 0 && unlockpt(controller) == 0 ? ioctl(controller, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	ends[0] = fcntl(controller, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	ends[1] = fcntl(terminal, F_DUPFD_CLOEXEC, OUT_OF_THE_WAY);
	close(controller);
	close(terminal);
	return ends[0] >= 0 && ends[1] >= 0 && fcntl(ends[0], F_SETFL, O_RDWR | O_NONBLOCK) == 0;
}

static void set_number(const char *name, unsigned long long value)
{
	char text[24];
	snprintf(text, sizeof text, "%llu", value);
	setenv(name, text, 1);
}

/* Node raises its soft limit on open files; the command gets the user's own back. */
static void tell_descriptor_limit(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
		set_number("NONO_SOFT_NOFILE", files.rlim_cur);
}

/* Of the terminal on standard error, for what is said before the command: Node would load 2 ms of modules to ask. */
static void tell_columns(void)
{
	struct winsize window;
	unsetenv(columns_variable);
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0)
		set_number(columns_variable, window.ws_col);
}

/* Node does not start with less, and says so by a crash: 22 descriptors for itself, three or four to the launcher and two for a policy, 1.1 GB of address space for the code that it may make one day. */
enum { NODE_DESCRIPTORS = 28, NODE_SPACE_MB = 1024 };

static bool within_limit(int resource, rlim_t least, rlim_t unit, const char *text)
{
	struct rlimit limit;
	struct failure f;
	/* The soft limit on files Node raises by itself. */
	if (getrlimit(resource, &limit) != 0 || (resource == RLIMIT_NOFILE ? limit.rlim_max : limit.rlim_cur) / unit >= least)
		return true;
	(void)fail(&f, 126, 0, "start Node", text);
	print_failure(&f);
	return false;
}

static void check_limits(void)
{
	if (!within_limit(RLIMIT_NOFILE, NODE_DESCRIPTORS, 1, "fewer than 28 files may be open at a time (raise `ulimit -n`)") ||
	    !within_limit(RLIMIT_AS, NODE_SPACE_MB, 1024 * 1024, "it reserves more than 1 GB of address space, which is limited (raise `ulimit -v`, and limit the command by --memory)"))
		_exit(126);
}

/* With its option, if there is one, before its script: here, so that no word of the command line moves for whoever reads that. */
static _Noreturn void become_host(char *const argv[], char *option)
{
	size_t words = 0;
	while (argv[words] != NULL)
		words++;
	char **with = option != NULL ? calloc(words + 2, sizeof *with) : NULL;
	if (with != NULL) {
		with[0] = argv[0];
		with[1] = option;
		memcpy(with + 2, argv + 1, (words - 1) * sizeof *with);
	}
	execvp(argv[0], with != NULL ? with : argv);
	int err = errno;
	struct failure f;
	(void)fail(&f, 126, err, "start Node", argv[0]);
	print_failure(&f);
	_exit(err == ENOENT ? 127 : 126);
}

/* What the user left open may stand in all the places where Node looks: known before anybody is started. */
static bool room_for(size_t count)
{
	size_t vacant = 0;
	for (int fd = HOST_FIRST_FD; fd < OUT_OF_THE_WAY; fd++)
		vacant += fcntl(fd, F_GETFD) < 0;
	return vacant >= count;
}

/* The ends that Node finds, and where: beside what the relay, or the user, left open for it. */
static bool hand_over(const char *kind, const int ends[], size_t count, pid_t launcher)
{
	char text[96];
	int at = snprintf(text, sizeof text, "%s:%d", kind, (int)launcher);
	for (size_t i = 0; i < count; i++) {
		int fd = fcntl(ends[i], F_DUPFD, HOST_FIRST_FD);
		if (fd < 0 || fd >= OUT_OF_THE_WAY)
			return false;
		at += snprintf(text + at, sizeof text - (size_t)at, ":%d", fd);
	}
	return setenv(variable, text, 1) == 0;
}

static void say(const struct front *front, enum word word)
{
	const char byte = (char)word;
	/* Where nobody is left to hear it, the end of the socket is read next. */
	(void)send(front->plan_fd, &byte, 1, MSG_NOSIGNAL);
}

/* The policy of a cached plan, as the session's own record has it, into the file that the host found empty. In memory: the host must not find another one. No limit on the size of files
 * stops it: the entry that it comes from was written under the same limits, and is larger. */
static bool write_policy(int fd, const char *about, const char *policy, size_t size)
{
	size_t head = strlen(about) + 1;
	if (write(fd, about, head) != (ssize_t)head)
		return false;
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, policy + done, size - done);
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return lseek(fd, 0, SEEK_SET) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
}

void front_tell_host(bool record)
{
	unsetenv(variable);
	unsetenv(record_variable);
	if (record)
		set_number(record_variable, 1);
	tell_descriptor_limit();
	tell_columns();
}

static bool start_beside(bool with_terminal, char *const argv[], char *option, struct front *front)
{
	int plan[2], events[2], terminal[2] = {-1, -1}, policy = memfd_create("nono-policy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (policy < 0 || !pair(plan) || !pair(events) || (with_terminal && !terminal_pair(terminal)) || !room_for(with_terminal ? 4 : 3))
		return false;
	pid_t self = getpid();
	pid_t launcher = fork();
	if (launcher < 0)
		return false;
	if (launcher > 0) {
		int ends[4] = {plan[0], events[0]};
		size_t count = 2;
		if (with_terminal)
			ends[count++] = terminal[0];
		ends[count++] = policy;
		front_tell_host(false);
		/* If not, the launcher sees the end of its socket, and Node starts another one. */
		(void)hand_over(with_terminal ? "shell-asks" : "run-asks", ends, count, launcher);
		become_host(argv, option);
	}
	close(plan[0]);
	close(events[0]);
	if (with_terminal)
		close(terminal[0]);
	if (getppid() != self)
		_exit(0);
	*front = (struct front){.plan_fd = plan[1], .events_fd = events[1], .terminal = with_terminal, .terminal_fd = terminal[1], .policy_fd = policy, .above = self};
	return true;
}

static void settle(const struct front *front)
{
	for (int fd = 0; fd < 3 && front->terminal; fd++)
		if (dup2(front->terminal_fd, fd) < 0)
			_exit(126);
	close(front->policy_fd);
	clearenv(); /* the command's own is in the plan */
}

bool front_have(const struct front *front, const char *about, const char *policy, size_t size)
{
	bool told = write_policy(front->policy_fd, about, policy, size);
	if (told)
		say(front, WORD_HAVE);
	settle(front);
	return told;
}

void front_have_none(const struct front *front, bool record)
{
	say(front, record ? WORD_MAKE_TO_KEEP : WORD_MAKE);
	settle(front);
}

static bool start_below(char *const argv[], char *option, bool record, struct front *front)
{
	int plan[2];
	if (!pair(plan) || !room_for(1))
		return false;
	pid_t self = getpid();
	pid_t host = fork();
	if (host < 0)
		return false;
	if (host == 0) {
		/* The user knows the number of the process that waits, and ends that one. */
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		front_tell_host(record);
		if (getppid() != self || !hand_over("wrap", plan, 1, 0))
			_exit(126);
		become_host(argv, option);
	}
	close(plan[0]);
	*front = (struct front){.plan_fd = plan[1], .events_fd = -1, .host = host};
	return true;
}

bool front_start(enum front_kind kind, char *const argv[], char *option, bool record, struct front *front)
{
	check_limits();
	child_default_signals(); /* SIGCHLD among them: ignored, nobody's end could be waited for */
	if (kind == FRONT_WRAP ? start_below(argv, option, record, front) : start_beside(kind == FRONT_SHELL, argv, option, front))
		return true;
	/* Out of descriptors, of places for them or of processes: Node starts the launcher, or says why it cannot. */
	front_tell_host(false);
	become_host(argv, option);
}

/* Until `size` bytes are here; false where the host or the guardian ends before. */
static bool await(const struct front *front, int guardian_fd, uint8_t *got, size_t size)
{
	for (size_t at = 0; at < size;) {
		struct pollfd p[2] = {{.fd = front->plan_fd, .events = POLLIN}, {.fd = guardian_fd, .events = POLLIN}};
		if ((poll(p, 2, -1) < 0 && errno != EINTR) || p[1].revents != 0)
			return false;
		if (p[0].revents == 0)
			continue;
		ssize_t n = read(front->plan_fd, got + at, size - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

bool front_resize(const struct front *front, uint32_t size)
{
	struct winsize window = {.ws_col = (unsigned short)size, .ws_row = (unsigned short)(size >> 16)};
	return front->terminal && ioctl(0, TIOCSWINSZ, &window) == 0;
}

bool front_may_begin(const struct front *front, int guardian_fd)
{
	static const char word[8] = {'N', 'O', 'N', 'O', 'S', 'T', 'R', 'T'};
	uint8_t got[sizeof word + 4];
	if (!await(front, guardian_fd, got, front->terminal ? sizeof got : sizeof word) || memcmp(got, word, sizeof word) != 0)
		return false;
	const uint8_t *size = got + sizeof word;
	return !front->terminal || front_resize(front, size[0] | (uint32_t)size[1] << 8 | (uint32_t)size[2] << 16 | (uint32_t)size[3] << 24);
}

static int wait_for_host(const struct front *front)
{
	int status;
	while (waitpid(front->host, &status, 0) < 0)
		if (errno != EINTR)
			return 1 << 8;
	return status;
}

void front_end_as_host(const struct front *front)
{
	if (front->host == 0)
		_exit(0); /* `run` without a command, or `shell`: help, an error, a dry run. Node has said what there is to say. */
	int status = wait_for_host(front);
	if (WIFSIGNALED(status)) {
		struct rlimit none = {0};
		setrlimit(RLIMIT_CORE, &none); /* the core that is worth having is Node's */
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void front_dismiss(const struct front *front)
{
	if (front->host > 0)
		kill(front->host, SIGKILL);
}

void front_reap(const struct front *front)
{
	if (front->host > 0)
		wait_for_host(front);
}
