/* All processes inside the session: everything that descends from this one. It is their subreaper, so none can leave. */
#ifndef NONO_INSIDE_H
#define NONO_INSIDE_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Sends a signal to every descendant. */
void inside_signal(int sig);
/* Kills and reaps until no child is left, or nobody but the doomed: killed, and waiting for a file system to let them go. Such a process never runs again. */
void inside_kill_all(void);
/* One round of that, for who reaps by itself; begun with zeros. True: nobody but the doomed is left, and they were given half a second. */
struct inside_left {
	unsigned count;
	pid_t first;
};
struct inside_end {
	int64_t give_up_at, look_at;
	bool only_doomed; /* at the last look */
	struct inside_left left;
};
bool inside_kill(struct inside_end *end);
bool inside_empty(void);
#endif
