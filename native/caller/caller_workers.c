/* Processes of the supervisor that are not of the session, though they are its children as well. */
#include "caller/caller.h"

#include <signal.h>

#include "caller/lineage.h"

static pid_t workers[CALLER_MAX_WORKERS];

bool caller_is_worker(pid_t pid)
{
	for (int i = 0; i < CALLER_MAX_WORKERS; i++)
		if (workers[i] == pid)
			return true;
	return false;
}

void caller_worker_started(pid_t pid)
{
	if (caller_is_worker(pid))
		return;
	for (int i = 0; i < CALLER_MAX_WORKERS; i++)
		if (workers[i] == 0) {
			workers[i] = pid;
			return;
		}
	/* One that is not known would be taken for a process of the session. Its caller is told that it was lost. Not reaped yet: certainly this one. */
	kill(pid, SIGKILL);
	lineage_outside(pid);
}

unsigned caller_workers(void)
{
	unsigned count = 0;
	for (int i = 0; i < CALLER_MAX_WORKERS; i++)
		count += workers[i] != 0;
	return count;
}

void caller_worker_ended(pid_t pid)
{
	for (int i = 0; i < CALLER_MAX_WORKERS; i++)
		if (workers[i] == pid)
			workers[i] = 0;
}
