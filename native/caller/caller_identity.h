/* Acting as a blocked thread: what the supervisor performs for a caller, it performs with the caller's ids, groups and capabilities. */
#ifndef NONO_CALLER_IDENTITY_H
#define NONO_CALLER_IDENTITY_H
#include "caller/caller.h"

/* Before each call that is answered: nothing that was seen of a caller holds longer than its call. */
void caller_begin(void);
/* Takes the caller's file-system identity (and effective capabilities) for the next call, as the kernel would use for the caller itself; false when
 * that is impossible. caller_identity_restore puts this process's own back. */
bool caller_identity_take(pid_t tid, const struct caller_status *status);
void caller_identity_restore(void);
/* True when nothing has to be taken: file-system ids, groups, capabilities over files, and user namespace are this process's. */
bool caller_has_our_identity(pid_t tid, const struct caller_status *status);
/* Whether the caller may do with files what their owners may; NULL: its identity is this process's. */
bool caller_has_fowner(const struct caller_status *known);
/* True when the caller is who this process is, in the same user namespace: what it does to other processes, this one does with the same authority. */
bool caller_is_this_user(pid_t tid, const struct caller_status *status);
/* Becomes the caller for good, without its capabilities in a namespace of its own; for a process that ends afterwards. */
bool caller_become(pid_t tid, const struct caller_status *status);
/* The same, and true as well when this process is what the caller is: others will see the caller's user and groups (SO_PEERCRED). */
bool caller_identity_become(pid_t tid, const struct caller_status *status);
/* True between a take that had to change something and its restore. */
bool caller_identity_taken(void);
/* Records this process's own identity, reduced to `keep` and what supervising takes; once, before the first take. */
void caller_identity_init(uint64_t keep);
/* True when no caller can have another identity than this process: an ordinary user, and no_new_privs inside. */
bool caller_identity_fixed(void);
/* True when `tid` is in this process's own user namespace, so that its ids mean what ours mean. */
bool caller_at_home(pid_t tid);
#endif
