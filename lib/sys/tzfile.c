/* tzfile.c - time zones from the operating system's zone directory
 *
 * Layer: sys.  Input: names from conditions (checked), files of the system.  Memory: arena of the
 * caller.  Threads: any; set up once.
 * Spec: S003 3.9.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/tzfile.h"

/* The whole of a regular file of limited size. */
static int read_all(int fd, struct arena *a, struct str *out, struct err *e)
{
	struct stat st;
	size_t len = 0;
	char *p;

	if (fstat(fd, &st))
		return err_sys(e, "fstat");
	if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > TZFILE_MAX)
		return err_set(e, ERR_INVALID, "not a file of 1 to %d bytes", TZFILE_MAX);
	p = arena_alloc(a, (size_t)st.st_size);
	if (!p)
		return err_set(e, ERR_NOMEM, "out of memory");
	while (len < (size_t)st.st_size) {
		ssize_t n = read(fd, p + len, (size_t)st.st_size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read");
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*out = str_n(p, len);
	return 0;
}

int tzfile_read(struct arena *a, struct str name, struct str *tzif, struct err *e)
{
	char path[sizeof(TZFILE_DIR) + 1 + TZ_NAME_MAX];
	int fd, rc;

	if (!tz_name_ok(name))
		return err_set(e, ERR_INVALID, "not the name of a time zone");
	(void)snprintf(path, sizeof(path), "%s/" STR_FMT, TZFILE_DIR, STR_ARG(name));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return err_sys(e, "open %s", path);
	rc = read_all(fd, a, tzif, e);
	(void)close(fd);
	return rc ? err_ctx(e, "%s", path) : 0;
}

void tzfile_use(bool at_run_time)
{
	static const struct tz_source at_load = { tzfile_read, false };
	static const struct tz_source always = { tzfile_read, true };

	tz_source_set(at_run_time ? &always : &at_load);
}
