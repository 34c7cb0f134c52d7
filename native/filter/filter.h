/* The seccomp filter: what is refused for everybody, and what is sent to the supervisor (seccomp(2), seccomp_unotify(2)). */
#ifndef NONO_FILTER_H
#define NONO_FILTER_H
#include <stdbool.h>
#include <stdint.h>

#include "start/report.h"

/* Installs the filter on the calling thread. `options` are the plan's OPTIONS flags. With `notify`, the calls of calls.c go to a listener whose descriptor is
 * returned in *listener; -1 there with true returned means that an outer session already listens (EBUSY), and only the static part was installed. */
bool filter_install(bool notify, uint32_t options, int *listener, bool *wait_killable, struct failure *f);
#endif
