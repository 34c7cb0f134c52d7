/* The Landlock floor: the irreversible hard limit under the sandboxed command (landlock(7), kernel Documentation/userspace-api/landlock.rst). */
#ifndef NONO_FLOOR_H
#define NONO_FLOOR_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "pathmap.h"
#include "plan.h"

struct floor_rule {
	uint32_t rights; /* FLOOR_* after masking for the kind of object */
	bool is_dir;
	dev_t dev;
	ino_t ino;
};

struct floor {
	int abi;
	int ruleset_fd;
	struct pathmap map; /* path → struct floor_rule */
	unsigned skipped;   /* rules whose path vanished between compiling and now */
};

/* The kernel's Landlock ABI; 0 when Landlock is missing or disabled. */
int floor_abi(void);
/* Builds the ruleset from the plan. Nothing is restricted yet. */
bool floor_build(const struct plan *plan, struct floor *floor, struct failure *f);
/* Restricts the calling thread, for good, to what the ruleset grants. no_new_privs must be set. */
bool floor_enter(const struct floor *floor, struct failure *f);
/* The floor rights that hold for a real path: the union over its ancestors' rules, as the kernel computes it. For an exact object also its identity
 * is compared, since rules bind to inodes: a file replaced since the start is off the floor. */
uint32_t floor_rights(const struct floor *floor, const char *real_path, dev_t dev, ino_t ino);
#endif
