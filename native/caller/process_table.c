#define _GNU_SOURCE
#include "caller/process_table.h"

#include <stddef.h>
#include <sys/random.h>

/* Numbers that follow each other lie side by side, on one page; where the next row of them lies, nobody inside can tell: whoever knew could make lines of processes of which one takes the
 * other's places. */
static unsigned place_of(pid_t pid)
{
	enum { ROW = 256, ROWS = PROCESS_TABLE / ROW };
	static uint64_t secret;
	if (secret == 0 && getrandom(&secret, sizeof secret, GRND_NONBLOCK) != (ssize_t)sizeof secret)
		secret = (uint64_t)(uintptr_t)&secret;
	secret |= 1;
	uint64_t row = ((uint64_t)((unsigned)pid / ROW) + 1) * secret >> 32;
	return (unsigned)(row % ROWS) * ROW + (unsigned)pid % ROW;
}

const struct process_known *process_known(const struct process_known table[PROCESS_TABLE], pid_t pid, uint64_t start)
{
	const struct process_known *k = &table[place_of(pid)];
	return k->pid == pid && k->start == start ? k : NULL;
}

void process_step(struct process_way *way, pid_t pid, uint64_t start)
{
	if (way->steps < PROCESS_WAY)
		way->at[way->steps++] = (struct process_known){.pid = pid, .start = start};
}

void process_learn(struct process_known table[PROCESS_TABLE], struct process_way *way, bool answer)
{
	for (; way->steps > 0; way->steps--) {
		struct process_known *k = &way->at[way->steps - 1];
		k->answer = answer;
		table[place_of(k->pid)] = *k;
	}
}
