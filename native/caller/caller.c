#define _GNU_SOURCE
#include "caller/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

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

enum elsewhere caller_elsewhere(pid_t tid)
{
	char path[40];
	struct stat own, its;
	snprintf(path, sizeof path, "/proc/%d/ns/pid", tid);
	if (stat("/proc/self/ns/pid", &own) != 0 || stat(path, &its) != 0)
		return NOT_KNOWN;
	return its.st_ino == own.st_ino ? AT_HOME : ELSEWHERE;
}
