/* The components of many patterns: whether a name could be one of them. Most names are none, so a search under a thousand patterns need not ask each of them. */
#ifndef NONO_PATTERN_NAMES_H
#define NONO_PATTERN_NAMES_H
#include "rules/pattern.h"

struct pattern_names {
	struct pattern_name *at;
	size_t count;
};

/* Its components but those that every name is. False: no memory. The pattern must outlive them. */
bool pattern_names_add(struct pattern_names *n, const struct pattern *p);
void pattern_names_remove(struct pattern_names *n, const struct pattern *p);
void pattern_names_free(struct pattern_names *n);
/* False: a step of any of them, in the name's own case or in any, is pattern_step_other, and a prefix it is as pattern_prefix_other says. */
bool pattern_names_could(const struct pattern_names *n, const char *name, size_t len);
#endif
