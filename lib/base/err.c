/* err.c - the error value: code, errno, one user-facing clause
 *
 * Layer: base.  Input: trusted formats.  Memory: the caller's value.  Threads: pure functions.
 * Spec: design section 5.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"

static const struct {
	int sys;
	enum err_code code;
} errno_table[] = {
	{ EPERM, ERR_DENIED },	      { EACCES, ERR_DENIED },	    { ENOENT, ERR_NOT_FOUND },
	{ ESRCH, ERR_NOT_FOUND },     { ENODEV, ERR_NOT_FOUND },    { ENXIO, ERR_NOT_FOUND },
	{ EEXIST, ERR_EXISTS },	      { EADDRINUSE, ERR_EXISTS },   { EBUSY, ERR_CONFLICT },
	{ ENOTEMPTY, ERR_CONFLICT },  { ELOOP, ERR_INVALID },	    { EINVAL, ERR_INVALID },
	{ ENAMETOOLONG, ERR_LIMIT },  { EMFILE, ERR_LIMIT },	    { ENFILE, ERR_LIMIT },
	{ ENOSPC, ERR_LIMIT },	      { EDQUOT, ERR_LIMIT },	    { EFBIG, ERR_LIMIT },
	{ ENOMEM, ERR_NOMEM },	      { ENOBUFS, ERR_NOMEM },	    { ETIMEDOUT, ERR_TIMEOUT },
	{ ECONNREFUSED, ERR_UNAVAILABLE }, { ENETUNREACH, ERR_UNAVAILABLE },
	{ EHOSTUNREACH, ERR_UNAVAILABLE }, { EPROTO, ERR_PROTO },
};

enum err_code err_code_of_errno(int sys)
{
	for (size_t i = 0; i < ARRAY_LEN(errno_table); i++)
		if (errno_table[i].sys == sys)
			return errno_table[i].code;
	return ERR_IO;
}

/* Appends to e->msg at len; ends a text that was cut with "...". */
static void append(struct err *e, size_t len, const char *fmt, va_list ap) PRINTF(3, 0);
static void append(struct err *e, size_t len, const char *fmt, va_list ap)
{
	size_t room = sizeof(e->msg) - len;
	int n = vsnprintf(e->msg + len, room, fmt, ap);

	if (n >= 0 && (size_t)n >= room)
		memcpy(e->msg + sizeof(e->msg) - 4, "...", 4);
}

int err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	e->code = code;
	e->sys = 0;
	va_start(ap, fmt);
	append(e, 0, fmt, ap);
	va_end(ap);
	return -1;
}

static void append_c(struct err *e, const char *fmt, ...) PRINTF(2, 3);
static void append_c(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	append(e, strlen(e->msg), fmt, ap);
	va_end(ap);
}

int err_sys(struct err *e, const char *fmt, ...)
{
	int sys = errno;
	va_list ap;

	e->code = err_code_of_errno(sys);
	e->sys = sys;
	va_start(ap, fmt);
	append(e, 0, fmt, ap);
	va_end(ap);
	append_c(e, ": %s", strerror(sys));
	return -1;
}

int err_ctx(struct err *e, const char *fmt, ...)
{
	char old[ERR_MSG_LEN];
	va_list ap;

	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	append(e, 0, fmt, ap);
	va_end(ap);
	append_c(e, ": %s", old);
	return -1;
}

NORETURN void check_failed(const char *cond, const char *file, int line)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "outcall: broken invariant %s at %s:%d\n", cond, file,
			 line);

	if (n > 0 && write(STDERR_FILENO, text, MIN((size_t)n, sizeof(text) - 1)) < 0)
		_exit(134);
	abort();
}
