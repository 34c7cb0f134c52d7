/* For floor.c, which tells it what was added; everyone else asks through floor.h. */
#ifndef NONO_FLOOR_KNOWN_H
#define NONO_FLOOR_KNOWN_H
#include "floor/floor.h"

bool floor_remember(struct floor *floor, const char *path, const struct floor_rule *rule);
bool floor_remember_object(struct floor *floor, dev_t dev, ino_t ino, uint32_t rights);
#endif
