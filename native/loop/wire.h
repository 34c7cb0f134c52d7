/* Events to the host, commands from it (PROTOCOL.md, "Wire"). One non-blocking stream socket; what the host does not read is queued up to a bound. */
#ifndef NONO_WIRE_H
#define NONO_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan/plan.h"
#include "start/report.h"

enum { EVENT_READY = 1, EVENT_SETUP_ERROR = 2, EVENT_DENIED = 3, EVENT_HELD = 4, EVENT_RELEASED = 5, EVENT_DROPPED = 6, EVENT_EXIT = 7, EVENT_NOTICE = 8, EVENT_EXEC = 9, EVENT_NET_DENIED = 10,
       EVENT_NET_HELD = 11, EVENT_NAME_ANSWER = 12 };
enum { COMMAND_VERDICT = 101, COMMAND_ADD_RULE = 102, COMMAND_REMOVE_RULE = 103, COMMAND_SET_MODE = 104, COMMAND_TERMINATE = 105, COMMAND_SIGNAL = 106,
       COMMAND_ADD_NET_RULE = 107, COMMAND_REMOVE_NET_RULE = 108 };
enum { RELEASED_DENIED = 0, RELEASED_ALLOWED = 1, RELEASED_GONE = 2, RELEASED_SUSPENDED = 3, RELEASED_CHANGED = 4 };
enum verb { VERB_OPEN = 1, VERB_OPENAT, VERB_OPENAT2, VERB_CREAT, VERB_EXECVE, VERB_EXECVEAT, VERB_MKDIR, VERB_RMDIR, VERB_UNLINK, VERB_RENAME, VERB_LINK,
            VERB_SYMLINK, VERB_MKNOD, VERB_TRUNCATE,
            VERB_CHMOD, VERB_CHOWN, VERB_UTIME, VERB_SETXATTR, VERB_CONNECT, VERB_BIND, VERB_REMOVEXATTR,
            VERB_SENDTO, VERB_IOCTL, VERB_LISTEN, VERB_INOTIFY = 26 };
enum { OBJECT_MISSING = 0, OBJECT_FILE = 1, OBJECT_DIRECTORY = 2, OBJECT_OTHER = 3 };

#define WIRE_MAX_PAYLOAD 65536U

struct wire {
	int fd; /* -1: nobody listens; every event is dropped and nothing is ever held */
	uint8_t *out;
	size_t out_at, out_len, out_cap;
	uint32_t dropped;
	uint8_t in[WIRE_MAX_PAYLOAD + 8];
	size_t in_len;
};

struct access_record {
	pid_t pid, tid, parent_pid;
	uint16_t verb;
	uint8_t access, reason;
	uint32_t rule_id;
	uint8_t object;
	const char *path;
	const char *comm, *parent_comm;
	const char *other; /* rename and link: the other path; or NULL */
	bool other_first;   /* `other` is where it comes from, `path` where it is to go */
	bool other_allowed; /* no grant is missing for `other` */
};

struct net_record {
	pid_t pid, tid, parent_pid;
	uint16_t verb;
	uint8_t reason, protocol;
	uint32_t rule_id;
	struct net_address address;
	const char *comm, *parent_comm;
};

struct command {
	uint16_t type;
	uint64_t hold_id;
	uint32_t rule_id;
	uint8_t verdict, kind, flag; /* flag: allow, mode or signal */
	uint16_t access;
	char path[PLAN_MAX_PATH];
	struct net_rule net;
	size_t frame_size; /* as it was sent, header included; 0 for what is longer than a rule */
	uint8_t frame[PLAN_MAX_PATH + 32];
};

void wire_init(struct wire *w, int fd);
/* Each returns false when the event could not be queued; only a lost HELD must be acted on (the call is denied), lost DENIED events are counted. */
bool wire_ready(struct wire *w, int abi, pid_t guardian, pid_t supervisor, pid_t child, uint32_t features);
bool wire_setup_error(struct wire *w, const struct failure *f);
bool wire_denied(struct wire *w, const struct access_record *r);
bool wire_held(struct wire *w, uint64_t hold_id, const struct access_record *r);
bool wire_net_denied(struct wire *w, const struct net_record *r);
bool wire_net_held(struct wire *w, uint64_t hold_id, const struct net_record *r);
/* An answer of a name server, as received; lost without a word when the queue is full. */
bool wire_name_answer(struct wire *w, const struct net_address *server, const uint8_t *packet, size_t size);
bool wire_released(struct wire *w, uint64_t hold_id, uint8_t outcome);
bool wire_exit(struct wire *w, bool signalled, uint8_t code);
bool wire_notice(struct wire *w, const char *text);
bool wire_exec(struct wire *w, pid_t pid, pid_t parent, const char *path);
/* Sends what is queued; false when the host is gone. */
bool wire_flush(struct wire *w);
bool wire_pending(const struct wire *w);
/* Blocks until everything is sent or the host is gone or `timeout_ms` passed: for the last words only. */
void wire_drain(struct wire *w, int timeout_ms);
/* Reads what the host sent; false at end of file or error. */
bool wire_fill(struct wire *w);
/* Takes one complete command out of the buffer: 1 taken, 0 none complete, -1 malformed (the session must end). */
int wire_next(struct wire *w, struct command *c);
/* The parser alone, for the fuzzer. */
bool wire_parse(uint16_t type, const uint8_t *payload, size_t size, struct command *c);
#endif
