/* Runs the filter's program as the kernel would. Prints "NR ANSWER STEPS LOOKED" for every number from 0 to some above the newest known one, with arguments that are all zero: LOOKED is 1 when
 * an argument was read. The arguments are 1 or 0, with a supervisor or without, and the options. */
#include "filter/calls.h"
#include "filter/filter.c"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The table names them; nothing calls them here. */
#define HANDLER(name) void name(struct supervisor *s, const struct seccomp_notif *n) { (void)s; (void)n; }
HANDLER(broker_open) HANDLER(broker_open_how) HANDLER(exec_call) HANDLER(names_call) HANDLER(metadata_call) HANDLER(watch_call) HANDLER(sockets_connect) HANDLER(sockets_bind)
HANDLER(sockets_listen) HANDLER(sockets_sendmsg) HANDLER(sockets_sendmmsg) HANDLER(sockets_sendto) HANDLER(sockets_recvfrom) HANDLER(narrowed_ruleset)
HANDLER(narrowed_call) HANDLER(prctl_call) HANDLER(others_call) HANDLER(masks_call) HANDLER(identity_call) HANDLER(terminal_peer_call) HANDLER(group_call) HANDLER(foreground_call)

bool fail(struct failure *f, int exit_code, int err, const char *step, const char *object)
{
	(void)f, (void)exit_code, (void)err, (void)step, (void)object;
	return false;
}

static unsigned run(const struct program *p, const struct seccomp_data *d, unsigned *steps, bool *looked)
{
	unsigned a = 0, x = 0;
	*steps = 0;
	*looked = false;
	for (unsigned at = 0; at < p->length; at++) {
		const struct sock_filter *f = &p->code[at];
		++*steps;
		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			*looked |= f->k >= offsetof(struct seccomp_data, args);
			memcpy(&a, (const char *)d + f->k, sizeof a);
			break;
		case BPF_RET | BPF_K:
			return f->k;
		case BPF_JMP | BPF_JA:
			at += f->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			at += a == f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			at += a > f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			at += a >= f->k ? f->jt : f->jf;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			at += (a & f->k) != 0 ? f->jt : f->jf;
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f->k;
			break;
		case BPF_ALU | BPF_XOR | BPF_X:
			a ^= x;
			break;
		case BPF_MISC | BPF_TAX:
			x = a;
			break;
		default:
			exit(3);
		}
	}
	exit(4); /* the end was run over */
}

static void print(const struct program *p, int nr, unsigned arch)
{
	struct seccomp_data d = {.nr = nr, .arch = arch};
	unsigned steps;
	bool looked;
	unsigned value = run(p, &d, &steps, &looked);
	const char *word = value == SECCOMP_RET_ALLOW ? "allowed" : value == SECCOMP_RET_USER_NOTIF ? "asked" : value == ERRNO(ENOSYS) ? "ENOSYS" : value == ERRNO(EPERM) ? "EPERM" : "other";
	printf("%d %s %u %d\n", nr, word, steps, looked);
}

int main(int argc, char **argv)
{
	struct program p;
	bool notify = argc > 1 && argv[1][0] == '1';
	uint32_t options = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 0;
	if (!build(&p, notify, options))
		return 1;
	for (int nr = 0; nr < NEWEST_KNOWN + 50; nr++)
		print(&p, nr, NATIVE_ARCH);
	/* x32, and another architecture's numbers. */
	print(&p, 1 | 0x40000000, NATIVE_ARCH);
	print(&p, 1, NATIVE_ARCH ^ 1);
	/* Which of them are asked about by their number alone. */
	for (size_t i = 0; notify && i < trapped_call_count; i++)
		if ((trapped_calls[i].unless & options) == 0 && (trapped_calls[i].only & ~options) == 0)
			printf("trapped %d %d\n", trapped_calls[i].nr, trapped_when(trapped_calls[i].nr) == NULL);
	return 0;
}
