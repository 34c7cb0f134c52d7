/* The compiled policy, as read from the plan file (PROTOCOL.md, "Plan file"). Parsed once, by the launcher, before anything is started. */
#ifndef NONO_PLAN_H
#define NONO_PLAN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rules/net_rules.h"
#include "start/report.h"

enum { PLAN_SUPERVISE = 1, PLAN_NEW_SESSION = 2, PLAN_BLOCK_NET = 4, PLAN_SCOPE_SIGNAL = 8, PLAN_SCOPE_ABSTRACT = 16, PLAN_ALLOW_DEGRADED = 32,
       PLAN_NET_RULES = 64, PLAN_UNIX_RULES = 128, PLAN_FAST_PATH = 256, PLAN_ALLOW_SYSV_IPC = 512, PLAN_ALLOW_MQ = 1024, PLAN_ALLOW_KEYRING = 2048,
       PLAN_REPORT_EXEC = 4096, PLAN_FLAGS_ALL = 511 | 512 | 1024 | 2048 | 4096 };
enum { MODE_DENY = 0, MODE_OBSERVE = 1, MODE_ASK = 2 };
enum { FLOOR_READ_FILE = 1, FLOOR_READ_DIR = 2, FLOOR_EXECUTE = 4, FLOOR_WRITE_FILE = 8, FLOOR_MAKE = 16, FLOOR_REMOVE = 32, FLOOR_REFER = 64,
       FLOOR_IOCTL_DEV = 128, FLOOR_ALL = 255 };
enum { BIRTH_POOL = 0, BIRTH_ANNEX = 1, BIRTH_BULK = 2 };
enum { VERDICT_DENY = 0, VERDICT_ALLOW = 1, VERDICT_OVERRIDE = 2 };
enum { KIND_TREE = 0, KIND_EXACT = 1, KIND_PATTERN = 2 };
enum { ACCESS_READ = 1, ACCESS_WRITE = 2, ACCESS_CONNECT = 4, ACCESS_ALL = 7 };
/* In a DENY rule's access: no OVERRIDE lifts it. */
enum { RULE_FIXED = 8 };
/* In a DENY PATTERN's access: a guard's, which does not look into bulk directories. */
enum { RULE_GUARD = 16 };
/* The same of one that looks into them, but for those that are closed. */
enum { RULE_DEEP = 32 };
#define NO_RULE 0xffffffffU
#define PLAN_MAX_PATH 4096U
enum { PLAN_HEADER_BYTES = 24 };

struct plan_floor {
	uint32_t rights;
	char *path;
};

struct plan_rule {
	uint32_t id;
	uint8_t verdict, kind;
	uint16_t access;
	char *path;
};

struct plan_limits { /* 0: none */
	uint64_t memory, processes, cpu_seconds, file_size, open_files;
};

/* What is prepared in `place` before the start: for new directories and files at or below `tree` (POOL), for new bulk directories below `tree` (BULK), or for copies of executables (ANNEX). */
struct plan_birth {
	uint8_t kind;
	uint32_t rights;
	bool few; /* hardly anything is made there */
	char *place, *tree;
	unsigned pool, scratch; /* birth_pools.c's own: 1 + index, 0 none */
};

struct plan {
	uint32_t flags, mode, min_abi;
	uint64_t cap_keep;
	struct plan_floor *floor;
	size_t floor_count;
	struct plan_rule *rules;
	size_t rule_count;
	struct net_rules net;
	struct plan_birth *births;
	size_t birth_count;
	char **env; /* NULL-terminated, as execve wants it */
	size_t env_count;
	char *cwd; /* NULL: stay */
	char *tmpdir; /* the session's own, removed at its end; NULL: none */
	struct plan_limits limits;
	char **bulk; /* names of the directories that guards do not look into (pattern.h) */
	size_t bulk_count;
	char **closed; /* those of them that no guard looks into: the same strings */
	size_t closed_count;
	char **owned; /* shared directories of which the session may use what it makes there (owned.c) */
	size_t owned_count;
	char **commands; /* refused: names, and absolute paths of files */
	size_t command_count;
	const char *self; /* what `why --self` is told (self.c), in the bytes that were parsed; NULL: nothing */
	size_t self_size;
	char *preload; /* the fast path's library; NULL: none */
};

/* Parses `size` bytes. On false, `f` says what is wrong and nothing in `plan` may be used. Reads nothing outside [data, data+size). `self` is good as long as they are. */
bool plan_parse(const uint8_t *data, size_t size, struct plan *plan, struct failure *f);
/* The length that a header announces; nothing in it is checked. */
size_t plan_length(const uint8_t header[PLAN_HEADER_BYTES]);
void plan_free(struct plan *plan);
#endif
