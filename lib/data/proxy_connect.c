/* proxy_connect.c - CONNECT and redirected TLS: verdicts on host and SNI, then a tunnel
 *
 * Layer: data.  Input: hostile.  Memory: the connection's slot and buffers.  Threads: one worker.
 * Spec: S006-FR-004, -005, -008, -009, -017, -018; S006-WR-035..044, -048, -083; decisions D5, D20.
 *
 * Theory of operation.
 *   CONNECT: head judged -> RESOLVE -> 200 -> HELLO (10 s) -> SNI judged -> CONNECT -> TUNNEL
 *   redirected from 443: HELLO (10 s) -> SNI judged -> RESOLVE -> CONNECT -> TUNNEL
 * No byte goes upstream, and no upstream connection exists, before both verdicts are there.  Both
 * come from one rule set: if a reload happened between the two, the host is judged again first.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "data/pconn.h"
#include "policy/addr.h"
#include "wire/tlshello.h"

#define TLS_PORT 443

/* ---- CONNECT ---- */

/* S006-WR-028, -029 */
static bool host_agrees(const struct http1_head *h, const struct url_authority *to)
{
	struct url_authority host;

	if (h->count[HTTP1_HOST] == 0)
		return h->minor == 0;
	return h->count[HTTP1_HOST] == 1 &&
		url_authority_parse(http1_value(h, HTTP1_HOST), TLS_PORT, &host) &&
		url_authority_eq(&host, to);
}

static bool framing_is_plain(const struct http1_head *h, size_t received)
{
	uint64_t body = 0;

	if (h->count[HTTP1_TRANSFER_ENCODING] || h->count[HTTP1_EXPECT] ||
	    h->count[HTTP1_UPGRADE] || h->count[HTTP1_HTTP2_SETTINGS] || http1_names_end_to_end(h))
		return false;
	if (http1_content_length(h, false, &body) == HTTP1_LENGTH_BAD || body != 0)
		return false;
	return received == h->len;	/* S006-WR-048 */
}

void connect_request(struct worker *w, struct pconn *c)
{
	const struct http1_head *h = &w->proxy->work.head;
	const struct question q = {
		.layer = EVENT_CONNECT, .host = &c->to.host, .path = STR("/"), .head = h,
	};
	struct verdict v;

	c->tunnel = true;
	if (!url_authority_parse(h->target, 0, &c->to)) {
		memset(&c->to, 0, sizeof(c->to));
		answer_send(w, c, ANSWER_CONNECT_TARGET);
		return;
	}

	if (!host_agrees(h, &c->to)) {
		judge_report_breach(w, c, EVENT_CONNECT, "Host differs from the CONNECT target");
		answer_send(w, c, ANSWER_CONNECT_HEADERS);
		return;
	}
	if (!framing_is_plain(h, c->client.in.len)) {
		answer_send(w, c, ANSWER_CONNECT_HEADERS);
		return;
	}
	if (addr_port_denied(c->to.port, true)) {
		judge_report_block(w, c, &q, NULL, "CONNECT port is not allowed");
		answer_refuse(w, c, NULL, "CONNECT port is not allowed");
		return;
	}
	if (!judge_ask(w, c, &q, &v)) {
		judge_report_block(w, c, &q, &v, NULL);
		answer_refuse(w, c, &v, NULL);
		return;
	}
	judge_report_allow(w, c, &q, &v);
	judge_keep(c, &v);
	c->head = c->client.in;	/* for judging again; the hello gets a buffer of its own */
	c->client.in = (struct pbuf){ 0 };
	target_resolve(w, c);
}

void connect_established(struct worker *w, struct pconn *c)
{
	if (!pconn_send(w, c, &c->client, STR("HTTP/1.1 200 Connection Established\r\n\r\n")) ||
	    c->upstream.in.len) {
		pconn_close(w, c);
		return;
	}
	c->state = PCONN_HELLO;
	pconn_deadline(w, c, TMO_PROXY_HEAD);
	pconn_watch(w, c, &c->client, true, false);
}

/* ---- ClientHello ---- */

static void breach(struct worker *w, struct pconn *c, const char *reason)
{
	judge_report_breach(w, c, EVENT_SNI, reason);
	pconn_finish(w, c);
}

/* S006-WR-044. True when the hello is refused. */
static bool ech_is_refused(struct worker *w, const struct pconn *c, const struct tlshello *hello)
{
	if (!hello->ech)
		return false;
	if (w->cfg->ech_block || !hello->has_sni)
		return true;
	return !c->redirected && !url_host_eq(&hello->sni, &c->to.host);
}

static bool ask_sni(struct worker *w, struct pconn *c)
{
	const struct question q = { .layer = EVENT_SNI, .host = &c->sni, .path = STR("/"),
				    .head = &w->proxy->work.head };
	struct http1_head *head = &w->proxy->work.head;
	struct verdict v;

	http1_init(head, w->proxy->work.fields, PROXY_MAX_FIELDS, PROXY_MAX_HEADER_SIZE);
	if (c->head.len && http1_parse_request(head, str_n(c->head.p, c->head.len)) != PARSE_DONE)
		return false;
	if (!judge_ask(w, c, &q, &v)) {
		judge_report_block(w, c, &q, &v, NULL);
		return false;
	}
	judge_report_allow(w, c, &q, &v);
	return true;
}

static void hello_of_connect(struct worker *w, struct pconn *c, const struct tlshello *hello)
{
	bool differs = hello->has_sni && !url_host_eq(&hello->sni, &c->to.host);
	bool stale = snap_generation(w->rules.box) != c->ruling.generation;

	if (differs) {	/* S006-WR-042 */
		c->sni = hello->sni;
		c->sni_judged = true;
	}
	if (stale ? !judge_again(w, c) : differs && !ask_sni(w, c))
		answer_alert(w, c);
	else
		target_connect(w, c);
}

static void hello_of_redirected(struct worker *w, struct pconn *c, const struct tlshello *hello)
{
	const struct question q = { .layer = EVENT_CONNECT, .host = &c->to.host, .path = STR("/") };
	struct verdict v;

	if (hello->has_sni)
		c->to.host = hello->sni;
	if (!judge_ask(w, c, &q, &v)) {
		judge_report_block(w, c, &q, &v, NULL);
		answer_alert(w, c);
		return;
	}
	judge_report_allow(w, c, &q, &v);
	judge_keep(c, &v);
	target_resolve(w, c);
}

/* Reads on. False: nothing new, or c is gone. */
static bool read_hello(struct worker *w, struct pconn *c)
{
	struct pbuf *b = &c->client.in;
	ssize_t n;

	if (!pbuf_reserve(w->proxy, b, PCONN_BUF_LEN)) {
		pconn_close(w, c);
		return false;
	}
	n = recv(c->client.fd, b->p + b->len, b->cap - b->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		if (b->len && n == 0)
			judge_report_breach(w, c, EVENT_SNI, "ClientHello is truncated");
		pconn_close(w, c);
		return false;
	}
	b->len += (uint32_t)n;
	return true;
}

void connect_hello(struct worker *w, struct pconn *c)
{
	struct tlshello hello;

	if (!read_hello(w, c))
		return;
	switch (tlshello_parse(str_n(c->client.in.p, c->client.in.len), &hello)) {
	case PARSE_BAD:
		breach(w, c, "no valid ClientHello");
		return;
	case PARSE_MORE:
		return;
	case PARSE_DONE:
		break;
	}
	if (ech_is_refused(w, c, &hello)) {
		breach(w, c, "ech");
		return;
	}
	if (c->redirected)
		hello_of_redirected(w, c, &hello);
	else
		hello_of_connect(w, c, &hello);
}
