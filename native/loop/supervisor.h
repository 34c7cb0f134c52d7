/* State of one supervisor and the pieces that its loop is made of. One thread; the broker, the observer and the held list share it. */
#ifndef NONO_SUPERVISOR_H
#define NONO_SUPERVISOR_H
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "floor/floor.h"
#include "loop/wire.h"
#include "path/resolve.h"
#include "rules/rules.h"
#include "start/limits.h"

struct held;

struct supervisor {
	int listener; /* -1 when an outer session supervises */
	bool sync_wake, wait_killable, fast_path;
	const struct floor *floor;
	struct rules rules;
	struct net_rules net;
	uint32_t options; /* OPTIONS flags of the plan */
	struct wire wire;
	unsigned mode;
	pid_t guardian, child;
	struct held *held;
	unsigned held_count;
	uint64_t next_hold_id;
};

/* An open as the caller asked for it. */
struct open_call {
	uint64_t id; /* seccomp notification */
	pid_t tid;
	uint16_t verb;
	int dirfd;
	uint64_t flags, mode, resolve;
	char path[PLAN_MAX_PATH];
};

/* --- answers (answer.c) ------------------------------------------------------------------------------------------------------------------- */
/* CONTINUE: the kernel performs the call with the caller's own arguments, whatever they are by then. Only sound because the floor decides again. */
void answer_continue(const struct supervisor *s, uint64_t id);
void answer_error(const struct supervisor *s, uint64_t id, int err);
void answer_value(const struct supervisor *s, uint64_t id, int64_t value);
/* Installs `fd` in the caller and returns it from the call; takes ownership of fd. Where the caller does not run for a while, a process does it. */
void answer_descriptor(struct supervisor *s, uint64_t id, pid_t tid, int fd, bool cloexec);
/* The same for a process that may wait itself. */
void answer_descriptor_waiting(const struct supervisor *s, uint64_t id, pid_t tid, int fd, bool cloexec);
bool caller_still_waits(const struct supervisor *s, uint64_t id);

/* --- floor quick look (quick.c) ------------------------------------------------------------------------------------------------------------ */
enum quick { QUICK_INSIDE, QUICK_UNKNOWN };
/* Is `path` plainly on the floor with `rights` (its last component no symlink)? `missing_rights` must hold instead when it does not exist yet.
 * A wrong INSIDE only costs the caller an EACCES from the kernel; it can grant nothing. */
enum quick quick_look(const struct supervisor *s, pid_t tid, int dirfd, const char *path, bool nofollow, uint32_t rights, uint32_t missing_rights);

/* Is the directory that holds the last component of `path` plainly on the floor with `rights`? For calls on names. */
enum quick quick_parent(const struct supervisor *s, pid_t tid, int dirfd, const char *path, uint32_t rights);
/* What is remembered of a directory and of all below it no longer holds: it was made, removed or renamed. */
void quick_forget(const char *real);

/* --- processes that sandboxed themselves further (narrowed.c) ------------------------------------------------------------------------------- */
/* A Landlock domain stacked inside the session must hold against us too: a descriptor injected from here would step over it.
 * Handles landlock_restrict_self. */
void narrowed_call(struct supervisor *s, const struct seccomp_notif *n);
/* Handles prctl(PR_SET_CHILD_SUBREAPER). */
void subreaper_call(struct supervisor *s, const struct seccomp_notif *n);
/* Handles prctl: PR_SET_DUMPABLE (dumpable.c), and that one. */
void prctl_call(struct supervisor *s, const struct seccomp_notif *n);
/* True when the caller is, or may be, under such a domain: then nothing is performed for it. */
bool narrowed_contains(const struct supervisor *s, pid_t tid);
/* Such domains may restrict sockets too; performed here, the call would step over them. What they handle is noted when rulesets are made (landlock_create_ruleset). */
enum { NARROWED_NET = 1, NARROWED_UNIX = 2, NARROWED_ABSTRACT = 4 };
void narrowed_ruleset(struct supervisor *s, const struct seccomp_notif *n);
bool narrowed_refuses(const struct supervisor *s, pid_t tid, unsigned what);

/* --- opens (broker.c, open_perform.c) --------------------------------------------------------------------------------------------------------- */
void broker_open(struct supervisor *s, const struct seccomp_notif *n);
void broker_open_how(struct supervisor *s, const struct seccomp_notif *n);
/* PERFORMED: made, and answered with what the kernel said, an error too: a connection that is refused, or that is still on its way (EINPROGRESS), has left the machine. */
enum performed { PERFORMED, PERFORM_CHANGED, PERFORM_FAILED /* not made: the caller is gone, or this process is short of something */ };
/* Performs an allowed open for its caller and answers it. `t` was resolved earlier; it is confirmed again first. */
enum performed broker_perform(struct supervisor *s, const struct open_call *call, struct target *t);

/* --- limits and priorities of other processes (others.c), names seen by inotify (watch.c) --------------------------------------------------------------- */
void others_call(struct supervisor *s, const struct seccomp_notif *n);
void watch_call(struct supervisor *s, const struct seccomp_notif *n);

/* --- held calls (held.c) ------------------------------------------------------------------------------------------------------------------- */
/* OF_ONE_PROCESS: whoever has all its threads wait takes the places of nobody else. */
enum { HELD_MAX = 512, HELD_OF_ONE_PROCESS = 256 };
/* What a held call is, to those who keep it. `call` was allocated by whoever held it. */
struct held_kind {
	/* What the rules say now; a call under a DENY rule is never allowed, whatever the verdict. */
	struct decision (*decide)(const struct supervisor *s, const void *call);
	/* Queues the event that shows it (HELD). False: nobody would see it. */
	bool (*announce)(struct supervisor *s, uint64_t hold_id, const void *call);
	/* The real paths that performing it walks, two at most; how many. Where a server may not answer, it is asked again before: what it said may be long ago. */
	unsigned (*paths)(const void *call, const char *path[2]);
	/* Performs it and answers the notification; after PERFORM_CHANGED (not the object that was shown) the caller answers EACCES. */
	enum performed (*perform)(struct supervisor *s, void *call);
	/* Closes its descriptors and frees it. */
	void (*discard)(void *call);
	bool executes; /* the first path, so that its interpreters are walked as well */
};
/* What a call is about. Repeated after a signal it keeps its row, with what the user reads there: no two may be the same, however they were chosen. */
struct subject {
	uint8_t digest[32];
};
struct subject held_subject(uint16_t verb, uint8_t access, const char *text);
struct subject held_subject_of_two(uint16_t verb, uint8_t access, const char *text, const char *other);
/* Keeps the call waiting for a verdict. Repeated after a signal with the same `subject`, it keeps its row. Takes `call`
 * when true. False: too many, or the host cannot be told; `call` is still the caller's, who must deny. */
bool held_add(struct supervisor *s, const struct held_kind *kind, void *call, uint64_t notification, pid_t tid, struct subject subject);
/* May one more call of this thread be kept? */
bool held_has_room(const struct supervisor *s, pid_t tid);
/* Keeps the call while worker process `pid` performs it slowly and answers it. */
void held_add_worker(struct supervisor *s, uint64_t notification, pid_t tid, pid_t pid);
/* The same for a worker that a signal for the caller does not end, since it may have done its call or a part of it: it gets SIGUSR1 (the rest is EINTR) or SIGUSR2 (ERESTARTSYS), and
 * answers what it has sent. One that does not listen to them, as whoever begins (work_fork), finishes. */
void held_add_telling_worker(struct supervisor *s, uint64_t notification, pid_t tid, pid_t pid);
/* The worker has ended without an answer; false when its call was released meanwhile. */
bool held_worker_ended(struct supervisor *s, pid_t pid);
/* A worker that answers by itself has ended. Where it was killed before its answer, its caller would wait for ever: it gets EIO. */
void held_worker_lost(struct supervisor *s, pid_t pid);
void held_verdict(struct supervisor *s, uint64_t hold_id, bool allow);
/* After the rules or the mode changed: every held call is decided again. */
void held_review(struct supervisor *s);
/* Releases calls whose caller died or has a signal to handle; to be called often while held_count > 0. */
void held_tick(struct supervisor *s);
void held_deny_all(struct supervisor *s);
/* Holds an open (open_hold.c); takes the descriptors of `t` when true. */
bool open_hold(struct supervisor *s, const struct open_call *call, struct target *t, uint8_t access, uint8_t reason);

/* --- reporting (events.c) ------------------------------------------------------------------------------------------------------------------ */
void report_denied(struct supervisor *s, pid_t tid, uint16_t verb, uint8_t access, uint8_t reason, uint32_t rule_id, uint8_t object, const char *path);
/* Fills a record; the strings live in `names`. */
struct record_names {
	char comm[16], parent_comm[16];
};
void fill_record(struct access_record *r, struct record_names *names, pid_t tid, uint16_t verb, uint8_t access, uint8_t reason, uint32_t rule_id,
                 uint8_t object, const char *path);
uint8_t object_kind(const struct target *t);

/* --- the loop (supervise.c) ---------------------------------------------------------------------------------------------------------------- */
struct front;
/* Runs the command under the plan until everything inside has ended; returns the exit code for the guardian. `held`: it begins when the host there says so; NULL: at once. */
int supervise(const struct plan *plan, const struct limits *limits, const struct floor *floor, const char *program, char *const argv[], int events_fd, int hangup_fd,
              const struct front *held, pid_t guardian);
#endif
