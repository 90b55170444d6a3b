/* requests_api.c - endpoints of the rule-request queue: list, show, approve, reject
 *
 * Layer: api.  Input: hostile (ids, reasons; the rule files come from agents).  Memory: the
 * request's arena; a scratch mapping for an analysis.  Threads: the control thread only.
 * Spec: S003-IF-007..009, S003 1.5, S010 section 6, S010-O-041.
 */
#include "api/requests_api.h"
#include "api/rules_api.h"
#include "policy/risk.h"

#define SCRATCH_SIZE ((size_t)1 << 20)	/* temporaries of one evaluation */

const char *const requests_api_query[] = { "status", NULL };

static unsigned status_of(enum err_code code)
{
	if (code == ERR_NOT_FOUND)
		return 404;
	if (code == ERR_CONFLICT)
		return 409;
	return code == ERR_INVALID ? 422 : 500;
}

static void fail(struct api_request *rq, const struct err *e)
{
	api_error(rq, status_of(e->code), "%s", e->msg);
}

/* False: answered. */
static bool has_id(struct api_request *rq)
{
	if (!requests_is_id(rq->param))
		api_error(rq, 400, "invalid rule request ID");
	return requests_is_id(rq->param);
}

/* ---- list ---- */

static bool is_wanted(struct str status, const struct rule_request_entry *q)
{
	return str_eq_c(status, "all") || str_eq_c(status, api_request_status_names[q->status]);
}

static bool is_filter(struct str status)
{
	for (const char *const *name = api_request_status_names; *name; name++)
		if (str_eq_c(status, *name))
			return true;
	return str_eq_c(status, "all");
}

void requests_api_list(struct api_request *rq)
{
	const struct requests *r = host_api_of(rq)->requests;
	struct str status = STR("pending");
	(void)query_get(&rq->query, "status", &status);
	if (!is_filter(status)) {
		api_error(rq, 400, "invalid query parameter \"status\"");
		return;
	}
	struct jsonw *w = api_begin(rq);
	jsonw_array(w);
	for (uint32_t i = 0; i < r->cnt; i++)
		if (is_wanted(status, &r->v[i]))
			shape_write(w, &rule_request_info_shape, &r->v[i]);
	jsonw_array_end(w);
	api_end(rq, 200);
}

/* ---- show ---- */

static void add_rule(struct jsonw *w, const struct rule *r)
{
	static const char *const modes[] = {
		[EGRESS_PROXY] = "proxy", [EGRESS_DIRECT_IP] = "direct_ip",
		[EGRESS_INTERCEPT] = "intercept",
	};
	jsonw_object(w);
	jsonw_add_str(w, "id", r->id);
	jsonw_add_c(w, "action", r->action == VERDICT_ALLOW ? "allow" : "block");
	/* cut: definitions can expand to 1 MiB in every rule */
	rules_api_add_preview(w, "condition", r->condition);
	jsonw_add_i64(w, "priority", r->priority);
	jsonw_add_c(w, "egress", r->egress.set ? modes[r->egress.mode] : NULL);
	jsonw_object_end(w);
}

static void add_analysis(struct jsonw *w, const struct ruleset *set, const struct risks *risks)
{
	jsonw_name(w, "analysis");
	jsonw_object(w);
	jsonw_name(w, "rules");
	jsonw_array(w);
	for (uint32_t i = 0; i < set->count; i++)
		add_rule(w, &set->rules[i]);
	jsonw_array_end(w);
	jsonw_name(w, "flags");
	jsonw_array(w);
	for (size_t i = 0; i < risks->cnt; i++)
		jsonw_str(w, risks->v[i]);
	jsonw_array_end(w);
	jsonw_object_end(w);
}

/* A file that was accepted can fail to compile later, when the daemon runs with other flags: the
 * reason stands in place of the analysis. */
static void analyse(struct jsonw *w, const struct host_api *h, const struct rule_request_entry *q)
{
	struct ruleset *live = (struct ruleset *)(void *)snap_current(h->rules_box);
	struct ruleset *set = NULL;
	struct arena scratch;
	struct risks risks;
	struct err e;
	if (arena_init_fixed(&scratch, SCRATCH_SIZE) < 0) {
		jsonw_add_c(w, "analysis_error", "no memory for an analysis");
	} else {
		if (rules_load_submission(h->rules, q->rule_file, &set, &e) < 0) {
			jsonw_add_c(w, "analysis_error", e.msg);
		} else {
			risk_judge(set, live, q->container_name, &scratch, &risks);
			add_analysis(w, set, &risks);
			snap_put(&set->snap);
		}
		arena_fini(&scratch);
	}
	if (live)
		snap_put(&live->snap);
}

void requests_api_show(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	if (!has_id(rq))
		return;
	const struct rule_request_entry *q = requests_get(h->requests, rq->param);
	if (!q) {
		api_error(rq, 404, "rule request \"" STR_FMT "\" not found", STR_ARG(rq->param));
		return;
	}
	struct jsonw *w = api_begin(rq);
	jsonw_object(w);
	jsonw_name(w, "request");
	shape_write(w, &rule_request_info_shape, q);
	if (q->status == API_REQUEST_PENDING)
		analyse(w, h, q);
	jsonw_object_end(w);
	api_end(rq, 200);
}

/* ---- decide ---- */

void requests_api_approve(struct api_request *rq)
{
	struct requests *r = host_api_of(rq)->requests;
	char id[REQUEST_ID_LEN + 1];
	uint32_t rules;
	struct err e;
	if (!has_id(rq))
		return;
	CHECK(str_to_c(id, sizeof(id), rq->param));
	if (requests_approve(r, str_of(id), (uint32_t)rq->peer.uid, &rules, &e) < 0) {
		fail(rq, &e);
		return;
	}
	const struct approve_result out = { str_of(id), rules };
	api_data(rq, &approve_result_shape, &out);
}

void requests_api_reject(struct api_request *rq)
{
	struct requests *r = host_api_of(rq)->requests;
	const struct reject_request *in = rq->body;
	struct err e;
	if (!has_id(rq))
		return;
	if (requests_reject(r, rq->param, (uint32_t)rq->peer.uid, in->reason, &e) < 0) {
		fail(rq, &e);
		return;
	}
	struct jsonw *w = api_begin(rq);
	jsonw_object(w);
	jsonw_add_str(w, "id", rq->param);
	jsonw_object_end(w);
	api_end(rq, 200);
}
