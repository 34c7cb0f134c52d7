/* The machine's device nodes, which keep their names: what another session is granted by one of them must be that device. */
#ifndef NONO_DEVICES_H
#define NONO_DEVICES_H
#include <stdbool.h>
#include <sys/stat.h>

bool devices_is_one(mode_t mode);
/* Whether devices may lie beside what lies at `real`, on the file system `dev`: in /dev, and where it is mounted a second time. */
bool devices_around(const char *real, dev_t dev);
/* Whether the directory `leaf` of `parent`, which lies there, may hold any: everything but an empty one. */
bool devices_below(int parent, const char *leaf);
#endif
