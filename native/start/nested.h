#ifndef NONO_NESTED_H
#define NONO_NESTED_H

enum nested { NESTED_NO, NESTED_YES, NESTED_UNKNOWN };

/* Whether somebody above has the listener of this process's filters: an outer session, or a container's manager. Then there is none to be had. */
enum nested nested_try(void);
#endif
