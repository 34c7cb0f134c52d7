/* Calls on sockets that name an address. The supervisor duplicates the socket, copies the address once, decides on the copies, and performs the call on the
 * duplicate: another thread that changes the address, or puts another socket under the number, changes nothing that was decided. CONTINUE is never
 * answered to them, but for recvfrom, on which nothing is decided. */
#ifndef NONO_SOCKETS_H
#define NONO_SOCKETS_H
#include "loop/supervisor.h"
#include "rules/net_rules.h"

/* AT_ONCE: above this a worker sends. */
enum { MESSAGE_FDS = 253 /* SCM_MAX_FD */, MESSAGE_AT_ONCE = 1024 * 1024 };

/* The data of a send, copied from the caller. */
struct message {
	uint8_t *data, *control;
	size_t len, sent, control_len;
	size_t share;          /* of what all messages that wait may take together */
	unsigned flags;
	bool mapped;           /* `data` is a mapping of its own: the network card may read it after the call (MSG_ZEROCOPY) */
	bool multiple;         /* sendmmsg: the call answers a count of messages */
	unsigned before;       /* so many of them went before this one */
	uint64_t length_at;    /* and there, in the caller's memory, how much of this one was sent */
	volatile struct many_told *told; /* what a worker says of it */
	bool cut;              /* the caller wrote more than was copied */
	int fds[MESSAGE_FDS];  /* SCM_RIGHTS: duplicates of the caller's */
	unsigned fd_count;
};

struct socket_call {
	uint64_t id; /* seccomp notification */
	pid_t tid;
	uint16_t verb;
	int sock; /* the duplicate */
	int domain, type, protocol;
	bool blocking;
	bool begun; /* the handshake, by this call */
	pid_t worker; /* the process that performs it (socket_slowly) */
	int backlog;
	union {
		struct sockaddr_storage sa;
		char bytes[sizeof(struct sockaddr_storage) + 1]; /* a path may fill it; always followed by a NUL */
	};
	socklen_t sa_len;
	struct target file;      /* AF_UNIX, a path: the socket file (connect, send), or the directory and name (bind) */
	struct net_address where; /* AF_INET, AF_INET6 */
	struct message *message; /* sends only */
	uint8_t reason;          /* why it is held */
};

void sockets_connect(struct supervisor *s, const struct seccomp_notif *n);
void sockets_bind(struct supervisor *s, const struct seccomp_notif *n);
void sockets_listen(struct supervisor *s, const struct seccomp_notif *n);
void sockets_sendto(struct supervisor *s, const struct seccomp_notif *n);
void sockets_sendmsg(struct supervisor *s, const struct seccomp_notif *n);
void sockets_sendmmsg(struct supervisor *s, const struct seccomp_notif *n);
/* Not decided on, only looked at (name_answers.c); the kernel performs it. */
void sockets_recvfrom(struct supervisor *s, const struct seccomp_notif *n);

/* --- between the files about sockets -------------------------------------------------------------------------------------------------------------- */
/* Duplicates the caller's socket `fd` and learns what it is. False: answered. */
bool socket_begin(struct supervisor *s, const struct seccomp_notif *n, uint16_t verb, struct socket_call *c);
bool socket_read_address(struct supervisor *s, struct socket_call *c, uint64_t at, uint64_t len);
/* A duplicate of any descriptor of the caller, or a negative errno. */
int socket_duplicate(pid_t tid, int fd);
/* A number for the network namespace that the socket was made in, and the one of this process's own; 0: not known. */
uint64_t socket_netns(int sock);
uint64_t socket_own_netns(void);
/* Decides, then performs, denies or holds. Takes everything in `c`. */
void socket_act(struct supervisor *s, struct socket_call *c);
void socket_close(struct socket_call *c);

enum gate { GATE_OPEN, GATE_SHUT /* answered */, GATE_HELD /* kept elsewhere; `c` is empty */ };
/* May this go where it is addressed to? */
enum gate socket_gate(struct supervisor *s, struct socket_call *c, bool quiet);
/* `quiet`: answers, reports and holds nothing. */
enum gate unix_gate(struct supervisor *s, struct socket_call *c, bool quiet);
enum gate net_gate(struct supervisor *s, struct socket_call *c, bool quiet);
enum gate socket_refuse(struct supervisor *s, const struct socket_call *c, bool quiet, int err);
enum performed socket_perform(struct supervisor *s, struct socket_call *c);
enum performed unix_bind(struct supervisor *s, struct socket_call *c);
/* The name to give to the kernel for `c`: of a socket file the descriptor that was decided on. */
socklen_t socket_name(const struct socket_call *c, struct sockaddr_storage *out);
/* After a bind without a path: an abstract name that now belongs to this session. */
void unix_note_abstract(const struct socket_call *c);
/* After a bind to a path: the file of this socket belongs to the session. */
void unix_note_file(const struct socket_call *c);
/* Does the socket file, open as `object`, or the abstract name that `c` is addressed to, belong to this session now? */
bool unix_made_file(int object);
bool unix_made_name(const struct socket_call *c);
bool socket_hold(struct supervisor *s, struct socket_call *c);
void socket_report(struct supervisor *s, const struct socket_call *c, uint8_t reason, uint32_t rule_id);
uint8_t socket_protocol(const struct socket_call *c);
struct net_decision socket_decide_net(const struct supervisor *s, const struct socket_call *c);
uint8_t socket_access(const struct socket_call *c);

/* An empty message with what one that is copied now may take; NULL: no memory. */
struct message *message_new(const struct supervisor *s, unsigned flags);
/* Copies what the caller's message header at `at` points to into `c`, whose message is empty. An errno. */
int message_copy(struct socket_call *c, uint64_t at);
/* The same of `size` bytes at `at`, without control data. */
int message_copy_bytes(struct socket_call *c, uint64_t at, uint64_t size);
enum performed message_perform(struct supervisor *s, struct socket_call *c);
void message_free(struct message *m);
/* Gives `c` a message and copies what `at` points to. False: answered, and `c` is closed. */
bool message_take(struct supervisor *s, struct socket_call *c, uint64_t at, unsigned flags);
/* Sends what is left, once; true when the message is finished. */
bool message_step(struct socket_call *c, unsigned flags, int *err);
/* Would the kernel wait for room? */
bool message_may_wait(const struct socket_call *c);
/* What is left is sent by a process of its own. */
enum performed message_by_worker(struct supervisor *s, struct socket_call *c);
/* Answers a call that has sent nothing. */
void message_failed(struct supervisor *s, const struct socket_call *c, int err);
/* The same three of a message that is one of many (messages_many.c): answered by this process, by a worker, told by that one. */
void many_finish(struct supervisor *s, const struct socket_call *c, int err);
enum performed many_slowly(struct supervisor *s, struct socket_call *c);
void many_tell(const struct message *m, int err);
/* A child ended: true when it sent one of many, which is answered now. */
bool many_ended(struct supervisor *s, pid_t pid);
/* Runs `work` in a process of its own, as the caller in every respect but the process id; it answers the notification itself and ends with this one. `partial`: it
 * may have sent a part when a signal arrives, and is told rather than killed. */
enum performed socket_slowly(struct supervisor *s, struct socket_call *c, void (*work)(struct supervisor *, struct socket_call *), bool partial);
#endif
