/* The terminal that the command is started on, in an open file of its own. To be called before the command is confined. */
#ifndef NONO_OWN_TERMINAL_H
#define NONO_OWN_TERMINAL_H

/* Each standard stream that is a terminal is opened again. Where that fails it is left, and what it is like remembered: the terminal is another user's (su), or closed to others (TIOCEXCL). */
void own_terminal(void);
/* What was left is as it was. For the process that called the above, when nothing inside lives on. */
void own_terminal_end(void);
#endif
