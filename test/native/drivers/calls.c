/* Prints "NR ANSWER" for every number up to the newest known one; the options are the first argument. */
#include <stdio.h>
#include <stdlib.h>

#include "filter/call_table.h"

int main(int argc, char **argv)
{
	static const char *const answers[] = {[CALL_UNKNOWN] = "unknown", [CALL_ALLOWED] = "allowed", [CALL_ENOSYS] = "ENOSYS", [CALL_EPERM] = "EPERM"};
	uint32_t options = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 0;
	for (int nr = 0; nr <= NEWEST_KNOWN; nr++) {
		int rows = 0;
		for (size_t g = 0; g < call_group_count; g++)
			for (const short *call = call_groups[g].calls; *call >= 0; call++)
				rows += *call == nr;
		printf("%d %s %d\n", nr, answers[call_table_answer(nr, options)], rows);
	}
	for (size_t g = 0; g < call_group_count; g++)
		if (call_groups[g].why[0] == 0)
			return 1;
	return 0;
}
