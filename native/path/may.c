/* A FUSE server is asked for each access(2) (FUSE_ACCESS): by a process that can be lost, which has the identity that was taken for the question. */
#define _GNU_SOURCE
#include "path/may.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "loop/brief.h"
#include "slow/slow_mounts.h"

struct question {
	int fd, mode;
};

static bool may_now(const struct question *q)
{
	return syscall(SYS_faccessat2, q->fd, "", q->mode, AT_EACCESS | AT_EMPTY_PATH) == 0;
}

static void ask_and_tell(struct brief *b)
{
	bool may = may_now(b->arg);
	brief_tell(b, &may);
}

bool may_access(int fd, int mode)
{
	const struct question q = {.fd = fd, .mode = mode};
	bool may = false;
	if (!slow_mount_of(fd))
		return may_now(&q);
	struct brief b = {.work = ask_and_tell, .arg = &q, .keep = {fd}, .kept = 1, .result = &may, .size = sizeof may};
	return brief_ask(&b, slow_mount_number(fd)) == BRIEF_CAME && may;
}
