#define _GNU_SOURCE
#include "caller.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t read_file(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, out, size - 1);
	close(fd);
	out[n > 0 ? n : 0] = 0;
	return n;
}

/* The value after "\nName:\t"; the file starts with "Name:", whose value the process chooses, so a field is only found at the start of a line
 * (the kernel escapes newlines in it). */
static const char *field(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	return at ? at + strlen(name) : "";
}

/* The status of the same thread is read again and again: its file stays open. It is bound to the thread, not to the number: once the thread is gone it reads ESRCH,
 * whoever has the number by then. */
static ssize_t read_status(pid_t tid, char *out, size_t size)
{
	static struct {
		pid_t tid;
		int fd;
	} kept = {.fd = -1};
	char path[40];
	ssize_t n = kept.fd >= 0 && kept.tid == tid ? pread(kept.fd, out, size - 1, 0) : -1;
	if (n <= 0) {
		if (kept.fd >= 0)
			close(kept.fd);
		snprintf(path, sizeof path, "/proc/%d/status", tid);
		kept.tid = tid;
		kept.fd = open(path, O_RDONLY | O_CLOEXEC);
		n = kept.fd >= 0 ? pread(kept.fd, out, size - 1, 0) : -1;
	}
	out[n > 0 ? n : 0] = 0;
	return n;
}

bool caller_status(pid_t tid, struct caller_status *out)
{
	char page[4096];
	/* A process in thousands of groups has them all listed, before most of what is asked here. One read gives one consistent state. */
	static char large[1 << 20];
	char *text = page;
	ssize_t n = read_status(tid, page, sizeof page);
	if (n == (ssize_t)sizeof page - 1) {
		text = large;
		n = read_status(tid, large, sizeof large);
	}
	if (n <= 0)
		return false;
	*out = (struct caller_status){0};
	out->umask = (unsigned)strtoul(field(text, "\nUmask:"), NULL, 8);
	out->tgid = (pid_t)strtol(field(text, "\nTgid:"), NULL, 10);
	out->ppid = (pid_t)strtol(field(text, "\nPPid:"), NULL, 10);
	out->threads = (unsigned)strtoul(field(text, "\nThreads:"), NULL, 10);
	out->filters = (unsigned)strtoul(field(text, "\nSeccomp_filters:"), NULL, 10);
	out->pending_thread = strtoull(field(text, "\nSigPnd:"), NULL, 16);
	out->pending_process = strtoull(field(text, "\nShdPnd:"), NULL, 16);
	out->blocked = strtoull(field(text, "\nSigBlk:"), NULL, 16);
	out->cap_eff = strtoull(field(text, "\nCapEff:"), NULL, 16);
	if (sscanf(field(text, "\nUid:"), "%u %u %u %u", &out->ruid, &out->euid, &out->suid, &out->fsuid) != 4)
		return false;
	if (sscanf(field(text, "\nGid:"), "%u %u %u %u", &out->rgid, &out->egid, &out->sgid, &out->fsgid) != 4)
		return false;
	const char *g = field(text, "\nGroups:");
	while (out->group_count < CALLER_MAX_GROUPS) {
		while (*g == ' ' || *g == '\t')
			g++;
		if (*g < '0' || *g > '9')
			break;
		out->groups[out->group_count++] = (gid_t)strtoul(g, (char **)&g, 10);
	}
	return out->tgid > 0;
}

int caller_read(pid_t tid, uint64_t address, void *out, size_t size)
{
	struct iovec local = {.iov_base = out, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
	ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EFAULT;
}

int caller_write(pid_t tid, uint64_t address, const void *from, size_t size)
{
	struct iovec local = {.iov_base = (void *)(uintptr_t)from, .iov_len = size};
	struct iovec remote = {.iov_base = (void *)(uintptr_t)address, .iov_len = size};
	ssize_t n = process_vm_writev(tid, &local, 1, &remote, 1, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EFAULT;
}

int caller_string(pid_t tid, uint64_t address, char *out, size_t size)
{
	size_t have = 0;
	size_t chunk = 256; /* most paths are short; a page boundary is never crossed in one read, so the next page may be unmapped */
	while (have < size) {
		size_t room = 4096 - ((address + have) & 4095);
		size_t want = chunk < room ? chunk : room;
		if (want > size - have)
			want = size - have;
		int err = caller_read(tid, address + have, out + have, want);
		if (err != 0)
			return err;
		if (memchr(out + have, 0, want) != NULL)
			return 0;
		have += want;
		chunk = 4096;
	}
	return -ENAMETOOLONG;
}

void caller_comm(pid_t pid, char out[16])
{
	char path[40];
	char text[32];
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	ssize_t n = read_file(path, text, sizeof text);
	size_t len = n > 0 ? strcspn(text, "\n") : 0;
	len = len < 15 ? len : 15;
	memcpy(out, text, len);
	out[len] = 0;
}

char caller_state(pid_t tid)
{
	char path[40], text[512];
	snprintf(path, sizeof path, "/proc/%d/stat", tid);
	const char *after = read_file(path, text, sizeof text) > 0 ? strrchr(text, ')') : NULL;
	return after != NULL && after[1] == ' ' ? after[2] : 0;
}

pid_t caller_parent(pid_t pid)
{
	char path[40], text[512];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if (read_file(path, text, sizeof text) <= 0)
		return 0;
	const char *after = strrchr(text, ')'); /* comm may hold spaces and parentheses */
	int parent = 0;
	char state;
	if (after == NULL || sscanf(after + 1, " %c %d", &state, &parent) != 2)
		return 0;
	return parent;
}

static char thread_state(const char *tgid, const char *tid)
{
	char path[300], text[512];
	snprintf(path, sizeof path, "/proc/%s/task/%s/stat", tgid, tid);
	const char *after = read_file(path, text, sizeof text) > 0 ? strrchr(text, ')') : NULL;
	return after != NULL && after[1] == ' ' ? after[2] : 0;
}

bool caller_group_stopping(pid_t tgid, pid_t tid)
{
	char path[40], number[16], own[16];
	snprintf(number, sizeof number, "%d", tgid);
	snprintf(own, sizeof own, "%d", tid);
	snprintf(path, sizeof path, "/proc/%d/task", tgid);
	DIR *tasks = opendir(path);
	if (tasks == NULL)
		return false;
	/* Threads in D may be held as well; the first that is not shows what the process is at. */
	char state = 'D';
	for (struct dirent *e; state == 'D' && (e = readdir(tasks)) != NULL;)
		if (e->d_name[0] != '.' && strcmp(e->d_name, own) != 0)
			state = thread_state(number, e->d_name);
	closedir(tasks);
	return state == 'T';
}

uint64_t caller_start_time(pid_t pid)
{
	char path[40], text[1024];
	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	const char *at = read_file(path, text, sizeof text) > 0 ? strrchr(text, ')') : NULL;
	for (int field_number = 2; at != NULL && field_number < 22; field_number++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

static pid_t workers[CALLER_MAX_WORKERS];

static bool is_worker(pid_t pid)
{
	for (int i = 0; i < CALLER_MAX_WORKERS; i++)
		if (workers[i] == pid)
			return true;
	return false;
}

void caller_worker_started(pid_t pid)
{
	if (is_worker(pid))
		return;
	for (int i = 0; i < CALLER_MAX_WORKERS; i++)
		if (workers[i] == 0) {
			workers[i] = pid;
			return;
		}
}

void caller_worker_ended(pid_t pid)
{
	for (int i = 0; i < CALLER_MAX_WORKERS; i++)
		if (workers[i] == pid)
			workers[i] = 0;
}

dev_t caller_terminal(pid_t tid)
{
	char path[40], text[512];
	snprintf(path, sizeof path, "/proc/%d/stat", tid);
	const char *at = read_file(path, text, sizeof text) > 0 ? strrchr(text, ')') : NULL;
	for (int field_number = 2; at != NULL && field_number < 7; field_number++)
		at = strchr(at + 1, ' ');
	/* As the kernel packs it for old programs: minor 0-7 and 20-31, major 8-19. */
	unsigned tty = at != NULL ? (unsigned)strtol(at, NULL, 10) : 0;
	return tty == 0 ? 0 : makedev((tty >> 8) & 0xfff, (tty & 0xff) | ((tty >> 12) & 0xfff00));
}

bool caller_in_session(pid_t pid)
{
	pid_t self = getpid();
	for (int depth = 0; pid > 1 && depth < 4096; depth++) {
		if (is_worker(pid))
			return false;
		pid = caller_parent(pid);
		if (pid == self)
			return true;
	}
	return false;
}

static struct {
	bool privileged;
	uid_t uid;
	gid_t gid;
	gid_t groups[CALLER_MAX_GROUPS];
	int group_count;
	struct __user_cap_data_struct caps[2];
	ino_t user_ns;
	bool switched;
} own;

static ino_t look_up_user_namespace(pid_t tid)
{
	char path[48];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/ns/user", tid);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* A thread that is blocked in its call cannot change its credentials, so one look a call is enough; each costs as much as a whole open. */
static struct {
	pid_t tid;
	ino_t user_ns;
} seen;

void caller_begin(void)
{
	seen.tid = 0;
}

static ino_t user_namespace(pid_t tid)
{
	if (seen.tid != tid || seen.user_ns == 0) {
		seen.tid = tid;
		seen.user_ns = look_up_user_namespace(tid);
	}
	return seen.user_ns;
}

bool caller_at_home(pid_t tid)
{
	return user_namespace(tid) == own.user_ns;
}

/* Capabilities that change what an open of a file or a call on a socket does (capabilities(7)). */
static const uint32_t FILE_CAPS = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH | 1U << CAP_FOWNER | 1U << CAP_FSETID |
                                  1U << CAP_LINUX_IMMUTABLE | 1U << CAP_SYS_ADMIN | 1U << CAP_SYS_RESOURCE | 1U << CAP_MKNOD | 1U << CAP_LEASE |
                                  1U << CAP_NET_BIND_SERVICE | 1U << CAP_NET_ADMIN | 1U << CAP_NET_RAW | 1U << CAP_SETFCAP;

bool caller_identity_fixed(void)
{
	return !own.privileged;
}

void caller_identity_init(uint64_t keep)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	own.uid = geteuid();
	own.gid = getegid();
	own.group_count = getgroups(CALLER_MAX_GROUPS, own.groups);
	syscall(SYS_capget, &head, own.caps);
	/* Root keeps for itself what the command may have, and what supervising takes: reading memory of, and acting as, other users inside. */
	uint64_t supervising = 1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_SYS_PTRACE | 1ULL << CAP_KILL;
	own.caps[0].effective &= (uint32_t)(keep | supervising);
	own.caps[1].effective &= (uint32_t)(keep >> 32);
	syscall(SYS_capset, &head, own.caps);
	own.privileged = (own.caps[0].effective & ((1U << CAP_SETUID) | (1U << CAP_SETGID))) == ((1U << CAP_SETUID) | (1U << CAP_SETGID));
	own.user_ns = user_namespace(getpid());
}

static bool same_groups(const struct caller_status *s)
{
	return s->group_count == own.group_count && memcmp(s->groups, own.groups, (size_t)s->group_count * sizeof s->groups[0]) == 0;
}

static void set_effective(uint64_t caps)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {own.caps[0], own.caps[1]};
	data[0].effective = data[0].permitted & (uint32_t)caps;
	data[1].effective = data[1].permitted & (uint32_t)(caps >> 32);
	syscall(SYS_capset, &head, data);
}

bool caller_has_our_identity(pid_t tid, const struct caller_status *s)
{
	return s->group_count < CALLER_MAX_GROUPS && s->fsuid == own.uid && s->fsgid == own.gid && same_groups(s) &&
	       (s->cap_eff & FILE_CAPS) == (own.caps[0].effective & FILE_CAPS) && caller_at_home(tid);
}

bool caller_has_fowner(const struct caller_status *known)
{
	return own.privileged && ((known != NULL ? known->cap_eff : own.caps[0].effective) & 1U << CAP_FOWNER) != 0;
}

bool caller_identity_take(pid_t tid, const struct caller_status *s)
{
	if (!own.privileged)
		return s->fsuid == own.uid && s->fsgid == own.gid; /* groups and capabilities cannot have grown */
	if (s->group_count >= CALLER_MAX_GROUPS)
		return false;
	/* The usual caller: what it could do itself, this process does with the same authority already. */
	if (caller_has_our_identity(tid, s))
		return true;
	/* Capabilities in a user namespace of its own say nothing about files of ours. */
	uint64_t caps = caller_at_home(tid) ? s->cap_eff : 0;
	own.switched = true;
	if (!same_groups(s) && syscall(SYS_setgroups, s->group_count, s->groups) != 0)
		return false;
	if (s->fsgid != own.gid)
		syscall(SYS_setfsgid, s->fsgid);
	if (s->fsuid != own.uid)
		syscall(SYS_setfsuid, s->fsuid);
	/* setfsuid(2) reports no errors: ask. */
	bool ok = (uid_t)syscall(SYS_setfsuid, -1) == s->fsuid && (gid_t)syscall(SYS_setfsgid, -1) == s->fsgid;
	set_effective(caps);
	return ok;
}

/* Capabilities that change what may be done to another process's limits and priorities. */
static const uint32_t PROCESS_CAPS = 1U << CAP_SYS_NICE | 1U << CAP_SYS_RESOURCE | 1U << CAP_SYS_ADMIN;

bool caller_is_this_user(pid_t tid, const struct caller_status *s)
{
	return user_namespace(tid) == own.user_ns && s->ruid == own.uid && s->euid == own.uid && s->suid == own.uid &&
	       (s->cap_eff & PROCESS_CAPS) == (own.caps[0].effective & PROCESS_CAPS);
}

bool caller_become(pid_t tid, const struct caller_status *s)
{
	if (!own.privileged || s->group_count >= CALLER_MAX_GROUPS)
		return false;
	bool at_home = user_namespace(tid) == own.user_ns;
	/* Kept over setresuid, so that what the caller holds effectively can be taken afterwards. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setgroups((size_t)s->group_count, s->groups) != 0 || setresgid(s->rgid, s->egid, s->sgid) != 0 ||
	    setresuid(s->ruid, s->euid, s->suid) != 0)
		return false;
	set_effective(at_home ? s->cap_eff : 0);
	return true;
}

bool caller_identity_become(pid_t tid, const struct caller_status *s)
{
	if (!caller_identity_take(tid, s))
		return false;
	bool other = own.switched;
	caller_identity_restore();
	return !other || caller_become(tid, s);
}

bool caller_identity_taken(void)
{
	return own.switched;
}

void caller_identity_restore(void)
{
	if (!own.switched)
		return;
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	syscall(SYS_capset, &head, own.caps);
	syscall(SYS_setfsuid, own.uid);
	syscall(SYS_setfsgid, own.gid);
	syscall(SYS_setgroups, own.group_count, own.groups);
	syscall(SYS_capset, &head, own.caps); /* setfsuid back to 0 raised the file capabilities; this is the recorded set */
	own.switched = false;
}
