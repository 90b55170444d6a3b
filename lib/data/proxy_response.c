/* proxy_response.c - responses of plain requests: head, framing, body, interim responses
 *
 * Layer: data.  Input: hostile (the upstream).  Memory: the connection's buffers, the worker's work
 * areas. Threads: one worker.
 * Spec: S006-WR-063, -065, -067..069, -076, -081.
 * #syscalls: recvfrom
 *
 * Theory of operation.  The head is collected in a buffer of its own, parsed, and written anew
 * with the framing that the client gets.  The body follows by its own framing: none, a length,
 * chunks (decoded and framed again; decoded only for HTTP/1.0 clients), or up to the end of the
 * connection. A body that ends early ends the client connection without pretence: no final chunk,
 * no padding.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "data/pconn.h"

#define INTERIM_MAX 8	/* S006-WR-068 */

/* ---- head ---- */

/* Decides framing and the fate of both connections. False: no valid response. */
static bool take_framing(struct pconn *c, const struct http1_head *h)
{
	struct exchange *x = &c->x;
	enum http1_length len = http1_content_length(h, true, &x->down_left);
	bool coded = h->count[HTTP1_TRANSFER_ENCODING] != 0;

	if (len == HTTP1_LENGTH_BAD)
		return false;
	x->keep_up = h->minor == 1 && !http1_list_has(h, HTTP1_CONNECTION, STR("close"));
	if (x->is_head || h->status == 204 || h->status == 304) {
		x->framing = BODY_NONE;
	} else if (coded) {
		if (h->minor == 0 || h->count[HTTP1_TRANSFER_ENCODING] != 1 ||
		    !str_case_eq(http1_value(h, HTTP1_TRANSFER_ENCODING), STR("chunked")))
			return false;
		x->framing = BODY_CHUNKED;
		x->keep_up = x->keep_up && len == HTTP1_LENGTH_NONE;
	} else if (len == HTTP1_LENGTH_OK) {
		x->framing = BODY_LENGTH;
	} else {
		x->framing = BODY_CLOSE;
		x->down_left = UINT64_MAX;
		x->keep_up = false;
	}
	x->keep = x->keep && x->up_left == 0 && x->framing != BODY_CLOSE;
	x->finished = x->framing == BODY_NONE || (x->framing == BODY_LENGTH && x->down_left == 0);
	return true;
}

/* S006-WR-063 */
static bool is_dropped(const struct pconn *c, const struct http1_head *h,
		       const struct http1_field *f)
{
	switch (f->id) {
	case HTTP1_CONNECTION:
	case HTTP1_KEEP_ALIVE:
	case HTTP1_PROXY_AUTHENTICATE:
	case HTTP1_PROXY_CONNECTION:
	case HTTP1_TE:
	case HTTP1_TRAILER:
	case HTTP1_TRANSFER_ENCODING:
	case HTTP1_UPGRADE:
		return true;
	case HTTP1_CONTENT_LENGTH:
		/* One is enough; with chunks it would be a second framing. */
		return c->x.framing == BODY_CHUNKED ||
			f != &h->fields[h->last[HTTP1_CONTENT_LENGTH]];
	case HTTP1_OTHER:
	case HTTP1_ACCEPT:
	case HTTP1_AUTHORIZATION:
	case HTTP1_CACHE_CONTROL:
	case HTTP1_CONTENT_ENCODING:
	case HTTP1_CONTENT_TYPE:
	case HTTP1_COOKIE:
	case HTTP1_EXPECT:
	case HTTP1_HOST:
	case HTTP1_HTTP2_SETTINGS:
	case HTTP1_MAX_FORWARDS:
	case HTTP1_ORIGIN:
	case HTTP1_PROXY_AUTHORIZATION:
	case HTTP1_NAME_COUNT:
		break;
	}
	return h->count[HTTP1_CONNECTION] && http1_list_has(h, HTTP1_CONNECTION, f->name);
}

static void write_head(struct buf *b, const struct pconn *c, const struct http1_head *h)
{
	bool final = h->status >= 200;

	buf_add_c(b, "HTTP/1.1 ");
	buf_add_u64(b, h->status);
	buf_add_byte(b, ' ');
	buf_add_str(b, h->reason);
	buf_add(b, "\r\n", 2);
	for (size_t i = 0; i < h->field_cnt; i++) {
		const struct http1_field *f = &h->fields[i];

		if (is_dropped(c, h, f))
			continue;
		buf_add_str(b, f->name);
		buf_add(b, ": ", 2);
		buf_add_str(b, f->value);
		buf_add(b, "\r\n", 2);
	}
	if (final && c->x.framing == BODY_CHUNKED && c->x.client_11)
		buf_add_c(b, "Transfer-Encoding: chunked\r\n");
	if (final && !c->x.keep)
		buf_add_c(b, "Connection: close\r\n");
	buf_add(b, "\r\n", 2);
}

/* ---- body ---- */

/* Decodes in, appends what the client gets. False: not a chunked body. */
static bool add_chunks(struct pconn *c, struct str in, struct buf *out)
{
	struct str data;

	while (in.len && !c->x.finished) {
		switch (chunk_next(&c->x.chunk, &in, &data)) {
		case PARSE_BAD:
			return false;
		case PARSE_DONE:
			c->x.finished = true;
			if (c->x.client_11)
				buf_add_str(out, CHUNK_LAST);
			break;
		case PARSE_MORE:
			if (data.len && c->x.client_11)
				chunk_frame(out, data);
			else
				buf_add_str(out, data);
			break;
		}
	}
	if (in.len)	/* something behind the body: not a connection to trust again */
		c->x.keep_up = false;
	return buf_ok(out);
}

/* The bytes that came along behind the head. */
static bool add_body(struct pconn *c, struct str in, struct buf *out)
{
	struct exchange *x = &c->x;
	struct str body = str_first(in, x->down_left < in.len ? (size_t)x->down_left : in.len);

	switch (x->framing) {
	case BODY_CHUNKED:
		return add_chunks(c, in, out);
	case BODY_NONE:
		x->keep_up = x->keep_up && in.len == 0;
		return true;
	case BODY_LENGTH:
	case BODY_CLOSE:
		x->down_left -= body.len;
		x->finished = x->down_left == 0;
		x->keep_up = x->keep_up && body.len == in.len;
		buf_add_str(out, body);
		return buf_ok(out);
	}
	return false;
}

static void invalid(struct worker *w, struct pconn *c)
{
	judge_report_upstream(w, c, "upstream failed", "the response is invalid");
	pconn_drop_upstream(w, c, true);
	answer_send(w, c, ANSWER_UPSTREAM_INVALID);
}

/* After bytes for the client were queued: goes on, or waits, or ends. */
static void go_on(struct worker *w, struct pconn *c)
{
	bool waits = pconn_waits(c, &c->client);

	pconn_deadline(w, c, TMO_PROXY_IDLE);
	if (!waits && c->x.finished) {
		plain_finish(w, c);
		return;
	}
	pconn_watch(w, c, &c->upstream, !waits && !c->x.finished, pconn_waits(c, &c->upstream));
	pconn_watch(w, c, &c->client, false, waits);
}

/* The bytes in out stand for all that was read so far. */
static void deliver(struct worker *w, struct pconn *c, const struct buf *out)
{
	pbuf_release(w->proxy, &c->head);
	pbuf_release(w->proxy, &c->upstream.in);
	if (out->len && !pconn_send(w, c, &c->client, buf_str(out)))
		pconn_abort(w, c);
	else
		go_on(w, c);
}

/* An interim response stands at the start of the buffer: passes it on, takes it out. False:
 * invalid. */
static bool pass_interim(struct pconn *c, const struct http1_head *h, struct buf *out)
{
	struct pbuf *in = &c->head;

	if (h->status == 101 || ++c->x.interim_cnt > INTERIM_MAX)
		return false;
	if (c->x.client_11)
		write_head(out, c, h);
	in->len -= (uint32_t)h->len;
	memmove(in->p, in->p + h->len, in->len);
	return true;
}

static void take_head(struct worker *w, struct pconn *c)
{
	struct http1_head *h = &w->proxy->work.head;
	struct buf out = BUF_OF(w->proxy->work.out);
	struct pbuf *in = &c->head;
	enum parse r;

	http1_init(h, w->proxy->work.fields, PCONN_RESPONSE_FIELDS, PCONN_RESPONSE_HEAD_MAX);
	while ((r = http1_parse_response(h, str_n(in->p, in->len))) == PARSE_DONE &&
	       h->status < 200)
		if (!pass_interim(c, h, &out)) {
			invalid(w, c);
			return;
		}
	if (r == PARSE_MORE) {
		if (out.len && !pconn_send_now(&c->client, buf_str(&out)))
			pconn_abort(w, c);
		return;
	}
	if (r == PARSE_BAD || !take_framing(c, h)) {
		invalid(w, c);
		return;
	}
	write_head(&out, c, h);
	if (!add_body(c, str_n(in->p + h->len, in->len - h->len), &out)) {
		invalid(w, c);
		return;
	}
	c->x.responded = true;
	if (!c->x.has_body && c->client.in.len == 0)
		pbuf_release(w->proxy, &c->client.in);
	deliver(w, c, &out);
}

/* False: nothing new, or c went another way. */
static bool read_head(struct worker *w, struct pconn *c)
{
	struct pbuf *in = &c->head;
	size_t need = in->p && in->len == in->cap ? PCONN_BIG_LEN : PCONN_BUF_LEN;
	ssize_t n;

	if (!pbuf_reserve(w->proxy, in, need) || in->len == in->cap) {
		invalid(w, c);
		return false;
	}
	n = recv(c->upstream.fd, in->p + in->len, MIN(in->cap - in->len, PCONN_READ_MAX),
		 MSG_DONTWAIT);
	if (n > 0) {
		in->len += (uint32_t)n;
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		if (!in->len)
			pbuf_release(w->proxy, in);
		return false;
	}
	if (in->len)	/* S006-WR-069 */
		invalid(w, c);
	else
		plain_retry_or(w, c, ANSWER_UPSTREAM_FAILED, "closed without a response");
	return false;
}

static void relay_chunks(struct worker *w, struct pconn *c)
{
	struct proxy_work *work = &w->proxy->work;
	struct buf out = BUF_OF(work->out);
	ssize_t n = recv(c->upstream.fd, work->raw, sizeof(work->raw), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		go_on(w, c);
	else if (n <= 0 || !add_chunks(c, str_n(work->raw, (size_t)n), &out))
		pconn_finish(w, c);	/* S006-WR-069: no final chunk */
	else
		deliver(w, c, &out);
}

static void relay_plain(struct worker *w, struct pconn *c)
{
	switch (relay_move(w, c, &c->upstream, &c->x.down_left)) {
	case FLOW_ERR_FROM:
	case FLOW_ERR_TO:
		pconn_abort(w, c);
		return;
	case FLOW_EOF:	/* the end of the body, or too early: both close */
		pconn_finish(w, c);
		return;
	case FLOW_DONE:
		c->x.finished = true;
		break;
	case FLOW_WAIT:
		break;
	}
	go_on(w, c);
}

void plain_response(struct worker *w, struct pconn *c)
{
	if (!c->x.responded) {
		if (read_head(w, c))
			take_head(w, c);
	} else if (c->x.framing == BODY_CHUNKED) {
		relay_chunks(w, c);
	} else {
		relay_plain(w, c);
	}
}
