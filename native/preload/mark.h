/* The mark of a fast call: shared by the filter, which lets a marked call through to the floor, and the preloaded library, which puts it there.
 *
 * A call is marked when its sixth argument, which none of these calls takes and the kernel never looks at, equals its second argument XOR this number. The mark
 * is no secret and carries no authority: whoever forges it gets the floor's answer, which is what CONTINUE gets (floor ⊆ policy). It is bound to the
 * call's own argument so that a register left over from one call, in a signal handler say, does not mark the next.
 * No user pointer and no small number has these high bits. */
#ifndef NONO_FAST_PATH_MARK_H
#define NONO_FAST_PATH_MARK_H
#define FAST_PATH_MARK 0x9e6f6e6f66617374ULL
#endif
