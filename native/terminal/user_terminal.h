/* The user's terminal, as nono-relay leaves and takes it. */
#ifndef NONO_USER_TERMINAL_H
#define NONO_USER_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

/* Its settings as hexadecimal digits, for a process that gives it back when the relay was killed. `hex`: two for each byte, and one more. */
void user_terminal_encode(const struct termios *, char *hex);
/* False: these are none. */
bool user_terminal_decode(const char *hex, struct termios *);
/* Out of every mode and to the main screen; `alternate`: from the other one. `saved`: the settings, or NULL where they are left alone. */
void user_terminal_restore(const struct termios *saved, bool alternate);
/* `when`: as tcsetattr(3) has it. */
void user_terminal_raw(const struct termios *saved, int when);
/* Before a stopped host goes on. */
void user_terminal_enter_alternate(void);

#endif
