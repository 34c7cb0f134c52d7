/* Calls on one object of a file system whose server may not answer: performed by a process of their own. */
#ifndef NONO_METADATA_SLOW_H
#define NONO_METADATA_SLOW_H
#include "metadata/metadata.h"

/* Begins it. The call is answered when the process has ended, or now where there can be none. */
enum performed metadata_begin_slowly(struct supervisor *s, const struct object_call *c);
/* A child ended, with this exit code, or -1 when it was killed. True: it was one of these. */
bool metadata_ended(struct supervisor *s, pid_t pid, int code);
#endif
