/* bridge.h - wire types of the bridge endpoints (S001 section 1)
 *
 * Layer: proto.  Memory: values.
 */
#ifndef OC_PROTO_BRIDGE_H
#define OC_PROTO_BRIDGE_H

#include "wire/shape.h"

struct bridge_status {		/* S000-FR-007 */
	char name[16];
	bool up;		/* the interface exists and is UP */
	uint32_t index;
	bool has_index;		/* false: the interface does not exist */
	bool nftables_active;	/* table inet outcall exists */
};

extern const struct json_shape bridge_status_shape;

#endif
