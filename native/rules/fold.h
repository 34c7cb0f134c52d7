/* Directories in which several spellings are one name: casefold on ext4, f2fs and tmpfs, and file systems that never tell capitals apart. */
#ifndef NONO_FOLD_H
#define NONO_FOLD_H
#include <stdbool.h>

/* Is a directory above `path` one, or can it not be told? */
bool fold_ignores_case(const char *path);
#endif
