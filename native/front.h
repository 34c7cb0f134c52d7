#ifndef NONO_FRONT_H
#define NONO_FRONT_H
#include <stdbool.h>
#include <sys/types.h>

#include "report.h"

/* A launcher that was started before its host, and what it waits for. */
struct front {
	int plan_fd, events_fd; /* events_fd: -1 for `wrap` */
	pid_t host; /* `wrap`: the host is this process's child, to be gone before the command runs. Else 0. */
};

/* Starts the host `argv` beside the launcher, which is the process that returns: for `run` a child of the host, for `wrap` the process it was. */
bool front_start(bool in_place, char *const argv[], struct front *front);
/* `wrap`, no plan came: what the host ended with is what this process ends with. */
_Noreturn void front_end_as_host(const struct front *front);
/* `wrap`, the plan is here: the host has nothing left to do. It dies while the floor is built. */
void front_dismiss(const struct front *front);
/* The command must not find a child that it did not start. */
void front_reap(const struct front *front);
#endif
