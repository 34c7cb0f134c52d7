/* The cached plan: taken when everything that it rests on is as it was, else a miss, and the start takes the slow way (docs/decisions/0021-cached-plan.md). */
#ifndef NONO_CACHE_H
#define NONO_CACHE_H
#include <sys/types.h>

#include "cache/cache_key.h"
#include "plan/plan_read.h"
#include "start/request.h"

struct cached {
	char **command;
	bool notices;
	char tmpdir[PLAN_MAX_PATH]; /* made for this start; empty: none */
	const char *about; /* of the policy, what the host needs first */
	const char *said; /* what nono said before such a command when the plan was made */
	struct plan_bytes plan; /* without its environment */
	char **env;
	size_t env_count;
	/* The entry of a plan that is in no cache yet. */
	uint8_t *made, digest[SHA256_BYTES];
	size_t made_size;
};

/* False: a miss. `owner`: the process whose end is the end of the session's own directory. */
bool cache_take(const struct cache_key *key, pid_t owner, struct cached *cached);
/* Keeps what the slow way has made, where that has proved that it may be kept. Takes the bytes of the plan apart. */
void cache_keep(const struct cache_key *key, const struct request *request, struct plan_bytes *plan);
/* Takes it at once, as a hit of the entry that cache_keep_made writes once the start has come as far as one of the slow way that is kept. */
bool cache_take_made(const struct cache_key *key, const struct request *request, struct plan_bytes *plan, pid_t owner, struct cached *cached);
void cache_keep_made(const struct cache_key *key, const struct cached *cached);
/* As plan_parse, with the environment of this start; where it fails, nothing is left behind. */
bool cached_parse(const struct cached *cached, struct plan *plan, struct failure *f);
#endif
