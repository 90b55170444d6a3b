/* lockfile_test.c - one daemon per lock file (S000-X-004) */
#include "t.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "sys/lockfile.h"

static struct err e;

static const char *fresh_path(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/oc-lock-%d", getpid());
	unlink(path);
	return path;
}

T(second_holder_is_refused_and_told_the_pid)
{
	const char *path = fresh_path();
	struct lockfile a, b;
	char want[64];

	EQ(lockfile_take(&a, path, &e), 0);
	EQ(lockfile_take(&b, path, &e), -1);		/* another open file: another holder */
	EQ(e.code, ERR_CONFLICT);
	EQ(b.fd, -1);
	snprintf(want, sizeof(want), "another outcalld is running (pid %d)", getpid());
	STR_EQ(e.msg, want);
	lockfile_drop(&a);
	EQ(lockfile_take(&b, path, &e), 0);
	lockfile_drop(&b);
	unlink(path);
}

T(lock_ends_with_its_process)
{
	const char *path = fresh_path();
	struct lockfile l;
	struct stat st;
	pid_t pid = fork();

	if (pid == 0) {
		_exit(lockfile_take(&l, path, &e) < 0);
	}
	int status;
	OK(waitpid(pid, &status, 0) == pid && status == 0);
	EQ(lockfile_take(&l, path, &e), 0);
	OK(fstat(l.fd, &st) == 0 && (st.st_mode & 0777) == 0600);
	OK(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	lockfile_drop(&l);
	unlink(path);
}

T(a_longer_old_pid_leaves_nothing_behind)
{
	const char *path = fresh_path();
	struct lockfile l;
	char text[32] = { 0 }, want[32];
	int fd = open(path, O_RDWR | O_CREAT, 0600);

	OK(write(fd, "1234567890123\n", 14) == 14);
	EQ(lockfile_take(&l, path, &e), 0);
	OK(pread(fd, text, sizeof(text) - 1, 0) > 0);
	snprintf(want, sizeof(want), "%d\n", getpid());
	STR_EQ(text, want);
	close(fd);
	lockfile_drop(&l);
	unlink(path);
}

T(symlinks_and_odd_files_are_refused)
{
	const char *path = fresh_path();
	struct lockfile l;

	OK(symlink("/tmp/oc-lock-target", path) == 0);
	EQ(lockfile_take(&l, path, &e), -1);
	OK(access("/tmp/oc-lock-target", F_OK) < 0);	/* nothing was made through it */
	unlink(path);
	OK(mkdir(path, 0700) == 0);
	EQ(lockfile_take(&l, path, &e), -1);
	rmdir(path);
	EQ(lockfile_take(&l, "/nonexistent-dir/x", &e), -1);
	HAS(e.msg, "cannot open the lock file /nonexistent-dir/x");
}
