#include "rules/pattern_names.h"

#include <stdlib.h>

struct pattern_name {
	struct pattern_needs needs;
	const struct pattern *pattern;
	unsigned component;
};

bool pattern_names_add(struct pattern_names *n, const struct pattern *p)
{
	struct pattern_name *grown = realloc(n->at, (n->count + pattern_components(p)) * sizeof *grown);
	if (grown == NULL)
		return false;
	n->at = grown;
	for (unsigned i = 0; i < pattern_components(p); i++) {
		struct pattern_name *new = &grown[n->count];
		*new = (struct pattern_name){.pattern = p, .component = i};
		n->count += pattern_needs(p, i, &new->needs);
	}
	return true;
}

void pattern_names_remove(struct pattern_names *n, const struct pattern *p)
{
	size_t kept = 0;
	for (size_t i = 0; i < n->count; i++)
		if (n->at[i].pattern != p)
			n->at[kept++] = n->at[i];
	n->count = kept;
}

void pattern_names_free(struct pattern_names *n)
{
	free(n->at);
	*n = (struct pattern_names){.at = NULL};
}

bool pattern_names_could(const struct pattern_names *n, const char *name, size_t len)
{
	uint64_t letters = pattern_letters(name, len);
	for (size_t i = 0; i < n->count; i++) {
		const struct pattern_name *c = &n->at[i];
		if ((c->needs.letters & ~letters) == 0 && c->needs.least <= len && pattern_component_any_case(c->pattern, c->component, name, len))
			return true;
	}
	return false;
}
