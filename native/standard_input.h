/* What the command reads from its start on, kept from being written to by it. */
#ifndef NONO_STANDARD_INPUT_H
#define NONO_STANDARD_INPUT_H
#include <stdbool.h>

/* To be called before the command is confined: where standard input is a pipe, or a file without a name, it is another pipe afterwards, which a process fills: a child of this one, or nobody's where this
 * one does not stay. False, with errno: it could not be made, and the command must not be started. */
bool standard_input_part(bool stays);
#endif
