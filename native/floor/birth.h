/* Birth on the floor: directories and files that were made and granted before the start, and that take their place when something is made in a directory
 * that is off the floor. Landlock grants nothing later, so there is no other way for what a session makes there to be executed, or to cost no supervisor. */
#ifndef NONO_BIRTH_H
#define NONO_BIRTH_H
#include "loop/supervisor.h"
#include "names/names.h"

/* Makes the pools that the plan names and grants them; before the fork. What cannot be made is named in a NOTICE (birth_begin) and served by the broker. */
void birth_prepare(const struct plan *plan, struct floor *floor);
void birth_begin(struct supervisor *s);
/* Removes what was not born; `keep`: leaves it to the next session, when all inside are dead. Whoever ends last calls it. */
void birth_end(bool keep);

enum born { BORN, BORN_NOT, BORN_EXISTS };
/* What became of it. Where a server may not answer it is made by another process than the one that has to know. */
struct birth {
	enum born born;
	int pool;      /* that it was asked of; below 0: none */
	unsigned next; /* the pool's first directory that is still to be given out */
	bool elsewhere, none_left; /* why it was not born */
};
/* A new directory `n`, which policy allows: from the pool. `mode` has the umask taken off. BORN_NOT: make a plain one. birth_note is to be called afterwards. */
struct birth birth_directory(const struct supervisor *s, const struct name *n, mode_t mode);
void birth_note(struct supervisor *s, const char *real, const struct birth *b);
/* The same, when it is not known what became of it: no other one is given out. */
void birth_unknown(const struct supervisor *s, const char *real);
/* The directory that it would come from, for the process that makes it; below 0: none. */
int birth_descriptor(const struct supervisor *s, const char *real);
/* A directory was renamed by the broker. */
void birth_moved(const char *from, const char *to);

/* A file that is on the floor with reading, executing and writing, and has no place yet. */
struct birth_file {
	int dir;
	char name[16];
	dev_t dev;
	ino_t ino;
	unsigned *taken;
};
/* One for the place `real`, if what is born may stand there; false when not, or when none is left. */
bool birth_file(struct supervisor *s, const char *real, struct birth_file *f);
/* It has its place now; not called, it is given out again. */
void birth_file_taken(const struct birth_file *f);

/* The directory for copies of executables, which is on the floor for reading; -1 when there is none. */
int birth_annex(void);
#endif
