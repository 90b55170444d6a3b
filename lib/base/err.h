/* err.h - the error value: code, errno, one user-facing clause
 *
 * Layer: base.  Threads: values only.
 *
 * Convention of the whole project: int f(..., struct err *e) returns 0, or -1 with *e set and its
 * outputs untouched.  The message is a clause without capital and full stop that names the object
 * and the value.  Whoever handles an error logs it; nobody logs and returns.
 */
#ifndef OC_BASE_ERR_H
#define OC_BASE_ERR_H

#include "base/defs.h"

enum err_code {
	ERR_NONE = 0,
	ERR_INVALID,	 /* input is wrong: syntax, range, shape */
	ERR_NOT_FOUND,	 /* the named object does not exist */
	ERR_EXISTS,	 /* the name is taken */
	ERR_CONFLICT,	 /* the object's state does not allow it */
	ERR_DENIED,	 /* permission, policy */
	ERR_LIMIT,	 /* a named limit is reached */
	ERR_NOMEM,
	ERR_TIMEOUT,
	ERR_UNAVAILABLE, /* a peer or subsystem is away */
	ERR_PROTO,	 /* a peer broke its protocol */
	ERR_IO,
	ERR_INTERNAL,
	ERR_COUNT
};

#define ERR_MSG_LEN 1024

struct err {
	enum err_code code;
	int sys;		/* errno behind it, 0 if none */
	char msg[ERR_MSG_LEN];	/* NUL-terminated, truncated with "..." when too long */
};

/* Sets code and message. Returns -1, so that "return err_set(...)" ends a function. */
int err_set(struct err *e, enum err_code code, const char *fmt, ...) PRINTF(3, 4);

/* Like err_set, with the code derived from errno and ": <strerror>" appended. */
int err_sys(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* Puts "<text>: " in front of the message. Returns -1. */
int err_ctx(struct err *e, const char *fmt, ...) PRINTF(2, 3);

/* errno -> code; EPERM and EACCES are ERR_DENIED, ENOENT is ERR_NOT_FOUND, ... */
enum err_code err_code_of_errno(int sys);

#endif
