/* The paths, the ways of naming them, and the going through both. */
#include "conformance.h"

static char absolute_base[1100];
static char long_name[256], too_long_name[257], long_path[4400], longest_path[4096];

const struct path paths[] = {
	{NULL, "file"}, {NULL, "missing"}, {NULL, "dir"}, {NULL, "empty"}, {NULL, "lfile"}, {NULL, "ldir"}, {NULL, "dangling"}, {NULL, "loop"}, {NULL, "loop1"},
	{NULL, "llfile"}, {NULL, "lslash"}, {NULL, "deepdangling"}, {NULL, "dir/inner"}, {NULL, "dir/new"}, {NULL, "ldir/inner"}, {NULL, "ldir/new"},
	{NULL, "missing/x"}, {NULL, "file/x"}, {NULL, "lfile/x"}, {NULL, "loop/x"}, {NULL, "dangling/x"}, {NULL, "unreadable"}, {NULL, "foreign"}, {NULL, "noperm"}, {NULL, "noperm/x"},
	{NULL, "noperm/new"}, {NULL, "lnoperm"}, {NULL, "nowrite/x"}, {NULL, "nowrite/new"}, {NULL, "sticky/x"}, {NULL, "sticky/mine"}, {NULL, "sticky/new"}, {NULL, "sgid/new"},
	{NULL, "acl/new"}, {NULL, "hard"}, {NULL, "fifo"}, {NULL, "sock"}, {NULL, ""}, {NULL, "file/"}, {NULL, "dir/"}, {NULL, "missing/"}, {NULL, "lfile/"}, {NULL, "ldir/"}, {NULL, "dangling/"},
	{NULL, "empty//"}, {NULL, "dir/."}, {NULL, "dir/.."}, {NULL, "empty/."}, {NULL, "."}, {NULL, "file/."}, {NULL, "file/.."}, {NULL, "./file"}, {NULL, "dir/../file"}, {NULL, "ldir/../file"},
	{NULL, "dir//inner"}, {NULL, "missing/../file"}, {"255 characters", long_name}, {"256 characters", too_long_name}, {"path of 4095", longest_path},
	{"path too long", long_path}, {"/proc/self/cwd/file", "/proc/self/cwd/file"}, {NULL, "/proc/self/cwd/new"}, {NULL, "/proc/thread-self/cwd/dir/inner"},
	{NULL, "/proc/self/fd/52"}, {NULL, "/proc/self/fd/53"}, {NULL, "/dev/fd/54"}, {NULL, "/proc/self/fd/55/inner"}, {NULL, "/proc/self/fd/55/new"}, {NULL, "/proc/self/fd/51/file"}, {NULL, "/proc/self/fd/55"},
	{NULL, "/proc/self/fd/52/x"}, {NULL, "/proc/self/fd/65"}, {NULL, "/proc/self/fd/63"}, {NULL, "../fixed/file"}, {NULL, "../fixed/append"}, {NULL, "../fixed/dir"},
	{NULL, "../fixed/dir/x"}, {NULL, "../fixed/dir/new"}, {NULL, "../ro/file"}, {NULL, "../ro/new"}, {NULL, "../ro/dir"},
	{NULL, "ldir/.."}, {NULL, "ldir/../new"}, {NULL, "ldir/../../t/file"}, {NULL, "lslash/../new"}, {NULL, "lslash/"}, {NULL, "llfile/.."}, {NULL, "lnoperm/.."}, {NULL, "dangling/.."}, {NULL, "loop/.."},
	{NULL, "loop/"}, {NULL, "noperm/.."}, {NULL, "noperm/../new"}, {NULL, "ldir/."}, {NULL, "ldir//../file/"}, {NULL, "dir/new/"}, {NULL, "fifo/"}, {NULL, "hard/.."}, {NULL, "sticky/../sticky/x"},
	{NULL, "/proc/self/fd/55/.."}, {NULL, "/proc/self/fd/55/../new"}, {NULL, "/proc/self/fd/51/ldir/../file"}, {NULL, "/proc/self/fd/53/.."},
};
const int path_count = sizeof paths / sizeof paths[0];

const char *const few[] = {"file", "missing", "dir", "empty", "lfile", "ldir", "dangling", "loop", "dir/inner", "dir/new", "hard", "second", "noperm/x", "nowrite/x", "nowrite/new",
                                  "sticky/x", "sticky/mine", "file/", "empty/", "missing/", "ldir/", "dir/.", "..", "", "file/x", "sgid/new", "fifo", "/proc/self/cwd/file", "/proc/self/fd/55/new",
                                  "../fixed/file", "../fixed/dir/x", "../fixed/dir/new", "../ro/file", "../ro/new", "dir/sub/deeper"};
const int few_count = sizeof few / sizeof few[0];

const char *label_of(const struct path *p)
{
	return p->label != NULL ? p->label : p->text;
}

const char *in_full(const char *text, char *out)
{
	if (text[0] == '/' || strlen(text) > 3000)
		return text;
	snprintf(out, 5000, "%s%s%s", absolute_base, text[0] ? "/" : "", text);
	return out;
}

const struct form forms[FORMS] = {
	{"cwd", AT_FDCWD, false, 1}, {"absolute", AT_FDCWD, true, 1}, {"dirfd", FD_ROOT, false, 1}, {"O_PATH dirfd", FD_ROOT_PATH, false, 3}, {"file as dirfd", FD_FILE, false, 7},
	{"closed dirfd", FD_CLOSED, false, 7}, {"pipe as dirfd", FD_PIPE, false, 7}, {"absolute, closed dirfd", FD_CLOSED, true, 7}, {"link as dirfd", FD_LINK_PATH, false, 11},
	{"dirfd -1", -1, false, 13},
};

int at;
long text;
char where[600], label[900];

bool prepare(const struct form *f, const struct path *p)
{
	static char full[8192];
	at = f->dirfd;
	text = (long)(f->full ? in_full(p->text, full) : p->text);
	snprintf(where, sizeof where, "%s \"%s\"", f->label, label_of(p));
	return true;
}

void go_back(void)
{
	if (chdir(absolute_base) != 0)
		fail(absolute_base);
}

void begin_paths(void)
{
	snprintf(absolute_base, sizeof absolute_base, "%s/t", base);
	memset(long_name, 'n', sizeof long_name - 1);
	memset(too_long_name, 'n', sizeof too_long_name - 1);
	while (strlen(long_path) < 4096)
		strcat(long_path, "./");
	strcat(long_path, "file");
	while (strlen(longest_path) < 4090)
		strcat(longest_path, "./");
	strcat(longest_path, "/file");
}
