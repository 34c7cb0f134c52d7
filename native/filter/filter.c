#include "filter/filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "filter/filter_program.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* Linux 6.0 */
#endif

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#else
#error "nono-launch knows the system calls of x86-64 and arm64 only"
#endif

/* Runs of numbers that get the same, ascending; the last one has no end. */
struct runs {
	int from[NEWEST_KNOWN + 2];
	unsigned char leaf[NEWEST_KNOWN + 2]; /* which of the leaves; LOOK_INTO is what follows them */
	unsigned count;
};

static const unsigned leaves[] = {SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF, ERRNO(ENOSYS), ERRNO(EPERM)};
enum { LOOK_INTO = sizeof leaves / sizeof leaves[0] };

/* False: an answer that is not among the leaves. */
static bool find_runs(const struct numbers *n, struct runs *r)
{
	r->count = 0;
	for (int nr = 0; nr <= NEWEST_KNOWN + 1; nr++) {
		bool looked_into = nr <= NEWEST_KNOWN && n->looked_into[nr];
		unsigned value = nr <= NEWEST_KNOWN ? n->answer[nr] : ERRNO(ENOSYS);
		unsigned char leaf = looked_into ? LOOK_INTO : 0;
		while (leaf < LOOK_INTO && leaves[leaf] != value)
			leaf++;
		if (leaf == LOOK_INTO && !looked_into)
			return false;
		if (r->count > 0 && r->leaf[r->count - 1] == leaf)
			continue;
		r->from[r->count] = nr;
		r->leaf[r->count++] = leaf;
	}
	return true;
}

/* Halves the runs [low, high): one test, then the lower half, then the upper one. `end` is where the leaves begin. */
static void halve(struct program *p, const struct runs *r, unsigned low, unsigned high, unsigned end)
{
	if (high - low < 2)
		return;
	unsigned middle = (low + high) / 2, after = p->length + 1U;
	unsigned upper = high - middle > 1 ? middle - low - 1 : end + r->leaf[middle] - after;
	unsigned lower = middle - low > 1 ? 0 : end + r->leaf[low] - after;
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, (unsigned)r->from[middle], (unsigned char)upper, (unsigned char)lower));
	halve(p, r, low, middle, end);
	halve(p, r, middle, high, end);
}

/* By number alone, so that the kernel remembers what is always allowed and asks no filter for it. It finds that out by trying every number when the filter is installed, so a number must
 * be found in a few steps. False: more runs than a jump reaches over, or an unknown answer. */
static bool number_rules(struct program *p, const struct numbers *n)
{
	enum { FARTHEST = 255 };
	struct runs r;
	if (!find_runs(n, &r) || r.count + LOOK_INTO > FARTHEST)
		return false;
	halve(p, &r, 0, r.count, p->length + r.count - 1);
	for (unsigned i = 0; i < LOOK_INTO; i++)
		answer(p, leaves[i]);
	return true;
}

/* What none of the tests has answered. Nothing but these numbers gets here. */
static void rest_rules(struct program *p, const struct numbers *n)
{
	for (int nr = 0; nr <= NEWEST_KNOWN;) {
		if (!n->looked_into[nr]) {
			nr++;
			continue;
		}
		int last = nr, next = nr;
		for (; next <= NEWEST_KNOWN && (!n->looked_into[next] || n->answer[next] == n->answer[nr]); next++)
			last = n->looked_into[next] ? next : last;
		emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (unsigned)last, 1, 0));
		answer(p, n->answer[nr]);
		nr = next;
	}
	answer(p, ERRNO(ENOSYS));
}

static bool build(struct program *p, bool notify, uint32_t options)
{
	static const unsigned answers[] = {[CALL_UNKNOWN] = ERRNO(ENOSYS), [CALL_ALLOWED] = SECCOMP_RET_ALLOW, [CALL_ENOSYS] = ERRNO(ENOSYS), [CALL_EPERM] = ERRNO(EPERM)};
	struct numbers numbers = {.answer = {0}};
	struct program looks = {.numbers = &numbers};
	call_table_fill(options, answers, numbers.answer);
	filter_arguments(&looks, notify, options);
	p->length = 0;
	load(p, offsetof(struct seccomp_data, arch));
	emit(p, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0));
	answer(p, ERRNO(ENOSYS)); /* i386 on x86-64, arm on arm64: other numbers, other argument layouts */
	load(p, offsetof(struct seccomp_data, nr));
	if (!number_rules(p, &numbers))
		return false;
	for (unsigned i = 0; i < looks.length; i++)
		emit(p, looks.code[i]);
	rest_rules(p, &numbers);
	return p->length < sizeof p->code / sizeof p->code[0];
}

static int install(unsigned long flags, struct sock_fprog *prog)
{
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog);
}

bool filter_install(bool notify, uint32_t options, int *listener, bool *wait_killable, struct failure *f)
{
	*listener = -1;
	*wait_killable = false;
	struct program p;
	if (!build(&p, notify, options))
		return fail(f, 126, E2BIG, "build the seccomp filter", "");
	struct sock_fprog prog = {.len = p.length, .filter = p.code};
	if (notify) {
		*wait_killable = true;
		*listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &prog);
		if (*listener < 0 && errno == EINVAL) {
			*wait_killable = false;
			*listener = install(SECCOMP_FILTER_FLAG_NEW_LISTENER, &prog);
		}
		if (*listener >= 0)
			return true;
		if (errno != EBUSY)
			return fail(f, 126, errno, "install the seccomp filter", "with a listener");
		if (!build(&p, false, options))
			return fail(f, 126, E2BIG, "build the seccomp filter", "");
		prog.len = p.length;
	}
	if (install(0, &prog) != 0)
		return fail(f, 126, errno, "install the seccomp filter", "");
	return true;
}
