/* jail.c - wire types of the jail endpoints
 *
 * Layer: proto.  Input: hostile.  Memory: none.  Threads: constants.
 * Spec: operations section 16, S000 section 5.
 */
#include "proto/jail.h"

static const struct json_field request_fields[] = {
	JSON_NUL(struct jail_start_request, name),
	JSON_NUL(struct jail_start_request, network),
};
const struct json_shape jail_start_request_shape =
	JSON_SHAPE(struct jail_start_request, request_fields, true);

static const struct json_field result_fields[] = {
	JSON_REQ_CHARS(struct jail_start_result, id),
	JSON_REQ_CHARS(struct jail_start_result, name),
	JSON_REQ_CHARS(struct jail_start_result, network),
	JSON_REQ_CHARS(struct jail_start_result, interface),
	JSON_REQ_CHARS(struct jail_start_result, address),
	JSON_REQ_CHARS(struct jail_start_result, gateway),
	JSON_REQ_CHARS(struct jail_start_result, dns),
	JSON_NUL_CHARS(struct jail_start_result, proxy_url),
	JSON_NUL(struct jail_start_result, ca_pem),
};
const struct json_shape jail_start_result_shape =
	JSON_SHAPE(struct jail_start_result, result_fields, false);

static const struct json_field info_fields[] = {
	JSON_REQ_CHARS(struct jail_info, id),
	JSON_REQ_CHARS(struct jail_info, name),
	JSON_REQ_CHARS(struct jail_info, network),
	JSON_REQ_CHARS(struct jail_info, address),
	JSON_REQ_CHARS(struct jail_info, started_at),
	JSON_REQ(struct jail_info, pid),
	JSON_REQ(struct jail_info, uid),
};
const struct json_shape jail_info_shape = JSON_SHAPE(struct jail_info, info_fields, false);
