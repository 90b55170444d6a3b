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

#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "proto/consts.h"
#include "sys/sock.h"
#include "wire/http1.h"

#define HEAD_MAX 16384
#define FIELD_MAX 64
#define INPUT_CAP ((size_t)HOST_API_RESPONSE_LIMIT + HEAD_MAX)

struct exchange {
	const struct http_request *rq;
	int fd;
	struct buf in;		/* the mapping; pages come as they are written to */
	bool ended;		/* the daemon closed its side */
};

static int malformed(struct err *e)
{
	return err_set(e, ERR_PROTO, "malformed HTTP response from outcalld");
}

static int timed_out(const struct exchange *x, struct err *e)
{
	return err_set(e, ERR_TIMEOUT, "outcalld at %s did not answer within %d s", x->rq->socket,
		       x->rq->timeout_ms / 1000);
}

static int send_all(const struct exchange *x, struct str s, struct err *e)
{
	while (s.len) {
		ssize_t n = send(x->fd, s.p, s.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return timed_out(x, e);
		/* Refused before all was read: the answer is waiting, and says why. */
		if (n < 0 && (errno == EPIPE || errno == ECONNRESET))
			return 0;
		if (n < 0)
			return err_sys(e, "sending to %s", x->rq->socket);
		s = str_from(s, (size_t)n);
	}
	return 0;
}

static int send_request(const struct exchange *x, int minor, struct err *e)
{
	char head[8192];
	struct buf b = BUF_OF(head);
	const struct http_request *rq = x->rq;
	if (rq->body.len > HOST_API_BODY_LIMIT)
		return err_set(e, ERR_LIMIT, "daemon API request body exceeds %d bytes",
			       HOST_API_BODY_LIMIT);
	buf_printf(&b, "%s %s HTTP/1.%d\r\nHost: localhost\r\n", rq->method, rq->path, minor);
	if (rq->token)
		buf_printf(&b, "Authorization: Bearer %s\r\n", rq->token);
	if (rq->body.p)
		buf_add_c(&b, "Content-Type: application/json\r\n");
	if (!str_eq_c(str_of(rq->method), "GET"))
		buf_printf(&b, "Content-Length: %zu\r\n", rq->body.len);
	buf_add_c(&b, "\r\n");
	if (!buf_ok(&b))
		return err_set(e, ERR_LIMIT, "request path is too long");
	if (send_all(x, buf_str(&b), e) < 0)
		return -1;
	return send_all(x, rq->body, e);
}

static int read_more(struct exchange *x, struct err *e)
{
	struct buf *in = &x->in;
	if (in->len == in->cap)
		return err_set(e, ERR_LIMIT, "daemon HTTP response exceeds %d bytes",
			       HOST_API_RESPONSE_LIMIT);
	ssize_t n = recv(x->fd, in->p + in->len, in->cap - in->len, 0);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n < 0 && errno == EAGAIN)
		return timed_out(x, e);
	if (n < 0 && errno != ECONNRESET)
		return err_sys(e, "reading from %s", x->rq->socket);
	if (n <= 0)
		x->ended = true;
	else
		in->len += (size_t)n;
	return 0;
}

static int read_head(struct exchange *x, struct http1_head *h, struct err *e)
{
	for (;;) {
		switch (http1_parse_response(h, buf_str(&x->in))) {
		case PARSE_DONE:
			return 0;
		case PARSE_BAD:
			return malformed(e);
		case PARSE_MORE:
			break;
		}
		if (x->ended)
			return malformed(e);
		if (read_more(x, e) < 0)
			return -1;
	}
}

static int read_body(struct exchange *x, const struct http1_head *h, bool held, struct str *body,
		     struct err *e)
{
	uint64_t wanted = UINT64_MAX;
	enum http1_length known = http1_content_length(h, true, &wanted);
	if (known == HTTP1_LENGTH_BAD || (held && known == HTTP1_LENGTH_NONE))
		return malformed(e);
	if (known == HTTP1_LENGTH_OK && wanted > HOST_API_RESPONSE_LIMIT)
		return err_set(e, ERR_LIMIT, "daemon HTTP response exceeds %d bytes",
			       HOST_API_RESPONSE_LIMIT);
	while (!x->ended && x->in.len - h->len < wanted)
		if (read_more(x, e) < 0)
			return -1;
	size_t got = x->in.len - h->len;
	if (known == HTTP1_LENGTH_OK && got < wanted)
		return malformed(e);
	if (got > HOST_API_RESPONSE_LIMIT && known == HTTP1_LENGTH_NONE)
		return err_set(e, ERR_LIMIT, "daemon HTTP response exceeds %d bytes",
			       HOST_API_RESPONSE_LIMIT);
	*body = str_n(x->in.p + h->len, got < wanted ? got : (size_t)wanted);
	return 0;
}

static int exchange(struct exchange *x, bool held, struct arena *a, struct http_answer *out,
		    struct err *e)
{
	struct http1_field fields[FIELD_MAX];
	struct http1_head h;
	struct str body;
	http1_init(&h, fields, FIELD_MAX, HEAD_MAX);
	if (send_request(x, held ? 1 : 0, e) < 0 || read_head(x, &h, e) < 0 ||
	    read_body(x, &h, held, &body, e) < 0)
		return -1;
	if (!utf8_valid(body))
		return err_set(e, ERR_PROTO, "daemon HTTP response is not valid UTF-8");
	struct http_answer answer = { .status = h.status, .body = arena_str(a, body) };
	if (!answer.body.p)
		return err_set(e, ERR_NOMEM, "no memory for the answer of outcalld");
	*out = answer;
	return 0;
}

static int ask(const struct http_request *rq, bool held, struct arena *a, struct http_answer *out,
	       int *fd, struct err *e)
{
	struct exchange x = { .rq = rq };
	if (sock_unix_connect(rq->socket, rq->timeout_ms, &x.fd, e) < 0) {
		int cause = e->sys;
		err_set(e, ERR_UNAVAILABLE, "cannot connect to outcalld at %s -- is it running?",
			rq->socket);
		e->sys = cause;
		return -1;
	}
	void *mem = mmap(NULL, INPUT_CAP, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem == MAP_FAILED) {
		int rc = err_sys(e, "memory for the answer");
		close(x.fd);
		return rc;
	}
	x.in = buf_on(mem, INPUT_CAP);
	int rc = exchange(&x, held, a, out, e);
	munmap(mem, INPUT_CAP);
	if (rc == 0 && held)
		*fd = x.fd;
	else
		close(x.fd);
	return rc;
}

int http_ask(const struct http_request *rq, struct arena *a, struct http_answer *out, struct err *e)
{
	return ask(rq, false, a, out, NULL, e);
}

int http_ask_held(const struct http_request *rq, struct arena *a, struct http_answer *out, int *fd,
		  struct err *e)
{
	return ask(rq, true, a, out, fd, e);
}
