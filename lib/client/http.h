/* http.h - blocking HTTP over a Unix socket, for command-line programs
 *
 * Layer: client.  Input: the answers of the daemon, bounded.  Memory: the caller's arena; the
 * answer is read into a mapping of its own first.  Threads: any.
 * Spec: S000 section 8.
 */
#ifndef OC_CLIENT_HTTP_H
#define OC_CLIENT_HTTP_H

#include "base/arena.h"
#include "base/err.h"

struct http_request {
	const char *socket;
	const char *method;	/* "GET", "POST" */
	const char *path;	/* with query; values percent-encoded by the caller */
	struct str body;	/* JSON; p NULL: none */
	const char *token;	/* Bearer token, or NULL */
	int timeout_ms;		/* for the connect and for each read and write */
};

struct http_answer {
	uint16_t status;
	struct str body;	/* UTF-8, in the arena */
};

/* One HTTP/1.0 exchange. ERR_UNAVAILABLE with errno in e->sys when nobody listens. */
int http_ask(const struct http_request *rq, struct arena *a, struct http_answer *out,
	     struct err *e) NODISCARD;
/* One HTTP/1.1 request; afterwards the connection stays open in *fd, whatever the status. */
int http_ask_held(const struct http_request *rq, struct arena *a, struct http_answer *out, int *fd,
		  struct err *e) NODISCARD;

#endif
