/* Links what decides by a list of names with a readdir that fails after some of them, as it does on a broken disk and when memory is short.
 *
 *   lists group   may a process inside join a group? All members are inside; one is, and the one behind it in the list is not; the same, and the list breaks off between them
 *   lists pool    is a directory empty? It is; it holds a file; the same, and the list breaks off before that */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "caller/caller.h"
#include "caller/job_control.h"
#include "caller/lineage.h"
#include "floor/birth_pools.h"

static char last[32]; /* the name behind which the list breaks off; empty: it does not */
static bool broken;

struct dirent *__real_readdir(DIR *d);
struct dirent *__wrap_readdir(DIR *d);
struct dirent *__wrap_readdir(DIR *d)
{
	if (broken) {
		errno = EIO;
		return NULL;
	}
	struct dirent *e = __real_readdir(d);
	broken = e != NULL && strcmp(e->d_name, last) == 0;
	return e;
}

static pid_t inside, also;

bool lineage_in_session_within(pid_t pid, unsigned *left)
{
	(void)left;
	return pid == inside || pid == also;
}

bool lineage_in_session(pid_t pid)
{
	return pid == inside || pid == also;
}

enum elsewhere caller_elsewhere(pid_t tid)
{
	(void)tid;
	return AT_HOME;
}

void answer_continue(const struct supervisor *s, uint64_t id)
{
	(void)s, (void)id;
	puts("joins");
}

void answer_error(const struct supervisor *s, uint64_t id, int err)
{
	(void)s, (void)id;
	puts(strerrorname_np(err));
}

static pid_t member(pid_t group)
{
	pid_t pid = fork();
	if (pid == 0) {
		setpgid(0, group);
		pause();
		_exit(0);
	}
	setpgid(pid, group);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void ask_group(void)
{
	pid_t leader = member(0);
	pid_t one = member(leader), other = member(leader);
	end(leader); /* then the members are asked */
	inside = one < other ? one : other; /* /proc lists by number */
	const struct seccomp_notif call = {.pid = (__u32)getpid(), .data = {.args = {(__u64)inside, (__u64)leader}}};
	also = one < other ? other : one;
	group_call(NULL, &call);
	also = 0;
	group_call(NULL, &call);
	snprintf(last, sizeof last, "%d", inside);
	group_call(NULL, &call);
	end(one);
	end(other);
}

static void say_empty(const char *dir)
{
	puts(pool_is_empty(open(dir, O_RDONLY | O_DIRECTORY)) ? "empty" : "not empty");
}

static void ask_pool(void)
{
	char dir[] = "/tmp/nono-lists-XXXXXX", file[sizeof dir + 5];
	if (mkdtemp(dir) == NULL)
		exit(2);
	say_empty(dir);
	snprintf(file, sizeof file, "%s/file", dir);
	close(open(file, O_CREAT | O_WRONLY, 0600));
	say_empty(dir);
	broken = true; /* at the first name already: the order is the file system's */
	say_empty(dir);
	unlink(file);
	rmdir(dir);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2)
		return 2;
	if (strcmp(argv[1], "group") == 0)
		ask_group();
	else
		ask_pool();
	return 0;
}
