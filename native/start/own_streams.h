/* What the command is started on, as far as it can be, in open files of its own. To be called before the command is confined. */
#ifndef NONO_OWN_STREAMS_H
#define NONO_OWN_STREAMS_H

/* Each standard stream that is a terminal or a pipe is opened again. Where that cannot be (a file, whose place in it is shared; a socket; a terminal or pipe of
 * another user's, as under su) it is left, and what it is like remembered. */
void own_streams(void);
/* What was left is as it was. For the process that called the above, when nothing inside lives on. */
void own_streams_end(void);
#endif
