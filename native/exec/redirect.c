/* A seccomp filter cannot change a call's arguments, a tracer can: the thread is seized while it is blocked here, its call fails, and at the stop on its way back
 * to the program it is given the arguments of another execve and sent into it again. That call is trapped and decided like any other, and the floor decides it in
 * the kernel. Only ancestors may trace (Yama), which this process is; it lets go before the new call begins. Privileges: the user's own; root's CAP_SYS_PTRACE.
 * Works for static programs, threads, vfork and read-only strings alike; not for a caller that a debugger traces already, or that is not dumpable. */
#define _GNU_SOURCE
#include "exec/redirect.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller/caller.h"

enum { MAX_PENDING = 32, MAX_ARGUMENTS = 8192, BELOW_STACK = 1024, BELOW_HANDLERS = 40 * 1024 };

#if defined(__x86_64__)
typedef struct user_regs_struct registers;
static uint64_t stack_of(const registers *r) { return r->rsp; }
static int64_t result_of(const registers *r) { return (int64_t)r->rax; }
static void call_again(registers *r, long nr, const uint64_t a[5])
{
	r->rax = (uint64_t)nr;
	r->orig_rax = (uint64_t)-1; /* no restart of the old call on top */
	r->rdi = a[0], r->rsi = a[1], r->rdx = a[2], r->r10 = a[3], r->r8 = a[4];
	r->rip -= 2; /* the system-call instruction */
}
#elif defined(__aarch64__)
typedef struct user_regs_struct registers;
static uint64_t stack_of(const registers *r) { return r->sp; }
static int64_t result_of(const registers *r) { return (int64_t)r->regs[0]; }
static void call_again(registers *r, long nr, const uint64_t a[5])
{
	r->regs[8] = (uint64_t)nr;
	for (int i = 0; i < 5; i++)
		r->regs[i] = a[i];
	r->pc -= 4;
}
#endif

static struct pending {
	struct redirect r;
	pid_t tgid;
	bool waits; /* the thread that was seized is the one that called: it still waited afterwards, so its number had not become another's before */
	int remote; /* the program's descriptor in the caller */
	char *text; /* copies of the words */
} pending[MAX_PENDING];

static bool get_registers(pid_t tid, registers *r)
{
	struct iovec io = {.iov_base = r, .iov_len = sizeof *r};
	return ptrace(PTRACE_GETREGSET, tid, NT_PRSTATUS, &io) == 0 && io.iov_len == sizeof *r;
}

static bool set_registers(pid_t tid, registers *r)
{
	struct iovec io = {.iov_base = r, .iov_len = sizeof *r};
	return ptrace(PTRACE_SETREGSET, tid, NT_PRSTATUS, &io) == 0;
}

static bool write_memory(pid_t tid, uint64_t address, const void *data, size_t size)
{
	struct iovec local = {.iov_base = (void *)data, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
	return process_vm_writev(tid, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

static bool keep_words(struct pending *p)
{
	size_t size = 1;
	for (unsigned i = 0; i < p->r.words; i++)
		size += p->r.word[i] ? strlen(p->r.word[i]) + 1 : 0;
	char *at = p->text = malloc(size);
	if (at == NULL)
		return false;
	for (unsigned i = 0; i < p->r.words; i++) {
		if (p->r.word[i] == NULL)
			continue;
		strcpy(at, p->r.word[i]);
		p->r.word[i] = at;
		at += strlen(at) + 1;
	}
	return true;
}

static void drop(struct pending *p)
{
	free(p->text);
	*p = (struct pending){.r = {.tid = 0}};
}

/* A leader that another thread's execve has ended is never reported: its number is that thread's now (de_thread in fs/exec.c). */
static void drop_stale(void)
{
	for (unsigned i = 0; i < MAX_PENDING; i++)
		if (pending[i].r.tid != 0 && ptrace(PTRACE_INTERRUPT, pending[i].r.tid, 0, 0) != 0)
			drop(&pending[i]);
}

/* PTRACE_SEIZE waits for an execve of the same process to end (cred_guard_mutex), which waits for its other threads to be dead and, where one is traced, reaped by
 * the tracer: this process, which would wait for itself. So only one thread of a process is traced at a time. */
static bool one_is_traced(pid_t tgid)
{
	for (unsigned i = 0; i < MAX_PENDING; i++)
		if (pending[i].r.tid != 0 && pending[i].tgid == tgid)
			return true;
	return false;
}

static pid_t tracer_of(pid_t tid)
{
	char path[40], line[128];
	int tracer = 0;
	snprintf(path, sizeof path, "/proc/%d/status", tid);
	FILE *f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "TracerPid: %d", &tracer) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return (pid_t)tracer;
}

static sigjmp_buf given_up;

static void give_up(int sig)
{
	(void)sig;
	siglongjmp(given_up, 1);
}

/* The same wait can be made endless from inside: another thread's execve waits until a tracer inside has reaped this one, which it killed, and never does. Who is traced already
 * is refused before; should it become so at the last moment, an alarm ends the wait. A handler that returns would not: the kernel begins it again (ERESTARTNOINTR). */
static bool seize(pid_t tid)
{
	enum { PATIENCE_US = 100000 };
	if (tracer_of(tid) != 0)
		return false;
	struct sigaction action = {.sa_handler = give_up}, before;
	struct itimerval patience = {.it_value = {.tv_usec = PATIENCE_US}}, none = {0};
	sigset_t alarm, mask;
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	volatile bool seized = false; /* lives over the jump */
	sigaction(SIGALRM, &action, &before);
	if (sigsetjmp(given_up, 1) == 0) {
		setitimer(ITIMER_REAL, &patience, NULL);
		sigprocmask(SIG_UNBLOCK, &alarm, &mask);
		seized = ptrace(PTRACE_SEIZE, tid, 0, 0) == 0;
		sigprocmask(SIG_SETMASK, &mask, NULL);
	}
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &before, NULL);
	/* Pending and blocked it does nothing, until the next time it is let through. */
	struct timespec now = {0};
	sigtimedwait(&alarm, NULL, &now);
	/* The alarm may come when it was done, before that was noted. */
	return seized || tracer_of(tid) == getpid();
}

bool redirect_begin(struct supervisor *s, struct redirect *r)
{
	struct pending *p = NULL;
	struct caller_status status;
	drop_stale();
	if (!caller_status(r->tid, &status) || one_is_traced(status.tgid))
		return false;
	for (unsigned i = 0; i < MAX_PENDING && p == NULL; i++)
		p = pending[i].r.tid == 0 ? &pending[i] : NULL;
	bool ok = p != NULL;
	if (ok) {
		*p = (struct pending){.r = *r, .tgid = status.tgid, .remote = -1};
		ok = keep_words(p);
	}
	/* Not EXITKILL: should the number be another's by now, even of a process outside, nothing may happen to it. If this process dies, the guardian ends what is inside. */
	if (ok && !seize(r->tid))
		ok = false;
	if (ok)
		p->waits = caller_still_waits(s, r->notification);
	if (ok && p->waits && r->program >= 0) {
		struct seccomp_notif_addfd add = {.id = r->notification, .srcfd = (uint32_t)r->program, .newfd_flags = O_CLOEXEC};
		while ((p->remote = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add)) < 0 && errno == EINTR)
			continue;
	}
	/* From here on the thread stops, whatever comes of it, and redirect_stopped lets it go. */
	if (ok) {
		ptrace(PTRACE_INTERRUPT, r->tid, 0, 0);
		answer_error(s, r->notification, EACCES);
	} else if (p != NULL) {
		drop(p);
	}
	if (ok && r->program >= 0)
		close(r->program);
	return ok;
}

/* The new argument list at `end`, below the thread's stack: pointers to the words, then the caller's own arguments from the second on. */
static uint64_t write_arguments(const struct pending *p, uint64_t end, uint64_t *program)
{
	static uint64_t list[MAX_ARGUMENTS + REDIRECT_WORDS + 1];
	uint64_t argument;
	end &= ~15ULL;
	unsigned n = 0, own = 0;
	for (unsigned i = 0; i < p->r.words; i++) {
		if (p->r.word[i] == NULL) {
			list[n++] = p->r.path;
			continue;
		}
		size_t size = strlen(p->r.word[i]) + 1;
		end -= size;
		if (!write_memory(p->r.tid, end, p->r.word[i], size))
			return 0;
		list[n++] = end;
	}
	*program = list[0];
	do {
		if (own == MAX_ARGUMENTS || caller_read(p->r.tid, p->r.argv + 8 * own, &argument, sizeof argument) != 0)
			return 0;
		if (own++ > 0)
			list[n++] = argument;
	} while (argument != 0);
	if (own == 1)
		list[n++] = 0;
	end = (end - 8 * n) & ~15ULL;
	return write_memory(p->r.tid, end, list, 8 * n) ? end : 0;
}

/* At the end of the call that was answered here, and of no other. */
static bool at_the_call(const struct pending *p, registers *r)
{
	return p->waits && get_registers(p->r.tid, r) && (result_of(r) == -EACCES || result_of(r) == -512 /* interrupted before the answer */);
}

/* Is all this the process's first stack? What lies below another one is somebody's: another thread's, or the heap (Go). */
static bool on_first_stack(pid_t tid, uint64_t from, uint64_t to)
{
	char path[40], line[512];
	unsigned long start, end;
	bool found = false;
	snprintf(path, sizeof path, "/proc/%d/maps", tid);
	FILE *maps = fopen(path, "re");
	while (maps != NULL && !found && fgets(line, sizeof line, maps) != NULL)
		found = sscanf(line, "%lx-%lx", &start, &end) == 2 && start <= from && to <= end && strstr(line, "[stack]\n") != NULL;
	if (maps != NULL)
		fclose(maps);
	return found;
}

/* Until it calls, signals may come, and the frames of their handlers lie right below the stack: so the arguments lie further down, where the first stack has 128 KB to
 * begin with (setup_arg_pages in fs/exec.c). On another one they lie near, unless such a frame is certain. */
static uint64_t place_arguments(const struct pending *p, uint64_t stack, bool signalled, uint64_t *program)
{
	uint64_t at = on_first_stack(p->r.tid, stack - 2 * BELOW_HANDLERS, stack) ? write_arguments(p, stack - BELOW_HANDLERS, program) : 0;
	return at != 0 || signalled ? at : write_arguments(p, stack - BELOW_STACK, program);
}

static bool send_into(const struct pending *p, bool signalled)
{
	registers r;
	if (!at_the_call(p, &r) || (p->r.program >= 0 && p->remote < 0))
		return false;
	uint64_t argv = p->r.argv, program = 0;
	if (p->r.words > 0 && (argv = place_arguments(p, stack_of(&r), signalled, &program)) == 0)
		return false;
	if (p->r.program < 0) {
		call_again(&r, SYS_execve, (uint64_t[5]){program, argv, p->r.envp, 0, 0});
	} else {
		/* The end of the caller's own path is an empty string. */
		call_again(&r, SYS_execveat, (uint64_t[5]){(uint64_t)p->remote, p->r.path + p->r.path_length, argv, p->r.envp, AT_EMPTY_PATH});
	}
	return set_registers(p->r.tid, &r);
}

bool redirect_stopped(pid_t pid, int status)
{
	struct pending *p = NULL;
	for (unsigned i = 0; i < MAX_PENDING && p == NULL; i++)
		p = pending[i].r.tid == pid ? &pending[i] : NULL;
	if (p == NULL)
		return false;
	if (!WIFSTOPPED(status)) {
		drop(p); /* it died first */
		return false;
	}
	/* A signal that came meanwhile stops the thread first, at the same place, and there is no second stop: what is set here is what its handler returns to. */
	int signal = status >> 16 == 0 ? WSTOPSIG(status) : 0;
	send_into(p, signal != 0);
	/* Killed meanwhile it is still to be reaped, and counts until then. */
	if (ptrace(PTRACE_DETACH, pid, 0, (long)signal) == 0)
		drop(p);
	return true;
}
