/* One table of calls on files: every call × every kind of path, in a tree that is as it was before each of them. Prints what each call answered and what it
 * changed, and nothing that differs between two runs: the same program, run beside the sandbox and in a brokered tree inside, must print the same.
 *   conformance DIR TABLE STEP [UID]   DIR exists; DIR/t is made and remade. Every STEP-th case. UID: the calls are made with that effective identity, the tree is
 *                                      made without.
 * Raw system calls throughout: a C library would answer some of these itself. */
#include "conformance.h"

#include <stdlib.h>

static const struct {
	const char *name;
	void (*run)(void);
} tables[] = {{"open", table_open}, {"openat2", table_openat2}, {"make", table_make}, {"remove", table_remove}, {"truncate", table_truncate}, {"rename", table_rename}, {"link", table_link},
              {"chmod", table_chmod}, {"chown", table_chown}, {"utime", table_utime}, {"xattr", table_xattr}, {"xattrat", table_xattrat}, {"flags", table_flags},
              {"look", table_look}, {"socket", table_socket}, {"execute", table_execute}};

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	snprintf(base, sizeof base, "%s", argv[1]);
	step = (unsigned)atoi(argv[3]);
	if (argc > 4)
		as_uid = atol(argv[4]);
	begin_paths();
	remake();
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (strcmp(argv[2], tables[i].name) == 0) {
			tables[i].run();
			printf("%u cases\n", cases);
			return fflush(stdout) == 0 ? 0 : 1;
		}
	return 2;
}
