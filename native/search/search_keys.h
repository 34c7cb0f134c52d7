/* Keys typed while the search runs on a raw terminal, which nobody else reads then. */
#ifndef NONO_SEARCH_KEYS_H
#define NONO_SEARCH_KEYS_H
#include "search/search_names.h"

/* Reads them on descriptor 3 from `patience` seconds on: before the user was told, what is typed stays where it is. */
void keys_watch(double patience);
/* Records what was typed; from here on nothing is read. */
void keys_record(struct worker *w);
#endif
