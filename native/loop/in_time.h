/* What waits for as long as somebody else likes, done in the supervisor's loop all the same: an alarm ends the wait. */
#ifndef NONO_IN_TIME_H
#define NONO_IN_TIME_H

/* Makes the call, whose own waits a signal ends (EINTR), with an alarm that comes again and again. Returns what it does. */
int in_time(int (*call)(const void *arg), const void *arg);

/* Closes a duplicate of a descriptor of the caller's. The last close of a socket waits until everything is sent or SO_LINGER ran out (socket(7)), which is as long as the program inside
 * likes: whoever closed its own descriptor meanwhile would leave that wait to the supervisor, and with it every other call and the end of the session. */
void let_go(int fd);
#endif
