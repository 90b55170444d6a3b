/* proxy_judge.c - asks the rules about a request, and tells log, events and counters what came out
 *
 * Layer: data.  Input: hostile, already in canonical form.  Memory: the worker's work areas.
 * Threads: one worker.
 * Spec: S006-FR-006, -007, -013, -018, -023, -025; S006-EC-008; S006-WR-075, -078; S010-O-001..003.
 */
#include <string.h>

#include "base/clock.h"
#include "data/pconn.h"

#define EVENT_MERGE_MS 1000	/* S010-O-003 */

/* ---- facts ---- */

static bool is_repeated(const struct http1_head *h, size_t i)
{
	const struct http1_field *f = &h->fields[i];

	if (f->id != HTTP1_OTHER)
		return h->count[f->id] > 1;
	for (size_t j = 0; j < h->field_cnt; j++)
		if (j != i && str_case_eq(h->fields[j].name, f->name))
			return true;
	return false;
}

static bool is_first(const struct http1_head *h, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (str_case_eq(h->fields[j].name, h->fields[i].name))
			return false;
	return true;
}

/* The values of all fields named like field i, in order, joined with ", ". */
static struct str join_values(const struct http1_head *h, size_t i, struct buf *text)
{
	size_t from = text->len;

	for (size_t j = i; j < h->field_cnt; j++) {
		if (!str_case_eq(h->fields[j].name, h->fields[i].name))
			continue;
		if (j != i)
			buf_add_c(text, ", ");
		buf_add_str(text, h->fields[j].value);
	}
	return (struct str){ text->p + from, text->len - from };
}

static size_t header_facts(struct proxy_work *work, const struct http1_head *h)
{
	struct buf text = BUF_OF(work->fact_text);
	size_t cnt = 0;

	for (size_t i = 0; i < h->field_cnt && cnt < ARRAY_LEN(work->facts); i++) {
		const struct http1_field *f = &h->fields[i];
		bool repeated = is_repeated(h, i);
		struct str name = { text.p + text.len, f->name.len };

		if (repeated && !is_first(h, i))
			continue;
		if (f->name.len > text.cap - text.len)
			break;
		str_lower(text.p + text.len, f->name);
		text.len += f->name.len;
		work->facts[cnt++] = (struct fact_field){
			name, repeated ? join_values(h, i, &text) : f->value
		};
	}
	return cnt;
}

const struct ident *judge_who(struct worker *w, const struct pconn *c)
{
	return idtab_find(worker_idents(w), c->source.ip);
}

static struct str scheme_of(enum event_layer layer)
{
	return layer == EVENT_HTTP ? STR("http") : STR("https");
}

bool judge_ask(struct worker *w, struct pconn *c, const struct question *q, struct verdict *v)
{
	const struct ident *who = judge_who(w, c);
	struct proxy_work *work = &w->proxy->work;
	struct str host = url_host_str(q->host);
	struct facts f = { .present = FACT_NETWORK | FACT_HTTP | FACT_AGENT };
	uint64_t start = clock_mono_ns();

	memset(v, 0, sizeof(*v));
	v->why = WHY_ENGINE;
	v->order = RULE_NONE;
	if (!who)	/* S006-FR-025: never an anonymous context */
		return false;
	f.network.hostname = host;
	f.network.ip = q->host->literal ? host : STR("");
	f.network.protocol = STR("tcp");
	f.network.port = c->to.port;
	f.http.method = str_of(c->method);
	f.http.path = q->path;
	f.http.host = host;
	f.http.scheme = scheme_of(q->layer);
	f.http.body_size = q->body_size;
	f.agent.name = str_of(who->agent);
	if (q->head) {
		f.http.headers = work->facts;
		f.http.header_cnt = header_facts(work, q->head);
	}
	ruleset_eval(worker_rules(w), &f, &w->scratch, v);
	work->judged_us = (uint32_t)((clock_mono_ns() - start) / 1000);
	verdict_log(v, f.agent.name);
	if (v->egress == EGRESS_INTERCEPT && q->layer != EVENT_HTTP)
		v->kind = VERDICT_BLOCK;
	return v->kind == VERDICT_ALLOW;
}

void judge_reason(const struct verdict *v, struct buf *out)
{
	if (v->egress == EGRESS_INTERCEPT && v->why == WHY_RULE)
		buf_add_c(out, "interception is not available");
	else
		verdict_reason(v, out);
}

void judge_keep(struct pconn *c, const struct verdict *v)
{
	c->ruling.generation = v->generation;
	c->ruling.order = v->order;
	c->ruling.allow_private_ips = v->allow_private_ips;
	memcpy(c->ruling.rule_id, v->rule_id, sizeof(c->ruling.rule_id));
}

/* ---- events ---- */

static void copy_text(char *dst, size_t cap, struct str s)
{
	s = str_first(s, cap - 1);
	if (s.len)
		memcpy(dst, s.p, s.len);
	dst[s.len] = '\0';
}

static void fill_event(struct worker *w, const struct pconn *c, const struct question *q,
		       const struct verdict *v, struct event *ev)
{
	const struct ident *who = judge_who(w, c);

	memset(ev, 0, sizeof(*ev));
	ev->wall_us = clock_wall_us();
	ev->layer = q->layer;
	ev->redirected = c->redirected;
	ev->port = c->to.port;
	ev->micros = w->proxy->work.judged_us;
	w->proxy->work.judged_us = 0;	/* the next event may have had no verdict */
	ev->count = 1;
	ip_text(c->source.ip, ev->source);
	if (who) {
		copy_text(ev->container, sizeof(ev->container), str_of(who->name));
		copy_text(ev->agent, sizeof(ev->agent), str_of(who->agent));
	}
	copy_text(ev->host, sizeof(ev->host), url_host_str(q->host));
	copy_text(ev->method, sizeof(ev->method), str_of(c->method));
	if (v)
		copy_text(ev->rule, sizeof(ev->rule), str_of(v->rule_id));
}

/* Requests that only repeat what the last event said are counted, not told one by one. */
static bool merges(const struct pconn *c, const struct question *q, const struct verdict *v)
{
	const struct event *ev = &c->pending;

	return ev->wall_us && ev->layer == q->layer && ev->port == c->to.port &&
		str_eq(str_of(ev->host), url_host_str(q->host)) &&
		str_eq(str_of(ev->rule), str_of(v->rule_id));
}

void judge_flush_event(struct worker *w, struct pconn *c)
{
	if (c->pending.count)
		worker_event(w, &c->pending);
	c->pending.count = 0;
}

static void event_allow(struct worker *w, struct pconn *c, const struct question *q,
			const struct verdict *v)
{
	if (merges(c, q, v)) {
		c->pending.count++;
		if (w->loop.now_ms - c->pending_since_ms < EVENT_MERGE_MS)
			return;
		c->pending.wall_us = clock_wall_us();
	} else {
		judge_flush_event(w, c);
		fill_event(w, c, q, v, &c->pending);
		c->pending.allowed = true;
	}
	c->pending_since_ms = w->loop.now_ms;
	judge_flush_event(w, c);
}

/* ---- log ---- */

static void log_common(struct worker *w, struct log_line *l, const struct pconn *c,
		       const struct url_host *host)
{
	const struct ident *who = judge_who(w, c);

	log_ip(l, "source_ip", c->source.ip);
	if (who)
		log_c(l, "agent", who->agent);
	if (c->method[0])
		log_c(l, "method", c->method);
	if (host->len) {
		log_host(l, "host", url_host_str(host));
		log_u64(l, "port", c->to.port);
	}
	if (c->redirected)
		log_bool(l, "redirected", true);
}

void judge_report_allow(struct worker *w, struct pconn *c, const struct question *q,
			const struct verdict *v)
{
	struct log_line l;

	if (log_begin(&l, LOG_DEBUG, LOG_PROXY, "allowed")) {
		log_common(w, &l, c, q->host);
		log_c(&l, "rule", v->rule_id);
		log_u64(&l, "us", w->proxy->work.judged_us);
		log_end(&l);
	}
	event_allow(w, c, q, v);
}

static bool is_security(const struct pconn *c, const struct question *q)
{
	return q->layer == EVENT_SNI && !c->redirected;
}

void judge_report_block(struct worker *w, struct pconn *c, const struct question *q,
			const struct verdict *v, const char *reason)
{
	bool security = is_security(c, q);
	char text[sizeof(((struct event *)0)->reason)];
	struct buf b = BUF_OF(text);
	struct log_line l;
	struct event ev;

	if (v)
		judge_reason(v, &b);
	else
		buf_add_c(&b, reason);
	judge_count_blocked(w);
	if (log_begin(&l, security || (v && v->why == WHY_ENGINE) ? LOG_ERROR : LOG_WARN, LOG_PROXY,
		      "blocked")) {
		log_common(w, &l, c, q->host);
		if (security) {
			log_host(&l, "connect_host", url_host_str(&c->to.host));
			log_bool(&l, "security_event", true);
		}
		log_c(&l, "rule", v && v->rule_id[0] ? v->rule_id : "none");
		log_c(&l, "reason", buf_c(&b));
		log_end(&l);
	}
	fill_event(w, c, q, v, &ev);
	ev.security = security;
	copy_text(ev.reason, sizeof(ev.reason), str_of(buf_c(&b)));
	judge_flush_event(w, c);
	worker_event(w, &ev);
}

void judge_report_breach(struct worker *w, struct pconn *c, enum event_layer layer,
			 const char *reason)
{
	const struct question q = { .layer = layer, .host = &c->to.host };
	struct log_line l;
	struct event ev;

	judge_count_blocked(w);
	if (log_begin(&l, LOG_WARN, LOG_PROXY, "refused")) {
		log_common(w, &l, c, q.host);
		log_c(&l, "reason", reason);
		log_bool(&l, "security_event", true);
		log_end(&l);
	}
	fill_event(w, c, &q, NULL, &ev);
	ev.security = true;
	copy_text(ev.reason, sizeof(ev.reason), str_of(reason));
	judge_flush_event(w, c);
	worker_event(w, &ev);
}

void judge_report_upstream(struct worker *w, struct pconn *c, const char *what, const char *detail)
{
	struct log_line l;

	if (c->tunnel)
		judge_count_blocked(w);
	if (!log_begin(&l, LOG_WARN, LOG_PROXY, what))
		return;
	log_common(w, &l, c, &c->to.host);
	if (c->upstream.fd >= 0 || c->addr_next)
		log_ip(&l, "address", c->addr_next ? c->addrs[c->addr_next - 1] : c->up_addr);
	log_c(&l, "error", detail);
	log_end(&l);
}

void judge_count_blocked(struct worker *w)
{
	atomic_fetch_add_explicit(&w->stats->proxy_blocked, 1, memory_order_relaxed);
}

/* ---- tunnels after a reload ---- */

static bool ask_tunnel(struct worker *w, struct pconn *c, enum event_layer layer,
		       const struct url_host *host, const struct http1_head *head,
		       struct verdict *v)
{
	const struct question q = { .layer = layer, .host = host, .path = STR("/"), .head = head };

	if (judge_ask(w, c, &q, v))
		return true;
	judge_report_block(w, c, &q, v, NULL);
	return false;
}

bool judge_again(struct worker *w, struct pconn *c)
{
	struct http1_head *head = &w->proxy->work.head;
	struct verdict v;

	http1_init(head, w->proxy->work.fields, PROXY_MAX_FIELDS, PROXY_MAX_HEADER_SIZE);
	if (c->head.len && http1_parse_request(head, str_n(c->head.p, c->head.len)) != PARSE_DONE)
		return false;
	if (!ask_tunnel(w, c, EVENT_CONNECT, &c->to.host, head, &v))
		return false;
	judge_keep(c, &v);
	if (c->sni_judged && !ask_tunnel(w, c, EVENT_SNI, &c->sni, head, &v))
		return false;
	return c->upstream.fd < 0 || target_may_use(w, c, c->up_addr);
}
