/* The #! line of a program. */
#ifndef NONO_FIRST_LINE_H
#define NONO_FIRST_LINE_H
#include <stdbool.h>

/* As much as the kernel reads of a file to see how it is executed. MAX_INTERPRETERS: how far it follows one that is a script itself. */
enum { FIRST_LINE = 256, MAX_INTERPRETERS = 4 };

/* As the kernel reads it (binfmt_script): one optional argument, which keeps its inner spaces. `object`: any descriptor of a regular file. False, and both "": it has none,
 * or it cannot be read. */
bool first_line(int object, char interpreter[FIRST_LINE], char argument[FIRST_LINE]);
/* The same in the loop: where a server may not answer a process opens, reads and closes the file, and is waited for a moment (brief.h). False: that was too short. */
bool first_line_soon(int object, char interpreter[FIRST_LINE], char argument[FIRST_LINE]);
#endif
