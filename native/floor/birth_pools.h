/* What birth_pools.c prepares and birth.c gives out. */
#ifndef NONO_BIRTH_POOLS_H
#define NONO_BIRTH_POOLS_H
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "floor/floor.h"
#include "floor/scratch.h"
#include "plan/plan.h"

/* 11 and 9 µs each on ext4 when they must be made, some 5 µs when they are there: the look and the rule. One directory serves everything below it. */
enum { POOL_DIRS = 64, POOL_FILES = 32, FEW_DIRS = 8, FEW_FILES = 4, MAX_POOLS = 8, MAX_LABEL = 256 };

struct pool {
	const char *place;
	uint32_t rights;
	struct scratch *scratch;
	unsigned dirs, files, next_dir, next_file;
	ino_t dir_ino[POOL_DIRS], file_ino[POOL_FILES];
	struct timespec dir_changed[POOL_DIRS]; /* its ctime at the start; zero: not long enough ago to tell */
	dev_t dev;
	gid_t gid;
	int flags; /* inode flags that a directory here is made with */
	ssize_t label_len, xattrs; /* of a new one; xattrs: length of the list of all its attributes' names */
	char label[MAX_LABEL];
	bool told_dirs, told_files, told_mount;
};

/* Empty until birth_prepare; `plan` says which pool a record's objects come from (plan_birth.pool: 1 + index). */
extern struct births {
	const struct plan *plan;
	struct floor *floor;
	struct pool pool[MAX_POOLS];
} births;

/* The name of an unborn one in its pool's directory; `kind`: d or f. */
void pool_name(char out[16], char kind, const struct pool *p, unsigned i);
/* How what is made there is stored or synchronised. */
int pool_inode_flags(int fd);
/* Is the directory empty? Takes `fd`. */
bool pool_is_empty(int fd);
#endif
