/* One case: the call, its answer, what it gave. */
#include "conformance.h"

#include <errno.h>
#include <grp.h>
#include <sys/stat.h>

static const char *error_name(int err)
{
	const char *name = strerrorname_np(err);
	return name != NULL ? name : "?";
}

bool opens;
unsigned cases, step = 1;

void run(const char *label, long nr, long a, long b, long c, long d, long e)
{
	run6(label, nr, a, b, c, d, e, 0);
}

void run6(const char *label, long nr, long a, long b, long c, long d, long e, long f)
{
	static unsigned turn;
	if (turn++ % step != 0)
		return;
	if (as_uid >= 0) {
		syscall(SYS_setgroups, 0, NULL);
		syscall(SYS_setresgid, -1, as_uid, -1);
		syscall(SYS_setresuid, -1, as_uid, -1);
	}
	long ret = syscall(nr, a, b, c, d, e, f);
	/* A rename anywhere meanwhile: to be made again (openat2(2)). */
	for (int i = 0; nr == SYS_openat2 && ret < 0 && errno == EAGAIN && i < 64; i++)
		ret = syscall(nr, a, b, c, d, e, f);
	int err = ret < 0 ? errno : 0;
	if (as_uid >= 0) {
		syscall(SYS_setresuid, -1, 0, -1);
		syscall(SYS_setresgid, -1, 0, -1);
	}
	cases++;
	if (ret < 0) {
		printf("%s: %s\n", label, error_name(err));
		return;
	}
	printf("%s: %s", label, "ok");
	if (opens) {
		struct stat st;
		int fd = (int)ret;
		/* O_NOFOLLOW stays visible in the flags of a file and means nothing there; the supervisor, which opens what it has resolved, cannot leave that trace. */
		printf(" flags %o cloexec %d", fcntl(fd, F_GETFL) & ~O_NOFOLLOW, fcntl(fd, F_GETFD));
		if (fstat(fd, &st) == 0)
			printf(" is %o links %lu size %ld", st.st_mode, (unsigned long)st.st_nlink, S_ISREG(st.st_mode) ? (long)st.st_size : 0);
		close(fd);
	}
	printf("\n");
	if (changes())
		remake();
}
