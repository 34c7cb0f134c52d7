/* native/rules/pattern_names.h: "P PATTERN" adds one, "N NAME" asks about a name. For each name "1" where it could be a component of one of them, else "0"; and the
 * program fails where it could not, and a step of one of them from any position, in the name's own case or in any, is not that of any other name. */
#include "rules/pattern_names.h"

#include <stdio.h>
#include <string.h>

int main(void)
{
	static char line[4096];
	static struct pattern *all[4096];
	struct pattern_names names = {0};
	size_t count = 0;
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = 0;
		const char *text = line + 2;
		size_t n = strlen(text);
		if (line[0] == 'P') {
			if ((all[count] = pattern_compile(text)) == NULL || !pattern_names_add(&names, all[count++]))
				return 2;
			continue;
		}
		bool could = pattern_names_could(&names, text, n);
		printf("%d\n", could);
		for (size_t i = 0; i < count && !could; i++) {
			const struct pattern *p = all[i];
			pattern_state everywhere = (1U << pattern_components(p)) - 1, other = pattern_step_other(p, everywhere);
			if (pattern_step(p, everywhere, text, n, false, false) != other || pattern_step_any_case(p, everywhere, text, n, false, false) != other ||
			    pattern_prefix(p, everywhere, text, n, false) != (pattern_prefix_other(p, everywhere) ? PREFIX_GLOB : PREFIX_NONE)) {
				fprintf(stderr, "%s is a component of pattern %zu\n", text, i);
				return 1;
			}
		}
	}
	return 0;
}
