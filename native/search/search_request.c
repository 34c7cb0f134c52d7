#include "search/search_request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_REQUEST = 16 << 20 };

struct search_request asked = {.most = 2000000};
static char **bulk_list, **closed_list;

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

bool search_listed(const char **paths, size_t n, const char *path)
{
	return n > 0 && bsearch(&path, paths, n, sizeof *paths, compare) != NULL;
}

static char *read_input(size_t *size)
{
	char *in = malloc(MOST_REQUEST);
	*size = 0;
	while (in != NULL && *size < MOST_REQUEST) {
		ssize_t n = read(STDIN_FILENO, in + *size, MOST_REQUEST - *size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 && *size > 0 && in[*size - 1] == 0 ? in : NULL;
		*size += (size_t)n;
	}
	return NULL;
}

/* Every field has room in every array: there are at most as many fields as NULs. */
static bool parse(char *in, size_t size)
{
	for (char *at = in; at < in + size; at += strlen(at) + 1) {
		const char *text = at[0] == 0 ? at : at + 1;
		switch (at[0]) {
		case 'B':
		case 'C':
			if (!bulk_name_valid(text))
				return false;
			bulk_list[asked.bulk.count++] = at + 1;
			if (at[0] == 'C')
				closed_list[asked.closed.count++] = at + 1;
			break;
		case 'P':
		case 'G':
		case 'H':
			asked.guard[asked.count] = at[0] == 'G' ? GUARD : at[0] == 'H' ? DEEP : NO_GUARD;
			if ((asked.patterns[asked.count++] = pattern_compile(text)) == NULL)
				return false;
			break;
		case 'F':
			if ((asked.folded[asked.folded_count++] = pattern_compile(text)) == NULL)
				return false;
			break;
		case 'K': asked.closed_paths[asked.closed_count++] = text; break;
		case 'S': asked.slow[asked.slow_count++] = text; break;
		case 'R':
			if (text[0] != '/')
				return false;
			asked.roots[asked.root_count++] = text;
			break;
		case 'N': asked.most = strtoull(text, NULL, 10); break;
		case 'V':
			asked.verbose = true;
			asked.patience = (double)strtoul(text, NULL, 10) / 1000;
			break;
		case 'T': asked.raw = true; break;
		default: return false;
		}
	}
	if (asked.count != asked.folded_count)
		return false;
	for (size_t i = 0; i < asked.count; i++)
		if (!pattern_names_add(&asked.names, asked.patterns[i]) || !pattern_names_add(&asked.names, asked.folded[i]))
			return false;
	return true;
}

bool search_read_request(void)
{
	size_t size, fields = 0;
	char *in = read_input(&size);
	if (in == NULL)
		return false;
	for (size_t i = 0; i < size; i++)
		fields += in[i] == 0;
	asked.roots = calloc(fields, sizeof *asked.roots);
	asked.closed_paths = calloc(fields, sizeof *asked.closed_paths);
	asked.slow = calloc(fields, sizeof *asked.slow);
	asked.patterns = calloc(fields, sizeof(struct pattern *));
	asked.folded = calloc(fields, sizeof(struct pattern *));
	asked.guard = calloc(fields, sizeof *asked.guard);
	bulk_list = calloc(fields, sizeof *bulk_list);
	closed_list = calloc(fields, sizeof *closed_list);
	asked.bulk.names = bulk_list;
	asked.closed.names = closed_list;
	if (asked.roots == NULL || asked.closed_paths == NULL || asked.slow == NULL || asked.patterns == NULL || asked.folded == NULL || asked.guard == NULL || bulk_list == NULL || closed_list == NULL || !parse(in, size))
		return false;
	qsort(asked.closed_paths, asked.closed_count, sizeof *asked.closed_paths, compare);
	qsort(asked.slow, asked.slow_count, sizeof *asked.slow, compare);
	return true;
}
