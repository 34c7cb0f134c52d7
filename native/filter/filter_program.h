/* A filter's program while it is being written, and the instructions that filter.c, filter_arguments.c and filter_ioctl.c write it with. */
#ifndef NONO_FILTER_PROGRAM_H
#define NONO_FILTER_PROGRAM_H
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "filter/call_table.h"

#define ERRNO(e) (SECCOMP_RET_ERRNO | (e))

/* What is said by the number of a call alone, and which calls are looked into first. */
struct numbers {
	unsigned answer[NEWEST_KNOWN + 1];
	bool looked_into[NEWEST_KNOWN + 1];
	bool settled[NEWEST_KNOWN + 1]; /* a rule that takes every call of this number stands before those that follow */
};

struct program {
	struct sock_filter code[768];
	unsigned short length;
	struct numbers *numbers; /* of the program itself; its parts test no numbers */
};

static inline void emit(struct program *p, struct sock_filter f)
{
	if (p->length < sizeof p->code / sizeof p->code[0])
		p->code[p->length++] = f;
}

static inline void load(struct program *p, size_t offset)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

static inline void answer(struct program *p, unsigned value)
{
	emit(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

/* if (A == k) return value; */
static inline void answer_if(struct program *p, unsigned k, unsigned value)
{
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1));
	answer(p, value);
}

/* if (A != k) skip the next n instructions */
static inline void unless_equal(struct program *p, unsigned k, unsigned char n)
{
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, n));
}

/* if (the call is not `nr`) skip the next n instructions. Every test for a number is made here or in fast_rules (filter_arguments.c), or the number would be answered without it. */
static inline void unless_call(struct program *p, int nr, unsigned char n)
{
	p->numbers->looked_into[nr] |= !p->numbers->settled[nr];
	unless_equal(p, (unsigned)nr, n);
}

/* Little-endian: the low half of an argument is at its own offset. The kernel looks at no more than these 32 bits of the arguments tested here. */
static inline size_t argument(unsigned n)
{
	return offsetof(struct seccomp_data, args) + 8 * n;
}

/* Everything that looks further than at the number. */
void filter_arguments(struct program *p, bool notify, uint32_t options);
/* Its part for ioctl(2). */
void filter_ioctl(struct program *p);
#endif
