/* Races calls on names and metadata against what they name: threads swap the path text, the symlink, the directory descriptor and the file descriptor of a call while
 * it is decided. `victim` is what policy does not let this process change; the caller of this program looks at it afterwards.
 *   race DIR VICTIM MILLISECONDS    DIR is writable. Prints how often the calls on files of its own succeeded: a race in which nothing runs proves nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SLOT = 100, DIR_SLOT = 101 };

static char own[4096], victim[4096], own_dir[4096], victim_dir[4096], link_path[4096];
static const char *leaf;
/* The text that is swapped under the calls; both spellings have the same length, so that half of each is seen, too. */
static char text[8192];
static char spelling[2][8192];
static int own_fd, victim_fd, own_dir_fd, victim_dir_fd;
static atomic_bool stop;
static atomic_ulong succeeded;

static void *swap_text(void *nothing)
{
	for (unsigned i = 0; !stop; i++)
		memcpy(text, spelling[i & 1], sizeof spelling[0]);
	return nothing;
}

static void *swap_link(void *nothing)
{
	char next[4200];
	snprintf(next, sizeof next, "%s.next", link_path);
	for (unsigned i = 0; !stop; i++) {
		unlink(next);
		if (symlink(i & 1 ? victim : own, next) == 0)
			rename(next, link_path);
	}
	return nothing;
}

static void *swap_descriptors(void *nothing)
{
	for (unsigned i = 0; !stop; i++) {
		dup2(i & 1 && victim_fd >= 0 ? victim_fd : own_fd, SLOT);
		dup2(i & 1 ? victim_dir_fd : own_dir_fd, DIR_SLOT);
	}
	return nothing;
}

static void count(long result)
{
	if (result == 0)
		succeeded++;
}

static void *attack(void *nothing)
{
	char made[4200];
	snprintf(made, sizeof made, "%s/linked", own_dir);
	struct timespec times[2] = {{1, 0}, {1, 0}};
	int flags;
	while (!stop) {
		count(syscall(SYS_fchmodat, AT_FDCWD, text, 0777));
		count(syscall(SYS_fchmodat, AT_FDCWD, link_path, 0777));
		count(syscall(SYS_fchmodat, DIR_SLOT, leaf, 0777));
		count(syscall(SYS_fchmod, SLOT, 0777));
		count(syscall(SYS_utimensat, SLOT, NULL, times, 0));
		count(syscall(SYS_utimensat, AT_FDCWD, text, times, 0));
		count(syscall(SYS_setxattr, text, "user.planted", "x", 1, 0));
		count(syscall(SYS_fsetxattr, SLOT, "user.planted", "x", 1, 0));
		count(syscall(SYS_truncate, link_path, 0));
		count(syscall(SYS_truncate, text, 0));
		if (ioctl(SLOT, FS_IOC_GETFLAGS, &flags) == 0) {
			flags |= FS_NODUMP_FL;
			count(syscall(SYS_ioctl, SLOT, FS_IOC_SETFLAGS, &flags));
		}
		count(syscall(SYS_linkat, AT_FDCWD, text, AT_FDCWD, made, 0));
		count(syscall(SYS_linkat, DIR_SLOT, leaf, AT_FDCWD, made, 0));
		unlink(made);
		/* Made again at once: only the victim would be missed. */
		count(syscall(SYS_unlinkat, DIR_SLOT, leaf, 0));
		count(syscall(SYS_renameat2, AT_FDCWD, text, AT_FDCWD, made, 0));
		unlink(made);
		int fd = open(own, O_CREAT | O_RDWR, 0600);
		if (fd >= 0)
			close(fd);
	}
	return nothing;
}

static void split(const char *path, char *dir)
{
	strcpy(dir, path);
	*strrchr(dir, '/') = 0;
}

int main(int argc, char **argv)
{
	if (argc != 4)
		return 2;
	snprintf(victim, sizeof victim, "%s", argv[2]);
	leaf = strrchr(victim, '/') + 1;
	snprintf(own_dir, sizeof own_dir, "%s/own", argv[1]);
	mkdir(own_dir, 0700);
	snprintf(own, sizeof own, "%s/%s", own_dir, leaf);
	snprintf(link_path, sizeof link_path, "%s/link", argv[1]);
	split(victim, victim_dir);
	close(open(own, O_CREAT | O_RDWR, 0600));
	own_fd = open(own, O_RDWR);
	victim_fd = open(victim, O_RDONLY);
	own_dir_fd = open(own_dir, O_PATH | O_DIRECTORY);
	victim_dir_fd = open(victim_dir, O_PATH | O_DIRECTORY);
	if (own_fd < 0 || own_dir_fd < 0 || victim_dir_fd < 0 || symlink(own, link_path) != 0) {
		perror("race");
		return 2;
	}
	/* "/" in front until both are as long. */
	const char *paths[2] = {own, victim};
	size_t longest = strlen(own) > strlen(victim) ? strlen(own) : strlen(victim);
	for (int i = 0; i < 2; i++) {
		memset(spelling[i], '/', longest);
		strcpy(spelling[i] + longest - strlen(paths[i]), paths[i]);
	}
	strcpy(text, spelling[0]);
	dup2(own_fd, SLOT);
	dup2(own_dir_fd, DIR_SLOT);
	pthread_t threads[5];
	void *(*const work[])(void *) = {swap_text, swap_link, swap_descriptors, attack, attack};
	for (int i = 0; i < 5; i++)
		pthread_create(&threads[i], NULL, work[i], NULL);
	usleep((useconds_t)atoi(argv[3]) * 1000);
	stop = true;
	for (int i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	printf("%lu\n", succeeded);
	return 0;
}
