/* The terminal's keys, read by the relay in the place of its host. */
#ifndef NONO_KEYBOARD_H
#define NONO_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { KEYBOARD_CHUNK = 4096, KEYBOARD_LATE_MS = 4 };

struct keyboard {
	int host;      /* our end of the line to it */
	int shell;     /* master of the shell's terminal, -1: the host reads the keys itself */
	uint8_t prefix; /* as a byte; ESC, which is never plain, where it has none */
	bool straight; /* what is plain goes to the shell without the host */
	bool full;     /* the host does not take what it is told: nothing more is read */
	unsigned char typed[KEYBOARD_CHUNK]; /* gone to the shell, and the host does not know it yet */
	size_t typed_length;
	uint32_t told; /* bytes that the host was given to look at or to pass on, modulo 2^32 */
};

/* From now on the keys are read here. `master` is the host's descriptor of the shell's terminal. The host is told whether it can be. */
void keyboard_lend(struct keyboard *, pid_t host, int master, uint8_t prefix);
/* The host reads again. */
void keyboard_give_back(struct keyboard *);
/* Keys go straight to the shell, unless the host has not yet looked at everything that it was given: `looked` is how much it has. */
void keyboard_straight(struct keyboard *, uint32_t looked);
/* Says what has gone to the shell: KEYBOARD_LATE_MS after the first of it, if the line has room. */
void keyboard_say_typed(struct keyboard *);
/* What was read, or what read(2) said instead: to the shell, or to the host to be looked at. Only when the host's line has room. */
void keyboard_take(struct keyboard *, const unsigned char *bytes, ssize_t got);

#endif
