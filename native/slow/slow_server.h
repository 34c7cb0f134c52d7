/* Asking a server that may not answer. */
#ifndef NONO_SLOW_SERVER_H
#define NONO_SLOW_SERVER_H
#include <stdbool.h>

/* Asks for what the path leads to, whatever is cached; of what is missing, for its directory. `interpreters`: of a program also for its first line, which the loop will read
 * (exec_chain.c), and for what that names, so many times. */
void slow_ask_server(int base, const char *path, unsigned interpreters);
/* May one of the interpreters be waited for of a program that need not be waited for itself? Does not wait. */
bool slow_interpreter_waits(int base, const char *path);
/* Before the start: whether a program, and what its first line names, can be looked at within some seconds. At once where no server is asked. */
bool slow_answers(const char *path);

/* --- slow.c --- */
/* Does the path lead to one, or may the way there? Does not wait. */
bool slow_may_wait(int base, const char *path);
#endif
