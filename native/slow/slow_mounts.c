#define _GNU_SOURCE
#include "slow/slow_mounts.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "path/resolve.h"
#include "slow/later_mounts.h"

struct mount {
	char *point;
	unsigned number;
	bool fuse, folds;
};

static struct {
	struct mount *at;
	unsigned count, room;
	int table;
} mounts = {.table = -1};

static bool is_fuse(const char *type)
{
	return strcmp(type, "fuse") == 0 || strcmp(type, "fuseblk") == 0 || strncmp(type, "fuse.", 5) == 0;
}

/* Their servers tell capitals apart. FUSE, virtiofs and 9p pass on what may be anything (a drive of Windows is 9p under WSL), CIFS does not. */
static bool tells_case(const char *type)
{
	static const char *const types[] = {"nfs", "nfs4", "ceph", "afs", "coda", "lustre", "beegfs", "orangefs", "autofs"};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static bool has_server(const char *type)
{
	static const char *const others[] = {"cifs", "smb3", "9p", "virtiofs"};
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strcmp(type, others[i]) == 0)
			return true;
	return tells_case(type) || is_fuse(type);
}

void slow_unescape(char *s)
{
	char *to = s;
	for (; *s; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] != 0 && s[3] != 0) {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = 0;
}

static void add(const char *point, unsigned number, const char *type)
{
	if (mounts.count == mounts.room) {
		unsigned room = 2 * mounts.room + 16;
		struct mount *more = realloc(mounts.at, room * sizeof *more);
		if (more == NULL)
			return;
		mounts.at = more;
		mounts.room = room;
	}
	struct mount *m = &mounts.at[mounts.count];
	*m = (struct mount){.point = strdup(point), .number = number, .fuse = is_fuse(type), .folds = !tells_case(type)};
	mounts.count += m->point != NULL;
}

static void reread(void)
{
	while (mounts.count > 0)
		free(mounts.at[--mounts.count].point);
	FILE *table = fopen("/proc/self/mountinfo", "re");
	static char line[3 * PLAN_MAX_PATH], point[PLAN_MAX_PATH];
	char type[64];
	unsigned number;
	while (table != NULL && fgets(line, sizeof line, table) != NULL) {
		const char *rest = strstr(line, " - ");
		later_line(line);
		if (rest == NULL || sscanf(rest, " - %63s", type) != 1 || !has_server(type) || sscanf(line, "%u %*s %*s %*s %4095s", &number, point) != 2)
			continue;
		slow_unescape(point);
		add(point, number, type);
	}
	if (table == NULL)
		return;
	fclose(table);
	later_end();
}

/* Opened before it is read: a change after that is told by this descriptor, to the supervisor too, which is forked later. */
static void read_first(void)
{
	if (mounts.table >= 0)
		return;
	mounts.table = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	reread();
}

/* Each open of the table tells a change once. An epoll that is polled itself asks twice, and the first answer is lost: so one is there to wake, and another to tell. */
int slow_init(void)
{
	int wakes = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	read_first();
	slow_look_again(); /* the launcher has read it for the command, some time ago */
	return wakes;
}

bool slow_look_again(void)
{
	struct pollfd p = {.fd = mounts.table, .events = POLLPRI};
	bool changed = poll(&p, 1, 0) > 0;
	if (changed)
		reread();
	return changed;
}

/* Also where `real` is the mount point itself. */
static bool is_at(const char *real, const char *dir)
{
	size_t len = strlen(dir);
	return strncmp(real, dir, len) == 0 && (real[len] == '/' || real[len] == 0 || len == 1);
}

bool slow_at(const char *real)
{
	for (unsigned i = 0; i < mounts.count; i++)
		if (is_at(real, mounts.at[i].point))
			return true;
	return false;
}

bool slow_at_or_below(const char *real)
{
	for (unsigned i = 0; i < mounts.count; i++)
		if (is_at(real, mounts.at[i].point) || is_at(mounts.at[i].point, real))
			return true;
	return false;
}

bool slow_mounted(void)
{
	return mounts.count > 0;
}

bool slow_any(void)
{
	read_first();
	return mounts.count > 0;
}

bool slow_holds(int fd)
{
	char real[PLAN_MAX_PATH];
	return mounts.count > 0 && resolve_descriptor(fd, real) && slow_at(real);
}

static const struct mount *mount_of(int fd)
{
	struct statx st;
	if (mounts.count == 0 || statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_MNT_ID, &st) != 0 || (st.stx_mask & STATX_MNT_ID) == 0)
		return NULL;
	for (unsigned i = 0; i < mounts.count; i++)
		if (mounts.at[i].number == st.stx_mnt_id)
			return &mounts.at[i];
	return NULL;
}

bool slow_mount_of(int fd)
{
	return mount_of(fd) != NULL;
}

int slow_mount_number(int fd)
{
	const struct mount *m = mount_of(fd);
	return m != NULL ? (int)m->number : -1;
}

bool slow_folds(int fd)
{
	const struct mount *m = mount_of(fd);
	return m != NULL && m->folds;
}

int slow_mount_at(const char *real)
{
	size_t longest = 0;
	int number = -1;
	for (unsigned i = 0; i < mounts.count; i++) {
		size_t len = strlen(mounts.at[i].point);
		if (len < longest || !is_at(real, mounts.at[i].point))
			continue;
		number = (int)mounts.at[i].number;
		longest = len;
	}
	return number;
}

bool slow_withdraws(int fd)
{
	char real[PLAN_MAX_PATH];
	size_t longest = 0;
	bool fuse = false;
	if (!resolve_descriptor(fd, real))
		return false;
	for (unsigned i = 0; i < mounts.count; i++) {
		size_t len = strlen(mounts.at[i].point);
		if (len < longest || !is_at(real, mounts.at[i].point))
			continue;
		/* One over the other: the later one is seen, and it comes later in the table; should that be otherwise, both have to be. */
		fuse = mounts.at[i].fuse && (len > longest || fuse);
		longest = len;
	}
	return fuse;
}
