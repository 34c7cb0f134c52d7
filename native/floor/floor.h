/* The Landlock floor: the irreversible hard limit under the sandboxed command (landlock(7), kernel Documentation/userspace-api/landlock.rst). */
#ifndef NONO_FLOOR_H
#define NONO_FLOOR_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "plan/plan.h"
#include "rules/pathmap.h"

struct floor_rule {
	uint32_t rights; /* FLOOR_* after masking for the kind of object */
	bool is_dir;
	dev_t dev;
	ino_t ino;
};

/* What the rules grant to one object, whatever its path is by now. Landlock keeps the inodes of its rules, so their numbers are not used again meanwhile. */
struct floor_inode {
	dev_t dev;
	ino_t ino;
	uint32_t rights; /* 0: a free slot */
};

struct floor {
	int abi;
	int ruleset_fd;
	struct pathmap map; /* path → struct floor_rule */
	struct floor_inode *inodes; /* by hash of the identity, open addressing */
	size_t inode_slots, inode_count;
	unsigned skipped;   /* rules whose path vanished between compiling and now */
	uint64_t handled;   /* Landlock's rights that this ruleset decides */
};

/* The kernel's Landlock ABI; 0 when Landlock is missing or disabled. */
int floor_abi(void);
/* Builds the ruleset from the plan. Nothing is restricted yet. */
bool floor_build(const struct plan *plan, struct floor *floor, struct failure *f);
/* Grants an object that is open already, and is `st`; before floor_enter. It has no path yet that is worth knowing: floor_learn. */
bool floor_grant(struct floor *floor, int fd, const struct stat *st, uint32_t rights, struct failure *f);
/* Restricts the calling thread, for good, to what the ruleset grants. no_new_privs must be set. */
bool floor_enter(const struct floor *floor, struct failure *f);

/* --- what is known of it (floor_known.c) --- */
/* From now on this path names a directory that floor_grant granted. */
bool floor_learn(struct floor *floor, const char *path, dev_t dev, ino_t ino, uint32_t rights);
/* A directory was renamed: the rules at it and below have moved with their inodes. */
void floor_moved(struct floor *floor, const char *from, const char *to);
/* The floor rights that hold for a real path: the union over its ancestors' rules and the object's own, as the kernel computes it. Rules bind to inodes, so
 * identities are compared: a file or a directory replaced since the start is off the floor, with all that is in it. */
uint32_t floor_rights(const struct floor *floor, const char *real_path, dev_t dev, ino_t ino);
/* Whether these are among them. */
bool floor_holds(const struct floor *floor, const char *real_path, dev_t dev, ino_t ino, uint32_t wanted);
/* The same of the directory above a name, which is `parent`: making and removing need the right there; a rule on the object itself does not help. */
bool floor_holds_name(const struct floor *floor, const char *real_path, const struct stat *parent, uint32_t wanted);
/* What the rules grant to this very object by itself, whatever its path is by now. */
uint32_t floor_own_rights(const struct floor *floor, const struct stat *st);
/* The rights at the open directory `dir` as the kernel has them: by the inodes above it, so that no rename makes a difference, which floor_rights may not have seen.
 * Slower. False when not every directory above can be looked at. */
bool floor_rights_at(const struct floor *floor, int dir, uint32_t *rights);
#endif
