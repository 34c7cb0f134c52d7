/* Attempts on processes outside, and on one's own privileges. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "attempt.h"

enum { PIDFD_OPEN = 434, PIDFD_GETFD = 438, PIDFD_SEND = 424 };

/* signals PID: every call that sends one. */
static int signals(char **args)
{
	pid_t pid = atoi(args[0]);
	siginfo_t info = {.si_code = SI_QUEUE, .si_signo = SIGUSR1};
	said("kill", kill(pid, SIGUSR1));
	said("tkill", syscall(SYS_tkill, pid, SIGUSR1));
	said("tgkill", syscall(SYS_tgkill, pid, pid, SIGUSR1));
	said("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info));
	said("rt_tgsigqueueinfo", syscall(SYS_rt_tgsigqueueinfo, pid, pid, SIGUSR1, &info));
	int fd = (int)syscall(PIDFD_OPEN, pid, 0);
	if (said("pidfd_open", fd))
		said("pidfd_send_signal", syscall(PIDFD_SEND, fd, SIGUSR1, NULL, 0));
	said("kill 9", kill(pid, SIGKILL));
	return 0;
}

/* signal-io PID: an I/O event signals the owner of a descriptor. */
static int signal_io(char **args)
{
	pid_t pid = atoi(args[0]);
	int pair[2];
	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	said("F_SETOWN", fcntl(pair[0], F_SETOWN, pid));
	fcntl(pair[0], F_SETSIG, SIGUSR2);
	said("O_ASYNC", fcntl(pair[0], F_SETFL, O_ASYNC | O_NONBLOCK));
	write(pair[1], "x", 1);
	struct f_owner_ex owner = {.type = F_OWNER_PID, .pid = pid};
	said("F_SETOWN_EX", fcntl(pair[0], F_SETOWN_EX, &owner));
	write(pair[1], "x", 1);
	int tube[2];
	pipe(tube);
	fcntl(tube[0], F_SETOWN, pid);
	fcntl(tube[0], F_SETFL, O_ASYNC | O_NONBLOCK);
	write(tube[1], "x", 1);
	int file = open("leased", O_RDWR | O_CREAT, 0600);
	fcntl(file, F_SETOWN, pid);
	fcntl(file, F_SETSIG, SIGUSR2);
	said("F_SETLEASE", fcntl(file, F_SETLEASE, F_WRLCK));
	close(open("leased", O_RDONLY | O_NONBLOCK));
	usleep(100000);
	return 0;
}

/* limits PID: cousins of kill. */
static int limits(char **args)
{
	pid_t pid = atoi(args[0]);
	struct rlimit cpu = {1, 1}, files = {3, 3};
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	struct sched_param param = {0};
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = {.size = 48, .policy = SCHED_BATCH, .nice = 19};
	said("setpriority", setpriority(PRIO_PROCESS, (id_t)pid, 19));
	said("setpriority group", setpriority(PRIO_PGRP, (id_t)getpgid(pid), 19));
	said("sched_setaffinity", sched_setaffinity(pid, sizeof one, &one));
	said("sched_setscheduler", sched_setscheduler(pid, SCHED_BATCH, &param));
	said("sched_setattr", syscall(SYS_sched_setattr, pid, &attr, 0));
	said("sched_setscheduler idle", sched_setscheduler(pid, SCHED_IDLE, &param));
	said("sched_setparam", sched_setparam(pid, &param));
	said("ioprio_set", syscall(SYS_ioprio_set, 1, pid, 3 << 13));
	said("prlimit files", prlimit(pid, RLIMIT_NOFILE, &files, NULL));
	said("prlimit cpu", prlimit(pid, RLIMIT_CPU, &cpu, NULL));
	return 0;
}

/* priority-of-user: those forms of setpriority and ioprio_set that take all processes of a user. */
static int priority_of_user(char **args)
{
	(void)args;
	said("setpriority user", setpriority(PRIO_USER, 0, 19));
	said("setpriority uid", setpriority(PRIO_USER, getuid(), 19));
	said("ioprio_set user", syscall(SYS_ioprio_set, 3, getuid(), 3 << 13));
	return 0;
}

static void look(pid_t pid, const char *entry)
{
	char path[128];
	snprintf(path, sizeof path, "/proc/%d/%s", pid, entry);
	show(open(path, O_RDONLY));
}

/* memory PID: everything that reads or writes another process. */
static int memory(char **args)
{
	pid_t pid = atoi(args[0]);
	char path[64], line[512];
	static char page[1 << 16];
	look(pid, "environ");
	look(pid, "fd/3");
	look(pid, "fd/4");
	look(pid, "cwd/key");
	snprintf(path, sizeof path, "/proc/%d/task/%d/environ", pid, pid);
	show(open(path, O_RDONLY));
	bool attached = said("PTRACE_ATTACH", ptrace(PTRACE_ATTACH, pid, 0, 0));
	if (attached)
		waitpid(pid, NULL, __WALL);
	else
		attached = said("PTRACE_SEIZE", ptrace(PTRACE_SEIZE, pid, 0, 0));
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	int mem = open(path, O_RDWR);
	said("/proc/PID/mem", mem);
	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	FILE *maps = fopen(path, "r");
	said("/proc/PID/maps", maps ? 0 : -1);
	while (maps && fgets(line, sizeof line, maps)) {
		unsigned long from, to;
		if (sscanf(line, "%lx-%lx rw", &from, &to) != 2)
			continue;
		for (; from < to && from < to; from += sizeof page) {
			struct iovec local = {page, sizeof page}, remote = {(void *)from, to - from < sizeof page ? to - from : sizeof page};
			ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
			if (n > 0)
				fwrite(page, 1, (size_t)n, stdout);
			if (mem >= 0 && (n = pread(mem, page, remote.iov_len, (off_t)from)) > 0)
				fwrite(page, 1, (size_t)n, stdout);
		}
	}
	int fd = (int)syscall(PIDFD_OPEN, pid, 0);
	for (int n = 0; n < 8; n++)
		if (n != 2 && n != 1)
			show((int)syscall(PIDFD_GETFD, fd, n, 0));
	static const char *const namespaces[] = {"ns/mnt", "ns/user", "ns/pid", "ns/net"};
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "/proc/%d/%s", pid, namespaces[i]);
		int ns = open(path, O_RDONLY);
		if (said(namespaces[i], ns))
			said("setns", setns(ns, 0));
	}
	said("kcmp", syscall(SYS_kcmp, pid, getpid(), 1, 0, 0));
	return 0;
}

static void write_into(pid_t pid, const char *by, int mem, unsigned long address)
{
	char x[sizeof(long)];
	memset(x, 'x', sizeof x);
	struct iovec local = {x, sizeof x}, remote = {(void *)address, sizeof x};
	long word;
	memcpy(&word, x, sizeof word);
	if (strcmp(by, "vm") == 0)
		said("process_vm_writev", process_vm_writev(pid, &local, 1, &remote, 1, 0));
	else if (strcmp(by, "mem") == 0)
		said("/proc/PID/mem", pwrite(mem, x, sizeof x, (off_t)address));
	else
		said("PTRACE_POKEDATA", ptrace(PTRACE_POKEDATA, pid, address, word));
}

/* memory-write PID BY: overwrites the secret wherever it lies in the memory of another process, by one call. */
static int memory_write(char **args)
{
	static const char secret[] = "SECRET-";
	static char page[1 << 16];
	pid_t pid = atoi(args[0]);
	char path[64], line[512];
	snprintf(path, sizeof path, "/proc/%d/mem", pid);
	int mem = strcmp(args[1], "mem") == 0 ? open(path, O_RDWR) : -1;
	bool attached = strcmp(args[1], "poke") == 0 && said("PTRACE_ATTACH", ptrace(PTRACE_ATTACH, pid, 0, 0));
	if (attached)
		waitpid(pid, NULL, __WALL);
	snprintf(path, sizeof path, "/proc/%d/maps", pid);
	FILE *maps = fopen(path, "r");
	while (maps && fgets(line, sizeof line, maps)) {
		unsigned long from, to;
		if (sscanf(line, "%lx-%lx rw", &from, &to) != 2)
			continue;
		for (; from < to; from += sizeof page) {
			struct iovec local = {page, sizeof page}, remote = {(void *)from, to - from < sizeof page ? to - from : sizeof page};
			ssize_t n = process_vm_readv(pid, &local, 1, &remote, 1, 0);
			for (char *at = page; n > 0 && (at = memmem(at, (size_t)(page + n - at), secret, sizeof secret - 1)) != NULL; at++)
				write_into(pid, args[1], mem, from + (unsigned long)(at - page));
		}
	}
	if (attached)
		ptrace(PTRACE_DETACH, pid, 0, 0);
	usleep(100000); /* it looks every 20 ms */
	return 0;
}

/* proc-write PID: entries of another process that change it. */
static int proc_write(char **args)
{
	static const char *const entries[] = {"oom_score_adj", "comm", "coredump_filter", "autogroup", "sched", "timerslack_ns", "clear_refs", "mem", "attr/current", "loginuid"};
	for (size_t i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		char path[96];
		snprintf(path, sizeof path, "/proc/%s/%s", args[0], entries[i]);
		int fd = open(path, O_WRONLY);
		if (said(entries[i], fd)) {
			write(fd, "15", 2);
			close(fd);
		}
		snprintf(path, sizeof path, "/proc/%s/task/%s/%s", args[0], args[0], entries[i]);
		fd = open(path, O_WRONLY);
		if (fd >= 0) {
			write(fd, "15", 2);
			close(fd);
		}
	}
	return 0;
}

static void show_segment(int id)
{
	char *p = shmat(id, NULL, SHM_RDONLY);
	if (p != (void *)-1) {
		printf("%.64s\n", p);
		shmdt(p);
	}
}

/* rings: talks to what System V IPC, message queues and keyrings of the user hold. `make` outside, `take` inside. */
static int ipc(char **args)
{
	key_t key = (key_t)strtol(args[1], NULL, 0);
	bool make = strcmp(args[0], "make") == 0;
	char name[32];
	snprintf(name, sizeof name, "/escape-%x", (unsigned)key);
	if (make) {
		int shm = shmget(key, 4096, IPC_CREAT | 0600);
		char *p = shmat(shm, NULL, 0);
		snprintf(p, 4096, "%s", getenv("SECRET_TOKEN"));
		struct {
			long type;
			char text[64];
		} m = {.type = 1};
		snprintf(m.text, sizeof m.text, "%s", getenv("SECRET_TOKEN"));
		msgsnd(msgget(key, IPC_CREAT | 0600), &m, sizeof m.text, 0);
		semget(key, 1, IPC_CREAT | 0600);
		struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 64};
		mqd_t q = mq_open(name, O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attr);
		mq_send(q, m.text, 63, 0);
		int posix = shm_open(name, O_RDWR | O_CREAT, 0600);
		write(posix, m.text, 63);
		printf("made\n");
		fflush(stdout);
		for (;;)
			pause();
	}
	if (strcmp(args[0], "drop") == 0) {
		shmctl(shmget(key, 0, 0), IPC_RMID, NULL);
		msgctl(msgget(key, 0), IPC_RMID, NULL);
		semctl(semget(key, 0, 0), 0, IPC_RMID);
		mq_unlink(name);
		shm_unlink(name);
		return 0;
	}
	if (strcmp(args[0], "shm") == 0) {
		char *p = shmat(shmget(key, 0, 0), NULL, 0);
		if (p != (void *)-1)
			printf("%s\n", p);
	} else if (strcmp(args[0], "msg") == 0) {
		struct {
			long type;
			char text[64];
		} m = {0};
		if (msgrcv(msgget(key, 0), &m, sizeof m.text, 0, IPC_NOWAIT) > 0)
			printf("%s\n", m.text);
	} else if (strcmp(args[0], "mq") == 0) {
		char text[64] = "";
		mqd_t q = mq_open(name, O_RDONLY | O_NONBLOCK);
		if (said("mq_open", q) && mq_receive(q, text, sizeof text, NULL) > 0)
			printf("%s\n", text);
	} else if (strcmp(args[0], "scan") == 0) {
		/* By number, without the key: as the kernel lists them, and guessed (ipc/util.c: the lower 15 bits are the index, above them a sequence number). */
		for (int index = 0; index < 256; index++) {
			struct shmid_ds unused;
			show_segment(shmctl(index, SHM_STAT, &unused));
			for (int sequence = 0; sequence < 64; sequence++)
				show_segment(sequence << 15 | index);
		}
	}
	return 0;
}

/* keyring: the user's keys in the kernel. */
static int keyring(char **args)
{
	if (strcmp(args[0], "make") == 0) {
		const char *secret = getenv("SECRET_TOKEN");
		/* The user keyring (-4): every process of the user reaches it. */
		long id = syscall(SYS_add_key, "user", "escape-key", secret, strlen(secret), -4);
		syscall(SYS_keyctl, 5, id, 0x3f3f3f3f);
		printf("%ld\n", id);
		fflush(stdout);
		for (;;)
			pause();
	}
	char text[128] = "";
	long id = syscall(SYS_request_key, "user", "escape-key", NULL, 0);
	if (syscall(SYS_keyctl, 11, id > 0 ? id : atol(args[1]), text, sizeof text - 1) > 0)
		printf("%s\n", text);
	id = syscall(SYS_keyctl, 10, -4, "user", "escape-key", 0);
	if (syscall(SYS_keyctl, 11, id, text, sizeof text - 1) > 0)
		printf("%s\n", text);
	return 0;
}

static void write_later(const char *path)
{
	for (int fd = 0; fd < 3; fd++)
		close(fd);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	/* A minute at most: who looks may have waited long for its turn. */
	for (int i = 0; i < 1200 && access(path, F_OK) == 0; i++) {
		usleep(50000);
		write(fd, "still here\n", 11);
	}
	_exit(0);
}

/* linger PATH: a daemon by two forks that writes later. */
static int linger(char **args)
{
	if (fork() != 0)
		return 0;
	setsid();
	if (fork() != 0)
		_exit(0);
	write_later(args[0]);
	return 0;
}

/* linger-apart PATH: children that tell their parent nothing, that are somebody else's, or that live in namespaces of their own. */
static int linger_apart(char **args)
{
	static const unsigned long flags[] = {0, CLONE_PARENT, CLONE_PARENT | SIGCHLD, CLONE_NEWUSER | CLONE_NEWPID, CLONE_NEWUSER | CLONE_NEWPID | CLONE_PARENT,
	                                      CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | SIGCHLD, CLONE_UNTRACED};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		long pid = syscall(SYS_clone, flags[i], 0, 0, 0, 0);
		said("clone", pid);
		if (pid != 0)
			continue;
		setsid();
		write_later(args[0]);
	}
	return 0;
}

/* ids: what setuid programs print. */
static int ids(char **args)
{
	(void)args;
	uid_t r, e, s;
	getresuid(&r, &e, &s);
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct c[2] = {0};
	syscall(SYS_capget, &h, c);
	printf("uid %u %u %u gid %u %u caps %08x%08x\n", r, e, s, getgid(), getegid(), c[1].effective, c[0].effective);
	return 0;
}

/* as-owner FILE: a program that got its owner's identity reads what only the owner may. */
static int as_owner(char **args)
{
	show(open(args[0], O_RDONLY));
	return 0;
}

/* execute-descriptor PROGRAM ARGUMENT…: started by a descriptor of it, of every kind. */
static int execute_descriptor(char **args)
{
	static const int kinds[] = {O_PATH, O_PATH | O_CLOEXEC, O_RDONLY};
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		for (int form = 0; form < 3; form++) {
			pid_t pid = fork();
			if (pid == 0) {
				char link[64];
				int fd = open(args[0], kinds[i]);
				snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
				if (form == 0)
					syscall(SYS_execveat, fd, "", args, environ, AT_EMPTY_PATH);
				else if (form == 1)
					execv(link, args);
				else
					fexecve(fd, args, environ);
				_exit(127);
			}
			waitpid(pid, NULL, 0);
		}
	return 0;
}

/* from-memory PROGRAM: copied into memory, started from there. */
static int from_memory(char **args)
{
	char buffer[4096];
	int from = open(args[0], O_RDONLY), to = memfd_create("program", 0);
	ssize_t n;
	while (from >= 0 && (n = read(from, buffer, sizeof buffer)) > 0)
		write(to, buffer, (size_t)n);
	fchmod(to, 0700);
	syscall(SYS_execveat, to, "", args, environ, AT_EMPTY_PATH);
	return 1;
}

/* crash: the kernel writes what was in memory into the working directory. */
static int crash(char **unused)
{
	(void)unused;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
	return 1;
}

/* capable FILE: it may read whatever there is, whoever executes it. */
static int capable(char **args)
{
	struct vfs_cap_data data = {.magic_etc = VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE, .data[0].permitted = 1 << CAP_DAC_READ_SEARCH};
	return setxattr(args[0], "security.capability", &data, sizeof data, 0) == 0 ? 0 : 1;
}

/* kernel TOKEN: what reaches into the kernel or names the machine. The token is shown when anything of it was let through. */
static int kernel(char **args)
{
	char name[256];
	static const uint64_t code[] = {0xb7, 0x95}; /* r0 = 0; exit */
	static const char license[] = "GPL";
	struct {
		uint32_t type, count;
		uint64_t code, license;
		uint32_t more[32];
	} program = {.count = 2, .code = (uintptr_t)code, .license = (uintptr_t)license};
	bool through = false;
	for (program.type = 1; program.type < 18; program.type++)
		through |= said("bpf", syscall(SYS_bpf, 5 /* BPF_PROG_LOAD */, &program, sizeof program));
	/* A permitted one finds that this is no module. */
	through |= !said("init_module", syscall(SYS_init_module, "x", 1UL, "")) && errno != EPERM;
	through |= gethostname(name, sizeof name) == 0 && said("sethostname", sethostname(name, strlen(name)));
	through |= said("perf_event_open", syscall(SYS_perf_event_open, &(uint32_t[32]){1, 128}, -1, 0, -1, 0));
	through |= said("syslog", syscall(SYS_syslog, 3, name, sizeof name));
	if (through)
		show(open(args[0], O_RDONLY));
	return 0;
}

const struct attempt process_attempts[] = {
	{"signals", signals, 1}, {"signal-io", signal_io, 1}, {"limits", limits, 1}, {"priority-of-user", priority_of_user, 0}, {"memory", memory, 1}, {"memory-write", memory_write, 2},
	{"proc-write", proc_write, 1}, {"ipc", ipc, 2}, {"keyring", keyring, 1}, {"linger", linger, 1}, {"linger-apart", linger_apart, 1}, {"ids", ids, 0}, {"as-owner", as_owner, 1}, {"execute-descriptor", execute_descriptor, 1}, {"from-memory", from_memory, 1}, {"crash", crash, 0}, {"capable", capable, 1}, {"kernel", kernel, 1}, {NULL, NULL, 0},
};
