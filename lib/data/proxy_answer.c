/* proxy_answer.c - the answers that the proxy itself gives; each ends its connection
 *
 * Layer: data.  Input: trusted (canonical host, rule ids).  Memory: the worker's work area.
 * Threads: one worker.
 * Spec: S006 Responses made by the proxy, S006-X-003, S006-WR-070, S006-WR-071; decisions D29.
 *
 * Never more than the agent may know: no rule text, no other agent's name, nothing of the request
 * but its canonical host, port and method.
 */
#include <string.h>

#include "data/pconn.h"

static const struct {
	const char *status;
	const char *body;
} texts[ANSWER_COUNT] = {
	[ANSWER_MALFORMED] = { "400 Bad Request", "Malformed HTTP request" },
	[ANSWER_CONNECT_TARGET] = { "400 Bad Request", "Invalid CONNECT target" },
	[ANSWER_CONNECT_HEADERS] = { "400 Bad Request", "Invalid CONNECT headers or body framing" },
	[ANSWER_ABSOLUTE_FORM] = { "400 Bad Request", "Invalid absolute-form URI" },
	[ANSWER_HOST_MISMATCH] = { "400 Bad Request",
				  "Host header does not match request URI authority" },
	[ANSWER_BODY_FRAMING] = { "400 Bad Request", "Unsupported HTTP body framing" },
	[ANSWER_TRAILING_DATA] = { "400 Bad Request", "HTTP request contains trailing data" },
	[ANSWER_HEALTH_BODY] = { "400 Bad Request", "Unexpected health-check body" },
	[ANSWER_HEALTH_OK] = { "200 OK", "{\"status\":\"ok\"}" },
	[ANSWER_IDENTITY] = { "403 Forbidden",
			     "Blocked by outcall: Managed container identity required\n" },
	[ANSWER_HEAD_TIMEOUT] = { "408 Request Timeout", "Request headers timed out" },
	[ANSWER_BODY_SIZE] = { "413 Payload Too Large", "HTTP request body is too large" },
	[ANSWER_EXPECT] = { "417 Expectation Failed", "Expect is not supported" },
	[ANSWER_HEAD_SIZE] = { "431 Request Header Fields Too Large",
			      "Headers exceed the maximum allowed size" },
	[ANSWER_MAX_FORWARDS] = { "501 Not Implemented", "Max-Forwards has reached zero" },
	[ANSWER_UPSTREAM_FAILED] = { "502 Bad Gateway", "Upstream connection failed" },
	[ANSWER_UPSTREAM_WRITE] = { "502 Bad Gateway", "Failed to write request to upstream" },
	[ANSWER_UPSTREAM_INVALID] = { "502 Bad Gateway", "Upstream response was invalid" },
	[ANSWER_TOO_MANY] = { "503 Service Unavailable", "Too many connections" },
	[ANSWER_UPSTREAM_TIMEOUT] = { "504 Gateway Timeout", "Upstream operation timed out" },
	[ANSWER_VERSION] = { "505 HTTP Version Not Supported",
			    "Only HTTP/1.0 and HTTP/1.1 are supported" },
};

struct answer {
	const char *status;
	const char *type;
	struct str block_reason;	/* p NULL: no such field */
	struct str body;
	bool to_repeat;		/* no "Connection: close": with it curl does not repeat a request */
};

static void send_answer(struct worker *w, struct pconn *c, const struct answer *a)
{
	struct buf b = BUF_OF(w->proxy->work.out);

	buf_add_c(&b, "HTTP/1.1 ");
	buf_add_c(&b, a->status);
	buf_add_c(&b, "\r\nContent-Type: ");
	buf_add_c(&b, a->type);
	buf_add_c(&b, "\r\nContent-Length: ");
	buf_add_u64(&b, a->body.len);
	if (a->block_reason.p) {
		buf_add_c(&b, "\r\nX-Outcall-Block-Reason: ");
		buf_add_str(&b, a->block_reason);
	}
	buf_add_c(&b, a->to_repeat ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
	if (!c->is_head)	/* S006-WR-070 */
		buf_add_str(&b, a->body);
	pbuf_release(w->proxy, &c->upstream.in);
	if (buf_ok(&b) && pconn_send_last(w, c, buf_str(&b)))
		pconn_finish(w, c);
	else
		pconn_close(w, c);
}

void answer_send(struct worker *w, struct pconn *c, enum answer_kind r)
{
	const struct answer a = {
		.status = texts[r].status,
		.type = r == ANSWER_HEALTH_OK ? "application/json" : "text/plain",
		.body = str_of(texts[r].body),
		.to_repeat = r == ANSWER_EXPECT,	/* S006-WR-061 */
	};

	send_answer(w, c, &a);
}

void answer_alert(struct worker *w, struct pconn *c)
{
	static const char access_denied[] = { 0x15, 3, 3, 0, 2, 2, 49 };

	pbuf_release(w->proxy, &c->upstream.in);
	if (pconn_send_last(w, c, str_n(access_denied, sizeof(access_denied))))
		pconn_finish(w, c);
	else
		pconn_close(w, c);
}

/* ---- 403 ---- */

static bool is_upper_word(const char *s)
{
	for (size_t i = 0; s[i]; i++)
		if (s[i] < 'A' || s[i] > 'Z')
			return false;
	return s[0] != '\0';
}

static void add_explain(struct buf *b, const struct pconn *c, const char *agent)
{
	buf_add_c(b, "outcall explain --host ");
	buf_add_str(b, url_host_str(&c->to.host));
	buf_add_c(b, " --port ");
	buf_add_u64(b, c->to.port);
	if (is_upper_word(c->method)) {
		buf_add_c(b, " --method ");
		buf_add_c(b, c->method);
	}
	buf_add_c(b, " --agent ");
	buf_add_c(b, agent);
}

static void add_json(struct buf *b, struct str s)
{
	buf_add_byte(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_byte(b, '\\');
		buf_add_byte(b, (uint8_t)s.p[i] < 0x20 ? ' ' : (uint8_t)s.p[i]);
	}
	buf_add_byte(b, '"');
}

struct refusal {
	struct str reason;
	const char *layer;
	const char *rule;	/* "" = none */
	const char *agent;
};

static void body_text(struct buf *b, const struct pconn *c, const struct refusal *r)
{
	buf_add_c(b, "Blocked by outcall: ");
	buf_add_str(b, r->reason);
	buf_add_c(b, "\nhost:  ");
	url_authority_format(b, &c->to, 0);
	buf_printf(b, "\nlayer: %s\nrule:  %s\nagent: %s\nOn the host: ", r->layer,
		   r->rule[0] ? r->rule : "none", r->agent);
	add_explain(b, c, r->agent);
	buf_add_byte(b, '\n');
}

static void body_json(struct buf *b, const struct pconn *c, const struct refusal *r)
{
	char explain[1024];
	struct buf e = BUF_OF(explain);

	add_explain(&e, c, r->agent);
	buf_add_c(b, "{\"error\":\"blocked by outcall\",\"reason\":");
	add_json(b, r->reason);
	buf_add_c(b, ",\"host\":");
	add_json(b, url_host_str(&c->to.host));
	buf_printf(b, ",\"port\":%u,\"layer\":\"%s\",\"rule\":", c->to.port, r->layer);
	if (r->rule[0])
		add_json(b, str_of(r->rule));
	else
		buf_add_c(b, "null");
	buf_add_c(b, ",\"agent\":");
	add_json(b, str_of(r->agent));
	buf_add_c(b, ",\"explain\":");
	add_json(b, buf_str(&e));
	buf_add_byte(b, '}');
}

/* What X-Outcall-Block-Reason says. */
static struct str header_value(const struct verdict *v)
{
	if (v->why == WHY_ENGINE)
		return STR("rule engine unavailable");
	return v->rule_id[0] ? str_of(v->rule_id) : STR("default policy");
}

void answer_refuse(struct worker *w, struct pconn *c, const struct verdict *v, const char *reason)
{
	const struct ident *who = judge_who(w, c);
	char reason_text[RULE_ID_MAX + 64], body[2048];
	struct buf rb = BUF_OF(reason_text), b = BUF_OF(body);
	struct refusal r = {
		.layer = c->tunnel ? "connect" : "http",
		.rule = v ? v->rule_id : "",
		.agent = who ? who->agent : "",
	};

	if (v)
		judge_reason(v, &rb);
	else
		buf_add_c(&rb, reason);
	r.reason = buf_str(&rb);
	if (c->wants_json)
		body_json(&b, c, &r);
	else
		body_text(&b, c, &r);

	const struct answer a = {
		.status = "403 Forbidden",
		.type = c->wants_json ? "application/json" : "text/plain",
		.block_reason = v ? header_value(v) : str_n(NULL, 0),
		.body = buf_str(&b),
	};

	send_answer(w, c, &a);
}

/* ---- Accept ---- */

/* "q=0", "q=0.0", ... */
static bool refuses(struct str param)
{
	param = str_trim(param);
	if (param.len < 3 || ascii_lower(param.p[0]) != 'q' || param.p[1] != '=')
		return false;
	for (size_t i = 2; i < param.len; i++)
		if (param.p[i] != '0' && param.p[i] != '.')
			return false;
	return true;
}

static bool is_json_range(struct str range)
{
	struct str type, param;

	if (!str_split(&range, ';', &type))
		return false;
	type = str_trim(type);
	if (!str_case_eq(type, STR("application/json")) && !str_case_ends(type, STR("+json")))
		return false;
	while (str_split(&range, ';', &param))
		if (refuses(param))
			return false;
	return true;
}

bool answer_wants_json(const struct http1_head *h)
{
	if (!h->count[HTTP1_ACCEPT])
		return false;
	for (size_t i = 0; i < h->field_cnt; i++) {
		struct str rest = h->fields[i].value, range;

		if (h->fields[i].id != HTTP1_ACCEPT)
			continue;
		while (str_split(&rest, ',', &range))
			if (is_json_range(range))
				return true;
	}
	return false;
}
