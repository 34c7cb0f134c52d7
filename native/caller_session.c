/* Which processes are of the session: all that descend from this one, but not its workers. */
#include "caller.h"

#include <unistd.h>

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
}

void caller_worker_ended(pid_t pid)
{
	for (int i = 0; i < CALLER_MAX_WORKERS; i++)
		if (workers[i] == pid)
			workers[i] = 0;
}

bool caller_in_session(pid_t pid)
{
	pid_t self = getpid();
	for (int depth = 0; pid > 1 && depth < 4096; depth++) {
		if (caller_is_worker(pid))
			return false;
		pid = caller_parent(pid);
		if (pid == self)
			return true;
	}
	return false;
}
