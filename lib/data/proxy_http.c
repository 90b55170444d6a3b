/* proxy_http.c - plain requests: checks, verdict, the head that goes upstream, the request body
 *
 * Layer: data.  Input: hostile.  Memory: the connection's slot and buffers, the worker's work
 * areas. Threads: one worker.
 * Spec: S006-FR-003, -020, -022, -024; S006-WR-015..034, -053, -060..066, -076, -077, -081, -083.
 *
 * Theory of operation.  A head that passed every check is written anew into the client's buffer,
 * with the body bytes that came along behind it: what was judged is what is sent.  EXCHANGE then
 * runs both directions at once: the rest of the declared body goes up, the response comes down
 * (proxy_response.c).  Bytes behind the declared body stay in the socket until the response is
 * complete; then they are the next request.
 *
 * A request without body that went over a kept connection, and died before a response byte, is sent
 * again once over a fresh one: its head is still in the buffer.
 */
#include <string.h>

#include "base/num.h"
#include "data/pconn.h"
#include "policy/addr.h"

#define REQUESTS_MAX 1000	/* per client connection */

/* ---- target ---- */

/* Origin form of a redirected client, or absolute form that names the same authority (S006-WR-083).
 * */
static enum answer_kind redirected_target(struct pconn *c, const struct http1_head *h,
					  struct str *rest)
{
	struct url_authority named;

	if (h->count[HTTP1_HOST] > 1 || (h->count[HTTP1_HOST] == 0 && h->minor != 0))
		return ANSWER_HOST_MISMATCH;
	if (h->count[HTTP1_HOST]) {
		if (!url_authority_parse(http1_value(h, HTTP1_HOST), c->dialled.port, &c->to) ||
		    c->to.port != c->dialled.port)
			return ANSWER_HOST_MISMATCH;
	} else {
		char text[IP_TEXT_LEN];

		if (!url_host_parse(str_of(ip_text(c->dialled.ip, text)), &c->to.host))
			return ANSWER_HOST_MISMATCH;
		c->to.port = c->dialled.port;
	}
	*rest = h->target;
	if (h->target.p[0] == '/')
		return ANSWER_COUNT;
	if (!url_absolute_parse(h->target, &named, rest))
		return ANSWER_ABSOLUTE_FORM;
	return url_authority_eq(&named, &c->to) ? ANSWER_COUNT : ANSWER_HOST_MISMATCH;
}

/* S006-WR-020, -028, -029 */
static enum answer_kind absolute_target(struct pconn *c, const struct http1_head *h,
					struct str *rest)
{
	struct url_authority host;

	if (!url_absolute_parse(h->target, &c->to, rest))
		return ANSWER_ABSOLUTE_FORM;
	if (h->count[HTTP1_HOST] == 0)
		return h->minor == 0 ? ANSWER_COUNT : ANSWER_HOST_MISMATCH;
	if (h->count[HTTP1_HOST] > 1 ||
	    !url_authority_parse(http1_value(h, HTTP1_HOST), 80, &host) ||
	    !url_authority_eq(&host, &c->to))
		return ANSWER_HOST_MISMATCH;
	return ANSWER_COUNT;
}

/* The target in canonical form: c->to and path. ANSWER_COUNT when all is well. */
static enum answer_kind read_target(struct worker *w, struct pconn *c, struct buf *path)
{
	const struct http1_head *h = &w->proxy->work.head;
	struct str rest = { NULL, 0 };
	enum answer_kind r;

	memset(&c->to, 0, sizeof(c->to));
	r = c->redirected ? redirected_target(c, h, &rest) : absolute_target(c, h, &rest);
	if (r == ANSWER_HOST_MISMATCH)
		judge_report_breach(w, c, EVENT_HTTP, "Host differs from the request target");
	if (r == ANSWER_COUNT && !url_path_canonical(rest, path))
		r = ANSWER_ABSOLUTE_FORM;
	return r;
}

/* ---- framing ---- */

/* S006-FR-024. received: bytes of the buffer. ANSWER_COUNT when all is well. */
static enum answer_kind check_framing(const struct http1_head *h, size_t received, uint64_t *body)
{
	*body = 0;
	if (h->count[HTTP1_TRANSFER_ENCODING] || h->count[HTTP1_UPGRADE] ||
	    h->count[HTTP1_HTTP2_SETTINGS] || http1_names_end_to_end(h))
		return ANSWER_BODY_FRAMING;
	if (http1_content_length(h, false, body) == HTTP1_LENGTH_BAD)
		return ANSWER_BODY_FRAMING;
	if (h->count[HTTP1_EXPECT])
		return ANSWER_EXPECT;
	if (*body > PROXY_MAX_BODY)
		return ANSWER_BODY_SIZE;
	return received - h->len > *body ? ANSWER_TRAILING_DATA : ANSWER_COUNT;	/* S006-WR-017 */
}

/* True when c was answered here. */
static bool answer_health_check(struct worker *w, struct pconn *c)
{
	const struct http1_head *h = &w->proxy->work.head;
	uint64_t body = 0;

	if (c->redirected || !str_eq_c(str_of(c->method), "GET") ||
	    !str_eq_c(h->target, "/outcall-health"))
		return false;
	if (check_framing(h, c->client.in.len, &body) != ANSWER_COUNT || body != 0)
		answer_send(w, c, ANSWER_HEALTH_BODY);
	else
		answer_send(w, c, ANSWER_HEALTH_OK);
	return true;
}

/* ---- the head that goes upstream ---- */

/* Hop-by-hop fields, and Host, which is written anew (S006-FR-020, S006-WR-030, -064). */
static bool is_dropped(const struct http1_head *h, const struct http1_field *f)
{
	switch (f->id) {
	case HTTP1_CONNECTION:
	case HTTP1_HOST:
	case HTTP1_KEEP_ALIVE:
	case HTTP1_PROXY_AUTHENTICATE:
	case HTTP1_PROXY_AUTHORIZATION:
	case HTTP1_PROXY_CONNECTION:
	case HTTP1_TE:
	case HTTP1_TRAILER:
	case HTTP1_TRANSFER_ENCODING:
	case HTTP1_UPGRADE:
		return true;
	case HTTP1_OTHER:
	case HTTP1_ACCEPT:
	case HTTP1_AUTHORIZATION:
	case HTTP1_CACHE_CONTROL:
	case HTTP1_CONTENT_ENCODING:
	case HTTP1_CONTENT_LENGTH:
	case HTTP1_CONTENT_TYPE:
	case HTTP1_COOKIE:
	case HTTP1_EXPECT:
	case HTTP1_HTTP2_SETTINGS:
	case HTTP1_MAX_FORWARDS:
	case HTTP1_ORIGIN:
	case HTTP1_NAME_COUNT:
		break;
	}
	return h->count[HTTP1_CONNECTION] && http1_list_has(h, HTTP1_CONNECTION, f->name);
}

/* TRACE and OPTIONS count their hops down (S006-WR-066). False: not forwarded. */
static bool max_forwards(const struct pconn *c, const struct http1_head *h, uint64_t *out)
{
	*out = UINT64_MAX;
	if (!str_eq_c(str_of(c->method), "TRACE") && !str_eq_c(str_of(c->method), "OPTIONS"))
		return true;
	if (h->count[HTTP1_MAX_FORWARDS] != 1 ||
	    !num_u64(http1_value(h, HTTP1_MAX_FORWARDS), UINT32_MAX, out))
		return true;
	return (*out)-- != 0;
}

static void write_head(struct buf *b, const struct pconn *c, const struct http1_head *h,
		       struct str path, uint64_t hops)
{
	buf_add_c(b, c->method);
	buf_add_byte(b, ' ');
	buf_add_str(b, path);
	buf_add_c(b, " HTTP/1.1\r\nHost: ");
	url_authority_format(b, &c->to, 80);
	buf_add(b, "\r\n", 2);
	for (size_t i = 0; i < h->field_cnt; i++) {
		const struct http1_field *f = &h->fields[i];

		if (is_dropped(h, f))
			continue;
		buf_add_str(b, f->name);
		buf_add(b, ": ", 2);
		if (f->id == HTTP1_MAX_FORWARDS && hops != UINT64_MAX)
			buf_add_u64(b, hops);
		else
			buf_add_str(b, f->value);
		buf_add(b, "\r\n", 2);
	}
	if (!c->x.keep)
		buf_add_c(b, "Connection: close\r\n");
	buf_add(b, "\r\n", 2);
}

/* Puts the new head, and what came of the body, in the place of the old head. */
static bool rewrite(struct worker *w, struct pconn *c, struct str path, uint64_t hops)
{
	const struct http1_head *h = &w->proxy->work.head;
	struct pbuf *in = &c->client.in;
	struct buf b = BUF_OF(w->proxy->work.out);

	write_head(&b, c, h, path, hops);
	buf_add(&b, in->p + h->len, in->len - h->len);
	if (!buf_ok(&b) || !pbuf_reserve(w->proxy, in, b.len))
		return false;
	memcpy(in->p, b.p, b.len);
	in->off = 0;
	in->len = (uint32_t)b.len;
	c->x.head_len = in->len;
	return true;
}

/* ---- one request ---- */

static void begin_exchange(struct worker *w, struct pconn *c, uint64_t body)
{
	const struct http1_head *h = &w->proxy->work.head;

	c->x = (struct exchange){
		.up_left = body - (c->client.in.len - h->len),
		.has_body = body != 0,
		.is_head = c->is_head,
		.client_11 = h->minor == 1,
	};
	c->x.keep = c->x.client_11 && !http1_list_has(h, HTTP1_CONNECTION, STR("close")) &&
		    c->requests < REQUESTS_MAX && !w->draining;
}

static bool may_reuse(struct worker *w, const struct pconn *c)
{
	return c->upstream.fd >= 0 && url_authority_eq(&c->to, &c->up_to) &&
		target_may_use(w, c, c->up_addr);
}

static void forward(struct worker *w, struct pconn *c, struct str path, uint64_t body)
{
	uint64_t hops;

	if (!max_forwards(c, &w->proxy->work.head, &hops)) {
		answer_send(w, c, ANSWER_MAX_FORWARDS);
		return;
	}
	begin_exchange(w, c, body);
	if (!rewrite(w, c, path, hops)) {
		answer_send(w, c, ANSWER_HEAD_SIZE);
		return;
	}
	if (may_reuse(w, c)) {
		c->x.reused = true;
		plain_start(w, c);
		return;
	}
	pconn_drop_upstream(w, c, false);
	target_resolve(w, c);
}

static void judge(struct worker *w, struct pconn *c, struct str path, uint64_t body)
{
	static const char port_text[] = "Target port is not allowed";
	const struct question q = {
		.layer = EVENT_HTTP,
		.host = &c->to.host,
		.path = path,
		.head = &w->proxy->work.head,
		.body_size = body,
	};
	struct verdict v;

	if (addr_port_denied(c->to.port, false)) {	/* S006-WR-053 */
		judge_report_block(w, c, &q, NULL, port_text);
		answer_refuse(w, c, NULL, port_text);
		return;
	}
	if (!judge_ask(w, c, &q, &v)) {
		judge_report_block(w, c, &q, &v, NULL);
		answer_refuse(w, c, &v, NULL);
		return;
	}
	judge_report_allow(w, c, &q, &v);
	judge_keep(c, &v);
	forward(w, c, path, body);
}

void plain_request(struct worker *w, struct pconn *c)
{
	const struct http1_head *h = &w->proxy->work.head;
	struct buf path = BUF_OF(w->proxy->work.path);
	uint64_t body;
	enum answer_kind r;

	if (answer_health_check(w, c))
		return;
	r = read_target(w, c, &path);
	if (r == ANSWER_COUNT)
		r = check_framing(h, c->client.in.len, &body);
	if (r != ANSWER_COUNT)
		answer_send(w, c, r);
	else
		judge(w, c, buf_str(&path), body);
}

/* ---- EXCHANGE: the way up ---- */

/* The upstream takes no more. It may have said why. */
static void upstream_deaf(struct worker *w, struct pconn *c)
{
	c->x.up_broken = true;
	c->x.keep = c->x.keep && !c->x.has_body;
	pconn_watch(w, c, &c->upstream, true, false);
}

/* Sends what waits and reads on; false: c is gone. */
static bool pump_body(struct worker *w, struct pconn *c)
{
	switch (relay_move(w, c, &c->client, &c->x.up_left)) {
	case FLOW_ERR_FROM:
	case FLOW_EOF:	/* S006-WR-018: never padded, never shorter than declared */
		pconn_abort(w, c);
		return false;
	case FLOW_ERR_TO:
		upstream_deaf(w, c);
		return true;
	case FLOW_WAIT:
	case FLOW_DONE:
		break;
	}
	pconn_watch(w, c, &c->client, c->x.up_left && !pconn_waits(c, &c->upstream),
		   pconn_waits(c, &c->client));
	pconn_watch(w, c, &c->upstream, false, pconn_waits(c, &c->upstream));
	return true;
}

static bool pump_up(struct worker *w, struct pconn *c)
{
	if (c->x.up_broken)
		return true;
	if (c->x.has_body)
		return pump_body(w, c);
	if (pconn_flush(c, &c->upstream))	/* keeps the head for a repetition */
		pconn_watch(w, c, &c->upstream, true, c->client.in.len != 0);
	else
		upstream_deaf(w, c);
	return true;
}

void plain_start(struct worker *w, struct pconn *c)
{
	c->state = PCONN_EXCHANGE;
	pconn_deadline(w, c, TMO_PROXY_IDLE);
	pconn_watch(w, c, &c->upstream, true, false);
	(void)pump_up(w, c);
}

void plain_retry_or(struct worker *w, struct pconn *c, enum answer_kind r, const char *detail)
{
	if (c->x.reused && !c->x.has_body && c->client.in.p) {	/* S006-WR-081 */
		c->x.reused = false;
		c->x.up_broken = false;
		c->client.in.off = 0;
		c->client.in.len = c->x.head_len;
		pconn_drop_upstream(w, c, true);
		target_resolve(w, c);
		return;
	}
	judge_report_upstream(w, c, "upstream failed", detail);
	pconn_drop_upstream(w, c, true);
	answer_send(w, c, c->x.up_broken ? ANSWER_UPSTREAM_WRITE : r);
}

void plain_timed_out(struct worker *w, struct pconn *c)
{
	if (c->x.responded) {
		pconn_abort(w, c);
		return;
	}
	judge_report_upstream(w, c, "upstream failed", "no response in time");
	pconn_drop_upstream(w, c, true);
	answer_send(w, c, ANSWER_UPSTREAM_TIMEOUT);
}

/* ---- EXCHANGE: events ---- */

void plain_finish(struct worker *w, struct pconn *c)
{
	bool whole = c->x.up_left == 0 && c->client.in.len == 0 && c->client.pipe_len == 0 &&
		!c->x.up_broken;

	if (!c->x.keep || !whole || w->draining) {
		pconn_finish(w, c);
		return;
	}
	pbuf_release(w->proxy, &c->client.in);
	if (!c->x.keep_up)
		pconn_drop_upstream(w, c, false);
	proxy_next_request(w, c);
}

static void client_writable(struct worker *w, struct pconn *c)
{
	if (!pconn_flush(c, &c->client)) {
		pconn_abort(w, c);
		return;
	}
	if (!c->upstream.in.len && !c->upstream.pipe_len)
		pbuf_release(w->proxy, &c->upstream.in);
	if (c->upstream.in.len) {
		pconn_watch(w, c, &c->client, false, true);
		return;
	}
	if (c->x.finished && !c->upstream.pipe_len)
		plain_finish(w, c);
	else
		plain_response(w, c);
}

void plain_client_event(struct worker *w, struct pconn *c, uint32_t events)
{
	if (events & EV_HUP) {	/* S006-WR-077 */
		pconn_abort(w, c);
		return;
	}
	if (events & EV_READ) {
		if (c->x.up_left == 0 || c->x.up_broken || pconn_waits(c, &c->upstream))
			pconn_mute(w, c, &c->client, 0);	/* the next request or FIN */
		else if (!pump_up(w, c))
			return;
		pconn_deadline(w, c, TMO_PROXY_IDLE);
	}
	if (events & EV_WRITE) {
		pconn_deadline(w, c, TMO_PROXY_IDLE);
		client_writable(w, c);
	}
}

void plain_upstream_event(struct worker *w, struct pconn *c, uint32_t events)
{
	if (events & EV_WRITE) {
		pconn_deadline(w, c, TMO_PROXY_IDLE);
		if (!pump_up(w, c))
			return;
	}
	if (!(events & (EV_READ | EV_HUP)))
		return;
	if (pconn_waits(c, &c->client) || c->x.finished)
		pconn_mute(w, c, &c->upstream, events);
	else
		plain_response(w, c);
}
