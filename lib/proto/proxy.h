/* proxy.h - wire types of the proxy's endpoints (S006, Host API)
 *
 * Layer: proto.  Memory: values.
 */
#ifndef OC_PROTO_PROXY_H
#define OC_PROTO_PROXY_H

#include "wire/shape.h"

struct proxy_status {
	bool running;
	char listen_address[54];	/* addr:port */
	char proxy_url[64];
	uint64_t active_connections, total_requests, total_blocked;
};

extern const struct json_shape proxy_status_shape;

#endif
