/* What the filter says to each system call by its number alone. Every call that is known has a row; one without a row answers ENOSYS. */
#ifndef NONO_CALL_TABLE_H
#define NONO_CALL_TABLE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* file_setattr, Linux 6.17. x32 calls carry bit 30 and are above it too. Numbers from 424 on are the same on every architecture. */
#define NEWEST_KNOWN 469

/* ALLOWED also stands for a call that the filter sends elsewhere or looks into first (calls.c; sockets, ioctl, clone in filter_arguments.c): what is left of it is harmless. */
enum call_answer { CALL_UNKNOWN, CALL_ALLOWED, CALL_ENOSYS, CALL_EPERM };

struct call_group {
	const char *why;
	enum call_answer answer;
	uint32_t lifted_by; /* OPTIONS flags (plan.h) any of which allows the group */
	const short *calls; /* ends with -1 */
};

extern const struct call_group call_groups[];
extern const size_t call_group_count;

/* CALL_UNKNOWN for a number without a row; the filter answers ENOSYS then. */
enum call_answer call_table_answer(int nr, uint32_t options);
/* The same for all numbers at once: `by_number` gets what `meaning` makes of each answer. */
void call_table_fill(uint32_t options, const unsigned meaning[], unsigned by_number[NEWEST_KNOWN + 1]);
#endif
