#include "calls.h"

#include <sys/syscall.h>

/* A new brokered call is a row here and a handler in the file of its mechanism. The most frequent ones stand first: the filter tests them in this order. */
const struct trapped_call trapped_calls[] = {
	{SYS_openat, 0, 0, broker_open},
#ifdef SYS_open
	{SYS_open, 0, 0, broker_open},
	{SYS_creat, 0, 0, broker_open},
#endif
	{SYS_openat2, 0, 0, broker_open},
	{SYS_execve, 0, 0, observe_call},
	{SYS_execveat, 0, 0, observe_call},
	{SYS_mkdirat, 0, 0, observe_call},
	{SYS_unlinkat, 0, 0, observe_call},
	{SYS_renameat2, 0, 0, observe_call},
	{SYS_linkat, 0, 0, observe_call},
	{SYS_symlinkat, 0, 0, observe_call},
	{SYS_mknodat, 0, 0, observe_call},
	{SYS_truncate, 0, 0, observe_call},
#ifdef SYS_open
	{SYS_mkdir, 0, 0, observe_call},
	{SYS_rmdir, 0, 0, observe_call},
	{SYS_unlink, 0, 0, observe_call},
	{SYS_rename, 0, 0, observe_call},
	{SYS_link, 0, 0, observe_call},
	{SYS_symlink, 0, 0, observe_call},
	{SYS_mknod, 0, 0, observe_call},
#endif
#ifdef SYS_renameat
	{SYS_renameat, 0, 0, observe_call},
#endif
	{SYS_landlock_restrict_self, 0, 0, narrowed_call},
};

const size_t trapped_call_count = sizeof trapped_calls / sizeof trapped_calls[0];

const struct trapped_call *trapped_call(int nr)
{
	for (size_t i = 0; i < trapped_call_count; i++)
		if (trapped_calls[i].nr == nr)
			return &trapped_calls[i];
	return NULL;
}
