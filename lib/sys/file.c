/* file.c - bounded reading, atomic replacement and creation of files
 *
 * Layer: sys.  Input: files that others may have changed.  Memory: the caller's arena.
 * Threads: any; blocking.
 * Spec: S000 section 10 "File helper rules"; S003 section 2 "Files are opened with ...".
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "sys/file.h"

#define READ_SLACK 4096	/* room for files whose size is not known before, as in /proc */

/* --- reading ---------------------------------------------------------------------------------- */

static int open_regular(int dirfd, const char *name, const char *shown, size_t *size, struct err *e)
{
	struct stat st;
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 && errno == ELOOP)
		return err_set(e, ERR_INVALID, "%s must be a real file, not a symlink", shown);
	if (fd < 0)
		return err_sys(e, "failed to open %s", shown);
	if (fstat(fd, &st) < 0)
		err_sys(e, "failed to open %s", shown);
	else if (!S_ISREG(st.st_mode))
		err_set(e, ERR_INVALID, "%s must be a real file", shown);
	else
		return *size = (size_t)st.st_size, fd;
	(void)close(fd);
	return -1;
}

/* Reads until cap bytes are there or the file ends. */
static int read_up_to(int fd, char *p, size_t cap, size_t *len, const char *shown, struct err *e)
{
	while (*len < cap) {
		ssize_t n = read(fd, p + *len, cap - *len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "failed to read %s", shown);
		if (n == 0)
			return 0;
		*len += (size_t)n;
	}
	return 0;
}

/* The size told by the file system is a hint; only max is relied on. */
static int read_all(int fd, size_t hint, size_t max, struct arena *a, struct str *out,
		    const char *shown, struct err *e)
{
	size_t cap = MIN(hint, max) + 1;
	size_t len = 0;
	char *p = NULL;

	CHECK(max < SIZE_MAX / 4);
	for (;;) {
		char *bigger = ARENA_NEW_N(a, char, cap + 1);

		if (!bigger)
			return err_set(e, ERR_NOMEM, "out of memory while reading %s", shown);
		if (len)
			memcpy(bigger, p, len);
		p = bigger;
		if (read_up_to(fd, p, cap, &len, shown, e) < 0)
			return -1;
		if (len > max)
			return err_set(e, ERR_LIMIT, "%s exceeds %zu bytes", shown, max);
		if (len < cap)
			break;
		cap = MIN(2 * cap + READ_SLACK, max + 1);
	}
	p[len] = '\0';
	*out = str_n(p, len);
	return 0;
}

int file_read_at(int dirfd, const char *name, const char *shown, size_t max, struct arena *a,
		 struct str *out, struct err *e)
{
	size_t size = 0;
	int fd = open_regular(dirfd, name, shown, &size, e);
	int rc;

	if (fd < 0)
		return -1;
	if (size > max)
		rc = err_set(e, ERR_LIMIT, "%s exceeds %zu bytes", shown, max);
	else
		rc = read_all(fd, size, max, a, out, shown, e);
	(void)close(fd);
	return rc;
}

int file_read(const char *path, size_t max, struct arena *a, struct str *out, struct err *e)
{
	return file_read_at(AT_FDCWD, path, path, max, a, out, e);
}

int file_open_dir(const char *path, const char *what, struct err *e)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	if (errno == ELOOP || errno == ENOTDIR)
		return err_set(e, ERR_INVALID, "%s %s must be a real directory", what, path);
	return err_sys(e, "failed to read %s %s", what, path);
}

/* --- writing ---------------------------------------------------------------------------------- */

struct place {		/* a path, taken apart */
	int dirfd;
	const char *path;
	char name[NAME_MAX + 1];
	char tmp[NAME_MAX + 1];
};

static int open_place(struct place *p, const char *path, struct err *e)
{
	static atomic_uint serial;
	struct str whole = str_of(path);
	size_t slash = str_rfind_byte(whole, '/');
	struct str name = slash == SIZE_MAX ? whole : str_from(whole, slash + 1);
	char dir[PATH_MAX];
	struct buf tmp = BUF_OF(p->tmp);

	p->path = path;
	if (name.len == 0 || !str_to_c(p->name, sizeof(p->name), name))
		return err_set(e, ERR_INVALID, "%s is not a file name", path);
	if (slash == SIZE_MAX)
		whole = STR(".");
	else
		whole = str_first(whole, slash == 0 ? 1 : slash);
	if (!str_to_c(dir, sizeof(dir), whole))
		return err_set(e, ERR_INVALID, "%s is too long", path);
	buf_printf(&tmp, ".%s.outcall-tmp-%ld-%u", p->name, (long)getpid(),
		   atomic_fetch_add(&serial, 1));
	(void)buf_c(&tmp);
	if (!buf_ok(&tmp))
		return err_set(e, ERR_INVALID, "%s is too long", path);
	p->dirfd = file_open_dir(dir, "directory", e);
	return p->dirfd < 0 ? -1 : 0;
}

static int write_all(int fd, struct str data)
{
	while (data.len > 0) {
		ssize_t n = write(fd, data.p, data.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data = str_from(data, (size_t)n);
	}
	return 0;
}

/* A new file under the temporary name, complete and on disk. Nothing is left behind on failure. */
static int write_tmp(const struct place *p, struct file_text text, struct err *e)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(p->dirfd, p->tmp, flags, 0600);
	bool bad;

	if (fd < 0)
		return err_sys(e, "failed to create a temporary file for %s", p->path);
	bad = fchmod(fd, text.mode) < 0 || write_all(fd, text.data) < 0 || fsync(fd) < 0;
	if (bad)
		err_sys(e, "failed to write %s", p->path);
	if (close(fd) < 0 && !bad) {
		err_sys(e, "failed to write %s", p->path);
		bad = true;
	}
	if (bad)
		(void)unlinkat(p->dirfd, p->tmp, 0);
	return bad ? -1 : 0;
}

static int put_in_place(const struct place *p, bool may_replace, struct err *e)
{
	int rc;

	if (may_replace)
		rc = renameat(p->dirfd, p->tmp, p->dirfd, p->name);
	else
		rc = linkat(p->dirfd, p->tmp, p->dirfd, p->name, 0);
	if (rc < 0 && errno == EEXIST)
		err_set(e, ERR_EXISTS, "%s already exists", p->path);
	else if (rc < 0)
		err_sys(e, "failed to write %s", p->path);
	if (rc < 0 || !may_replace)
		(void)unlinkat(p->dirfd, p->tmp, 0);
	if (rc == 0 && fsync(p->dirfd) < 0) {
		rc = err_sys(e, "failed to write %s", p->path);
		if (!may_replace)	/* a creation that failed leaves nothing */
			(void)unlinkat(p->dirfd, p->name, 0);
	}
	return rc;
}

static int write_file(const char *path, struct file_text text, bool may_replace, struct err *e)
{
	struct place p;
	int rc;

	if (open_place(&p, path, e) < 0)
		return -1;
	rc = write_tmp(&p, text, e);
	if (rc == 0)
		rc = put_in_place(&p, may_replace, e);
	(void)close(p.dirfd);
	return rc;
}

int file_replace(const char *path, struct file_text text, struct err *e)
{
	return write_file(path, text, true, e);
}

int file_create(const char *path, struct file_text text, struct err *e)
{
	return write_file(path, text, false, e);
}

int file_remove(const char *path, struct err *e)
{
	struct place p;
	int rc = 0;

	if (open_place(&p, path, e) < 0)
		return -1;
	if (unlinkat(p.dirfd, p.name, 0) < 0 || fsync(p.dirfd) < 0)
		rc = err_sys(e, "failed to remove %s", path);
	(void)close(p.dirfd);
	return rc;
}
