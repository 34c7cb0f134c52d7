/* Is a text what Node reads it as? It turns other bytes into U+FFFD: it would see, start or look into something else. No I/O. */
#ifndef NONO_UTF8_H
#define NONO_UTF8_H
#include <stdbool.h>

bool is_utf8(const char *text);
#endif
