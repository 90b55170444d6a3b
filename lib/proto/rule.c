/* rule.c - wire types of the rule endpoints
 *
 * Layer: proto.  Input: hostile.  Memory: none.  Threads: constants.
 * Spec: S000-FR-006, S003-IF-001..005, -007..009, S003-IF-013.
 */
#include "proto/rule.h"

const char *const api_rule_action_names[] = { "allow", "block", "enrich", NULL };
const char *const api_decision_names[] = { "allow", "block", NULL };
const char *const api_request_status_names[] = { "pending", "approved", "rejected", NULL };

static const struct json_field verdict_fields[] = {
	JSON_REQ(struct api_verdict, allowed),
	JSON_NUL(struct api_verdict, matched_rule),
	JSON_NUL(struct api_verdict, reason),
};
const struct json_shape api_verdict_shape = JSON_SHAPE(struct api_verdict, verdict_fields, true);

static const struct json_field request_fields[] = {
	JSON_REQ(struct rule_request, description),
	JSON_REQ(struct rule_request, condition),
	JSON_REQ_ENUM(struct rule_request, action, api_rule_action_names),
};
const struct json_shape rule_request_shape = JSON_SHAPE(struct rule_request, request_fields, true);

static const struct json_field response_fields[] = {
	JSON_REQ(struct rule_request_response, id),
	JSON_REQ_ENUM(struct rule_request_response, status, api_request_status_names),
	JSON_NUL(struct rule_request_response, reason),
};
const struct json_shape rule_request_response_shape =
	JSON_SHAPE(struct rule_request_response, response_fields, true);

static const struct json_field state_fields[] = {
	JSON_REQ(struct rule_request_entry, container_id),
	JSON_REQ(struct rule_request_entry, rule_file),
	JSON_REQ_ENUM(struct rule_request_entry, status, api_request_status_names),
	JSON_NUL(struct rule_request_entry, reason),
	JSON_OPT(struct rule_request_entry, container_name),
	JSON_OPT(struct rule_request_entry, submitted_at),
	JSON_OPT(struct rule_request_entry, decided_at),
	JSON_OPT_HAS(struct rule_request_entry, decided_by_uid),
};
const struct json_shape rule_request_state_shape =
	JSON_SHAPE(struct rule_request_entry, state_fields, true);

static const struct json_field info_fields[] = {
	JSON_REQ(struct rule_request_entry, id),
	JSON_REQ(struct rule_request_entry, container_id),
	JSON_OPT(struct rule_request_entry, container_name),
	JSON_REQ(struct rule_request_entry, rule_file),
	JSON_REQ_ENUM(struct rule_request_entry, status, api_request_status_names),
	JSON_OPT(struct rule_request_entry, reason),
	JSON_OPT(struct rule_request_entry, submitted_at),
	JSON_OPT(struct rule_request_entry, decided_at),
	JSON_OPT_HAS(struct rule_request_entry, decided_by_uid),
};
const struct json_shape rule_request_info_shape =
	JSON_SHAPE(struct rule_request_entry, info_fields, false);

static const struct json_field reject_fields[] = {
	JSON_OPT(struct reject_request, reason),
};
const struct json_shape reject_request_shape =
	JSON_SHAPE(struct reject_request, reject_fields, true);

static const struct json_field approved_fields[] = {
	JSON_REQ(struct approve_result, id),
	JSON_REQ(struct approve_result, rules_loaded),
};
const struct json_shape approve_result_shape =
	JSON_SHAPE(struct approve_result, approved_fields, false);

static const struct json_field summary_fields[] = {
	JSON_REQ(struct rule_summary, id),
	JSON_REQ(struct rule_summary, file),
	JSON_REQ_ENUM(struct rule_summary, action, api_rule_action_names),
	JSON_REQ(struct rule_summary, condition_preview),
	JSON_NUL(struct rule_summary, description),
};
const struct json_shape rule_summary_shape = JSON_SHAPE(struct rule_summary, summary_fields, false);

static const struct json_field detail_fields[] = {
	JSON_REQ(struct rule_detail, id),
	JSON_OPT(struct rule_detail, file),
	JSON_REQ(struct rule_detail, condition),
	JSON_REQ_ENUM(struct rule_detail, action, api_rule_action_names),
	JSON_REQ(struct rule_detail, log),
	JSON_NUL(struct rule_detail, description),
	JSON_NUL_HAS(struct rule_detail, priority),
};
const struct json_shape rule_detail_shape = JSON_SHAPE(struct rule_detail, detail_fields, false);

static const struct json_field reload_fields[] = {
	JSON_REQ(struct reload_result, files_loaded),
	JSON_REQ(struct reload_result, rules_loaded),
	JSON_REQ(struct reload_result, warnings),
};
const struct json_shape reload_result_shape = JSON_SHAPE(struct reload_result, reload_fields,
							 false);

static const struct json_field network_fields[] = {
	JSON_NUL(struct eval_network, hostname),
	JSON_REQ(struct eval_network, ip),
	JSON_REQ(struct eval_network, port),
	JSON_REQ(struct eval_network, protocol),
};
static const struct json_shape network_shape = JSON_SHAPE(struct eval_network, network_fields,
							  true);

static const struct json_field http_fields[] = {
	JSON_REQ(struct eval_http, method),
	JSON_REQ(struct eval_http, path),
	JSON_REQ(struct eval_http, host),
	JSON_OPT(struct eval_http, scheme),
	JSON_REQ(struct eval_http, headers),
	JSON_REQ(struct eval_http, body_size),
	JSON_NUL(struct eval_http, body),
};
static const struct json_shape http_shape = JSON_SHAPE(struct eval_http, http_fields, true);

static const struct json_field dns_fields[] = {
	JSON_REQ(struct eval_dns, query),
	JSON_REQ(struct eval_dns, record_type),
};
static const struct json_shape dns_shape = JSON_SHAPE(struct eval_dns, dns_fields, true);

static const struct json_field docker_fields[] = {
	JSON_REQ(struct eval_docker, image),
	JSON_REQ(struct eval_docker, command),
	JSON_REQ(struct eval_docker, volumes),
	JSON_REQ(struct eval_docker, env_keys),
	JSON_REQ(struct eval_docker, capabilities),
};
static const struct json_shape docker_shape = JSON_SHAPE(struct eval_docker, docker_fields, true);

static const struct json_field run_fields[] = {
	JSON_REQ(struct eval_run, tool),
	JSON_REQ(struct eval_run, args),
	JSON_REQ(struct eval_run, flags),
	JSON_REQ(struct eval_run, cwd),
	JSON_REQ(struct eval_run, context),
};
static const struct json_shape run_shape = JSON_SHAPE(struct eval_run, run_fields, true);

static const struct json_field agent_fields[] = {
	JSON_REQ(struct eval_agent, name),
};
static const struct json_shape agent_shape = JSON_SHAPE(struct eval_agent, agent_fields, true);

static const struct json_field context_fields[] = {
	JSON_OPT_POINTER(struct eval_context, network, &network_shape),
	JSON_OPT_POINTER(struct eval_context, http, &http_shape),
	JSON_OPT_POINTER(struct eval_context, dns, &dns_shape),
	JSON_OPT_POINTER(struct eval_context, docker, &docker_shape),
	JSON_OPT_POINTER(struct eval_context, run, &run_shape),
	JSON_OPT_POINTER(struct eval_context, agent, &agent_shape),
};
const struct json_shape eval_context_shape = JSON_SHAPE(struct eval_context, context_fields, true);

static const struct json_field evaluate_fields[] = {
	JSON_REQ_OBJECT(struct evaluate_request, context, &eval_context_shape),
};
const struct json_shape evaluate_request_shape = JSON_SHAPE(struct evaluate_request,
							    evaluate_fields, true);

static const struct json_field evaluated_fields[] = {
	JSON_REQ_ENUM(struct evaluate_result, decision, api_decision_names),
	JSON_NUL(struct evaluate_result, matched_rule),
	JSON_NUL(struct evaluate_result, file),
	JSON_REQ(struct evaluate_result, logged),
};
const struct json_shape evaluate_result_shape = JSON_SHAPE(struct evaluate_result, evaluated_fields,
							   false);

static const struct json_field test_fields[] = {
	JSON_REQ(struct test_expression_request, expression),
	JSON_REQ_OBJECT(struct test_expression_request, context, &eval_context_shape),
};
const struct json_shape test_expression_request_shape =
	JSON_SHAPE(struct test_expression_request, test_fields, true);

static const struct json_field tested_fields[] = {
	JSON_REQ(struct test_expression_result, result),
	JSON_NUL(struct test_expression_result, error),
};
const struct json_shape test_expression_result_shape =
	JSON_SHAPE(struct test_expression_result, tested_fields, false);

static const struct json_field explain_fields[] = {
	JSON_NUL_POINTER(struct explain_request, context, &eval_context_shape),
	JSON_NUL(struct explain_request, host),
	JSON_NUL(struct explain_request, dns),
	JSON_NUL(struct explain_request, type),
	JSON_NUL(struct explain_request, method),
	JSON_NUL(struct explain_request, path),
	JSON_NUL(struct explain_request, agent),
	JSON_NUL_HAS(struct explain_request, port),
};
const struct json_shape explain_request_shape = JSON_SHAPE(struct explain_request, explain_fields,
							   true);
