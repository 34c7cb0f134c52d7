/* Attempts of a tracer: its child makes a harmless call, which becomes another one at each place where the kernel stops it on the way. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../native/preload/mark.h"
#include "attempt.h"

#ifndef NT_ARM_SYSTEM_CALL
#define NT_ARM_SYSTEM_CALL 0x404
#endif

/* Where it is turned: as it enters, before any filter; the same with the fast path's mark; where its own filter asks the tracer; its name only; by the newer call; where its result is told,
 * as one that is to be made again. */
enum way { ENTRY, MARKED, FILTERED, NAME, INFO, AGAIN, WAYS };
enum { RESTART = -513 /* ERESTARTNOINTR */, ASKED = SIGTRAP | PTRACE_EVENT_SECCOMP << 8, STEPS = 4000, ROOM = 8192, SET_SYSCALL_INFO = 0x4212 /* Linux 6.16 */ };

static const char *path;

static long harmless(enum way way)
{
	if (way != NAME)
		return syscall(SYS_getppid, 0, 0, 0, 0, 0, 0);
	return syscall(SYS_openat, AT_FDCWD, "/usr/bin/env", O_RDONLY, 0, 0, 0);
}

static void be_turned(enum way way)
{
	struct sock_filter ask[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	                            BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog filter = {4, ask};
	signal(SIGURG, SIG_DFL);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (way == FILTERED)
		syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
	long fd = harmless(way);
	/* Its parent's number is none of a descriptor. */
	if (fd > 2 && fd < 64)
		show((int)fd);
	_exit(0);
}

struct registers {
	struct user_regs_struct all;
	struct iovec v;
};

static bool get(pid_t pid, struct registers *r)
{
	r->v = (struct iovec){&r->all, sizeof r->all};
	return ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &r->v) == 0;
}

#if defined(__x86_64__)
static long number_of(pid_t pid, const struct registers *r)
{
	(void)pid;
	return (long)r->all.orig_rax;
}
static uint64_t stack_of(const struct registers *r)
{
	return r->all.rsp;
}
static long put(pid_t pid, struct registers *r, const uint64_t args[6])
{
	r->all.orig_rax = SYS_openat;
	r->all.rdi = args[0], r->all.rsi = args[1], r->all.rdx = args[2], r->all.r10 = args[3], r->all.r8 = args[4], r->all.r9 = args[5];
	return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &r->v);
}
static void result(struct registers *r, long value)
{
	r->all.rax = (unsigned long long)value;
}
#else
static long number_of(pid_t pid, const struct registers *r)
{
	(void)pid;
	return (long)r->all.regs[8];
}
static uint64_t stack_of(const struct registers *r)
{
	return r->all.sp;
}
static long put(pid_t pid, struct registers *r, const uint64_t args[6])
{
	int nr = SYS_openat;
	struct iovec v = {&nr, sizeof nr};
	for (int i = 0; i < 6; i++)
		r->all.regs[i] = args[i];
	r->all.regs[8] = SYS_openat;
	return ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &r->v) | ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &v);
}
static void result(struct registers *r, long value)
{
	r->all.regs[0] = (unsigned long long)value;
}
#endif

static long put_info(pid_t pid, const uint64_t args[6])
{
	struct {
		uint8_t op, reserved, flags[6];
		uint64_t pointer, stack, nr, args[6];
		uint64_t more[4];
	} info;
	memset(&info, 0, sizeof info);
	if (ptrace((enum __ptrace_request)0x420e /* PTRACE_GET_SYSCALL_INFO */, pid, sizeof info, &info) < 0)
		return -1;
	info.nr = SYS_openat;
	memcpy(info.args, args, sizeof info.args);
	return ptrace((enum __ptrace_request)SET_SYSCALL_INFO, pid, sizeof info, &info);
}

/* False: it is another call. */
static bool turn(pid_t pid, enum way way)
{
	struct registers r;
	if (!get(pid, &r) || number_of(pid, &r) != (way == NAME ? SYS_openat : SYS_getppid))
		return false;
	uint64_t name = stack_of(&r) - ROOM;
	struct iovec from = {(void *)(uintptr_t)path, strlen(path) + 1}, to = {(void *)(uintptr_t)name, strlen(path) + 1};
	said("process_vm_writev", process_vm_writev(pid, &from, 1, &to, 1, 0));
	const uint64_t args[6] = {(uint64_t)AT_FDCWD, name, O_RDONLY, 0, 0, way == MARKED ? name ^ FAST_PATH_MARK : 0};
	if (way == AGAIN)
		result(&r, RESTART);
	said(way == INFO ? "PTRACE_SET_SYSCALL_INFO" : "PTRACE_SETREGSET", way == INFO ? put_info(pid, args) : put(pid, &r, args));
	return true;
}

static void trace(pid_t pid, enum way way)
{
	int status;
	bool inside = false, turned = false;
	waitpid(pid, &status, 0);
	said("options", ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL));
	for (int i = 0; i < STEPS; i++) {
		int stop = 0;
		ptrace(way == FILTERED ? PTRACE_CONT : PTRACE_SYSCALL, pid, 0, 0);
		if (waitpid(pid, &status, 0) < 0 || WIFEXITED(status) || WIFSIGNALED(status))
			return;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			inside = !inside;
			stop = inside != (way == AGAIN);
		}
		if (turned || (stop == 0 && status >> 8 != ASKED))
			continue;
		turned = turn(pid, way);
		if (turned && way == AGAIN)
			kill(pid, SIGURG); /* a call is made again on the way to a signal */
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
}

/* turned PATH */
static int turned_calls(char **args)
{
	path = args[0];
	for (enum way way = ENTRY; way < WAYS; way++) {
		pid_t pid = fork();
		if (pid == 0)
			be_turned(way);
		trace(pid, way);
	}
	return 0;
}

const struct attempt traced_attempts[] = {{"turned", turned_calls, 1}, {NULL, NULL, 0}};
