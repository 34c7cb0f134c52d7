/* Attempts to watch what is outside, and to make whoever reads the caller's memory wait: each prints TOKEN, which only the attempt that got through may read aloud. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "attempt.h"

static const char *token;

static void got_through(const char *what, long result)
{
	if (said(what, result))
		show(open(token, O_RDONLY));
}

/* observe PID DIRECTORY TOKEN: counters of a process and of the machine, comparisons with it, and events in a directory. */
static int observe(char **args)
{
	pid_t pid = atoi(args[0]);
	token = args[2];
	for (unsigned type = 0; type < 6; type++)
		for (int where = 0; where < 2; where++) {
			struct perf_event_attr attr = {.type = type, .size = sizeof attr, .config = type == 1 ? PERF_COUNT_SW_CONTEXT_SWITCHES : 0, .exclude_kernel = 1, .exclude_hv = 1};
			got_through("perf_event_open", syscall(SYS_perf_event_open, &attr, where == 0 ? pid : -1, where == 0 ? -1 : 0, -1, 0));
		}
	for (int type = 0; type < 8; type++)
		got_through("kcmp", syscall(SYS_kcmp, getpid(), pid, type, 0, 0));
	static const unsigned flags[] = {FAN_CLASS_NOTIF, FAN_CLASS_CONTENT, FAN_CLASS_NOTIF | 0x200 /* REPORT_FID */, FAN_CLASS_NOTIF | 0xc00 /* REPORT_DFID_NAME */};
	for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		int group = (int)syscall(SYS_fanotify_init, flags[i], O_RDONLY);
		if (said("fanotify_init", group))
			got_through("fanotify_mark", syscall(SYS_fanotify_mark, group, FAN_MARK_ADD, (uint64_t)(FAN_OPEN | FAN_CLOSE | FAN_EVENT_ON_CHILD), AT_FDCWD, args[1]));
	}
	got_through("inotify_add_watch", inotify_add_watch(inotify_init1(0), args[1], IN_OPEN | IN_CREATE));
	got_through("F_NOTIFY", fcntl(open(args[1], O_RDONLY | O_DIRECTORY), F_NOTIFY, DN_ACCESS | DN_CREATE));
	int held = open(args[1], O_PATH | O_DIRECTORY);
	char again[64];
	snprintf(again, sizeof again, "/proc/self/fd/%d", held);
	got_through("inotify_add_watch by descriptor", inotify_add_watch(inotify_init1(0), again, IN_OPEN | IN_CREATE));
	return 0;
}

/* stall TOKEN: memory that only its owner can fill, so that a reader waits for ever. */
static int stall(char **args)
{
	token = args[0];
	for (int flags = 0; flags < 4; flags++)
		got_through("userfaultfd", syscall(SYS_userfaultfd, (flags & 1) | ((flags & 2) != 0 ? O_NONBLOCK : 0)));
	int device = open("/dev/userfaultfd", O_RDWR);
	if (said("/dev/userfaultfd", device))
		got_through("USERFAULTFD_IOC_NEW", ioctl(device, 0xaa00, 0));
	return 0;
}

/* pages HOW PID ADDRESS TOKEN: where the pages of a process lie, and how soon it has to wait for them; each by one call. */
static int pages(char **args)
{
	enum { PIDFD_OPEN = 434, PROCESS_MADVISE = 440, COLD = 20, PAGE = 4096 };
	pid_t pid = atoi(args[1]);
	void *address = (void *)strtoul(args[2], NULL, 16);
	unsigned long node = 1;
	int where = -1;
	struct iovec page = {address, PAGE};
	token = args[3];
	if (strcmp(args[0], "process_madvise") == 0)
		got_through(args[0], syscall(PROCESS_MADVISE, syscall(PIDFD_OPEN, pid, 0), &page, 1, COLD, 0));
	else if (strcmp(args[0], "migrate_pages") == 0)
		got_through(args[0], syscall(SYS_migrate_pages, pid, 8 * sizeof node, &node, &node));
	else
		got_through(args[0], syscall(SYS_move_pages, pid, 1, &address, NULL, &where, 0));
	return 0;
}

const struct attempt observed_attempts[] = {{"observe", observe, 3}, {"stall", stall, 1}, {"pages", pages, 4}, {NULL, NULL, 0}};
