#ifndef NONO_FRONT_H
#define NONO_FRONT_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "start/report.h"

/* Who is whose child, and whose terminal it is: see front.c. */
enum front_kind { FRONT_RUN, FRONT_WRAP, FRONT_SHELL };

/* A launcher that was started before its host, and what it waits for. */
struct front {
	int plan_fd, events_fd; /* events_fd: -1 for `wrap` */
	bool terminal; /* `shell`: the command has a terminal of its own, and the host its other end */
	int terminal_fd, policy_fd; /* of the first, and for the policy that the host reads */
	pid_t above; /* `run` and `shell`: the process that becomes the host */
	pid_t host; /* `wrap`: the host is this process's child, to be gone before the command runs. Else 0. */
};

/* Starts the host `argv` with an option of its own or none, beside the launcher, which is the process that returns: for `run` and `shell` a child of the host, for `wrap` the process it was. `record`, for `wrap`: what its
 * plan rests on can be kept. Under the others the host boots, and waits for one of the next two. */
bool front_start(enum front_kind kind, char *const argv[], char *option, bool record, struct front *front);
/* In the environment of this process: what whoever makes a plan is told beside the user's words. */
void front_tell_host(bool record);
/* There is a plan already (cache.h); this is what the host needs of its policy first, and its SELF record. False: the host was not told, and there is nothing to be done but to end. */
bool front_have(const struct front *front, const char *about, const char *policy, size_t size);
/* There is none. */
void front_have_none(const struct front *front, bool record);
/* With a cached plan: waits until the host listens to signals and says so, under `shell` with the size of the terminal. False: it is gone, or the guardian. */
bool front_may_begin(const struct front *front, int guardian_fd);
/* `shell`: the command's terminal gets this size, columns in the low half. False: it has none of its own. */
bool front_resize(const struct front *front, uint32_t size);
/* `wrap`, no plan came: what the host ended with is what this process ends with. */
_Noreturn void front_end_as_host(const struct front *front);
/* `wrap`, the plan is here: the host has nothing left to do. It dies while the floor is built. */
void front_dismiss(const struct front *front);
/* The command must not find a child that it did not start. */
void front_reap(const struct front *front);
#endif
