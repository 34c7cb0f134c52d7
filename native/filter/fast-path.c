/* Runs with the invoking user's privileges, once, before anything is started. */
#define _GNU_SOURCE
#include "filter/fast-path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char *library; /* as LD_PRELOAD has it */
static const char *closed_file; /* its path, where some user inside may be unable to reach it */

/* Below ABI 3 Landlock does not decide truncation, so an open with O_TRUNC must be seen. */
enum { ABI_WITH_TRUNCATE = 3 };

static bool readable_on_floor(const struct plan *plan, const struct floor *floor)
{
	struct stat st;
	return lstat(plan->preload, &st) == 0 && S_ISREG(st.st_mode) &&
	       (floor_rights(floor, plan->preload, st.st_dev, st.st_ino) & FLOOR_READ_FILE) != 0;
}

/* Installed below root's home, say: programs that root starts as another user would complain that they cannot load it. */
static bool open_to_everybody(const char *path)
{
	char at[PLAN_MAX_PATH];
	struct stat st;
	snprintf(at, sizeof at, "%s", path);
	bool open = stat(at, &st) == 0 && (st.st_mode & S_IROTH) != 0;
	for (char *slash; open && (slash = strrchr(at, '/')) != NULL && slash != at;) {
		*slash = 0;
		open = stat(at, &st) == 0 && (st.st_mode & S_IXOTH) != 0;
	}
	return open;
}

/* ld.so takes these for separators and substitutions. */
static bool can_stand_in_ld_preload(const char *path)
{
	return strpbrk(path, ": \t\n$") == NULL;
}

/* A program linked with a shared AddressSanitizer runtime ends itself when the first library in the process is not called libasan.so. Whatever this library is
 * called, it then steps aside (preload/next.c); so it is named through a directory of that name, where there is one. The file must not bear
 * the name itself: programs with a static runtime look for it in their memory map, and end when they find it. */
static char *loader_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char detour[PLAN_MAX_PATH];
	struct stat st;
	int n = snprintf(detour, sizeof detour, "%.*s/libasan.so", (int)(slash - path), path);
	if (n < 0 || n >= (int)sizeof detour || stat(detour, &st) != 0 || !S_ISDIR(st.st_mode))
		return strdup(path);
	char *name;
	return asprintf(&name, "%s/..%s", detour, slash) < 0 ? NULL : name;
}

char **fast_path_environment(const struct plan *plan, const struct floor *floor)
{
	if ((plan->flags & PLAN_FAST_PATH) == 0 || plan->preload == NULL || floor->abi < ABI_WITH_TRUNCATE || !can_stand_in_ld_preload(plan->preload) ||
	    !readable_on_floor(plan, floor))
		return NULL;
	static const char name[] = "LD_PRELOAD=";
	char **env = calloc(plan->env_count + 2, sizeof *env), *variable = NULL;
	library = loader_name(plan->preload);
	if (env == NULL || library == NULL)
		return NULL;
	size_t at = 0;
	for (; at < plan->env_count && strncmp(plan->env[at], name, sizeof name - 1) != 0; at++)
		continue;
	memcpy(env, plan->env, plan->env_count * sizeof *env);
	/* Behind what the user preloads: that library interposes on us as it would on the C library. */
	bool others = at < plan->env_count && env[at][sizeof name - 1] != 0;
	if (asprintf(&variable, "%s%s%s", others ? env[at] : name, others ? ":" : "", library) < 0)
		return NULL;
	env[at] = variable;
	closed_file = open_to_everybody(plan->preload) ? NULL : plan->preload;
	return env;
}

bool fast_path_is_library(const char *path)
{
	return strcmp(path, library) == 0;
}

int fast_path_open_library(void)
{
	return closed_file != NULL ? open(closed_file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
}
