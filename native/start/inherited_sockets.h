/* Sockets that the command is started on, where nobody decides on what they are used for. */
#ifndef NONO_INHERITED_SOCKETS_H
#define NONO_INHERITED_SOCKETS_H
#include "plan/plan.h"
#include "start/report.h"

/* Without a supervisor, and with the network blocked: false where one of the standard streams is a socket that could be sent to anybody. */
bool inherited_sockets_hold(const struct plan *plan, struct failure *f);
#endif
