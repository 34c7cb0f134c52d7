/* What comes next in a pipe or a file, copied into another pipe and taken out of the first when, and as far as, it was read from the second. */
#ifndef NONO_INPUT_COPY_H
#define NONO_INPUT_COPY_H
#include <stdbool.h>
#include <stddef.h>

struct input_copy {
	int outside;
	/* The writing end of a pipe that holds one piece (F_SETPIPE_SZ of a page). */
	int inside;
	size_t copied; /* and neither read nor taken out yet, as far as is known */
};

/* Waits until something is to be done, and does it, or until `other` (-1: none) can be read. False: nothing more comes, or nobody inside can read it. */
bool input_copy_turn(struct input_copy *copy, int other);
/* Takes out what was read by now. False: nobody inside can read any more. */
bool input_copy_read(struct input_copy *copy);
/* Until `other` can be read. */
void input_copy_wait(int other);
#endif
