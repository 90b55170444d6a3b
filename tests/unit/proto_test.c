/* proto_test.c - wire types: constants, envelope, and a round trip of every shape
 *
 * Spec: S000-FR-004, S000-FR-005, S000-FR-006, S000-FR-007, S000-EC-X01, S000 section 5.
 */
#include "t.h"

#include "proto/bridge.h"
#include "proto/consts.h"
#include "proto/dns.h"
#include "proto/envelope.h"
#include "proto/event.h"
#include "proto/jail.h"
#include "proto/paths.h"
#include "proto/proxy.h"
#include "proto/rule.h"
#include "proto/status.h"

T(constants_have_the_values_of_the_list)
{
	static const struct {
		const char *is, *want;
	} texts[] = {
		{ DEFAULT_HOST_SOCKET, "/run/outcall/host.sock" },
		{ DEFAULT_AGENT_SOCKET, "/run/outcall/agent.sock" },
		{ AGENT_SOCKET_DIR, "/run/outcall/agent" },
		{ DEFAULT_BRIDGE_NAME, "outcall0" },
		{ DEFAULT_STATE_DIR, "/var/lib/outcall" },
		{ RULE_REQUESTS_FILE, "rule-requests.json" },
		{ NETWORK_PREFIX, "outcall-" },
		{ DEFAULT_NETWORK_NAME, "outcall-default" },
		{ SUBNET_BLOCK, "10.200.0.0/16" },
		{ DEFAULT_SUBNET, "10.200.0.0/24" },
		{ DEFAULT_GATEWAY, "10.200.0.1" },
		{ CONTAINER_PREFIX, "outcall-agent-" },
		{ AGENT_SOCKET_CONTAINER_PATH, "/run/outcall/agent.sock" },
		{ AGENT_SOCKET_CONTAINER_DIR, "/run/outcall" },
		{ SHIM_CONTAINER_PATH, "/usr/local/bin/outcall" },
		{ DEFAULT_CONTAINER_USER, "65532:65532" },
		{ MANAGED_BY_LABEL, "managed-by" },
		{ MANAGED_BY_VALUE, "outcalld" },
		{ NETWORK_LABEL, "outcall.network" },
		{ CREATED_AT_LABEL, "outcall.created-at" },
		{ BRIDGE_LABEL, "outcall.bridge" },
		{ OPERATOR_GROUP, "outcall" },
	};
	static const struct {
		int64_t is, want;
	} numbers[] = {
		{ UNREACHABLE_EXIT_CODE, 5 },
		{ USAGE_EXIT_CODE, 2 },
		{ UNKNOWN_APPLET_EXIT_CODE, 127 },
		{ DEFAULT_REQUEST_TIMEOUT_SECS, 30 },
		{ DEFAULT_HEARTBEAT_INTERVAL_SECS, 10 },
		{ DEFAULT_STOP_TIMEOUT_SECS, 10 },
		{ MAX_STOP_TIMEOUT_SECS, 300 },
		{ MAX_CONTAINER_NAME_BYTES, 128 },
		{ DEFAULT_MEMORY_LIMIT, 536870912 },
		{ MIN_MEMORY_LIMIT, 6291456 },
		{ DEFAULT_CPU_SHARES, 1024 },
		{ MIN_CPU_SHARES, 2 },
		{ MAX_CPU_SHARES, 262144 },
		{ DEFAULT_PID_LIMIT, 256 },
		{ MAX_RULE_ID_BYTES, 128 },
		{ MAX_DYNAMIC_RULE_TTL_SECS, 86400 },
		{ GRANT_LEASE_SECS, 300 },
		{ HOST_API_BODY_LIMIT, 1048576 },
		{ HOST_API_RESPONSE_LIMIT, 16777216 },
		{ NETLINK_TIMEOUT_SECS, 10 },
		{ DOCKER_PING_TIMEOUT_SECS, 3 },
		{ DOCKER_TIMEOUT_SECS, 15 },
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		STR_EQ(texts[i].is, texts[i].want);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		EQ(numbers[i].is, numbers[i].want);
}

static struct arena arena;
static struct json doc;
static char out[4096];
static _Alignas(16) char object[4096];

static const char *round_trip(const struct json_shape *sh, const char *text)
{
	struct err e;
	struct buf b = BUF_OF(out);
	struct jsonw w = jsonw_on(&b);
	OK(sh->size <= sizeof(object));
	arena_fini(&arena);
	arena_init(&arena, 1 << 20);
	if (json_parse(&doc, str_of(text), &arena, &e) < 0 ||
	    shape_read(sh, json_root(&doc), &arena, object, &e) < 0) {
		snprintf(out, sizeof(out), "%s", e.msg);
		return out;
	}
	shape_write(&w, sh, object);
	return buf_c(&b);
}

#define CONTEXT \
	"{\"network\":{\"hostname\":null,\"ip\":\"\",\"port\":443,\"protocol\":\"tcp\"}," \
	"\"http\":{\"method\":\"GET\",\"path\":\"/\",\"host\":\"a\",\"scheme\":\"https\",\"headers\":{\"x\":\"y\"}," \
	"\"body_size\":0,\"body\":null},\"dns\":{\"query\":\"a\",\"record_type\":\"A\"}," \
	"\"docker\":{\"image\":\"i\",\"command\":[\"c\"],\"volumes\":[],\"env_keys\":[],\"capabilities\":[]}," \
	"\"run\":{\"tool\":\"t\",\"args\":[],\"flags\":[],\"cwd\":\"/\",\"context\":{\"k\":[1,{}]}}," \
	"\"agent\":{\"name\":\"n\"}}"

T(every_type_round_trips)
{
	static const struct {
		const struct json_shape *shape;
		const char *text;
	} cases[] = {
		{ &bridge_status_shape,
		  "{\"name\":\"outcall0\",\"up\":true,\"index\":42,\"nftables_active\":true}" },
		{ &bridge_status_shape,
		  "{\"name\":\"outcall0\",\"up\":false,\"index\":null,\"nftables_active\":false}" },
		{ &api_verdict_shape, "{\"allowed\":true,\"matched_rule\":\"r\",\"reason\":null}" },
		{ &rule_request_shape,
		  "{\"description\":\"d\",\"condition\":\"c\",\"action\":\"enrich\"}" },
		{ &rule_request_response_shape,
		  "{\"id\":\"rr\",\"status\":\"rejected\",\"reason\":\"no\"}" },
		{ &rule_request_state_shape,
		  "{\"container_id\":\"c\",\"rule_file\":\"\",\"status\":\"rejected\",\"reason\":null,"
		  "\"container_name\":\"n\",\"submitted_at\":\"s\",\"decided_at\":\"d\",\"decided_by_uid\":0}" },
		{ &rule_request_info_shape,
		  "{\"id\":\"rr\",\"container_id\":\"c\",\"rule_file\":\"f\",\"status\":\"pending\"}" },
		{ &reject_request_shape, "{\"reason\":\"no\"}" },
		{ &reject_request_shape, "{}" },
		{ &approve_result_shape, "{\"id\":\"rr\",\"rules_loaded\":3}" },
		{ &rule_summary_shape,
		  "{\"id\":\"a\",\"file\":\"f\",\"action\":\"allow\",\"condition_preview\":\"c\","
		  "\"description\":null}" },
		{ &rule_detail_shape,
		  "{\"id\":\"a\",\"condition\":\"c\",\"action\":\"block\",\"log\":false,"
		  "\"description\":null,\"priority\":-5}" },
		{ &reload_result_shape,
		  "{\"files_loaded\":1,\"rules_loaded\":2,\"warnings\":[\"w\"]}" },
		{ &evaluate_request_shape, "{\"context\":" CONTEXT "}" },
		{ &evaluate_request_shape, "{\"context\":{}}" },
		{ &evaluate_result_shape,
		  "{\"decision\":\"block\",\"matched_rule\":null,\"file\":null,\"logged\":true}" },
		{ &test_expression_request_shape,
		  "{\"expression\":\"true\",\"context\":{\"agent\":{\"name\":\"\"}}}" },
		{ &test_expression_result_shape, "{\"result\":false,\"error\":\"e\"}" },
		{ &dns_filter_status_shape,
		  "{\"running\":true,\"listen_address\":\"10.200.0.1\",\"listen_port\":53,\"upstreams\":[\"192.0.2.53:53\"],"
		  "\"cache_entries\":142,\"queries_total\":5823,\"queries_allowed\":4901,\"queries_blocked\":922}" },
		{ &dns_cache_stats_shape,
		  "{\"entries\":1,\"max_entries\":2,\"hits\":3,\"misses\":4,\"evictions\":18446744073709551615}" },
		{ &dns_cache_detail_shape,
		  "{\"stats\":{\"entries\":1,\"max_entries\":2,\"hits\":3,\"misses\":4,\"evictions\":5},\"entries\":["
		  "{\"hostname\":\"a\",\"record_type\":\"A\",\"ttl_remaining_secs\":7,\"cached_at\":\"t\"},"
		  "{\"hostname\":\"b\",\"record_type\":\"A\",\"ttl_remaining_secs\":8}]}" },
		{ &dns_flush_result_shape, "{\"entries_flushed\":142}" },
		{ &proxy_status_shape,
		  "{\"running\":true,\"listen_address\":\"10.200.0.1:8080\",\"proxy_url\":\"http://10.200.0.1:8080\","
		  "\"active_connections\":0,\"total_requests\":1,\"total_blocked\":2}" },
		{ &jail_start_request_shape, "{\"name\":\"n\",\"network\":null}" },
		{ &jail_start_result_shape,
		  "{\"id\":\"jail-01234567\",\"name\":\"n\",\"network\":\"outcall-default\",\"interface\":\"eth0\","
		  "\"address\":\"10.200.0.128\",\"gateway\":\"10.200.0.1\",\"dns\":\"10.200.0.1\",\"proxy_url\":null,"
		  "\"ca_pem\":\"pem\"}" },
		{ &jail_info_shape,
		  "{\"id\":\"jail-01234567\",\"name\":\"n\",\"network\":\"w\",\"address\":\"10.200.0.128\","
		  "\"started_at\":\"t\",\"pid\":1,\"uid\":4294967295}" },
		{ &version_info_shape,
		  "{\"version\":\"v\",\"boot_id\":\"b\",\"started_at\":\"t\",\"uptime_secs\":9}" },
		{ &daemon_info_shape,
		  "{\"version\":\"v\",\"pid\":1,\"rules_dir\":\"r\",\"bridge\":\"b\",\"host_socket\":\"h\","
		  "\"agent_socket\":\"a\"}" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		STR_EQ(round_trip(cases[i].shape, cases[i].text), cases[i].text);
}

T(strictness_and_ranges)
{
	static const struct {
		const struct json_shape *shape;
		const char *text, *want;
	} cases[] = {
		{ &jail_start_request_shape, "{}", "{\"name\":null,\"network\":null}" },
		{ &jail_start_request_shape, "{\"nam\":1}", "unknown field \"nam\"" },
		{ &api_verdict_shape, "{\"allowed\":true,\"x\":1}", "unknown field \"x\"" },
		{ &rule_request_shape,
		  "{\"description\":\"d\",\"condition\":\"c\",\"action\":\"Allow\"}",
		  "field \"action\" must be one of \"allow\", \"block\", \"enrich\"" },
		{ &dns_flush_result_shape, "{\"entries_flushed\":1,\"new\":{}}",
		  "{\"entries_flushed\":1}" },
		{ &dns_flush_result_shape, "{\"entries_flushed\":1.5}",
		  "field \"entries_flushed\" must be an integer from 0 to 18446744073709551615" },
		{ &bridge_status_shape, "{\"name\":\"a name that is too long\"}",
		  "field \"name\" is longer than 15 bytes" },
		{ &evaluate_request_shape, "{\"context\":{\"dns\":{\"query\":\"a\"}}}",
		  "field \"context\": field \"dns\": missing field \"record_type\"" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		STR_EQ(round_trip(cases[i].shape, cases[i].text), cases[i].want);
}

T(envelopes)
{
	struct buf b = BUF_OF(out);
	const struct dns_flush_result flushed = { 3 };
	envelope_ok(&b);
	STR_EQ(buf_c(&b), "{\"success\":true}");
	buf_reset(&b);
	envelope_data(&b, &dns_flush_result_shape, &flushed);
	STR_EQ(buf_c(&b), "{\"success\":true,\"data\":{\"entries_flushed\":3}}");
	buf_reset(&b);
	envelope_error(&b, "a \"b\"");
	STR_EQ(buf_c(&b), "{\"success\":false,\"error\":\"a \\\"b\\\"\"}");
	STR_EQ(round_trip(&envelope_shape, "{\"success\":true}"), "{\"success\":true}");
	STR_EQ(round_trip(&envelope_shape, "{\"success\":true,\"data\":null}"),
	       "{\"success\":true}");
	STR_EQ(round_trip(&envelope_shape, "{\"data\":[1],\"success\":true}"),
	       "{\"success\":true,\"data\":[1]}");
	STR_EQ(round_trip(&envelope_shape, "{\"error\":\"x\"}"), "missing field \"success\"");
}

T(event_of_each_layer)
{
	for (unsigned i = 0; i < EVENT_LAYER_COUNT; i++) {
		const struct event ev = {
			.seq = 1, .layer = (enum event_layer)i, .host = "h", .method = "m"
		};
		struct buf b = BUF_OF(out);
		struct jsonw w = jsonw_on(&b);
		struct err e;
		event_write(&w, &ev);
		arena_fini(&arena);
		arena_init(&arena, 1 << 20);
		EQ(json_parse(&doc, buf_str(&b), &arena, &e), 0);
		struct json_val root = json_root(&doc);
		OK(json_str_is(json_get(root, "layer"), str_of(event_layer_names[i])));
		OK(json_str_is(json_get(root, i == EVENT_PERMISSION ? "tool" : "host"), STR("h")));
		EQ(json_kind(json_get(root, i == EVENT_DNS ? "method" : "record_type")), JSON_NULL);
		EQ(json_kind(json_get(root, "port")), JSON_NULL);
	}
}
