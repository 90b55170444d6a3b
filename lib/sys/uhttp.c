/* uhttp.c - one blocking HTTP exchange over a Unix socket: the daemon's API and the Docker Engine
 *
 * Layer: sys.  Input: hostile until parsed (answers), bounded.  Memory: one mapping per exchange,
 * one more while a body is collected.  Threads: any that may block.
 * Spec: S000 section 8, S008 (Docker Engine API calls).
 *
 * An answer without length and without chunks ends where the connection ends; one that is shorter
 * than it says is malformed.
 */
#include "sys/uhttp.h"

#include <errno.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "sys/sock.h"

#define IN_CAP ((size_t)2 * UHTTP_HEAD_MAX)
#define ARENA_SLACK 256

static int malformed(const struct uhttp *x, struct err *e)
{
	return err_set(e, ERR_PROTO, "malformed HTTP response from %s", x->rq->peer);
}

static int timed_out(const struct uhttp *x, struct err *e)
{
	return err_set(e, ERR_TIMEOUT, "%s at %s did not answer within %d s", x->rq->peer,
		       x->rq->socket, x->rq->wait_ms / 1000);
}

/* ---- request ---- */

static int send_all(const struct uhttp *x, struct str s, struct err *e)
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

static int send_request(const struct uhttp *x, struct err *e)
{
	char head[8192];
	struct buf b = BUF_OF(head);
	const struct uhttp_request *rq = x->rq;
	buf_printf(&b, "%s %s HTTP/1.%u\r\nHost: %s\r\n", rq->method, rq->path, rq->minor,
		   rq->host);
	if (rq->close)
		buf_add_c(&b, "Connection: close\r\n");
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

/* ---- answer ---- */

static int wait_readable(const struct uhttp *x, struct err *e)
{
	struct pollfd fds[2] = { { .fd = x->fd, .events = POLLIN },
				 { .fd = x->rq->stop_fd, .events = POLLIN } };
	int wait_ms = x->rq->wait_ms;
	if (x->rq->deadline_ms) {
		uint64_t now = clock_mono_ms();
		if (now >= x->rq->deadline_ms)
			return timed_out(x, e);
		wait_ms = (int)MIN((uint64_t)wait_ms, x->rq->deadline_ms - now);
	}
	int n = poll(fds, x->rq->stop_fd > 0 ? 2 : 1, wait_ms);
	if (n < 0 && errno != EINTR)
		return err_sys(e, "waiting for %s", x->rq->peer);
	if (n > 0 && fds[1].revents)
		return err_set(e, ERR_CONFLICT, "the wait for %s was given up", x->rq->peer);
	return n == 0 ? timed_out(x, e) : 0;
}

/* Receives at least one byte, or learns that the other side has closed. */
static int read_more(struct uhttp *x, struct err *e)
{
	struct buf *in = &x->in;
	if (wait_readable(x, e) < 0)
		return -1;
	if (x->at == in->len)
		x->at = in->len = 0;
	if (in->len == in->cap)
		return malformed(x, e);
	ssize_t n = recv(x->fd, in->p + in->len, in->cap - in->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0 && errno != ECONNRESET)
		return err_sys(e, "reading from %s", x->rq->socket);
	if (n <= 0)
		x->ended = true;
	else
		in->len += (size_t)n;
	return 0;
}

static int read_head(struct uhttp *x, struct err *e)
{
	for (;;) {
		switch (http1_parse_response(&x->head, buf_str(&x->in))) {
		case PARSE_DONE:
			return 0;
		case PARSE_BAD:
			return malformed(x, e);
		case PARSE_MORE:
			break;
		}
		if (x->ended)
			return malformed(x, e);
		if (read_more(x, e) < 0)
			return -1;
	}
}

static int find_framing(struct uhttp *x, struct err *e)
{
	enum http1_length known = http1_content_length(&x->head, true, &x->left);
	x->framing = UHTTP_UNTIL_CLOSE;
	if (known == HTTP1_LENGTH_BAD)
		return malformed(x, e);
	if (known == HTTP1_LENGTH_OK)
		x->framing = UHTTP_LENGTH;
	if (x->head.count[HTTP1_TRANSFER_ENCODING]) {
		if (x->head.count[HTTP1_TRANSFER_ENCODING] > 1 || known == HTTP1_LENGTH_OK ||
		    !str_case_eq_c(http1_value(&x->head, HTTP1_TRANSFER_ENCODING), "chunked"))
			return malformed(x, e);
		x->framing = UHTTP_CHUNKED;
	}
	if (x->head.status == 204 || x->head.status == 304)
		x->framing = UHTTP_EMPTY;
	return 0;
}

int uhttp_open(struct uhttp *x, const struct uhttp_request *rq, struct err *e)
{
	*x = (struct uhttp){ .rq = rq, .fd = -1 };
	if (sock_unix_connect(rq->socket, rq->wait_ms, &x->fd, e) < 0) {
		int cause = e->sys;
		err_set(e, ERR_UNAVAILABLE, "cannot connect to %s at %s", rq->peer, rq->socket);
		e->sys = cause;
		return -1;
	}
	if (arena_init_fixed(&x->mem, IN_CAP + ARENA_SLACK) < 0) {
		close(x->fd);
		return err_set(e, ERR_NOMEM, "no memory for the answer of %s", rq->peer);
	}
	x->in = buf_on(arena_alloc(&x->mem, IN_CAP), IN_CAP);
	http1_init(&x->head, x->fields, UHTTP_FIELD_MAX, UHTTP_HEAD_MAX);
	if (send_request(x, e) < 0 || read_head(x, e) < 0 || find_framing(x, e) < 0) {
		uhttp_close(x);
		return -1;
	}
	x->status = x->head.status;
	x->at = x->head.len;
	return 0;
}

struct str uhttp_field(const struct uhttp *x, const char *name)
{
	for (size_t i = 0; i < x->head.field_cnt; i++)
		if (str_case_eq_c(x->fields[i].name, name))
			return x->fields[i].value;
	return str_n(NULL, 0);
}

/* ---- body ---- */

/* What is there of the body; *end: nothing more will come. */
static int take(struct uhttp *x, struct str *piece, bool *end, struct err *e)
{
	struct str have = str_n(x->in.p + x->at, x->in.len - x->at);
	struct str rest = have;
	enum parse r;
	*piece = str_n(NULL, 0);
	*end = false;
	switch (x->framing) {
	case UHTTP_EMPTY:
		*end = true;
		return 0;
	case UHTTP_LENGTH:
		*piece = str_first(have, have.len < x->left ? have.len : (size_t)x->left);
		*end = x->left == 0;
		x->left -= piece->len;
		x->at += piece->len;
		break;
	case UHTTP_CHUNKED:
		r = chunk_next(&x->chunk, &rest, piece);
		if (r == PARSE_BAD)
			return malformed(x, e);
		*end = r == PARSE_DONE;
		x->at += have.len - rest.len;
		break;
	case UHTTP_UNTIL_CLOSE:
		*piece = have;
		*end = x->ended && !have.len;
		x->at += have.len;
		return 0;
	}
	return x->ended && !piece->len && !*end ? malformed(x, e) : 0;
}

int uhttp_next(struct uhttp *x, struct str *piece, struct err *e)
{
	bool end;
	for (;;) {
		if (take(x, piece, &end, e) < 0)
			return -1;
		if (piece->len)
			return 0;
		if (end) {
			*piece = str_n(NULL, 0);
			return 0;
		}
		if (read_more(x, e) < 0)
			return -1;
	}
}

static int collect(struct uhttp *x, struct buf *b, struct err *e)
{
	struct str piece;
	do {
		if (uhttp_next(x, &piece, e) < 0)
			return -1;
		buf_add_str(b, piece);
		if (!buf_ok(b))
			return err_set(e, ERR_LIMIT, "response of %s exceeds %zu bytes",
				       x->rq->peer, b->cap);
	} while (piece.p);
	return 0;
}

int uhttp_body(struct uhttp *x, size_t max, struct arena *a, struct str *out, struct err *e)
{
	if (x->framing == UHTTP_LENGTH && x->left > max)
		return err_set(e, ERR_LIMIT, "response of %s exceeds %zu bytes", x->rq->peer, max);
	/* Pages come as they are written to. */
	void *mem = mmap(NULL, max, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem == MAP_FAILED)
		return err_sys(e, "memory for the answer of %s", x->rq->peer);
	struct buf b = buf_on(mem, max);
	int rc = collect(x, &b, e);
	if (rc == 0) {
		struct str kept = arena_str(a, buf_str(&b));
		if (kept.p)
			*out = kept;
		else
			rc = err_set(e, ERR_NOMEM, "no memory for the answer of %s", x->rq->peer);
	}
	munmap(mem, max);
	return rc;
}

void uhttp_close(struct uhttp *x)
{
	if (x->fd >= 0)
		close(x->fd);
	x->fd = -1;
	arena_fini(&x->mem);
}
