/* fopen(3) and opendir(3): the C libraries open inside themselves, where nothing can be interposed, so the open is made here and the rest left to fdopen and
 * fdopendir. What these do not do as fopen does is not taken on: such a call goes to the C library, and its open is trapped. */
#include "system.h"

typedef struct stream FILE;
typedef struct directory DIR;

extern FILE *fdopen(int fd, const char *mode) WEAK;
extern DIR *fdopendir(int fd) WEAK;
extern FILE *_IO_fopen(const char *path, const char *mode) WEAK; /* glibc's fopen by its inner name; glibc before 2.34 may have no dlsym */

typedef FILE *(*fopen_function)(const char *, const char *);

enum { NOT_OURS = -1, SEEK_TO_END = 2 };

/* open(2) flags of a mode, or NOT_OURS: extensions (`m`, `c`, `,ccs=`), and what one C library takes and the other refuses. */
static int flags_of(const char *mode)
{
	int base = mode[0] == 'r' ? O_RDONLY : mode[0] == 'w' ? O_WRONLY | O_CREAT | O_TRUNC : mode[0] == 'a' ? O_WRONLY | O_CREAT | O_APPEND : NOT_OURS;
	if (base == NOT_OURS)
		return NOT_OURS;
	enum { READ_NO_FURTHER = 7 }; /* glibc */
	for (int i = 1; mode[i] != 0; i++) {
		if (i == READ_NO_FURTHER)
			return NOT_OURS;
		if (mode[i] == '+')
			base = (base & ~(O_WRONLY | O_RDWR)) | O_RDWR;
		else if (mode[i] == 'e')
			base |= O_CLOEXEC;
		else if (mode[i] == 'x')
			base |= O_EXCL;
		else if (mode[i] != 'b')
			return NOT_OURS;
	}
	return base;
}

static FILE *fopen_of_libc(enum function f, const char *path, const char *mode)
{
	fopen_function next = (fopen_function)next_definition(f);
	if (next == NULL)
		next = _IO_fopen;
	if (next != NULL)
		return next(path, mode);
	returned(-EINVAL);
	return NULL;
}

static FILE *open_stream(enum function f, const char *path, const char *mode)
{
	int flags = fdopen == NULL ? NOT_OURS : flags_of(mode);
	if (left_to[f] != NULL || flags == NOT_OURS)
		return fopen_of_libc(f, path, mode);
	int fd = returned(fast_open(AT_FDCWD, path, flags, 0666));
	if (fd < 0)
		return NULL;
	/* glibc's fopen puts the offset of a stream that only appends at the end; its fdopen leaves a descriptor that appends already as it is. musl does so in both. */
	if (_IO_fopen != NULL && (flags & O_APPEND) != 0 && (flags & O_RDWR) == 0)
		system_call(NR_lseek, fd, 0, SEEK_TO_END, 0, 0, 0);
	FILE *stream = fdopen(fd, mode);
	if (stream == NULL)
		system_call(NR_close, fd, 0, 0, 0, 0, 0);
	return stream;
}

EXPORTED FILE *fopen(const char *path, const char *mode);
FILE *fopen(const char *path, const char *mode)
{
	return open_stream(F_fopen, path, mode);
}

EXPORTED FILE *fopen64(const char *path, const char *mode);
FILE *fopen64(const char *path, const char *mode)
{
	return open_stream(F_fopen64, path, mode);
}

EXPORTED DIR *opendir(const char *path);
DIR *opendir(const char *path)
{
	LEAVE_TO_OTHER(opendir, DIR *(*)(const char *), path);
	if (fdopendir == NULL) {
		returned(-EINVAL);
		return NULL;
	}
	int fd = returned(fast_open_uncancelled(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_DIRECTORY | O_CLOEXEC, 0));
	if (fd < 0)
		return NULL;
	DIR *directory = fdopendir(fd);
	if (directory == NULL)
		system_call(NR_close, fd, 0, 0, 0, 0, 0);
	return directory;
}
