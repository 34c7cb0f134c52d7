/* What the command reads from its start on, kept from being written to by it. Where standard input is a pipe, or a file without a name, it is another pipe afterwards, which a process
 * fills. To be called before the command is confined. False, with errno: it could not be made, and the command must not be started. */
#ifndef NONO_STANDARD_INPUT_H
#define NONO_STANDARD_INPUT_H
#include <stdbool.h>

/* A child of this process fills it, and this one does not end before. */
bool standard_input_part(void);
/* For a process that becomes the command: where there is something to part, it goes on as a child, and the process that was started fills the pipe, passes signals on and ends as the child does. */
bool standard_input_wrap(void);
#endif
