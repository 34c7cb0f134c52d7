/* Performing a call on an object that was resolved and decided on: through its own descriptor, so nothing is looked up again. Runs as the caller. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "metadata/metadata.h"

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452 /* Linux 6.6 */
#endif

static const char *object_path(const struct object_call *c)
{
	static char path[40];
	/* The magic link ends at the object itself, also where that is a symlink. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", c->t.object);
	return path;
}

static int change_mode(const struct object_call *c)
{
	int r = (int)syscall(SYS_fchmodat2, c->t.object, "", c->mode, AT_EMPTY_PATH);
	return r != 0 && errno == ENOSYS ? chmod(object_path(c), c->mode) : r;
}

static int change_times(const struct object_call *c)
{
	const struct timespec *times = c->times_given ? c->times : NULL;
	int r = (int)syscall(SYS_utimensat, c->t.object, "", times, AT_EMPTY_PATH);
	/* Before 5.8 the flag was unknown; EINVAL is also the answer to bad nanoseconds, and then to this one too. */
	return r != 0 && errno == EINVAL ? (int)syscall(SYS_utimensat, AT_FDCWD, object_path(c), times, 0) : r;
}

void metadata_tell_of_limit(const struct supervisor *s, uint64_t id, pid_t tid)
{
	struct caller_status status;
	int thread = (int)syscall(SYS_pidfd_open, tid, PIDFD_THREAD);
	bool known = thread >= 0 || caller_status(tid, &status);
	if (known && caller_still_waits(s, id)) {
		if (thread >= 0)
			syscall(SYS_pidfd_send_signal, thread, SIGXFSZ, NULL, 0);
		else
			syscall(SYS_tgkill, status.tgid, tid, SIGXFSZ); /* before Linux 6.9 only a leader could be pinned, and would get it for all */
	}
	if (thread >= 0)
		close(thread);
}

/* The caller's own limit holds, not this process's: setrlimit(2), RLIMIT_FSIZE. */
static bool beyond_limit(struct object_call *c)
{
	struct rlimit limit;
	if (c->length <= c->t.st.st_size || !calling_status(&c->calling))
		return false;
	if (prlimit(c->calling.status.tgid, RLIMIT_FSIZE, NULL, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || (rlim_t)c->length <= limit.rlim_cur)
		return false;
	c->past_limit = true;
	return true;
}

static int change_length(struct object_call *c, int nonblock)
{
	if (c->length < 0 || !S_ISREG(c->t.st.st_mode)) {
		errno = c->length >= 0 && S_ISDIR(c->t.st.st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	int fd = open(object_path(c), O_WRONLY | O_CLOEXEC | O_NOCTTY | nonblock);
	if (fd < 0)
		return -1;
	int r = -1;
	if (beyond_limit(c))
		errno = EFBIG;
	else
		r = ftruncate(fd, c->length);
	int err = errno;
	close(fd);
	errno = err;
	return r;
}

static int change_flags(struct object_call *c)
{
	int flags = c->flags;
	return c->command == FS_IOC_FSSETXATTR ? ioctl(c->file, FS_IOC_FSSETXATTR, &c->fsx) : ioctl(c->file, FS_IOC_SETFLAGS, &flags);
}

static int perform(struct object_call *c, int nonblock)
{
	switch (c->verb) {
	case VERB_CHMOD:
		return change_mode(c);
	case VERB_CHOWN:
		return fchownat(c->t.object, "", c->uid, c->gid, AT_EMPTY_PATH);
	case VERB_UTIME:
		return change_times(c);
	case VERB_SETXATTR:
		return setxattr(object_path(c), c->name, c->value, c->size, c->flags);
	case VERB_REMOVEXATTR:
		return removexattr(object_path(c), c->name);
	case VERB_IOCTL:
		return change_flags(c);
	case VERB_TRUNCATE:
		return change_length(c, nonblock);
	default:
		errno = ENOSYS;
		return -1;
	}
}

int metadata_perform(const struct supervisor *s, struct object_call *c)
{
	if (!calling_identity_take(&c->calling))
		return -EACCES;
	int result = perform(c, O_NONBLOCK) == 0 ? 0 : -errno;
	caller_identity_restore();
	if (c->past_limit)
		metadata_tell_of_limit(s, c->id, c->calling.tid);
	/* A lease (F_SETLEASE) that a process inside took on its own file would stop this process, and with it every other call, for 45 s. */
	return result == -EWOULDBLOCK && c->verb == VERB_TRUNCATE ? METADATA_SLOWLY : result;
}

int metadata_perform_blocking(struct object_call *c)
{
	return !calling_identity_take(&c->calling) ? -EACCES : perform(c, 0) == 0 ? 0 : -errno;
}

/* user_namespaces(7): each line of the map is first-inside, first-outside, count. */
static bool map_id(pid_t tid, const char *map, uint32_t *id)
{
	char path[48];
	unsigned inside, outside, count;
	if (*id == UINT32_MAX)
		return true; /* "leave as it is" */
	snprintf(path, sizeof path, "/proc/%d/%s", tid, map);
	FILE *f = fopen(path, "re");
	bool found = false;
	while (f != NULL && !found && fscanf(f, "%u %u %u", &inside, &outside, &count) == 3)
		if (*id >= inside && *id - inside < count) {
			*id = outside + (*id - inside);
			found = true;
		}
	if (f != NULL)
		fclose(f);
	return found;
}

bool metadata_map_ids(struct object_call *c)
{
	if (caller_at_home(c->calling.tid))
		return true;
	return map_id(c->calling.tid, "uid_map", &c->uid) && map_id(c->calling.tid, "gid_map", &c->gid);
}
