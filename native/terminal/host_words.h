/* What the host says to its relay. */
#ifndef NONO_HOST_WORDS_H
#define NONO_HOST_WORDS_H

#include "terminal/keyboard.h"

struct host_words {
	int line;       /* our end of NONO_RELAY_FD */
	pid_t host;
	bool alternate; /* the screen that the host is on */
	bool ended;     /* it says nothing more */
	struct keyboard keyboard;
	unsigned char word[8]; /* not yet complete */
	size_t length;
};

/* All it has said until now, in its order. */
void host_words_hear(struct host_words *);
/* Reads the keys that are there, and hears the host before it is decided whose they are. Only when the terminal has something and the line has room. */
void host_words_keys(struct host_words *);

#endif
