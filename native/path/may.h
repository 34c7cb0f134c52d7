/* What discretionary access control says to who this process is for the moment. */
#ifndef NONO_MAY_H
#define NONO_MAY_H
#include <stdbool.h>

/* access(2) of what a descriptor is. False also where a file server is asked and does not answer soon. */
bool may_access(int fd, int mode);
#endif
