/* What the parts of this driver share: the tree, one case, and the paths that every table goes through. */
#ifndef CONFORMANCE_H
#define CONFORMANCE_H
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

enum { FIXED = 1000000, OTHER_ID = 12345 };

/* Descriptors of the tree, at numbers that a path can name. */
enum { FD_ROOT = 50, FD_ROOT_PATH, FD_FILE, FD_FILE_PATH, FD_WRITE, FD_DIR, FD_PIPE, FD_PIPE_IN, FD_SOCKET, FD_MEMFD, FD_DELETED, FD_DELETED_WRITE, FD_TMPFILE,
       FD_LINK_PATH, FD_NULL, FD_CLOSED };

/* --- tree.c --- */
extern char base[1024];
extern long as_uid; /* -1: as it is */
extern mode_t mask;
extern const unsigned char default_acl[28];
void fail(const char *what);
/* Takes the tree away and makes it as it was. */
void remake(void);
/* Prints what changed since then; true when anything did. */
bool changes(void);

/* --- run.c --- */
extern bool opens; /* the calls of this table give descriptors */
extern unsigned cases, step;
/* The call, with the identity asked for. */
void run(const char *label, long nr, long a, long b, long c, long d, long e);
void run6(const char *label, long nr, long a, long b, long c, long d, long e, long f);

/* --- paths.c --- */
struct path {
	const char *label, *text; /* label NULL: the text */
};

extern const struct path paths[];
extern const int path_count;
/* For calls with two paths: the square of these. */
extern const char *const few[];
extern const int few_count;

struct form {
	const char *label;
	int dirfd;
	bool full;
	unsigned every; /* only every n-th path: forms that answer the same for all of them */
};

extern const struct form forms[];
enum { FORMS = 10, PLAIN_FORMS = 2 };

/* Before the first: the long ones are made, and where the tree is. */
void begin_paths(void);
const char *label_of(const struct path *p);
const char *in_full(const char *text, char *out);
/* The next path, for FOR_PATHS: its dirfd and text, and how the label begins. */
extern int at;
extern long text;
extern char where[600], label[900];
bool prepare(const struct form *f, const struct path *p);
/* Into the tree again, from wherever a call went. */
void go_back(void);

/* `body` once per path and form, with dirfd, text and the label's beginning. A call without dirfd has the first two forms. */
#define FOR_PATHS(at) \
	for (int f_ = 0; f_ < ((at) ? (int)FORMS : (int)PLAIN_FORMS); f_++) \
		for (int p_ = 0; p_ < path_count; p_++) \
			if (p_ % (int)forms[f_].every == 0 && prepare(&forms[f_], &paths[p_]))
#define CASE(...) snprintf(label, sizeof label, __VA_ARGS__)

/* --- opens.c, names.c, metadata.c, looks.c, sockets.c, executes.c --- */
void table_open(void);
void table_openat2(void);
void table_make(void);
void table_remove(void);
void table_truncate(void);
void table_rename(void);
void table_link(void);
void table_chmod(void);
void table_chown(void);
void table_utime(void);
void table_xattr(void);
void table_xattrat(void);
void table_flags(void);
void table_look(void);
void table_socket(void);
void table_execute(void);
#endif
