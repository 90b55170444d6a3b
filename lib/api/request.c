/* request.c - one request: framing, route, query, body; then its handler
 *
 * Layer: api.  Input: hostile.  Memory: an arena per request.  Threads: the control thread only.
 * Spec: S000 section 7 (statuses), S000-EC-X01.
 *
 * Order of the checks, and so of the refusals: head size (431), syntax (400), framing (400), body
 * size (413), content type (415), path (404), method (405), query (400), JSON (400), shape (422).
 * The first five end the connection, because what follows in the input has no sure beginning.
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "api/conn.h"

#define REQUEST_ARENA ((size_t)64 << 20)	/* tokens and structs of one body, at most */

/* What a handler's request needs, for the time of its run. */
struct run {
	struct api_request rq;
	struct http1_head head;
	struct http1_field fields[CONN_FIELD_MAX];
	struct arena arena;
	struct json doc;
};

static bool is_json(struct str type)
{
	size_t semicolon = str_find_byte(type, ';');
	return str_case_eq_c(str_trim(str_first(type, semicolon)), "application/json");
}

/* The framing of a head: how long its body is. False: refused. */
static bool judge_head(struct run *r, const struct api_conn *c, size_t body_max, uint64_t *body_len)
{
	const struct http1_head *h = &r->head;
	bool post = str_eq_c(h->method, "POST");
	*body_len = 0;
	enum http1_length known = http1_content_length(h, false, body_len);
	if (h->count[HTTP1_TRANSFER_ENCODING] || known == HTTP1_LENGTH_BAD ||
	    h->count[HTTP1_HOST] > 1 || h->count[HTTP1_UPGRADE] ||
	    (c->http11 && h->count[HTTP1_HOST] == 0))
		api_reply_refuse(&r->rq, 400, "bad HTTP framing");
	else if (*body_len > body_max)
		api_reply_refuse(&r->rq, 413, "request body too large");
	else if (*body_len && !post)
		api_reply_refuse(&r->rq, 400, "only POST requests may have a body");
	else if (*body_len && !is_json(http1_value(h, HTTP1_CONTENT_TYPE)))
		api_reply_refuse(&r->rq, 415,
				 "request body must have the content type application/json");
	else
		return true;
	return false;
}

static bool read_body_shape(struct run *r, const struct api_route *route, struct str body)
{
	static const struct json_shape nothing = { .strict = true };
	const struct json_shape *sh = route->body ? route->body : &nothing;
	struct api_request *rq = &r->rq;
	struct err e;
	if (!str_eq_c(r->head.method, "POST"))
		return true;
	if (json_parse(&r->doc, body.len ? body : STR("{}"), rq->arena, &e) < 0) {
		api_error(rq, e.code == ERR_LIMIT ? 413 : 400, "%s", e.msg);
		return false;
	}
	rq->body = arena_alloc(rq->arena, sh->size ? sh->size : 1);
	if (!rq->body)
		api_error(rq, 500, "no memory for the request");
	else if (shape_read(sh, json_root(&r->doc), rq->arena, rq->body, &e) < 0)
		api_error(rq, e.code == ERR_LIMIT ? 413 : rq->server->cfg->shape_status, "%s",
			  e.msg);
	else
		return true;
	return false;
}

static bool find_route(struct run *r, const struct api_route **route, struct str *query)
{
	struct api_request *rq = &r->rq;
	struct str target = r->head.target;
	size_t mark = str_find_byte(target, '?');
	char methods[64];
	struct buf allow = BUF_OF(methods);
	struct str param;
	*query = str_from(target, mark == SIZE_MAX ? target.len : mark + 1);
	switch (route_find(&rq->server->cfg->routes, r->head.method, str_first(target, mark), route,
			   &param, &allow)) {
	case ROUTE_FOUND:
		break;
	case ROUTE_OTHER_METHOD:
		api_reply_methods(rq, buf_c(&allow));
		return false;
	case ROUTE_UNKNOWN:
		api_error(rq, 404, "not found");
		return false;
	}
	if (param.p && !percent_decode(param, rq->arena, &rq->param)) {
		api_error(rq, 400, "bad escape in the path");
		return false;
	}
	return true;
}

static void run_handler(struct run *r, struct api_conn *c, struct str body)
{
	struct api_request *rq = &r->rq;
	const struct api_route *route = NULL;
	struct str query;
	struct err e;
	if (!find_route(r, &route, &query))
		return;
	if (query_parse(query, route->query, rq->arena, &rq->query, &e) < 0) {
		api_error(rq, 400, "%s", e.msg);
		return;
	}
	if (!read_body_shape(r, route, body))
		return;
	c->route = route;
	route->run(rq);
}

static void expect_continue(const struct run *r, const struct api_conn *c)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	if (c->http11 && str_case_eq_c(http1_value(&r->head, HTTP1_EXPECT), "100-continue"))
		(void)!send(c->fd, go_on, sizeof(go_on) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool start_body(struct api_server *s, struct api_ref ref, struct run *r, size_t len)
{
	struct api_conn *c = api_conn_at(s, ref);
	void *mem = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED) {
		api_reply_refuse(&r->rq, 500, "no memory for the request body");
		return false;
	}
	c->body = mem;
	c->body_len = len;
	c->body_have = c->have - r->head.len;
	memcpy(c->body, c->head + r->head.len, c->body_have);
	c->used = c->have;
	expect_continue(r, c);
	return true;
}

/* Runs the request whose head is parsed in r and whose body is complete. */
static enum progress run_request(struct api_server *s, struct api_ref ref, struct run *r,
				 struct str body)
{
	struct api_conn *c = api_conn_at(s, ref);
	if (!api_conn_enter(s, ref, CONN_RUN))
		return STEP_GONE;
	c->hold = false;
	c->later = false;
	c->ends = !c->http11 || http1_list_has(&r->head, HTTP1_CONNECTION, STR("close"));
	run_handler(r, c, body);
	c = api_conn_at(s, ref);
	if (!c)
		return STEP_GONE;	/* the handler has dropped its own connection */
	if (!c->answered && c->later)
		return STEP_WAIT;
	if (!c->answered)
		api_error(&r->rq, 500, "the request was left without an answer");
	return api_conn_after_answer(s, ref);
}

static enum progress on_head(struct api_server *s, struct api_ref ref, struct run *r)
{
	struct api_conn *c = api_conn_at(s, ref);
	struct str in = str_n(c->head, c->have);
	enum parse got = http1_parse_request(&r->head, in);
	uint64_t body_len;
	if (got == PARSE_MORE && c->have < sizeof(c->head))
		return STEP_WAIT;
	c->answered = false;
	if (got != PARSE_DONE) {
		bool size = got == PARSE_MORE || r->head.fault == HTTP1_FAULT_SIZE;
		api_reply_refuse(&r->rq, size ? 431 : 400,
				 size ? "request head too large" : "bad HTTP request");
		return api_conn_after_answer(s, ref);
	}
	c->http11 = r->head.minor > 0;
	if (!judge_head(r, c, s->cfg->body_max, &body_len))
		return api_conn_after_answer(s, ref);
	c->used = r->head.len;
	if (body_len <= c->have - r->head.len) {
		c->used += (size_t)body_len;
		return run_request(s, ref, r, str_n(c->head + r->head.len, (size_t)body_len));
	}
	if (!start_body(s, ref, r, (size_t)body_len))
		return api_conn_after_answer(s, ref);
	return api_conn_enter(s, ref, CONN_BODY) ? STEP_WAIT : STEP_GONE;
}

/* The head was parsed when the body began; its views have to be made again. */
static enum progress on_body(struct api_server *s, struct api_ref ref, struct run *r)
{
	struct api_conn *c = api_conn_at(s, ref);
	if (c->body_have < c->body_len)
		return STEP_WAIT;
	CHECK(http1_parse_request(&r->head, str_n(c->head, c->have)) == PARSE_DONE);
	return run_request(s, ref, r, str_n(c->body, c->body_len));
}

enum progress api_conn_step(struct api_server *s, struct api_ref ref)
{
	struct run r;
	struct api_conn *c = api_conn_at(s, ref);
	if (!c || !c->have || (c->state != CONN_HEAD && c->state != CONN_BODY))
		return STEP_WAIT;
	r.rq = api_reply_request(s, ref);
	http1_init(&r.head, r.fields, CONN_FIELD_MAX, sizeof(c->head));
	arena_init(&r.arena, REQUEST_ARENA);
	r.rq.arena = &r.arena;
	c->stepping = true;
	enum progress p = c->state == CONN_HEAD ? on_head(s, ref, &r) : on_body(s, ref, &r);
	arena_fini(&r.arena);
	c = api_conn_at(s, ref);
	if (c)
		c->stepping = false;
	return p;
}
