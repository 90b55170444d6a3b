/* dns.c - wire types of the DNS filter's endpoints
 *
 * Layer: proto.  Input: hostile.  Memory: none.  Threads: constants.
 * Spec: S007-IF-001..003.
 */
#include "proto/dns.h"

static const struct json_field status_fields[] = {
	JSON_REQ(struct dns_filter_status, running),
	JSON_REQ_CHARS(struct dns_filter_status, listen_address),
	JSON_REQ(struct dns_filter_status, listen_port),
	JSON_REQ(struct dns_filter_status, upstreams),
	JSON_REQ(struct dns_filter_status, cache_entries),
	JSON_REQ(struct dns_filter_status, queries_total),
	JSON_REQ(struct dns_filter_status, queries_allowed),
	JSON_REQ(struct dns_filter_status, queries_blocked),
};
const struct json_shape dns_filter_status_shape =
	JSON_SHAPE(struct dns_filter_status, status_fields, false);

static const struct json_field stats_fields[] = {
	JSON_REQ(struct dns_cache_stats, entries),
	JSON_REQ(struct dns_cache_stats, max_entries),
	JSON_REQ(struct dns_cache_stats, hits),
	JSON_REQ(struct dns_cache_stats, misses),
	JSON_REQ(struct dns_cache_stats, evictions),
};
const struct json_shape dns_cache_stats_shape = JSON_SHAPE(struct dns_cache_stats, stats_fields,
							   false);

static const struct json_field entry_fields[] = {
	JSON_REQ_CHARS(struct dns_cache_entry, hostname),
	JSON_REQ_CHARS(struct dns_cache_entry, record_type),
	JSON_REQ(struct dns_cache_entry, ttl_remaining_secs),
	JSON_OPT_CHARS(struct dns_cache_entry, cached_at),
};
const struct json_shape dns_cache_entry_shape = JSON_SHAPE(struct dns_cache_entry, entry_fields,
							   false);

static const struct json_field detail_fields[] = {
	JSON_REQ_OBJECT(struct dns_cache_detail, stats, &dns_cache_stats_shape),
	JSON_REQ_LIST(struct dns_cache_detail, entries, &dns_cache_entry_shape),
};
const struct json_shape dns_cache_detail_shape =
	JSON_SHAPE(struct dns_cache_detail, detail_fields, false);

static const struct json_field flush_fields[] = {
	JSON_REQ(struct dns_flush_result, entries_flushed),
};
const struct json_shape dns_flush_result_shape = JSON_SHAPE(struct dns_flush_result, flush_fields,
							    false);
