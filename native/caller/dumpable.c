/* prctl(PR_SET_DUMPABLE, 0), as ssh-agent and gpg-agent do: from then on an ordinary user's supervisor could copy neither their memory nor their descriptors, so
 * no call of theirs could be decided, and none that the floor does not hold could succeed. It is answered as done and not done. What it keeps from them is taken
 * otherwise where it can be: core files by a limit. The rest (ptrace by the same user's other processes) is in docs/THREAT-MODEL.md. */
#define _GNU_SOURCE
#include <sys/prctl.h>
#include <sys/resource.h>

#include "caller/caller.h"
#include "caller/caller_identity.h"
#include "loop/supervisor.h"

void prctl_call(struct supervisor *s, const struct seccomp_notif *n)
{
	struct caller_status status;
	if ((int)n->data.args[0] != PR_SET_DUMPABLE) {
		subreaper_call(s, n);
		return;
	}
	/* Root's supervisor has CAP_SYS_PTRACE and reads such processes. Everything that decides is in the registers, which nobody can change meanwhile. */
	if (n->data.args[1] != 0 || !caller_identity_fixed() || !caller_status((pid_t)n->pid, &status)) {
		answer_continue(s, n->id); /* a process's own flag; it opens nothing */
		return;
	}
	const struct rlimit none = {0};
	if (caller_still_waits(s, n->id))
		prlimit(status.tgid, RLIMIT_CORE, &none, NULL);
	answer_value(s, n->id, 0);
}
