/* grant.h - wire types of the dynamic rules (S009 1.2)
 *
 * Layer: proto.  Memory: views of the parsed text; values.
 */
#ifndef OC_PROTO_GRANT_H
#define OC_PROTO_GRANT_H

#include "wire/shape.h"

struct allow_rule_request {	/* strict */
	struct str container, src_ip, destination;
	struct str protocol;	/* p NULL: every protocol */
	int64_t port;
	bool has_port;
	int64_t expires_in_secs;
	bool has_expires_in_secs;
};

struct allow_rule_result {
	uint64_t nft_handle;
};

struct active_rule {
	char container[129];
	char src_ip[46];
	char destination[254];
	struct str protocol;	/* p NULL: every protocol */
	uint16_t port;
	bool has_port;
	uint64_t nft_handle;
	char inserted_at[32];	/* RFC 3339, UTC */
	uint64_t expires_in_secs;
	bool has_expires_in_secs;
};

struct flush_rules_result {
	uint64_t removed;
};

extern const struct json_shape allow_rule_request_shape;
extern const struct json_shape allow_rule_result_shape;
extern const struct json_shape active_rule_shape;
extern const struct json_shape flush_rules_result_shape;

#endif
