/* Executing a file: by path, by descriptor, and whatever is in the way. What was started ends with a number of its own. */
#include "conformance.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { FD_SCRIPT = FD_CLOSED + 1, FD_SCRIPT_PATH, FD_PROGRAM, FD_FREE };

static char *const words[] = {"name", NULL}, *const variables[] = {"A=b", NULL};

static void copy_program(int to)
{
	static char room[1 << 16];
	int from = open("/bin/false", O_RDONLY | O_CLOEXEC);
	if (from < 0)
		fail("/bin/false");
	for (ssize_t n; (n = read(from, room, sizeof room)) > 0;)
		if (write(to, room, (size_t)n) != n)
			fail("a program");
	close(from);
}

static void make_file(const char *name, mode_t mode, const char *content)
{
	int fd = open(name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		fail(name);
	if (content == NULL)
		copy_program(fd);
	else if (write(fd, content, strlen(content)) < 0)
		fail(name);
	if ((as_uid >= 0 && fchown(fd, (uid_t)as_uid, (gid_t)as_uid) != 0) || fchmod(fd, mode) != 0 || close(fd) != 0)
		fail(name);
}

static void add_programs(void)
{
	char text[1200];
	make_file("program", 0755, NULL);
	make_file("owner", 0700, NULL);
	make_file("group", 0070, NULL);
	make_file("closed", 0666, NULL);
	make_file("blind", 0311, NULL);
	make_file("script", 0755, "#!/bin/sh\nexit 7\n");
	make_file("options", 0755, "#! /bin/sh -e  \nfalse\nexit 7\n");
	make_file("text", 0755, "hello\n");
	make_file("nothing", 0755, "");
	make_file("short", 0755, "\177ELF");
	make_file("bare", 0755, "#!\n");
	make_file("lost", 0755, "#!/no/such/interpreter\n");
	make_file("of-directory", 0755, "#!/usr\n");
	make_file("of-text", 0755, "#!/etc/passwd\n");
	snprintf(text, sizeof text, "#!%s/t/script\nexit 8\n", base);
	make_file("of-script", 0755, text);
	snprintf(text, sizeof text, "#!%s/t/itself\n", base);
	make_file("itself", 0755, text);
	snprintf(text, sizeof text, "#!%s/t/closed\n", base);
	make_file("of-closed", 0755, text);
	if (chmod("noperm", 0755) != 0)
		fail("noperm");
	make_file("noperm/program", 0755, NULL);
	if (chmod("noperm", 0) != 0)
		fail("noperm");
	make_file("dir/script", 0755, "#!/bin/sh\nexit 9\n");
	if (symlink("script", "lscript") != 0 || symlink("program", "lprogram") != 0)
		fail("links");
	static const struct {
		const char *name;
		int flags, number;
	} held[] = {{"script", O_RDONLY, FD_SCRIPT}, {"script", O_PATH, FD_SCRIPT_PATH}, {"program", O_PATH | O_CLOEXEC, FD_PROGRAM}};
	for (size_t i = 0; i < sizeof held / sizeof held[0]; i++) {
		int fd = open(held[i].name, held[i].flags);
		if (fd < 0 || dup3(fd, held[i].number, held[i].flags & O_CLOEXEC) < 0)
			fail(held[i].name);
		close(fd);
	}
}

static void run_program(const char *name, long nr, long a, long b, long c, long d, long e)
{
	static unsigned turn;
	int line[2], err = 0, status = 0;
	if (turn++ % step != 0)
		return;
	if (pipe2(line, O_CLOEXEC) != 0)
		fail("pipe");
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		close(line[0]);
		if (as_uid >= 0) {
			syscall(SYS_setgroups, 0, NULL);
			syscall(SYS_setresgid, -1, as_uid, -1);
			syscall(SYS_setresuid, -1, as_uid, -1);
		}
		syscall(nr, a, b, c, d, e);
		err = errno;
		_exit(write(line[1], &err, sizeof err) == sizeof err ? 0 : 1);
	}
	close(line[1]);
	if (pid < 0 || read(line[0], &err, sizeof err) < 0 || waitpid(pid, &status, 0) != pid)
		fail("a child");
	close(line[0]);
	cases++;
	if (err != 0)
		printf("%s: %s\n", name, strerrorname_np(err));
	else
		printf("%s: started, %s %d\n", name, WIFEXITED(status) ? "exit" : "signal", WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

void table_execute(void)
{
	static const char *const own[] = {"program", "owner", "group", "closed", "blind", "script", "options", "text", "nothing", "short", "bare", "lost", "of-directory", "of-text",
	                                  "of-script", "itself", "of-closed", "noperm/program", "dir/script", "lscript", "lprogram", "script/", "script/.", "lscript/", "script/x", "./script",
	                                  "dir/../script", "ldir/script", "dir//script", "/proc/self/cwd/script", "/proc/self/fd/50/program", "/proc/self/fd/51/script", "/proc/self/fd/68",
	                                  "/proc/self/fd/66", "/proc/self/fd/67", "/dev/fd/66", "/dev/null", "/bin/false", "/usr/bin/../bin/false", "/"};
	static const struct {
		const char *name;
		int flags;
	} ways[] = {{"0", 0}, {"NOFOLLOW", AT_SYMLINK_NOFOLLOW}, {"EMPTY_PATH", AT_EMPTY_PATH}, {"bad flag", 1}};
	static const int starts[] = {AT_FDCWD, FD_ROOT, FD_ROOT_PATH, FD_FILE, FD_CLOSED - 1, 99};
	close(FD_CLOSED);
	add_programs();
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
		CASE("execve \"%s\"", own[i]);
		run_program(label, SYS_execve, (long)own[i], (long)words, (long)variables, 0, 0);
		for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++)
			for (int w = 0; w < 4; w++) {
				CASE("execveat %s from %d \"%s\"", ways[w].name, starts[s], own[i]);
				run_program(label, SYS_execveat, starts[s], (long)own[i], (long)words, (long)variables, ways[w].flags);
			}
	}
	FOR_PATHS(false)
	{
		CASE("execve %s", where);
		run_program(label, SYS_execve, text, (long)words, (long)variables, 0, 0);
	}
	for (int w = 0; w < 4; w++)
		FOR_PATHS(true)
		{
			CASE("execveat %s %s", ways[w].name, where);
			run_program(label, SYS_execveat, at, text, (long)words, (long)variables, ways[w].flags);
		}
	for (int fd = FD_ROOT; fd < FD_FREE; fd++)
		for (int w = 0; w < 4; w++) {
			CASE("execveat %s descriptor %d", ways[w].name, fd);
			run_program(label, SYS_execveat, fd, (long)"", (long)words, (long)variables, ways[w].flags);
		}
	run_program("execve bad address", SYS_execve, 8, (long)words, (long)variables, 0, 0);
	run_program("execve bad words", SYS_execve, (long)"program", 8, (long)variables, 0, 0);
	run_program("execve bad variables", SYS_execve, (long)"program", (long)words, 8, 0, 0);
	run_program("execve without words", SYS_execve, (long)"program", 0, 0, 0, 0);
	run_program("execveat bad address", SYS_execveat, FD_ROOT, 8, (long)words, (long)variables, 0);
	int fd = open("program", O_WRONLY | O_CLOEXEC);
	run_program("execve of what is open for writing", SYS_execve, (long)"program", (long)words, (long)variables, 0, 0);
	close(fd);
}
