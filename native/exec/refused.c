#include "exec/refused.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A file under whatever name: renamed or linked, it stays the same. */
struct file {
	dev_t dev;
	ino_t ino;
};

static const struct plan *plan;
static struct file *files;
static size_t file_count;

bool refused_load(const struct plan *p)
{
	struct stat st;
	plan = p;
	if (p->command_count == 0)
		return true;
	files = calloc(p->command_count, sizeof *files);
	for (size_t i = 0; files != NULL && i < p->command_count; i++)
		if (p->commands[i][0] == '/' && stat(p->commands[i], &st) == 0)
			files[file_count++] = (struct file){st.st_dev, st.st_ino};
	return files != NULL;
}

bool refused_any(void)
{
	return plan != NULL && plan->command_count > 0;
}

static const char *last(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash != NULL ? slash + 1 : path;
}

bool refused_command(const char *called, const struct target *t)
{
	if (!refused_any())
		return false;
	for (size_t i = 0; i < plan->command_count; i++) {
		const char *command = plan->commands[i];
		bool file = command[0] == '/';
		if (!file && (strcmp(last(called), command) == 0 || (t != NULL && strcmp(last(t->real), command) == 0)))
			return true;
		if (file && t != NULL && strcmp(t->real, command) == 0)
			return true;
	}
	for (size_t i = 0; i < file_count && t != NULL; i++)
		if (files[i].dev == t->st.st_dev && files[i].ino == t->st.st_ino)
			return true;
	return false;
}
