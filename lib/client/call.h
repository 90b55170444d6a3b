/* call.h - calls of the daemon's API: encode, send, judge status and envelope, decode
 *
 * Layer: client.  Memory: the caller's arena; results live in it.  Threads: any.
 * Spec: S000 section 8, S000-EC-X01, S000-EC-X02.
 */
#ifndef OC_CLIENT_CALL_H
#define OC_CLIENT_CALL_H

#include "base/arena.h"
#include "base/err.h"
#include "proto/jail.h"
#include "wire/shape.h"

struct call {
	const char *socket;
	int timeout_ms;		/* 0: DEFAULT_REQUEST_TIMEOUT_SECS */
	const char *token;	/* Bearer token of the agent API, or NULL */
	struct arena *arena;	/* results and their texts; 64 MiB hold the largest answer */
	uint16_t status;	/* out: HTTP status of the last answer, 0 when there was none */
};

/* GET. *data is the member `data` (JSON_NONE when absent); may be NULL. The message of *e is what
 * the user is to see behind "Error: ". */
int call_get(struct call *c, const char *path, struct json_val *data, struct err *e) NODISCARD;
/* POST; body is JSON text, p NULL: none. */
int call_post(struct call *c, const char *path, struct str body, struct json_val *data,
	      struct err *e) NODISCARD;
/* The data of an answer as a struct, or as a list. "no data" when there is none. */
int call_read(struct call *c, struct json_val data, const struct json_shape *sh, void *out,
	      struct err *e) NODISCARD;
int call_read_list(struct call *c, struct json_val data, const struct json_shape *sh,
		   struct json_list *out, struct err *e) NODISCARD;

/* Registers the calling process as root of a jail; *line_fd is the life-line (operations section
 * 16): the jail ends when it is closed, and it becomes readable when the daemon is gone. ca_pem of
 * the result is not kept. */
int call_jail_start(const char *socket, const struct jail_start_request *rq,
		    struct jail_start_result *out, int *line_fd, struct err *e) NODISCARD;

/* Percent-encodes everything but ASCII letters and digits. */
void call_escape(struct buf *b, struct str value);

#endif
