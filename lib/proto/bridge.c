/* bridge.c - wire types of the bridge endpoints
 *
 * Layer: proto.  Input: hostile.  Memory: none.  Threads: constants.
 * Spec: S000-FR-007, S001-IF-001.
 */
#include "proto/bridge.h"

static const struct json_field status_fields[] = {
	JSON_REQ_CHARS(struct bridge_status, name),
	JSON_REQ(struct bridge_status, up),
	JSON_NUL_HAS(struct bridge_status, index),
	JSON_REQ(struct bridge_status, nftables_active),
};
const struct json_shape bridge_status_shape = JSON_SHAPE(struct bridge_status, status_fields,
							 false);
