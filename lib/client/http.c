/* http.c - blocking HTTP over a Unix socket, for command-line programs
 *
 * Layer: client.  Input: the daemon's answers, bounded.  Memory: one mapping per request.  Threads:
 * any.
 * Spec: S000 section 8.
 *
 * An HTTP/1.0 answer ends where the connection ends, or where Content-Length says, whichever is
 * first; an answer shorter than it says is malformed.  A held HTTP/1.1 answer needs Content-Length.
 */
#include "client/http.h"

#include "base/utf8.h"
#include "proto/consts.h"
#include "sys/uhttp.h"

static int read_answer(struct uhttp *x, struct arena *a, struct http_answer *out, struct err *e)
{
	struct http_answer answer = { .status = x->status };
	if (uhttp_body(x, HOST_API_RESPONSE_LIMIT, a, &answer.body, e) < 0)
		return e->code != ERR_LIMIT
			? -1
			: err_set(e, ERR_LIMIT, "daemon HTTP response exceeds %d bytes",
				  HOST_API_RESPONSE_LIMIT);
	if (!utf8_valid(answer.body))
		return err_set(e, ERR_PROTO, "daemon HTTP response is not valid UTF-8");
	*out = answer;
	return 0;
}

static int ask(const struct http_request *rq, struct arena *a, struct http_answer *out, int *fd,
	       struct err *e)
{
	const struct uhttp_request ask = {
		.socket = rq->socket, .peer = "outcalld", .host = "localhost",
		.method = rq->method, .path = rq->path, .body = rq->body, .token = rq->token,
		.minor = fd ? 1 : 0, .wait_ms = rq->timeout_ms,
	};
	struct uhttp x;
	if (rq->body.len > HOST_API_BODY_LIMIT)
		return err_set(e, ERR_LIMIT, "daemon API request body exceeds %d bytes",
			       HOST_API_BODY_LIMIT);
	if (uhttp_open(&x, &ask, e) < 0) {
		int cause = e->sys;
		if (e->code != ERR_UNAVAILABLE)
			return -1;
		err_set(e, ERR_UNAVAILABLE, "cannot connect to outcalld at %s -- is it running?",
			rq->socket);
		e->sys = cause;
		return -1;
	}
	int rc = fd && x.framing != UHTTP_LENGTH
		? err_set(e, ERR_PROTO, "malformed HTTP response from outcalld")
		: read_answer(&x, a, out, e);
	if (rc == 0 && fd) {
		*fd = x.fd;
		x.fd = -1;
	}
	uhttp_close(&x);
	return rc;
}

int http_ask(const struct http_request *rq, struct arena *a, struct http_answer *out, struct err *e)
{
	return ask(rq, a, out, NULL, e);
}

int http_ask_held(const struct http_request *rq, struct arena *a, struct http_answer *out, int *fd,
		  struct err *e)
{
	return ask(rq, a, out, fd, e);
}
