/* The kernel looks for a free descriptor before it opens anything, so a program that has none left finds no new file, and its old one as it was. Here the descriptor comes last. */
#define _GNU_SOURCE
#include "caller/caller_room.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* Who lowered its limit may hold as many above it, and have room below. Listing more of them than this is too much work for one call: they count as many as they are. */
enum { MOST_LISTED = 4096 };

static bool has_free_number(const char *directory, rlim_t limit)
{
	DIR *open_ones = opendir(directory);
	if (open_ones == NULL)
		return true;
	rlim_t below = 0;
	for (const struct dirent *e; (e = readdir(open_ones)) != NULL;)
		below += isdigit((unsigned char)e->d_name[0]) && strtoul(e->d_name, NULL, 10) < limit;
	closedir(open_ones);
	return below < limit;
}

bool caller_has_room(pid_t tid)
{
	char directory[32];
	struct rlimit limit;
	struct stat st;
	snprintf(directory, sizeof directory, "/proc/%d/fd", tid);
	/* Since Linux 6.2 its size is how many there are; before it is 0. */
	if (prlimit(tid, RLIMIT_NOFILE, NULL, &limit) != 0 || stat(directory, &st) != 0 || (rlim_t)st.st_size < limit.rlim_cur)
		return true;
	return st.st_size <= MOST_LISTED && has_free_number(directory, limit.rlim_cur);
}
