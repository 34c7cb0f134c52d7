/* What the loop needs the result of before it goes on, and what may sleep for ever: made by a process, which is waited for a moment. */
#ifndef NONO_BRIEF_H
#define NONO_BRIEF_H
#include <stddef.h>
#include <sys/types.h>

enum { BRIEF_MS = 1000, BRIEF_KEEPS = 6 };

/* One piece of work: `work` writes a result of `size` bytes with brief_tell, in one piece, as soon as it is known. What it does afterwards is not waited for. */
struct brief {
	void (*work)(struct brief *b);
	const void *arg;
	int keep[BRIEF_KEEPS]; /* descriptors that it needs; below 0: none */
	unsigned kept;
	void *result;
	size_t size;
	pid_t pid; /* of the process, a child: reaped by the loop like any other, or with work_reap */
	int tell;
};

/* LOST: it has ended without a result, or there was none to begin with (pid 0). LATE: it is still there. */
enum brief_came { BRIEF_CAME, BRIEF_LOST, BRIEF_LATE };
enum brief_came brief_run(struct brief *b);
/* The same for what changes nothing, on the mount of that number (-1: not known): it is killed when it is late, and its server is not asked again for a while (LATE at once). */
enum brief_came brief_ask(struct brief *b, int mount);
/* In the process. */
void brief_tell(const struct brief *b, const void *result);
#endif
