#define _GNU_SOURCE
#include "metadata/metadata_read.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <utime.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

enum { EMPTY_OK = AT_EMPTY_PATH, NOFOLLOW_OK = AT_SYMLINK_NOFOLLOW };

static int read_mode(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	c->mode = (mode_t)n->data.args[(int)shape->first] & 07777;
	return 0;
}

static int read_owner(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	c->uid = (uid_t)n->data.args[(int)shape->first];
	c->gid = (gid_t)n->data.args[shape->first + 1];
	return metadata_map_ids(c) ? 0 : -EINVAL;
}

static int read_length(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	c->length = (off_t)n->data.args[(int)shape->first];
	return c->length < 0 ? -EINVAL : 0;
}

static int read_timespecs(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	uint64_t address = n->data.args[(int)shape->first];
	c->times_given = address != 0;
	int err = address != 0 ? caller_read((pid_t)n->pid, address, c->times, sizeof c->times) : 0;
	/* Both left out: the kernel answers without a look at the path. */
	return err == 0 && address != 0 && c->times[0].tv_nsec == UTIME_OMIT && c->times[1].tv_nsec == UTIME_OMIT ? NOTHING_TO_DO : err;
}

#ifdef SYS_open /* the calls of old, which arm64 does not have */
static int read_timevals(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	struct timeval micro[2] = {0};
	uint64_t address = n->data.args[(int)shape->first];
	c->times_given = address != 0;
	int err = address != 0 ? caller_read((pid_t)n->pid, address, micro, sizeof micro) : 0;
	for (int i = 0; err == 0 && i < 2; i++) {
		if (micro[i].tv_usec < 0 || micro[i].tv_usec >= 1000000)
			return -EINVAL;
		c->times[i] = (struct timespec){.tv_sec = micro[i].tv_sec, .tv_nsec = micro[i].tv_usec * 1000};
	}
	return err;
}

static int read_utimbuf(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	struct utimbuf buf = {0};
	uint64_t address = n->data.args[(int)shape->first];
	c->times_given = address != 0;
	int err = address != 0 ? caller_read((pid_t)n->pid, address, &buf, sizeof buf) : 0;
	c->times[0] = (struct timespec){.tv_sec = buf.actime};
	c->times[1] = (struct timespec){.tv_sec = buf.modtime};
	return err;
}
#endif

static int read_attribute_name(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	int err = caller_string((pid_t)n->pid, n->data.args[(int)shape->first], c->name, sizeof c->name);
	return err == -ENAMETOOLONG || (err == 0 && c->name[0] == 0) ? -ERANGE : err;
}

static int read_attribute(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	static char value[XATTR_VALUE_MAX];
	uint64_t address = n->data.args[shape->first + 1];
	c->size = n->data.args[shape->first + 2];
	c->flags = (int)n->data.args[shape->first + 3];
	c->value = value;
	if ((c->flags & ~3) != 0)
		return -EINVAL;
	int err = read_attribute_name(n, shape, c);
	if (err != 0)
		return err;
	if (c->size > XATTR_VALUE_MAX)
		return -E2BIG;
	err = c->size > 0 ? caller_read((pid_t)n->pid, address, value, c->size) : 0;
	/* An access list holds ids of the caller's user namespace, and so does a file capability: only at home are they ours. */
	bool holds_ids = strncmp(c->name, "system.posix_acl_", 17) == 0 || strcmp(c->name, "security.capability") == 0;
	return err == 0 && holds_ids && !caller_at_home((pid_t)n->pid) ? -EOPNOTSUPP : err;
}

static int read_flags(const struct seccomp_notif *n, const struct metadata_shape *shape, struct object_call *c)
{
	uint64_t address = n->data.args[(int)shape->first];
	c->command = (unsigned)n->data.args[1];
	return c->command == FS_IOC_FSSETXATTR ? caller_read((pid_t)n->pid, address, &c->fsx, sizeof c->fsx) : caller_read((pid_t)n->pid, address, &c->flags, sizeof c->flags);
}

static const struct metadata_shape shapes[] = {
	{SYS_fchmodat, VERB_CHMOD, 0, 1, -1, 0, true, read_mode, 2},
	{SYS_fchmodat2, VERB_CHMOD, 0, 1, 3, EMPTY_OK | NOFOLLOW_OK, true, read_mode, 2},
	{SYS_fchmod, VERB_CHMOD, 0, -1, -1, 0, true, read_mode, 1},
	{SYS_fchownat, VERB_CHOWN, 0, 1, 4, EMPTY_OK | NOFOLLOW_OK, true, read_owner, 2},
	{SYS_fchown, VERB_CHOWN, 0, -1, -1, 0, true, read_owner, 1},
	{SYS_utimensat, VERB_UTIME, 0, 1, 3, EMPTY_OK | NOFOLLOW_OK, true, read_timespecs, 2},
	{SYS_setxattr, VERB_SETXATTR, -1, 0, -1, 0, true, read_attribute, 1},
	{SYS_lsetxattr, VERB_SETXATTR, -1, 0, -1, 0, false, read_attribute, 1},
	{SYS_fsetxattr, VERB_SETXATTR, 0, -1, -1, 0, true, read_attribute, 1},
	{SYS_removexattr, VERB_REMOVEXATTR, -1, 0, -1, 0, true, read_attribute_name, 1},
	{SYS_lremovexattr, VERB_REMOVEXATTR, -1, 0, -1, 0, false, read_attribute_name, 1},
	{SYS_fremovexattr, VERB_REMOVEXATTR, 0, -1, -1, 0, true, read_attribute_name, 1},
	{SYS_ioctl, VERB_IOCTL, 0, -1, -1, 0, true, read_flags, 2},
	{SYS_truncate, VERB_TRUNCATE, -1, 0, -1, 0, true, read_length, 1},
#ifdef SYS_open
	{SYS_chmod, VERB_CHMOD, -1, 0, -1, 0, true, read_mode, 1},
	{SYS_chown, VERB_CHOWN, -1, 0, -1, 0, true, read_owner, 1},
	{SYS_lchown, VERB_CHOWN, -1, 0, -1, 0, false, read_owner, 1},
	{SYS_utime, VERB_UTIME, -1, 0, -1, 0, true, read_utimbuf, 1},
	{SYS_utimes, VERB_UTIME, -1, 0, -1, 0, true, read_timevals, 1},
	{SYS_futimesat, VERB_UTIME, 0, 1, -1, 0, true, read_timevals, 2},
#endif
};

const struct metadata_shape *metadata_shape_of(int nr)
{
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
		if (shapes[i].nr == nr)
			return &shapes[i];
	return NULL;
}
