/* The least that a floor of Landlock and seccomp can be: what it costs on this machine to run a command under both at all. A measure, not a sandbox.
 *   least-floor DIRECTORY… -- COMMAND…   every right of files is handled and granted below these directories; the filter is one instruction that allows */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the headers of some machines. */
enum { ACCESS_RIGHTS_OF_ABI_1 = 13, ACCESS_RIGHTS_OF_ABI_2 = 14, ACCESS_RIGHTS_OF_ABI_3 = 15, ACCESS_RIGHTS_OF_ABI_5 = 16 };

static __u64 handled(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int rights = abi >= 5 ? ACCESS_RIGHTS_OF_ABI_5 : abi >= 3 ? ACCESS_RIGHTS_OF_ABI_3 : abi == 2 ? ACCESS_RIGHTS_OF_ABI_2 : ACCESS_RIGHTS_OF_ABI_1;
	return ((__u64)1 << rights) - 1;
}

int main(int argc, char **argv)
{
	struct landlock_ruleset_attr attributes = {.handled_access_fs = handled()};
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0), at = 1;
	for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
		struct landlock_path_beneath_attr rule = {.allowed_access = attributes.handled_access_fs, .parent_fd = open(argv[at], O_PATH | O_CLOEXEC)};
		if (rule.parent_fd >= 0 && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
			perror(argv[at]);
		close(rule.parent_fd);
	}
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = {.len = 1, .filter = &allow};
	if (at + 1 >= argc || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) {
		perror("least-floor");
		return 125;
	}
	close(ruleset);
	execvp(argv[at + 1], argv + at + 1);
	perror(argv[at + 1]);
	return 127;
}
