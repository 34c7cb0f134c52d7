/* What was found out about processes by following their parents, so that nobody is followed twice. */
#ifndef NONO_PROCESS_TABLE_H
#define NONO_PROCESS_TABLE_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Of a longer line only the lower part is remembered, and that is found the next time. */
enum { PROCESS_TABLE = 32768, PROCESS_WAY = 4096 };

struct process_known {
	pid_t pid; /* 0: none */
	bool answer;
	uint64_t start; /* a number is another process's when this differs */
};

/* Those on the way up that got no answer of their own. */
struct process_way {
	struct process_known at[PROCESS_WAY];
	unsigned steps;
};

/* What is known of the process that started then; NULL: nothing. */
const struct process_known *process_known(const struct process_known table[PROCESS_TABLE], pid_t pid, uint64_t start);
void process_step(struct process_way *way, pid_t pid, uint64_t start);
/* The same answer for all on the way. */
void process_learn(struct process_known table[PROCESS_TABLE], struct process_way *way, bool answer);
#endif
