/* dns.h - wire types of the DNS filter's endpoints (S007-IF-001..003)
 *
 * Layer: proto.  Memory: values; lists and texts of the caller.
 */
#ifndef OC_PROTO_DNS_H
#define OC_PROTO_DNS_H

#include "wire/shape.h"

struct dns_filter_status {
	bool running;
	char listen_address[46];	/* without port */
	uint16_t listen_port;
	struct json_strs upstreams;	/* in effect; "addr:port" */
	uint64_t cache_entries, queries_total, queries_allowed, queries_blocked;
};

struct dns_cache_stats {
	uint64_t entries, max_entries, hits, misses, evictions;
};

struct dns_cache_entry {
	char hostname[254];
	char record_type[16];
	uint32_t ttl_remaining_secs;
	char cached_at[32];		/* RFC 3339, UTC; "": unknown */
};

struct dns_cache_detail {
	struct dns_cache_stats stats;
	struct {
		const struct dns_cache_entry *v;
		size_t cnt;
	} entries;
};

struct dns_flush_result {
	uint64_t entries_flushed;
};

extern const struct json_shape dns_filter_status_shape;
extern const struct json_shape dns_cache_stats_shape;
extern const struct json_shape dns_cache_entry_shape;
extern const struct json_shape dns_cache_detail_shape;
extern const struct json_shape dns_flush_result_shape;

#endif
