/* Links native/start/tmpdir.c: removes what killed sessions left beside a path, until it was asked so many times whether it is over.
 *
 *   tmpdir PATH TIMES */
#include "start/tmpdir.h"

#include <stdlib.h>

static long left;

static bool over(void)
{
	return left-- <= 0;
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	left = strtol(argv[2], NULL, 10);
	tmpdir_remove_stale(argv[1], over);
	return 0;
}
