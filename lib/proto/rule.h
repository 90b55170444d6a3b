/* rule.h - wire types of the rule endpoints (S003 1.3 to 1.6, S000-FR-006)
 *
 * Layer: proto.  Memory: views of the caller, or into the parsed text and its arena.
 */
#ifndef OC_PROTO_RULE_H
#define OC_PROTO_RULE_H

#include "wire/shape.h"

/* RuleAction, Decision, RuleRequestStatus: their words on the wire, indexed by the enums. */
enum api_rule_action { API_RULE_ALLOW = 0, API_RULE_BLOCK, API_RULE_ENRICH };
enum api_decision { API_ALLOW = 0, API_BLOCK };
enum api_request_status { API_REQUEST_PENDING = 0, API_REQUEST_APPROVED, API_REQUEST_REJECTED };
extern const char *const api_rule_action_names[];
extern const char *const api_decision_names[];
extern const char *const api_request_status_names[];

struct api_verdict {		/* Verdict, strict */
	bool allowed;
	struct str matched_rule, reason;
};

struct rule_request {		/* RuleRequest, strict */
	struct str description, condition;
	unsigned action;	/* enum api_rule_action */
};

struct rule_request_response {	/* RuleRequestResponse, strict */
	struct str id;
	unsigned status;	/* enum api_request_status */
	struct str reason;
};

/* A queued request as the state file keeps it (S003 1.5, operations section 11) and as operators
 * see it. Texts with p NULL are not known. */
struct rule_request_entry {
	struct str id;			/* in the state file: the key */
	struct str container_id, container_name;
	struct str rule_file;		/* empty once it is decided */
	unsigned status;		/* enum api_request_status */
	struct str reason;
	struct str submitted_at, decided_at;
	uint32_t decided_by_uid;
	bool has_decided_by_uid;
};

struct reject_request {		/* strict */
	struct str reason;
};

struct approve_result {
	struct str id;
	uint64_t rules_loaded;
};

struct rule_summary {
	struct str id, file;
	unsigned action;	/* enum api_rule_action */
	struct str condition_preview, description;
};

struct rule_detail {
	struct str id;
	struct str file;	/* ours; p NULL from an older daemon */
	struct str condition;	/* expanded */
	unsigned action;
	bool log;
	struct str description;
	int32_t priority;
	bool has_priority;
};

struct reload_result {
	uint64_t files_loaded, rules_loaded;
	struct json_strs warnings;
};

/* EvalContext, strict on every level: inside a namespace that is there every field is mandatory
 * except network.hostname, http.scheme and http.body (S003 1.4). */
struct eval_network {
	struct str hostname, ip;
	uint16_t port;
	struct str protocol;
};

struct eval_http {
	struct str method, path, host, scheme;
	struct json_pairs headers;
	uint64_t body_size;
	struct str body;
};

struct eval_dns {
	struct str query, record_type;
};

struct eval_docker {
	struct str image;
	struct json_strs command, volumes, env_keys, capabilities;
};

struct eval_run {
	struct str tool;
	struct json_strs args, flags;
	struct str cwd;
	struct json_val context;	/* an object */
};

struct eval_agent {
	struct str name;
};

struct eval_context {
	const struct eval_network *network;
	const struct eval_http *http;
	const struct eval_dns *dns;
	const struct eval_docker *docker;
	const struct eval_run *run;
	const struct eval_agent *agent;
};

struct evaluate_request {	/* strict */
	struct eval_context context;
};

struct evaluate_result {
	unsigned decision;	/* enum api_decision */
	struct str matched_rule, file;
	bool logged;
};

struct test_expression_request {	/* strict */
	struct str expression;
	struct eval_context context;
};

struct test_expression_result {
	bool result;
	struct str error;
};

struct explain_request {	/* strict; exactly one of context, host, dns */
	const struct eval_context *context;
	struct str host, dns;
	struct str type;	/* record type, with dns */
	struct str method, path, agent;
	uint16_t port;
	bool has_port;
};

extern const struct json_shape api_verdict_shape;
extern const struct json_shape rule_request_shape;
extern const struct json_shape rule_request_response_shape;
extern const struct json_shape rule_request_state_shape;	/* strict */
extern const struct json_shape rule_request_info_shape;
extern const struct json_shape reject_request_shape;
extern const struct json_shape approve_result_shape;
extern const struct json_shape rule_summary_shape;
extern const struct json_shape rule_detail_shape;
extern const struct json_shape reload_result_shape;
extern const struct json_shape eval_context_shape;
extern const struct json_shape evaluate_request_shape;
extern const struct json_shape evaluate_result_shape;
extern const struct json_shape test_expression_request_shape;
extern const struct json_shape test_expression_result_shape;
extern const struct json_shape explain_request_shape;

#endif
