/* jail.h - wire types of the jail endpoints (operations section 16)
 *
 * Layer: proto.  Memory: values; ca_pem is the caller's.
 */
#ifndef OC_PROTO_JAIL_H
#define OC_PROTO_JAIL_H

#include "wire/shape.h"

#define API_JAIL_ID_SIZE 14	/* "jail-", 8 hex digits, NUL */

struct jail_start_request {	/* strict */
	const char *name;	/* NULL: the id becomes the name */
	const char *network;	/* NULL: the default network */
};

struct jail_start_result {
	char id[API_JAIL_ID_SIZE];
	char name[129];
	char network[129];
	char interface[16];	/* inside the jail */
	char address[46];
	char gateway[46];
	char dns[46];
	char proxy_url[64];	/* "": no proxy */
	struct str ca_pem;	/* p NULL: no interception */
};

struct jail_info {
	char id[API_JAIL_ID_SIZE];
	char name[129];
	char network[129];
	char address[46];
	char started_at[32];	/* RFC 3339, UTC */
	uint32_t pid, uid;
};

extern const struct json_shape jail_start_request_shape;
extern const struct json_shape jail_start_result_shape;
extern const struct json_shape jail_info_shape;

#endif
