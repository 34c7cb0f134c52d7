/* Path resolution as the calling thread would do it, but with results that can be checked: an O_PATH descriptor and the real path it stands for. */
#ifndef NONO_RESOLVE_H
#define NONO_RESOLVE_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "plan/plan.h"

struct open_how;

enum resolve_status {
	RESOLVED,        /* `object` is open, `real` names it */
	RESOLVED_PARENT, /* the object is missing; `parent` is open, `leaf` is its name, `real` is what it would be called */
	RESOLVED_FILE,   /* the path is a magic link to a file that the caller holds; `object` is a duplicate of that file */
	RESOLVE_KERNEL,  /* leave the call to the kernel and the floor: it fails there, or names something only the caller can name */
	RESOLVE_OUTSIDE, /* an entry of /proc that belongs to a process outside the session */
};

struct target {
	int object, parent; /* O_PATH descriptors, or -1 */
	char real[PLAN_MAX_PATH];
	char leaf[256];
	struct stat st;
	pid_t proc_pid; /* not 0: an entry below /proc/<pid> of this process inside the session */
	bool walked; /* by its real path, without links, in this very call (straight.c): there is nothing to confirm */
	bool held_by_caller; /* reached through a descriptor of the caller's own, so no directory on the way matters */
};

struct path_request {
	pid_t tid;
	int dirfd;
	const char *path;
	bool nofollow;
	uint64_t resolve; /* RESOLVE_* that the caller itself asked for (openat2) */
	bool names_supervisor; /* set by resolve_as_caller */
};

/* Never blocks on FIFOs or devices (O_PATH only). On return the descriptors in `t` belong to the caller of this function: target_close. */
enum resolve_status resolve_as_caller(const struct path_request *r, struct target *t);
/* Nothing: no descriptors, no names. The rest of the names' memory is left as it is. */
void target_clear(struct target *t);
void target_close(struct target *t);
/* The real path of a descriptor of ours; false for what has none (pipes, sockets, deleted files). */
bool resolve_descriptor(int fd, char out[PLAN_MAX_PATH]);
/* True below another mount of procfs than /proc (of a container or chroot): whose entries those are is not looked at, so nothing there is performed here, where the
 * kernel would look at this process's rights to them. Left to the kernel and the floor, it is the caller's own. True as well where it cannot be told. */
bool resolve_in_other_proc(int fd, const char *real);
/* True when `real`, walked without symlinks from our root, leads to exactly this object: a detached mount prints an innocent path and fails here. */
bool resolve_confirms(const char *real, const struct stat *st);
/* Asked with the caller's identity: can it reach this target by the directories it may search? An O_PATH descriptor of this process's reaches further. */
bool resolve_reaches(int base, const struct path_request *r, const struct target *t);
/* The caller's directory for relative paths as an O_PATH descriptor, or a negative errno. */
int resolve_base(pid_t tid, int dirfd);
/* "/proc/self" and "/proc/thread-self" name the reader. The reader must be the caller, not this process: rewritten in the text, so that entries which
 * exist only for the caller are found. False when the result does not fit. */
bool resolve_names_caller(pid_t tid, const char *path, char out[PLAN_MAX_PATH]);
/* openat2, which fails with EAGAIN under a restriction when something was renamed or mounted anywhere meanwhile, and is then to be made again (openat2(2)). */
int resolve_again(int base, const char *path, const struct open_how *how);
/* Digits alone, as the entries of /proc and of its fd directories are called. */
bool resolve_is_number(const char *s);
#endif
