/* Directories that the session shares with others (/tmp), of which it may use what it made there itself: names that were free, made by calls that the supervisor
 * performed. Which object lies there is compared each time, so a name that somebody outside took over is not the session's any more. */
#ifndef NONO_OWNED_H
#define NONO_OWNED_H
#include <stdbool.h>
#include <sys/stat.h>

#include "plan/plan.h"
#include "rules/rules.h"

/* Before the start. The plan must outlive it. */
void owned_load(const struct plan *plan, struct rules *rules);
/* As rules_decide, for a call that may make `path`: where nothing lies there yet, its own name may be made. */
struct decision owned_decide(const struct rules *rules, const char *path, uint8_t access, bool exists);
/* The session just made (or moved) what lies there now. Nothing happens for other places. */
void owned_made(const char *path);
#endif
