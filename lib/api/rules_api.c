/* rules_api.c - endpoints of the rule engine: evaluate, test, list, show, reload, counters
 *
 * Layer: api.  Input: hostile (contexts, expressions).  Memory: the request's arena; a scratch
 * mapping per evaluation.  Threads: the control thread only.
 * Spec: S003-IF-001..005, S003-IF-013, S010-O-030, S010-O-032.
 */
#include "api/rules_api.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "policy/cel_tagged.h"
#include "policy/explain.h"
#include "policy/rule.h"
#include "proto/rule.h"

#define PREVIEW_MAX 80			/* code points (S003, limits) */
#define SCRATCH_SIZE ((size_t)1 << 20)	/* temporaries of one evaluation */

static struct ruleset *current_set(const struct host_api *h)
{
	return (struct ruleset *)(void *)snap_current(h->rules_box);
}

static void put_set(struct ruleset *set)
{
	if (set)
		snap_put(&set->snap);
}

static struct str or_none(struct str s)
{
	return s.len ? s : str_n(NULL, 0);
}

/* ---- EvalContext to facts ---- */

static struct fact_strs strings(struct json_strs s)
{
	return (struct fact_strs){ s.v, s.cnt };
}

static int take_headers(const struct json_pairs *pairs, struct arena *a, struct facts *f,
			struct err *e)
{
	struct fact_field *fields = ARENA_NEW_N(a, struct fact_field, pairs->cnt + 1);
	if (!fields)
		return err_set(e, ERR_LIMIT, "too many headers");
	for (size_t i = 0; i < pairs->cnt; i++)
		fields[i] = (struct fact_field){ pairs->v[i].name, pairs->v[i].value };
	f->http.headers = fields;
	f->http.header_cnt = pairs->cnt;
	return 0;
}

static int take_http(const struct eval_http *in, struct arena *a, struct facts *f, struct err *e)
{
	if (in->body_size > INT64_MAX)
		return err_set(e, ERR_INVALID,
			       "field \"body_size\" must be an integer from 0 to %lld",
			       (long long)INT64_MAX);
	f->present |= FACT_HTTP;
	f->http.method = in->method;
	f->http.path = in->path;
	f->http.host = in->host;
	f->http.scheme = in->scheme;
	f->http.body_size = in->body_size;
	f->http.has_body = in->body.p != NULL;
	f->http.body = in->body;
	return take_headers(&in->headers, a, f, e);
}

static int take_run(const struct eval_run *in, struct arena *a, struct facts *f, struct err *e)
{
	struct cel_value *context = ARENA_NEW(a, struct cel_value);
	if (json_kind(in->context) != JSON_OBJECT)
		return err_set(e, ERR_INVALID, "field \"context\" must be an object");
	if (!context)
		return err_set(e, ERR_LIMIT, "context is too large");
	if (cel_json_read(in->context, a, context, e) < 0)
		return err_ctx(e, "field \"context\"");
	f->present |= FACT_RUN;
	f->run.tool = in->tool;
	f->run.cwd = in->cwd;
	f->run.args = strings(in->args);
	f->run.flags = strings(in->flags);
	f->run.context = context;
	return 0;
}

static int take_facts(const struct eval_context *c, struct arena *a, struct facts *f, struct err *e)
{
	*f = (struct facts){ .present = 0 };
	if (c->network) {
		f->present |= FACT_NETWORK;
		f->network.hostname = c->network->hostname;
		f->network.ip = c->network->ip;
		f->network.protocol = c->network->protocol;
		f->network.port = c->network->port;
	}
	if (c->dns) {
		f->present |= FACT_DNS;
		f->dns.query = c->dns->query;
		f->dns.record_type = c->dns->record_type;
	}
	if (c->docker) {
		f->present |= FACT_DOCKER;
		f->docker.image = c->docker->image;
		f->docker.command = strings(c->docker->command);
		f->docker.volumes = strings(c->docker->volumes);
		f->docker.env_keys = strings(c->docker->env_keys);
		f->docker.capabilities = strings(c->docker->capabilities);
	}
	if (c->agent) {
		f->present |= FACT_AGENT;
		f->agent.name = c->agent->name;
	}
	if (c->http && take_http(c->http, a, f, e) < 0)
		return err_ctx(e, "field \"http\"");
	if (c->run && take_run(c->run, a, f, e) < 0)
		return err_ctx(e, "field \"run\"");
	return 0;
}

/* ---- evaluate ---- */

static bool bridge_is_up(struct host_api *h, struct err *e)
{
	struct bridge_state state;
	if (bridge_status(h->bridge, &state, e) < 0)
		return false;
	if (!state.up)
		err_set(e, ERR_UNAVAILABLE, "rule evaluation unavailable: bridge is not up");
	return state.up;
}

void rules_api_evaluate(struct api_request *rq)
{
	struct host_api *h = host_api_of(rq);
	const struct evaluate_request *in = rq->body;
	struct facts f;
	struct verdict v;
	struct err e;
	if (take_facts(&in->context, rq->arena, &f, &e) < 0) {
		api_error(rq, 422, "%s", e.msg);
		return;
	}
	if (!bridge_is_up(h, &e)) {
		api_fail(rq, &e);
		return;
	}
	struct arena scratch;
	if (arena_init_fixed(&scratch, SCRATCH_SIZE) < 0) {
		api_error(rq, 500, "no memory for the evaluation");
		return;
	}
	struct ruleset *set = current_set(h);
	ruleset_probe(set, &f, &scratch, &v);
	put_set(set);
	arena_fini(&scratch);
	const struct evaluate_result out = {
		.decision = v.kind == VERDICT_ALLOW ? API_ALLOW : API_BLOCK,
		.matched_rule = or_none(str_of(v.rule_id)),
		.file = or_none(str_of(v.file)),
		.logged = v.log,
	};
	api_data(rq, &evaluate_result_shape, &out);
}

/* ---- test ---- */

/* Evaluates prog on f; a problem is written to why. */
static bool test_value(const struct cel_prog *prog, const struct facts *f, struct buf *why)
{
	struct cel_budget budget = CEL_BUDGET_INIT;
	struct arena scratch;
	if (arena_init_fixed(&scratch, SCRATCH_SIZE) < 0) {
		buf_add_c(why, "evaluation error: no memory");
		return false;
	}
	struct cel_value v = cel_eval_facts(prog, f, &scratch, &budget);
	if (v.kind == CEL_ERROR) {
		buf_add_c(why, "evaluation error: ");
		cel_outcome_text(prog, v, why);
	} else if (v.kind != CEL_BOOL) {
		buf_printf(why, "expression returned non-bool: %s", cel_kind_name(v.kind));
	}
	arena_fini(&scratch);
	return v.kind == CEL_BOOL && v.u.b;
}

void rules_api_test(struct api_request *rq)
{
	const struct test_expression_request *in = rq->body;
	const struct cel_env env = { .facts = true };
	const struct cel_prog *prog = NULL;
	struct cel_diag diag;
	struct facts f;
	struct err e;
	char text[2048];
	struct buf why = BUF_OF(text);
	struct test_expression_result out = { .result = false };
	if (take_facts(&in->context, rq->arena, &f, &e) < 0) {
		api_error(rq, 422, "%s", e.msg);
		return;
	}
	if (cel_compile_diag(rq->arena, &env, in->expression, &prog, &diag) == 0) {
		out.result = test_value(prog, &f, &why);
	} else {
		buf_printf(&why, "CEL parse error: %u:%u: %s\n", diag.line, diag.col, diag.msg);
		cel_caret(in->expression, diag.offset, &why);
	}
	out.error = or_none(buf_str(&why));
	api_data(rq, &test_expression_result_shape, &out);
}

/* ---- explain ---- */

/* The layers that a whole context speaks of; what is neither look-up nor request is one layer. */
static int explain_context(const struct ruleset *set, const struct facts *f, struct arena *a,
			   struct explain_report *out, struct err *e)
{
	const unsigned http = FACT_NETWORK | FACT_HTTP;
	struct facts part = *f;

	if (f->present & FACT_DNS && f->present & http) {
		part.present &= ~http;
		out->layer[out->cnt].name = "dns";
		if (explain_facts(set, &part, a, &out->layer[out->cnt++], e) < 0)
			return -1;
		part.present = f->present & ~(unsigned)FACT_DNS;
	}
	out->layer[out->cnt].name = part.present & FACT_DNS ? "dns"
				    : part.present & http   ? "http"
							    : "context";
	return explain_facts(set, &part, a, &out->layer[out->cnt++], e);
}

/* What does not belong together, or is no number of a port. */
static int check_explain(const struct explain_request *in, struct err *e)
{
	if (!!in->context + !!in->host.p + !!in->dns.p != 1)
		return err_set(e, ERR_INVALID, "exactly one of \"context\", \"host\" and \"dns\" "
					       "is needed");
	if (in->context && (in->agent.p || in->type.p))
		return err_set(e, ERR_INVALID, "\"context\" takes no other field beside it");
	if (!in->host.p && (in->method.p || in->path.p || in->has_port))
		return err_set(e, ERR_INVALID,
			       "\"method\", \"path\" and \"port\" belong to \"host\"");
	if (in->has_port && in->port == 0)
		return err_set(e, ERR_INVALID, "field \"port\" must be 1-65535");
	return 0;
}

static int explain(struct host_api *h, const struct ruleset *set, struct api_request *rq,
		   struct explain_report *out, struct err *e)
{
	const struct explain_request *in = rq->body;
	struct explain_target t = {
		.host = in->host, .dns = in->dns, .type = in->type, .method = in->method,
		.path = in->path, .agent = in->agent, .port = in->port,
		.no_proxy = !h->data->proxy_on, .no_redirect = !h->data->transparent,
	};
	struct facts f;

	if (check_explain(in, e) < 0)
		return -1;
	t.granted = in->host.p && dyn_opens_tcp(h->grants, in->agent, in->host, explain_port(&t));
	if (!in->context)
		return explain_target(set, &t, rq->arena, out, e);
	if (take_facts(in->context, rq->arena, &f, e) < 0)
		return err_ctx(e, "field \"context\"");
	return explain_context(set, &f, rq->arena, out, e);
}

void rules_api_explain(struct api_request *rq)
{
	struct host_api *h = host_api_of(rq);
	struct ruleset *set = current_set(h);
	struct explain_report report = { .cnt = 0 };
	struct err e;

	if (!set) {
		api_error(rq, 200, "no rules are loaded");
	} else if (explain(h, set, rq, &report, &e) < 0) {
		api_error(rq, e.code == ERR_INVALID ? 422 : 500, "%s", e.msg);
	} else {
		explain_write(api_begin(rq), &report);
		api_end(rq, 200);
	}
	put_set(set);
}

/* ---- list, show ---- */

void rules_api_add_preview(struct jsonw *w, const char *name, struct str condition)
{
	char text[PREVIEW_MAX * 4 + 4];
	struct buf b = BUF_OF(text);
	size_t pos = 0;
	uint32_t cp;
	unsigned shown = 0;
	while (shown < PREVIEW_MAX && utf8_next(condition, &pos, &cp))
		shown++;
	buf_add_str(&b, str_first(condition, pos));
	if (pos < condition.len)
		buf_add_c(&b, "\xe2\x80\xa6");	/* U+2026 */
	jsonw_add_str(w, name, buf_str(&b));
}

static const char *action_of(const struct rule *r)
{
	return api_rule_action_names[r->action == VERDICT_ALLOW ? API_RULE_ALLOW : API_RULE_BLOCK];
}

static void add_optional(struct jsonw *w, const char *name, struct str s)
{
	jsonw_name(w, name);
	if (s.p)
		jsonw_str(w, s);
	else
		jsonw_null(w);
}

static void add_summary(struct jsonw *w, const struct rule *r)
{
	jsonw_object(w);
	jsonw_add_str(w, "id", r->id);
	jsonw_add_str(w, "file", r->file);
	jsonw_add_c(w, "action", action_of(r));
	rules_api_add_preview(w, "condition_preview", r->condition);
	add_optional(w, "description", r->description);
	jsonw_object_end(w);
}

void rules_api_list(struct api_request *rq)
{
	struct ruleset *set = current_set(host_api_of(rq));
	struct jsonw *w = api_begin(rq);
	jsonw_array(w);
	for (uint32_t i = 0; set && i < set->count; i++)
		add_summary(w, &set->rules[i]);
	jsonw_array_end(w);
	api_end(rq, 200);
	put_set(set);
}

void rules_api_show(struct api_request *rq)
{
	struct ruleset *set = current_set(host_api_of(rq));
	uint32_t at = set ? ruleset_find(set, rq->param) : RULE_NONE;
	if (at == RULE_NONE) {
		api_error(rq, 200, "rule not found: \"" STR_FMT "\"", STR_ARG(rq->param));
		put_set(set);
		return;
	}
	const struct rule *r = &set->rules[at];
	const struct rule_detail out = {
		.id = r->id,
		.file = r->file,
		.condition = r->condition,
		.action = r->action == VERDICT_ALLOW ? API_RULE_ALLOW : API_RULE_BLOCK,
		.log = r->log,
		.description = r->description,
		.priority = r->priority,
		.has_priority = true,
	};
	api_data(rq, &rule_detail_shape, &out);
	put_set(set);
}

/* ---- reload ---- */

void rules_api_reload(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	struct err e;
	if (h->ops->reload(h->daemon, &e) < 0) {
		api_error(rq, 200, "reload failed: %s. Previous rules remain active.", e.msg);
		return;
	}
	struct ruleset *set = current_set(h);
	CHECK(set != NULL);
	const struct rule_warnings *warnings = set->warnings;
	const struct reload_result out = {
		.files_loaded = set->files,
		.rules_loaded = set->count,
		.warnings = { warnings ? warnings->v : NULL, warnings ? warnings->cnt : 0 },
	};
	api_data(rq, &reload_result_shape, &out);
	put_set(set);
}

/* ---- counters ---- */

static void add_time(struct jsonw *w, const char *name, uint64_t wall_us)
{
	char text[40];
	struct buf b = BUF_OF(text);
	if (wall_us)
		clock_format_utc(&b, (int64_t)wall_us, 0);
	add_optional(w, name, wall_us ? buf_str(&b) : str_n(NULL, 0));
}

static void add_rule_counters(struct jsonw *w, const struct ruleset *set, uint32_t i)
{
	const struct rule_counters *c = ruleset_counters(set, i);
	const struct rule *r = &set->rules[i];
	char text[256];
	struct buf error = BUF_OF(text);
	ruleset_error_text(set, i, &error);
	jsonw_object(w);
	jsonw_add_str(w, "id", r->id);
	jsonw_add_str(w, "file", r->file);
	jsonw_add_c(w, "action", action_of(r));
	jsonw_add_u64(w, "hits", atomic_load_explicit(&c->hits, memory_order_relaxed));
	jsonw_add_u64(w, "errors", atomic_load_explicit(&c->errors, memory_order_relaxed));
	add_time(w, "last_hit", atomic_load_explicit(&c->last_hit_us, memory_order_relaxed));
	add_optional(w, "last_error", or_none(buf_str(&error)));
	add_time(w, "last_error_at", atomic_load_explicit(&c->last_error_us, memory_order_relaxed));
	jsonw_object_end(w);
}

void rules_api_counters(struct api_request *rq)
{
	struct ruleset *set = current_set(host_api_of(rq));
	if (!set) {
		api_error(rq, 200, "no rules are loaded");
		return;
	}
	const struct rule_counters *none = ruleset_counters(set, RULE_NONE);
	struct jsonw *w = api_begin(rq);
	jsonw_object(w);
	add_time(w, "since", (uint64_t)set->since_us);
	jsonw_name(w, "rules");
	jsonw_array(w);
	for (uint32_t i = 0; i < set->count; i++)
		add_rule_counters(w, set, i);
	jsonw_array_end(w);
	jsonw_name(w, "default_block");
	jsonw_object(w);
	jsonw_add_u64(w, "hits", atomic_load_explicit(&none->hits, memory_order_relaxed));
	add_time(w, "last_hit", atomic_load_explicit(&none->last_hit_us, memory_order_relaxed));
	jsonw_object_end(w);
	jsonw_object_end(w);
	api_end(rq, 200);
	put_set(set);
}

void rules_api_reset_counters(struct api_request *rq)
{
	struct ruleset *set = current_set(host_api_of(rq));
	struct jsonw *w = api_begin(rq);
	jsonw_object(w);
	jsonw_add_u64(w, "reset", set ? ruleset_reset_counters(set) : 0);
	jsonw_object_end(w);
	api_end(rq, 200);
	put_set(set);
}
