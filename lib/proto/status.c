/* status.c - wire types of the daemon's own endpoints: version, daemon, ready
 *
 * Layer: proto.  Input: hostile.  Memory: none.  Threads: pure functions.
 * Spec: operations section 4, OPS-FR-051.
 */
#include "proto/status.h"

static const struct json_field version_fields[] = {
	JSON_REQ(struct version_info, version),
	JSON_REQ(struct version_info, boot_id),
	JSON_REQ(struct version_info, started_at),
	JSON_REQ(struct version_info, uptime_secs),
};
const struct json_shape version_info_shape = JSON_SHAPE(struct version_info, version_fields, false);

static const struct json_field daemon_fields[] = {
	JSON_REQ(struct daemon_info, version),
	JSON_REQ(struct daemon_info, pid),
	JSON_REQ(struct daemon_info, rules_dir),
	JSON_REQ(struct daemon_info, bridge),
	JSON_REQ(struct daemon_info, host_socket),
	JSON_REQ(struct daemon_info, agent_socket),
};
const struct json_shape daemon_info_shape = JSON_SHAPE(struct daemon_info, daemon_fields, false);

static const struct json_field check_fields[] = {
	JSON_REQ(struct ready_check, name),
	JSON_REQ(struct ready_check, ok),
	JSON_REQ(struct ready_check, detail),
};
const struct json_shape ready_check_shape = JSON_SHAPE(struct ready_check, check_fields, false);

void ready_write(struct jsonw *w, const struct ready_info *r)
{
	jsonw_object(w);
	jsonw_add_bool(w, "ready", r->ready);
	jsonw_name(w, "checks");
	shape_write_list(w, &ready_check_shape, r->checks.v, r->checks.cnt);
	jsonw_name(w, "blocked_packets");
	jsonw_object(w);
	for (size_t i = 0; i < r->blocked_packets.cnt; i++) {
		jsonw_key(w, r->blocked_packets.v[i].name);
		jsonw_u64(w, r->blocked_packets.v[i].packets);
	}
	jsonw_object_end(w);
	jsonw_object_end(w);
}
