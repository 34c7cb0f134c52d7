#include "filter/calls.h"
#include "caller/identity.h"
#include "caller/job_control.h"
#include "caller/masks.h"
#include "exec/exec.h"
#include "metadata/metadata.h"
#include "names/names.h"
#include "path/terminals.h"
#include "sockets/sockets.h"
#include "uapi/landlock_abi.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13 */
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452 /* Linux 6.6 */
#endif

static void ioctl_call(struct supervisor *s, const struct seccomp_notif *n)
{
	if ((uint32_t)n->data.args[1] == TIOCGPTPEER)
		terminal_peer_call(s, n);
	else if ((uint32_t)n->data.args[1] == TIOCSPGRP)
		foreground_call(s, n);
	else
		metadata_call(s, n);
}

/* A new brokered call is a row here and a handler in the file of its mechanism. The most frequent ones stand first: the filter tests them in this order. */
const struct trapped_call trapped_calls[] = {
	{SYS_openat, 0, 0, broker_open},
#ifdef SYS_open
	{SYS_open, 0, 0, broker_open},
	{SYS_creat, 0, 0, broker_open},
#endif
	{SYS_openat2, 0, 0, broker_open_how},
	{SYS_execve, 0, 0, exec_call},
	{SYS_execveat, 0, 0, exec_call},
	{SYS_mkdirat, 0, 0, names_call},
	{SYS_unlinkat, 0, 0, names_call},
	{SYS_renameat2, 0, 0, names_call},
	{SYS_linkat, 0, 0, names_call},
	{SYS_symlinkat, 0, 0, names_call},
	{SYS_mknodat, 0, 0, names_call},
	{SYS_truncate, 0, 0, metadata_call},
#ifdef SYS_open
	{SYS_mkdir, 0, 0, names_call},
	{SYS_rmdir, 0, 0, names_call},
	{SYS_unlink, 0, 0, names_call},
	{SYS_rename, 0, 0, names_call},
	{SYS_link, 0, 0, names_call},
	{SYS_symlink, 0, 0, names_call},
	{SYS_mknod, 0, 0, names_call},
#endif
#ifdef SYS_renameat
	{SYS_renameat, 0, 0, names_call},
#endif
	{SYS_utimensat, 0, 0, metadata_call},
	{SYS_fchmod, 0, 0, metadata_call},
	{SYS_fchmodat, 0, 0, metadata_call},
	{SYS_fchown, 0, 0, metadata_call},
	{SYS_fchownat, 0, 0, metadata_call},
	{SYS_fchmodat2, 0, 0, metadata_call},
	{SYS_setxattr, 0, 0, metadata_call},
	{SYS_lsetxattr, 0, 0, metadata_call},
	{SYS_fsetxattr, 0, 0, metadata_call},
	{SYS_removexattr, 0, 0, metadata_call},
	{SYS_lremovexattr, 0, 0, metadata_call},
	{SYS_fremovexattr, 0, 0, metadata_call},
#ifdef SYS_open
	{SYS_chmod, 0, 0, metadata_call},
	{SYS_chown, 0, 0, metadata_call},
	{SYS_lchown, 0, 0, metadata_call},
	{SYS_utime, 0, 0, metadata_call},
	{SYS_utimes, 0, 0, metadata_call},
	{SYS_futimesat, 0, 0, metadata_call},
#endif
	{SYS_ioctl, 0, 0, ioctl_call},
	{SYS_inotify_add_watch, 0, 0, watch_call},
	{SYS_connect, 0, PLAN_UNIX_RULES, sockets_connect},
	{SYS_connect, PLAN_UNIX_RULES, PLAN_NET_RULES, sockets_connect},
	/* Where none can be made: internet sockets that were handed over, or that the command was started on. */
	{SYS_connect, PLAN_UNIX_RULES | PLAN_NET_RULES, PLAN_BLOCK_NET, sockets_connect},
	{SYS_bind, 0, 0, sockets_bind}, /* making a socket file is writing, whatever is said about connecting */
	{SYS_listen, 0, PLAN_NET_RULES, sockets_listen},
	{SYS_listen, PLAN_NET_RULES, PLAN_BLOCK_NET, sockets_listen},
	{SYS_sendmsg, 0, PLAN_UNIX_RULES, sockets_sendmsg},
	{SYS_sendmsg, PLAN_UNIX_RULES, PLAN_NET_RULES, sockets_sendmsg},
	{SYS_sendmsg, PLAN_UNIX_RULES | PLAN_NET_RULES, PLAN_BLOCK_NET, sockets_sendmsg},
	{SYS_sendmmsg, 0, PLAN_UNIX_RULES, sockets_sendmmsg},
	{SYS_sendmmsg, PLAN_UNIX_RULES, PLAN_NET_RULES, sockets_sendmmsg},
	{SYS_sendmmsg, PLAN_UNIX_RULES | PLAN_NET_RULES, PLAN_BLOCK_NET, sockets_sendmmsg},
	{SYS_sendto, 0, PLAN_NEVER, sockets_sendto}, /* by the filter's own test: only with an address */
	{SYS_recvfrom, 0, PLAN_NET_RULES, sockets_recvfrom},
	{SYS_landlock_create_ruleset, 0, 0, narrowed_ruleset},
	{SYS_landlock_restrict_self, 0, 0, narrowed_call},
	{SYS_prctl, 0, 0, prctl_call},
	{SYS_prlimit64, 0, 0, others_call},
	{SYS_setpriority, 0, 0, others_call},
	{SYS_ioprio_set, 0, 0, others_call},
	{SYS_sched_setparam, 0, 0, others_call},
	{SYS_sched_setscheduler, 0, 0, others_call},
	{SYS_sched_setattr, 0, 0, others_call},
	{SYS_sched_setaffinity, 0, 0, others_call},
	{SYS_setpgid, PLAN_NEW_SESSION, 0, group_call}, /* in a session of its own there is no other group */
	{SYS_umask, 0, 0, masks_call},
	{SYS_setuid, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_setgid, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_setreuid, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_setregid, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_setresuid, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_setresgid, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_setfsuid, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_setfsgid, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_setgroups, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_capset, 0, PLAN_CREDENTIALS, identity_call},
	{SYS_unshare, 0, PLAN_CREDENTIALS, identity_call},
};

const size_t trapped_call_count = sizeof trapped_calls / sizeof trapped_calls[0];

enum { SUBREAPER = 36 /* PR_SET_CHILD_SUBREAPER */, DUMPABLE = 4 /* PR_SET_DUMPABLE */, IOPRIO_PROCESS = 1 };

static const struct call_condition conditions[] = {
	{SYS_prctl, 2, {{0, true, SUBREAPER}, {0, true, DUMPABLE}}},
	/* Inode flags (chattr): metadata. And the open of a terminal by its master, and its foreground. */
	{SYS_ioctl, 4, {{1, true, FS_IOC_SETFLAGS}, {1, true, FS_IOC_FSSETXATTR}, {1, true, TIOCGPTPEER}, {1, true, TIOCSPGRP}}},
	{SYS_setpgid, 1, {{1, false, 0}}}, /* 0 makes a group of its own */
	{SYS_recvfrom, 1, {{4, false, 0}}}, /* asks who sent it: resolvers do */
	/* Of another process than the caller, which is number 0. */
	{SYS_prlimit64, 1, {{0, false, 0}}},
	{SYS_setpriority, 2, {{0, false, 0}, {1, false, 0}}},
	{SYS_ioprio_set, 2, {{0, false, IOPRIO_PROCESS}, {1, false, 0}}},
	{SYS_sched_setparam, 1, {{0, false, 0}}},
	{SYS_sched_setscheduler, 1, {{0, false, 0}}},
	{SYS_sched_setattr, 1, {{0, false, 0}}},
	{SYS_sched_setaffinity, 1, {{0, false, 0}}},
};

const struct call_condition *trapped_when(int nr)
{
	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++)
		if (conditions[i].nr == nr)
			return &conditions[i];
	return NULL;
}

static const struct trapped_call *first_of(int nr)
{
	for (size_t i = 0; i < trapped_call_count; i++)
		if (trapped_calls[i].nr == nr)
			return &trapped_calls[i];
	return NULL;
}

const struct trapped_call *trapped_call(int nr)
{
	/* Asked with every call: by number, each sought once. */
	static const struct trapped_call *found[512];
	static bool sought[512];
	if (nr < 0 || nr >= (int)(sizeof found / sizeof found[0]))
		return first_of(nr);
	if (!sought[nr]) {
		found[nr] = first_of(nr);
		sought[nr] = true;
	}
	return found[nr];
}
