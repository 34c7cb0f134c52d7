/* Makes a blocked execve another one: the same thread executes what it was not able to name. */
#ifndef NONO_REDIRECT_H
#define NONO_REDIRECT_H
#include "loop/supervisor.h"

enum { REDIRECT_WORDS = 10 };

struct redirect {
	pid_t tid;
	uint64_t notification;
	uint64_t path, argv, envp;     /* the caller's own arguments */
	size_t path_length;            /* 0: there is no path (AT_EMPTY_PATH) */
	int program;                   /* descriptor of what to execute, or -1: by `interpreter`, which is on the floor */
	unsigned words;                /* what stands before the caller's own arguments, from the interpreter on; 0: nothing is changed */
	const char *word[REDIRECT_WORDS]; /* NULL: the caller's own path */
};

/* Answers the call. Takes ownership of r->program. False: nothing was answered, it cannot be done for this caller. */
bool redirect_begin(struct supervisor *s, struct redirect *r);
/* A process stopped (waitpid): true when it was for this. */
bool redirect_stopped(pid_t pid, int status);
#endif
