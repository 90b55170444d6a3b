/* lockfile.c - one daemon per lock file, by flock; the PID stands inside
 *
 * Layer: sys.  Input: trusted (a directory of root).  Memory: stack.  Threads: one owner.
 * Spec: S000-X-004.
 *
 * The kernel gives the lock back when its holder ends, however it ends; the file itself stays and
 * is never unlinked (two processes could otherwise hold locks on two files of one name).
 */
#include "sys/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

static int refuse(int fd, struct err *e)
{
	char text[16];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	size_t len = 0;

	while (n > 0 && len < (size_t)n && ascii_is_digit(text[len]))
		len++;
	if (len == 0)
		return err_set(e, ERR_CONFLICT, "another outcalld is running (pid unknown)");
	return err_set(e, ERR_CONFLICT, "another outcalld is running (pid %.*s)", (int)len, text);
}

static int write_pid(int fd, const char *path, struct err *e)
{
	char text[16];
	struct buf b = BUF_OF(text);

	buf_printf(&b, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, b.p, b.len, 0) != (ssize_t)b.len)
		return err_sys(e, "cannot write the lock file %s", path);
	return 0;
}

/* #syscalls openat fstat flock ftruncate pread64 pwrite64 getpid close */
int lockfile_take(struct lockfile *l, const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	l->fd = -1;
	if (fd < 0)
		return err_sys(e, "cannot open the lock file %s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return err_set(e, ERR_INVALID, "lock file %s is not a regular file", path);
	}
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			refuse(fd, e);
		else
			err_sys(e, "cannot lock %s", path);
		close(fd);
		return -1;
	}
	if (write_pid(fd, path, e) < 0) {
		close(fd);
		return -1;
	}
	l->fd = fd;
	return 0;
}

void lockfile_drop(struct lockfile *l)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
}
