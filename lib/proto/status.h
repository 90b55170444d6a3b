/* status.h - wire types of the daemon's own endpoints: version, daemon, ready (operations section
 * 4)
 *
 * Layer: proto.  Memory: values and texts of the caller.
 */
#ifndef OC_PROTO_STATUS_H
#define OC_PROTO_STATUS_H

#include "wire/shape.h"

struct version_info {
	struct str version;
	struct str boot_id;	/* 16 hex digits, new at every start */
	struct str started_at;	/* RFC 3339, UTC */
	uint64_t uptime_secs;
};

struct daemon_info {		/* S014-X-001 */
	struct str version;
	uint32_t pid;
	struct str rules_dir, bridge, host_socket, agent_socket;
};

struct ready_check {
	struct str name;
	bool ok;
	struct str detail;
};

struct ready_counter {
	struct str name;	/* counter of the base policy (S001-X-015) */
	uint64_t packets;
};

struct ready_info {
	bool ready;
	struct {
		const struct ready_check *v;
		size_t cnt;
	} checks;
	struct {
		const struct ready_counter *v;
		size_t cnt;
	} blocked_packets;	/* written as an object name -> packets */
};

extern const struct json_shape version_info_shape;
extern const struct json_shape daemon_info_shape;
extern const struct json_shape ready_check_shape;

void ready_write(struct jsonw *w, const struct ready_info *r);

#endif
