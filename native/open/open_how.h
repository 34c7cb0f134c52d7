/* openat2(2), which is never sent on to the kernel. */
#ifndef NONO_OPEN_HOW_H
#define NONO_OPEN_HOW_H
#include "loop/supervisor.h"
#include "path/resolve.h"

/* The call as its caller wrote it; 0, or the errno that it gets. */
int open_how_read(const struct seccomp_notif *n, struct open_call *call);
/* A file is to be made by a name with a slash behind it. */
bool open_how_names_directory(const struct open_call *call);
/* What could not be resolved: the error that the kernel has for it, or ENOSYS. */
void open_how_unresolved(const struct supervisor *s, const struct open_call *call);
/* Of an object on the floor: may it be opened from here as the caller would? Not a device, which would be this process's, nor an entry of the kernel's file systems, where it is looked at who opens. */
bool open_how_performs(const struct target *t);
#endif
