/* Links native/start/tmpdir.c.
 *
 *   tmpdir PATH TIMES      removes what killed sessions left beside a path, until it was asked so many times whether it is over
 *   tmpdir PATH MOST all   removes the directory itself, as many names as that at most; says whether all is gone */
#include "start/tmpdir.h"

#include <stdio.h>
#include <stdlib.h>

static long left;

static bool over(void)
{
	return left-- <= 0;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	left = strtol(argv[2], NULL, 10);
	if (argc == 3)
		tmpdir_remove_stale(argv[1], over);
	else
		puts(tmpdir_remove(argv[1], (unsigned long)left) ? "gone" : "left");
	return 0;
}
