/* uhttp.h - one blocking HTTP exchange over a Unix socket: the daemon's API and the Docker Engine
 *
 * Layer: sys.  Memory: a mapping of its own while it is open.  Threads: any that may block: command
 * line programs, job threads; never control or a worker.
 * Spec: S000 section 8, S008 (Docker Engine API calls).
 *
 * Open sends the request and reads the head of the answer; uhttp_body or uhttp_next read the body,
 * whether it has a length, is chunked, or ends with the connection.
 */
#ifndef OC_SYS_UHTTP_H
#define OC_SYS_UHTTP_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/chunk.h"
#include "wire/http1.h"

#define UHTTP_HEAD_MAX 65536
#define UHTTP_FIELD_MAX 64

struct uhttp_request {
	const char *socket;
	const char *peer;	/* what messages call the other side: "outcalld" */
	const char *host;	/* value of Host */
	const char *method;
	const char *path;	/* with query; values percent-encoded by the caller */
	struct str body;	/* JSON; p NULL: none */
	const char *token;	/* Bearer token, or NULL */
	unsigned minor;		/* HTTP/1.minor */
	bool close;		/* sends Connection: close */
	int wait_ms;		/* for the connect and for each read and write */
	uint64_t deadline_ms;	/* of all of it, by the monotonic clock; 0: none */
	int stop_fd;		/* when it is readable, the exchange ends at once; 0: none */
};

enum uhttp_framing { UHTTP_EMPTY = 0, UHTTP_LENGTH, UHTTP_CHUNKED, UHTTP_UNTIL_CLOSE };

struct uhttp {
	const struct uhttp_request *rq;	/* must live as long; wait_ms may change on the way */
	int fd;
	uint16_t status;
	enum uhttp_framing framing;
	bool ended;		/* the other side has closed */
	uint64_t left;		/* of a body with a length */
	struct chunk chunk;
	struct arena mem;
	struct buf in;		/* what was received */
	size_t at;		/* how much of it is used up */
	struct http1_head head;
	struct http1_field fields[UHTTP_FIELD_MAX];
};

/* ERR_UNAVAILABLE with errno in e->sys when nobody listens; ERR_TIMEOUT; ERR_CONFLICT: stop_fd. On
 * failure nothing is open. */
int uhttp_open(struct uhttp *x, const struct uhttp_request *rq, struct err *e) NODISCARD;
/* Value of a field of the head; p NULL when absent. Only before the body is read. */
struct str uhttp_field(const struct uhttp *x, const char *name);
/* The next piece of the body, valid until the next call; p NULL at its end. After ERR_TIMEOUT it
 * may be called again. */
int uhttp_next(struct uhttp *x, struct str *piece, struct err *e) NODISCARD;
/* The whole body in a; ERR_LIMIT when it is longer than max. */
int uhttp_body(struct uhttp *x, size_t max, struct arena *a, struct str *out,
	       struct err *e) NODISCARD;
/* Closes the connection, unless fd was taken out (set to -1), and frees the memory. */
void uhttp_close(struct uhttp *x);

#endif
