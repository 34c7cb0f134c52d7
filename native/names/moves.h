/* What must hold of a rename, a link or a new symlink beyond the decision on the names themselves: nothing that a rule denies may get another path, and nothing may
 * get a path that a rule denies because a directory above it moved. */
#ifndef NONO_MOVES_H
#define NONO_MOVES_H
#include "loop/supervisor.h"

/* One side of the call: a name in an open directory. */
struct moved {
	const char *real;
	int parent;
	const char *leaf; /* a slash at its end is allowed */
	bool exists;
	mode_t mode; /* when it exists */
};

/* 0, EACCES, or EXDEV where copying is possible and moving is not (mv(1) then copies, and every name is decided on). `exchange`: RENAME_EXCHANGE. MOVES_SLOWLY: process *work
 * looks through what would be moved; to be asked again when it has ended. With `work` NULL only the names themselves are looked at. */
enum { MOVES_SLOWLY = -1 };
int moves_rename(const struct supervisor *s, const struct moved *from, const struct moved *to, bool exchange, pid_t *work);
/* A child has ended. True when it looked through a directory. */
bool moves_ended(pid_t pid, int code);
/* A name was made here, or took another's place: what was seen there holds no longer. */
void moves_made(const char *real);
/* 0 or EACCES, for a name that is to be something else than a directory (`mode`: S_IFLNK, S_IFREG …). A file or link where a rule expects a directory would lead
 * past it. */
int moves_name(const struct supervisor *s, const char *real, mode_t mode);
#endif
