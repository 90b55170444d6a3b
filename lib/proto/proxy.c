/* proxy.c - wire types of the proxy's endpoints
 *
 * Layer: proto.  Input: hostile.  Memory: none.  Threads: constants.
 * Spec: S006 (Host API and CLI).
 */
#include "proto/proxy.h"

static const struct json_field status_fields[] = {
	JSON_REQ(struct proxy_status, running),
	JSON_REQ_CHARS(struct proxy_status, listen_address),
	JSON_REQ_CHARS(struct proxy_status, proxy_url),
	JSON_REQ(struct proxy_status, active_connections),
	JSON_REQ(struct proxy_status, total_requests),
	JSON_REQ(struct proxy_status, total_blocked),
};
const struct json_shape proxy_status_shape = JSON_SHAPE(struct proxy_status, status_fields, false);
