/* file_test.c - bounded reads, atomic replacement, creation */
#include <fcntl.h>
#include <sys/stat.h>

#include "sys/file.h"
#include "t.h"

static char dir[64];
static struct arena arena;
static struct err err;

static void setup(void)
{
	static const char *const names[] = { "a", "b", "link", "fifo", "sub/x" };

	arena_fini(&arena);
	arena_init(&arena, (size_t)16 << 20);
	if (dir[0] == '\0') {
		snprintf(dir, sizeof(dir), "/tmp/file_test.XXXXXX");
		if (!mkdtemp(dir))
			FAIL("no directory");
	}
	if (chdir(dir) != 0)
		FAIL("no directory");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unlink(names[i]);
	(void)rmdir("sub");
}

static struct file_text text(const char *s)
{
	return (struct file_text){ str_of(s), 0640 };
}

static const char *content(const char *path)
{
	struct str s;

	if (file_read(path, 1000, &arena, &s, &err) < 0)
		return err.msg;
	if (s.p[s.len] != '\0')
		FAIL("no NUL behind the text");
	return s.p;
}

static unsigned entries(void)
{
	FILE *f = popen("ls -A | wc -l", "r");
	unsigned n = 0;

	if (!f || fscanf(f, "%u", &n) != 1)
		FAIL("cannot count");
	(void)pclose(f);
	return n;
}

T(write_and_read)
{
	struct stat st;

	setup();
	EQ(file_replace("a", text("one"), &err), 0);
	STR_EQ(content("a"), "one");
	EQ(file_replace("a", text(""), &err), 0);
	STR_EQ(content("a"), "");
	EQ(stat("a", &st), 0);
	EQ(st.st_mode & 07777, 0640);
	EQ(entries(), 1);
}

T(create_never_replaces)	/* S000 section 10 */
{
	setup();
	EQ(file_create("a", text("one"), &err), 0);
	EQ(file_create("a", text("two"), &err), -1);
	STR_EQ(err.msg, "a already exists");
	EQ(err.code, ERR_EXISTS);
	STR_EQ(content("a"), "one");
	EQ(entries(), 1);
}

T(a_symlink_is_not_followed)
{
	setup();
	EQ(file_create("a", text("one"), &err), 0);
	EQ(symlink("a", "link"), 0);
	STR_EQ(content("link"), "link must be a real file, not a symlink");
	EQ(file_create("link", text("two"), &err), -1);
	STR_EQ(err.msg, "link already exists");
	EQ(file_replace("link", text("two"), &err), 0);	/* the link itself is replaced */
	STR_EQ(content("a"), "one");
	STR_EQ(content("link"), "two");
}

T(only_regular_files_are_read)
{
	setup();
	EQ(mkfifo("fifo", 0600), 0);
	STR_EQ(content("fifo"), "fifo must be a real file");
	STR_EQ(content("."), ". must be a real file");
	STR_EQ(content("/dev/null"), "/dev/null must be a real file");
}

T(missing_and_forbidden)
{
	setup();
	STR_EQ(content("a"), "failed to open a: No such file or directory");
	EQ(err.code, ERR_NOT_FOUND);
	EQ(file_replace("nodir/a", text("x"), &err), -1);
	HAS(err.msg, "failed to read directory nodir");
	EQ(file_replace("sub/", text("x"), &err), -1);
	HAS(err.msg, "not a file name");
	EQ(file_remove("a", &err), -1);
	HAS(err.msg, "failed to remove a");
}

T(size_is_bounded)
{
	struct str s;

	setup();
	EQ(file_replace("a", text("0123456789"), &err), 0);
	EQ(file_read("a", 10, &arena, &s, &err), 0);
	EQ(s.len, 10);
	EQ(file_read("a", 9, &arena, &s, &err), -1);
	STR_EQ(err.msg, "a exceeds 9 bytes");
	EQ(err.code, ERR_LIMIT);
}

T(files_without_a_size_are_read_whole)
{
	struct str s;

	setup();
	EQ(file_read("/proc/self/maps", 1 << 20, &arena, &s, &err), 0);
	OK(s.len > 1000);
	EQ(file_read("/proc/self/maps", 500, &arena, &s, &err), -1);
	HAS(err.msg, "exceeds 500 bytes");
}

T(a_directory_must_be_real)
{
	int fd;

	setup();
	EQ(mkdir("sub", 0700), 0);
	fd = file_open_dir("sub", "rules directory", &err);
	OK(fd >= 0);
	EQ(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	(void)close(fd);
	EQ(symlink("sub", "link"), 0);
	EQ(file_open_dir("link", "rules directory", &err), -1);
	STR_EQ(err.msg, "rules directory link must be a real directory");
	EQ(file_replace("link/x", text("x"), &err), -1);
	STR_EQ(err.msg, "directory link must be a real directory");
	EQ(file_open_dir("nothing", "rules directory", &err), -1);
	STR_EQ(err.msg, "failed to read rules directory nothing: No such file or directory");
	EQ(file_replace("sub/x", text("x"), &err), 0);
	EQ(file_remove("sub/x", &err), 0);
	EQ(rmdir("sub"), 0);
}

T(nothing_is_left_behind)
{
	setup();
	EQ(chdir("/"), 0);
	EQ(rmdir(dir), 0);
	arena_fini(&arena);
}
