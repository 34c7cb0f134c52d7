/* The least that a supervisor can do: what it costs on this machine to ask another process at all. No decision, no check: a measure, not a sandbox.
 *   exchange continue COMMAND…   every open is trapped and let go on at once (poll, receive, send)
 *   exchange perform COMMAND…    every open, chmod and unlink is read, performed here as it stands, and its result returned or its descriptor injected
 *   exchange remove COMMAND…     the same for unlink alone
 * The call is answered the way nono-launch answers: synchronous wake-ups, and the caller kept on this CPU while a descriptor is injected. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 6.0 */
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS _IOW('!', 4, __u64) /* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)
#endif

/* The older forms of some machines; where there are none, a number that no call has. */
#ifdef SYS_open
enum { OPEN = SYS_open, UNLINK = SYS_unlink, CHMOD = SYS_chmod };
#else
enum { OPEN = -2, UNLINK = -3, CHMOD = -4 };
#endif

static const int trapped[] = {SYS_openat, OPEN, SYS_unlinkat, UNLINK, SYS_fchmodat, CHMOD};
/* Of them, what each mode traps. */
enum { CONTINUE, PERFORM, REMOVE };
static const struct mode {
	const char *name;
	unsigned first, end;
} modes[] = {[CONTINUE] = {"continue", 0, 2}, [PERFORM] = {"perform", 0, 6}, [REMOVE] = {"remove", 2, 4}};

static int listen_for(const struct mode *mode)
{
	struct sock_filter code[32];
	unsigned short at = 0;
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = mode->first; i < mode->end; i++) {
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)trapped[i], 0, 1);
		code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	}
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = {.len = at, .filter = code};
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
}

/* --- the listener goes from child to parent ----------------------------------------------------------------------------------------------------- */

static void send_descriptor(int socket, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof fd)] = {0};
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	if (sendmsg(socket, &m, 0) != 1)
		_exit(126);
}

static int receive_descriptor(int socket)
{
	int fd = -1;
	char byte, control[CMSG_SPACE(sizeof fd)];
	struct iovec part = {.iov_base = &byte, .iov_len = 1};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	if (recvmsg(socket, &m, 0) == 1 && CMSG_FIRSTHDR(&m) != NULL)
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof fd);
	return fd;
}

/* --- answers ---------------------------------------------------------------------------------------------------------------------------------------- */

static void answer(int listener, struct seccomp_notif_resp r)
{
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

static void inject(int listener, const struct seccomp_notif *n, int fd, bool cloexec)
{
	struct seccomp_notif_addfd add = {.id = n->id, .srcfd = (uint32_t)fd, .newfd_flags = cloexec ? O_CLOEXEC : 0};
	cpu_set_t mask, here;
	int cpu = sched_getcpu();
	bool stay = cpu >= 0 && sched_getaffinity((pid_t)n->pid, sizeof mask, &mask) == 0 && CPU_ISSET((unsigned)cpu, &mask) && CPU_COUNT(&mask) > 1;
	CPU_ZERO(&here);
	CPU_SET((unsigned)cpu, &here);
	stay = stay && sched_setaffinity((pid_t)n->pid, sizeof here, &here) == 0;
	int remote = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	if (stay)
		sched_setaffinity((pid_t)n->pid, sizeof mask, &mask);
	close(fd);
	answer(listener, (struct seccomp_notif_resp){.id = n->id, .val = remote, .error = remote < 0 ? -EMFILE : 0});
}

/* What a relative name begins at, by the caller's own link. */
static void absolute(const struct seccomp_notif *n, bool at, const char *name, char out[8192])
{
	if (name[0] == '/')
		snprintf(out, 8192, "%s", name);
	else if (!at || (int)n->data.args[0] == AT_FDCWD)
		snprintf(out, 8192, "/proc/%u/cwd/%s", n->pid, name);
	else
		snprintf(out, 8192, "/proc/%u/fd/%d/%s", n->pid, (int)n->data.args[0], name);
}

static void perform(int listener, const struct seccomp_notif *n)
{
	static char name[4096], path[8192];
	const __u64 *a = n->data.args;
	bool at = n->data.nr == SYS_openat || n->data.nr == SYS_unlinkat || n->data.nr == SYS_fchmodat;
	uint64_t address = a[at];
	size_t room = 4096 - (address & 4095) < 256 ? 4096 - (address & 4095) : 256;
	struct iovec local = {.iov_base = name, .iov_len = room}, remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = room};
	int done = -1;
	if (process_vm_readv((pid_t)n->pid, &local, 1, &remote, 1, 0) < 0 || memchr(name, 0, room) == NULL) {
		answer(listener, (struct seccomp_notif_resp){.id = n->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE});
		return;
	}
	absolute(n, at, name, path);
	if (n->data.nr == SYS_openat || n->data.nr == OPEN) {
		done = open(path, (int)a[1 + at] | O_CLOEXEC, (mode_t)a[2 + at]);
		if (done >= 0) {
			inject(listener, n, done, (a[1 + at] & O_CLOEXEC) != 0);
			return;
		}
	} else if (n->data.nr == SYS_unlinkat) {
		done = unlinkat(AT_FDCWD, path, (int)a[2]);
	} else if (n->data.nr == SYS_fchmodat || n->data.nr == CHMOD) {
		done = chmod(path, (mode_t)a[1 + at]);
	} else {
		done = unlink(path);
	}
	answer(listener, (struct seccomp_notif_resp){.id = n->id, .val = done, .error = done < 0 ? -errno : 0});
}

int main(int argc, char **argv)
{
	int pair[2], status = 0;
	if (argc < 3 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return 2;
	unsigned mode = 0;
	while (mode <= REMOVE && strcmp(argv[1], modes[mode].name) != 0)
		mode++;
	if (mode > REMOVE)
		return 2;
	bool performs = mode != CONTINUE;
	pid_t pid = fork();
	if (pid == 0) {
		send_descriptor(pair[1], listen_for(&modes[mode]));
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	int listener = receive_descriptor(pair[0]);
	__u64 flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;
	ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
	static struct seccomp_notif n;
	for (;;) {
		struct pollfd p = {.fd = listener, .events = POLLIN};
		if (poll(&p, 1, -1) < 0 || (p.revents & POLLIN) == 0)
			break; /* nobody is left under the filter */
		memset(&n, 0, sizeof n);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) != 0)
			continue;
		if (performs)
			perform(listener, &n);
		else
			answer(listener, (struct seccomp_notif_resp){.id = n.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE});
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
