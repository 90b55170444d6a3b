/* grant.c - wire types of the dynamic rules
 *
 * Layer: proto.  Input: hostile.  Memory: none.  Threads: constants.
 * Spec: S009-IF-001 to -003.
 */
#include "proto/grant.h"

static const struct json_field request_fields[] = {
	JSON_REQ(struct allow_rule_request, container),
	JSON_REQ(struct allow_rule_request, src_ip),
	JSON_REQ(struct allow_rule_request, destination),
	JSON_NUL(struct allow_rule_request, protocol),
	JSON_NUL_HAS(struct allow_rule_request, port),
	JSON_NUL_HAS(struct allow_rule_request, expires_in_secs),
};
const struct json_shape allow_rule_request_shape =
	JSON_SHAPE(struct allow_rule_request, request_fields, true);

static const struct json_field result_fields[] = {
	JSON_REQ(struct allow_rule_result, nft_handle),
};
const struct json_shape allow_rule_result_shape =
	JSON_SHAPE(struct allow_rule_result, result_fields, false);

static const struct json_field active_fields[] = {
	JSON_REQ_CHARS(struct active_rule, container),
	JSON_REQ_CHARS(struct active_rule, src_ip),
	JSON_REQ_CHARS(struct active_rule, destination),
	JSON_NUL(struct active_rule, protocol),
	JSON_NUL_HAS(struct active_rule, port),
	JSON_REQ(struct active_rule, nft_handle),
	JSON_REQ_CHARS(struct active_rule, inserted_at),
	JSON_OPT_HAS(struct active_rule, expires_in_secs),
};
const struct json_shape active_rule_shape = JSON_SHAPE(struct active_rule, active_fields, false);

static const struct json_field flush_fields[] = {
	JSON_REQ(struct flush_rules_result, removed),
};
const struct json_shape flush_rules_result_shape =
	JSON_SHAPE(struct flush_rules_result, flush_fields, false);
