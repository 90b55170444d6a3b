/* host_api_test.c - the operator's endpoints against real modules: rules, bridge and a jail in a network
 * namespace of the test's own
 *
 * Spec: operations sections 4 and 16, S003-IF-001..005, -007..009, S003 1.5, S001-IF-001, S007-IF-001..003.
 */
#include "t.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "api/host_api.h"
#include "bench.h"
#include "policy/load.h"

static struct bridge br;
static struct jails jails;
static struct ident_index idents;	/* no Engine */
static struct rules rules;
static struct snap_box box;
static struct event_log verdicts;
static struct worker_stats stats[2];
static struct upstreams ups;
static struct data_config data;
static struct host_api host;
static struct api_config cfg;
static struct requests requests;
static struct dyn_grant open_grants[] = {
	{ .number = 2, .key = { 0x0ac80002, 0x01010100, 24, 0, 0 }, .container = "b",
	  .destination = "1.1.1.0/24" },
	{ .number = 3, .key = { 0x0ac80002, 0x01010101, 32, 6, 443 }, .container = "a",
	  .destination = "one.test", .deadline_ms = 1 },
};
static struct dyn grants = { .v = open_grants, .cnt = 2 };
static char state_dir[64];
static bool serving, fail_reload;
static unsigned ended;

/* ---- a daemon in miniature ---- */

static const char rule_text[] =
	"version: \"1\"\n"
	"rules:\n"
	"  - id: allow-api\n"
	"    condition: dns.query == \"api.example.com\"\n"
	"    action: allow\n"
	"    log: true\n"
	"    description: the API\n"
	"  - id: evaluate\n"
	"    condition: http.host == \"bad.example\" && run.context.deep.list[0] == 1\n"
	"    action: block\n"
	"    priority: 10\n";

static int load_rules(struct err *e)
{
	const struct rule_source src = { "10-test.yaml", { rule_text, sizeof(rule_text) - 1 } };
	const struct load_opts opts = { .ca_loaded = false };
	struct ruleset *set;
	if (ruleset_load(&src, 1, &opts, &set, e) < 0)
		return -1;
	(void)snap_publish(&box, &set->snap);
	rules.published = true;
	return 0;
}

static int op_up(void *daemon, struct err *e)
{
	(void)daemon;
	return bridge_up(&br, e);
}

static int op_down(void *daemon, struct err *e)
{
	(void)daemon;
	return err_set(e, ERR_CONFLICT, "cannot tear down bridge while jails are running: a");
}

static int op_reload(void *daemon, struct err *e)
{
	(void)daemon;
	return fail_reload ? err_set(e, ERR_INVALID, "a.yaml:3: wrong") : load_rules(e);
}

static int op_jail_start(void *daemon, const struct jail_start_request *rq, int conn_fd,
			 struct jail **out, struct err *e)
{
	(void)daemon, (void)conn_fd;
	if (rq->name && jail_by_name(&jails, str_of(rq->name)))
		return err_set(e, ERR_EXISTS, "jail \"%s\" is already running", rq->name);
	struct jail *j = &jails.slots[jails.cnt++];
	*j = (struct jail){ .id = "jail-0123abcd",
			    .network = "outcall-default",
			    .pid = 4711,
			    .uid = 1000,
			    .addr = ip_v4(0x0ac80080),
			    .gateway = ip_v4(0x0ac80001),
			    .pidfd = -1,
			    .ns_fd = -1 };
	snprintf(j->name, sizeof(j->name), "%s", rq->name ? rq->name : j->id);
	*out = j;
	return 0;
}

static void op_jail_end(void *daemon, struct jail *j)
{
	(void)daemon;
	jail_release(&jails, j);
	ended++;
}

static bool op_is_serving(void *daemon)
{
	(void)daemon;
	return serving;
}

static enum host_api_done op_grant(void *daemon, const struct dyn_request *rq, struct api_ref ref,
				   uint64_t *number, struct err *e)
{
	(void)daemon, (void)ref;
	*number = 7;
	if (str_eq_c(rq->destination, "later.test"))
		return HOST_API_LATER;
	if (rq->has_port && rq->protocol.p)
		return HOST_API_DONE;
	(void)err_set(e, ERR_INVALID, "a destination port requires protocol 'tcp' or 'udp'");
	return HOST_API_REFUSED;
}

static int op_flush_grants(void *daemon, unsigned *removed, struct err *e)
{
	(void)daemon, (void)e;
	*removed = 3;
	return 0;
}

static const struct host_api_ops ops = {
	.bridge_up = op_up,
	.bridge_down = op_down,
	.reload = op_reload,
	.jail_start = op_jail_start,
	.jail_end = op_jail_end,
	.grant = op_grant,
	.flush_grants = op_flush_grants,
	.is_serving = op_is_serving,
};

static int op_restore(void *daemon, struct rules_saved *saved, struct err *e)
{
	(void)daemon, (void)e;
	(void)rules_restore(&rules, saved);
	return 0;
}

static const struct requests_policy policy = { op_reload, op_restore };

#define QUEUED(id, container, text) "\"" id "\":{\"container_id\":\"" container "\",\"rule_file\":\"" text \
	"\",\"status\":\"pending\",\"reason\":null}"
#define PROPOSED "version: 1\\nrules: [{id: allow-api, condition: 'true', action: allow}]\\n"

/* Three requests wait, in a directory that is the rules directory too. */
static void open_requests(void)
{
	struct requests_config conf = {
		.state_dir = state_dir, .rules = &rules, .rules_dir = state_dir, .policy = &policy,
		.rate = { 10, 60 },
	};
	char path[96];
	struct err e;
	requests_close(&requests);
	snprintf(state_dir, sizeof(state_dir), "/tmp/host_api_test.XXXXXX");
	OK(mkdtemp(state_dir) != NULL);
	snprintf(path, sizeof(path), "%s/rule-requests.json", state_dir);
	umask(077);
	FILE *f = fopen(path, "w");
	OK(f != NULL);
	fputs("{" QUEUED("rr-00000000000c", "jail-c", PROPOSED) "," QUEUED("rr-00000000000a", "jail-a", PROPOSED) ","
	      QUEUED("rr-00000000000b", "jail-b", PROPOSED) "}", f);
	OK(fclose(f) == 0);
	rules.box = &box;
	rules.dir = state_dir;
	if (requests_open(&requests, &conf, &e) < 0)
		FAIL("%s", e.msg);
	host.requests = &requests;
}

static void remove_requests(void)
{
	char cmd[96];
	snprintf(cmd, sizeof(cmd), "rm -rf %s", state_dir);
	OK(system(cmd) == 0);
}

static void prepare(void)
{
	static bool made;
	struct err e;
	if (made)
		return;
	if (unshare(CLONE_NEWNET) < 0)
		SKIP("needs a network namespace of its own");
	const struct bridge_conf conf = {
		.name = "octest0",
		.gateway = ip_v4(0x0ac80001),
		.gateway_bits = 24,
		.dns = { ip_v4(0x0ac80001), 53 },
		.proxy = { ip_v4(0x0ac80001), 8080 },
		.reject = true,
	};
	data = (struct data_config){
		.dns = conf.dns, .proxy = conf.proxy, .proxy_on = true, .workers = 2
	};
	ups = (struct upstreams){ .cnt = 1, .ep = { { ip_v4(0xc0000235), 53 } } };
	snap_box_init(&box);
	if (bridge_open(&br, &conf, &e) < 0 || events_open(&verdicts, 16, &e) < 0 ||
	    load_rules(&e) < 0)
		FAIL("%s", e.msg);
	host = (struct host_api){
		.ops = &ops,
		.bridge = &br,
		.jails = &jails,
		.idents = &idents,
		.rules_box = &box,
		.rules = &rules,
		.grants = &grants,
		.stats = stats,
		.data = &data,
		.upstreams = &ups,
		.events = &verdicts,
		.rules_dir = "/etc/outcall/rules.d",
		.host_socket = "/run/outcall/host.sock",
		.state_dir = "/tmp",
	};
	cfg = (struct api_config){
		.routes = host_api_routes,
		.kind_listen = BENCH_LISTEN,
		.kind_conn = BENCH_CONN,
		.conns = 8,
		.body_max = 1 << 20,
		.shape_status = 422,
		.for_operators = true,
		.is_confined = host_api_is_confined,
	};
	made = true;
}

static void start(void)
{
	prepare();
	bench_start(&cfg, &host);
	verdicts.server = &bench.server;
}

/* ---- tests ---- */

T(daemon_endpoints)
{
	start();
	EQ(get("/api/v1/health"), 200);
	HAS(got, "{\"success\":true,\"data\":{\"status\":\"ok\"}}");
	EQ(get("/api/v1/version"), 200);
	HAS(got, verdicts.boot_id);
	EQ(get("/api/v1/daemon"), 200);
	HAS(got, "\"rules_dir\":\"/etc/outcall/rules.d\",\"bridge\":\"octest0\"");
	EQ(post("/api/v1/health", "{}"), 405);
	EQ(get("/api/v2/health"), 404);
}

T(evaluate_needs_the_bridge)
{
	static const char ask_dns[] =
		"{\"context\":{\"dns\":{\"query\":\"api.example.com\",\"record_type\":\"A\"}}}";
	start();
	EQ(get("/api/v1/bridge"), 200);
	HAS(got, "{\"name\":\"octest0\",\"up\":false,\"index\":null,\"nftables_active\":false}");
	EQ(post("/api/v1/rule/evaluate", ask_dns), 200);
	HAS(got, "{\"success\":false,\"error\":\"rule evaluation unavailable: bridge is not up\"}");
	if (post("/api/v1/bridge/up", "") != 200 || !strstr(got, "{\"success\":true}"))
		SKIP("this kernel makes no bridge here");
	EQ(get("/api/v1/bridge"), 200);
	HAS(got, "\"up\":true,\"index\":");
	HAS(got, "\"nftables_active\":true}");
	EQ(post("/api/v1/rule/evaluate", ask_dns), 200);
	HAS(got,
	    "{\"decision\":\"allow\",\"matched_rule\":\"allow-api\",\"file\":\"10-test.yaml\",\"logged\":true}");
	EQ(post("/api/v1/rule/evaluate", "{\"context\":{}}"), 200);
	HAS(got, "{\"decision\":\"block\",\"matched_rule\":null,\"file\":null,\"logged\":false}");
	EQ(post("/api/v1/rule/evaluate",
		"{\"context\":{\"http\":{\"method\":\"GET\",\"path\":\"/\",\"host\":\"bad.example\",\"headers\":{},"
		"\"body_size\":0,\"body\":null},\"run\":{\"tool\":\"t\",\"args\":[],\"flags\":[],\"cwd\":\"/\","
		"\"context\":{\"deep\":{\"list\":[1]}}}}}"),
	   200);
	HAS(got, "\"decision\":\"block\",\"matched_rule\":\"evaluate\"");
}

T(wrong_contexts_are_422)
{
	static const char *const bad[] = {
		"{}",
		"{\"context\":{\"dns\":{}}}",
		"{\"context\":{\"x\":null}}",
		"{\"context\":[]}",
		"{\"context\":{\"dns\":{\"query\":\"a\",\"record_type\":\"A\",\"x\":1}}}",
		"{\"context\":{\"network\":{\"ip\":\"\",\"port\":65536,\"protocol\":\"tcp\"}}}",
		("{\"context\":{\"http\":{\"method\":\"\",\"path\":\"\",\"host\":\"\",\"headers\":{},"
		 "\"body_size\":9223372036854775808}}}"),
		"{\"context\":{\"run\":{\"tool\":\"\",\"args\":[],\"flags\":[],\"cwd\":\"\",\"context\":[]}}}",
	};
	start();
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (post("/api/v1/rule/evaluate", bad[i]) != 422)
			FAIL("%s -> %s", bad[i], got);
}

T(test_of_expressions)
{
	start();
	EQ(post("/api/v1/rule/test",
		"{\"expression\":\"dns.query.startsWith('a')\",\"context\":{\"dns\":"
		"{\"query\":\"api\",\"record_type\":\"A\"}}}"),
	   200);
	HAS(got, "{\"result\":true,\"error\":null}");
	EQ(post("/api/v1/rule/test", "{\"expression\":\"dns.query ==\",\"context\":{}}"), 200);
	HAS(got, "\"result\":false,\"error\":\"CEL parse error: 1:");
	EQ(post("/api/v1/rule/test", "{\"expression\":\"1 + 1\",\"context\":{}}"), 200);
	HAS(got, "\"error\":\"expression returned non-bool: int\"");
	EQ(post("/api/v1/rule/test",
		"{\"expression\":\"http.headers['x'] == 'y'\",\"context\":{\"http\":"
		"{\"method\":\"\",\"path\":\"\",\"host\":\"\",\"headers\":{},\"body_size\":0}}}"),
	   200);
	HAS(got, "\"error\":\"evaluation error: ");
}

T(rules_are_listed_and_shown)
{
	start();
	EQ(get("/api/v1/rules"), 200);
	HAS(got, "\"data\":[{\"id\":\"evaluate\",\"file\":\"10-test.yaml\",\"action\":\"block\",");
	HAS(got,
	    "\"condition_preview\":\"dns.query == \\\"api.example.com\\\"\",\"description\":\"the API\"}]");
	EQ(get("/api/v1/rule/evaluate"), 200);	/* per method: POST is the question */
	HAS(got, "\"priority\":10}");
	EQ(get("/api/v1/rule/no%20ne"), 200);
	HAS(got, "{\"success\":false,\"error\":\"rule not found: \\\"no ne\\\"\"}");
	EQ(get("/api/v1/rules/counters"), 200);
	HAS(got, "\"default_block\":{\"hits\":0,\"last_hit\":null}");
	EQ(post("/api/v1/rules/counters/reset", "{}"), 200);
	HAS(got, "{\"reset\":2}");
}

T(explanations)
{
	start();
	EQ(post("/api/v1/rule/explain", "{\"dns\":\"API.example.com.\"}"), 200);
	HAS(got, "{\"layers\":[{\"layer\":\"dns\",\"decision\":\"allow\",\"matched_rule\":\"allow-api\","
		 "\"file\":\"10-test.yaml\",\"line\":3,\"reason\":null,\"near\":[]}]}");
	EQ(post("/api/v1/rule/explain", "{\"dns\":\"api.exampel.com\"}"), 200);
	HAS(got, "\"reason\":\"no rule matched\",\"near\":[{\"id\":\"allow-api\",");
	HAS(got, "\"failed\":\"dns.query == \\\"api.example.com\\\"\",\"values\":[{\"expr\":\"dns.query\","
		 "\"value\":\"\\\"api.exampel.com\\\"\"}]}]");
	EQ(post("/api/v1/rule/explain", "{\"context\":{\"dns\":{\"query\":\"api.example.com\","
					"\"record_type\":\"A\"}}}"), 200);
	HAS(got, "{\"layers\":[{\"layer\":\"dns\",\"decision\":\"allow\"");
	/* A dynamic rule opens the address, or the name it was made for, to its container alone. */
	EQ(post("/api/v1/rule/explain", "{\"host\":\"1.1.1.9\",\"port\":22,\"agent\":\"b\"}"), 200);
	HAS(got, "{\"layer\":\"tcp\",\"decision\":\"allow\",\"matched_rule\":null,");
	EQ(post("/api/v1/rule/explain", "{\"host\":\"1.1.2.9\",\"port\":22,\"agent\":\"b\"}"), 200);
	HAS(got, "{\"layer\":\"tcp\",\"decision\":\"block\"");
	EQ(post("/api/v1/rule/explain", "{\"host\":\"one.test\",\"agent\":\"a\"}"), 200);
	HAS(got, "{\"layer\":\"tcp\",\"decision\":\"allow\"");
	EQ(post("/api/v1/rule/explain", "{\"host\":\"one.test\",\"agent\":\"b\"}"), 200);
	HAS(got, "{\"layer\":\"tcp\",\"decision\":\"block\"");
	EQ(get("/api/v1/rules/counters"), 200);	/* questions are not counted */
	HAS(got, "\"id\":\"allow-api\",\"file\":\"10-test.yaml\",\"action\":\"allow\",\"hits\":0,");
	HAS(got, "\"default_block\":{\"hits\":0,\"last_hit\":null}");
}

T(explanations_of_what_is_none)
{
	static const struct {
		const char *body, *error;
	} cases[] = {
		{ "{}", "exactly one of \\\"context\\\", \\\"host\\\" and \\\"dns\\\" is needed" },
		{ "{\"host\":\"a\",\"dns\":\"a\"}", "exactly one of " },
		{ "{\"context\":{},\"agent\":\"a\"}", "takes no other field beside it" },
		{ "{\"dns\":\"a\",\"port\":80}", "belong to \\\"host\\\"" },
		{ "{\"host\":\"a\",\"port\":0}", "field \\\"port\\\" must be 1-65535" },
		{ "{\"host\":\"a\",\"port\":65536}", "field \\\"port\\\" must be an integer" },
		{ "{\"host\":\"a b\"}", "\\\"a b\\\" is no host name" },
		{ "{\"host\":\"a\",\"x\":1}", "unknown field \\\"x\\\"" },
		{ "{\"context\":{\"dns\":{\"query\":\"a\"}}}", "record_type" },
	};

	start();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		EQ(post("/api/v1/rule/explain", cases[i].body), 422);
		HAS(got, cases[i].error);
	}
	EQ(get("/api/v1/rule/explain"), 200);	/* a rule of that id is not there */
	HAS(got, "rule not found");
}

T(reload_tells_both_ends)
{
	start();
	EQ(post("/api/v1/rules/reload", ""), 200);
	HAS(got, "{\"files_loaded\":1,\"rules_loaded\":2,\"warnings\":[");
	fail_reload = true;
	EQ(post("/api/v1/rules/reload", ""), 200);
	HAS(got, "\"error\":\"reload failed: a.yaml:3: wrong. Previous rules remain active.\"");
	fail_reload = false;
}

T(dns_and_proxy)
{
	start();
	serving = true;
	atomic_store(&stats[0].dns_total, 3);
	atomic_store(&stats[1].dns_total, 4);
	atomic_store(&stats[1].proxy_blocked, 5);
	EQ(get("/api/v1/dns"), 200);
	HAS(got, "{\"running\":true,\"listen_address\":\"10.200.0.1\",\"listen_port\":53,"
		 "\"upstreams\":[\"192.0.2.53:53\"],\"cache_entries\":0,\"queries_total\":7,");
	EQ(get("/api/v1/proxy"), 200);
	HAS(got,
	    "{\"running\":true,\"listen_address\":\"10.200.0.1:8080\",\"proxy_url\":\"http://10.200.0.1:8080\",");
	HAS(got, "\"total_blocked\":5}");
	EQ(get("/api/v1/dns/cache"), 200);
	HAS(got,
	    "\"data\":{\"entries\":0,\"max_entries\":10000,\"hits\":0,\"misses\":0,\"evictions\":0}");
	EQ(get("/api/v1/dns/cache?entries=true"), 200);
	HAS(got, "\"entries\":[]}");
	EQ(get("/api/v1/dns/cache?entries=1"), 400);
	EQ(post("/api/v1/dns/cache/flush", ""), 200);
	HAS(got, "{\"entries_flushed\":0}");
	serving = false;
	EQ(get("/api/v1/dns"), 200);
	HAS(got, "\"running\":false");
	HAS(got, "\"queries_total\":0");
}

T(not_ready_is_503)
{
	start();
	serving = false;
	EQ(get("/api/v1/ready"), 503);
	HAS(got, "\"success\":true,\"data\":{\"ready\":false,\"checks\":[{\"name\":\"bridge\",");
	HAS(got, "{\"name\":\"dns\",\"ok\":false,\"detail\":\"not running\"}");
	HAS(got, "{\"name\":\"docker\",\"ok\":true,\"detail\":\"no Engine on this host\"}");
}

T(refusal_of_bridge_down)
{
	start();
	EQ(post("/api/v1/bridge/down", ""), 200);
	HAS(got,
	    "{\"success\":false,\"error\":\"cannot tear down bridge while jails are running: a\"}");
}

T(jail_lives_as_long_as_its_connection)
{
	start();
	int fd = peer();
	got[0] = '\0';
	say_c(fd, "POST /api/v1/jail HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
		  "Content-Length: 15\r\n\r\n{\"name\":\"work\"}");
	OK(!hear(fd));
	EQ(status(), 200);
	HAS(got,
	    "{\"id\":\"jail-0123abcd\",\"name\":\"work\",\"network\":\"outcall-default\",\"interface\":\"eth0\","
	    "\"address\":\"10.200.0.128\",\"gateway\":\"10.200.0.1\",\"dns\":\"10.200.0.1\","
	    "\"proxy_url\":\"http://10.200.0.1:8080\",\"ca_pem\":null}");
	EQ(get("/api/v1/jails"), 200);
	HAS(got,
	    "[{\"id\":\"jail-0123abcd\",\"name\":\"work\",\"network\":\"outcall-default\","
	    "\"address\":\"10.200.0.128\",\"started_at\":\"1970-01-01T00:00:00Z\",\"pid\":4711,\"uid\":1000}]");
	EQ(post("/api/v1/jail", "{\"name\":\"work\"}"), 409);
	HAS(got, "jail \\\"work\\\" is already running");
	EQ(post("/api/v1/jail", "{\"name\":\"\"}"), 200);
	HAS(got, "\"success\":false,\"error\":\"jail name must contain");
	EQ(post("/api/v1/jail", "{\"name\":\"a/b\"}"), 200);
	HAS(got, "\"success\":false,\"error\":\"jail name must contain");
	EQ(post("/api/v1/jail", "{\"nam\":\"x\"}"), 422);
	EQ(ended, 0);
	close(fd);
	turns(3);
	EQ(ended, 1);
	EQ(get("/api/v1/jails"), 200);
	HAS(got, "\"data\":[]");
}

/* ---- rule requests ---- */

#define RQ "/api/v1/requests/rules"

T(requests_are_listed_by_id)	/* S003-IF-007 */
{
	start();
	open_requests();
	EQ(get(RQ), 200);
	HAS(got, "\"data\":[{\"id\":\"rr-00000000000a\",\"container_id\":\"jail-a\",\"rule_file\":\"version: 1");
	HAS(got, "\"status\":\"pending\"},{\"id\":\"rr-00000000000b\"");
	EQ(get(RQ "?status=rejected"), 200);
	HAS(got, "\"data\":[]");
	EQ(get(RQ "?status=some"), 400);
	HAS(got, "invalid query parameter \\\"status\\\"");
	EQ(get(RQ "/rr-00000000000a"), 200);
	HAS(got, "\"analysis\":{\"rules\":[{\"id\":\"allow-api\",\"action\":\"allow\",\"condition\":\"true\",\"priority\":100,\"egress\":null}],"
		 "\"flags\":[\"not limited to the requesting agent\",\"always true\",\"wildcard host match\",\"id already in use (10-test.yaml)\"]}");
	EQ(get(RQ "/rr-00000000000d"), 404);
	EQ(get(RQ "/x"), 400);
	remove_requests();
}

T(every_row_of_deciding)	/* S003 1.5 */
{
	char path[128];
	start();
	open_requests();
	EQ(post(RQ "/rr-x/approve", ""), 400);
	HAS(got, "{\"success\":false,\"error\":\"invalid rule request ID\"}");
	EQ(post(RQ "/rr-00000000000A/reject", "{}"), 400);
	EQ(post(RQ "/rr-0000000000ff/approve", ""), 404);
	HAS(got, "rule request \\\"rr-0000000000ff\\\" not found");
	EQ(post(RQ "/rr-0000000000ff/reject", "{}"), 404);
	EQ(post(RQ "/rr-00000000000a/reject", "{\"reason\":\"\"}"), 422);
	HAS(got, "rejection reason must not be empty");
	EQ(post(RQ "/rr-00000000000a/reject", "{\"reason\":\"a\\tb\"}"), 422);
	HAS(got, "rejection reason must not contain control characters");
	EQ(post(RQ "/rr-00000000000a/reject", "{\"why\":\"\"}"), 422);
	EQ(get(RQ "/rr-00000000000a/reject"), 405);
	EQ(post(RQ "/rr-00000000000a/reject", "{\"reason\":\"no\"}"), 200);
	HAS(got, "{\"success\":true,\"data\":{\"id\":\"rr-00000000000a\"}}");
	EQ(post(RQ "/rr-00000000000a/reject", "{}"), 409);
	HAS(got, "rule request \\\"rr-00000000000a\\\" is not pending (status: Rejected)");
	EQ(post(RQ "/rr-00000000000a/approve", ""), 409);
	HAS(got, "rule request \\\"rr-00000000000a\\\" has already been rejected");
	fail_reload = true;
	EQ(post(RQ "/rr-00000000000b/approve", ""), 500);
	fail_reload = false;
	HAS(got, "rule engine reload failed after writing \\\"agent-rr-00000000000b.yaml\\\": a.yaml:3: wrong\"");
	snprintf(path, sizeof(path), "%s/agent-rr-00000000000b.yaml", state_dir);
	OK(access(path, F_OK) != 0);
	EQ(post(RQ "/rr-00000000000b/approve", ""), 200);
	HAS(got, "{\"success\":true,\"data\":{\"id\":\"rr-00000000000b\",\"rules_loaded\":2}}");
	OK(access(path, F_OK) == 0);
	EQ(post(RQ "/rr-00000000000b/approve", ""), 409);
	HAS(got, "rule request \\\"rr-00000000000b\\\" is already approved");
	EQ(post(RQ "/rr-00000000000b/reject", "{}"), 409);
	HAS(got, "is not pending (status: Approved)");
	snprintf(path, sizeof(path), "%s/agent-rr-00000000000c.yaml", state_dir);
	FILE *f = fopen(path, "w");
	OK(f != NULL && fclose(f) == 0);
	EQ(post(RQ "/rr-00000000000c/approve", ""), 500);
	HAS(got, "failed to write rule file \\\"agent-rr-00000000000c.yaml\\\": ");
	HAS(got, "already exists");
	EQ(get(RQ "?status=all"), 200);
	HAS(got, "\"status\":\"rejected\",\"reason\":\"no\"");
	HAS(got, "\"status\":\"approved\",\"reason\":\"operator approved at ");
	EQ(get(RQ "/rr-00000000000b"), 200);
	HAS(got, "\"rule_file\":\"\",\"status\":\"approved\"");
	remove_requests();
	requests_close(&requests);
}

T(failure_to_persist_is_500)	/* S003 1.5: the state directory is gone */
{
	start();
	open_requests();
	remove_requests();
	EQ(post(RQ "/rr-00000000000a/reject", "{}"), 500);
	HAS(got, "{\"success\":false,\"error\":\"failed to persist rule rejection\"}");
	requests.cfg.rules_dir = "/tmp";
	EQ(post(RQ "/rr-00000000000a/approve", ""), 500);
	HAS(got, "failed to persist rule approval; previous policy was restored");
	OK(access("/tmp/agent-rr-00000000000a.yaml", F_OK) != 0);
	requests_close(&requests);
}

T(dynamic_rules)	/* S009-IF-001..003 */
{
	start();
	EQ(get("/api/v1/rules/active"), 200);
	HAS(got, "\"data\":[{\"container\":\"a\",\"src_ip\":\"10.200.0.2\",\"destination\":\"one.test\","
		 "\"protocol\":\"tcp\",\"port\":443,\"nft_handle\":3,\"inserted_at\":\"1970-01-01T00:00:00Z\","
		 "\"expires_in_secs\":0},");
	HAS(got, "{\"container\":\"b\",\"src_ip\":\"10.200.0.2\",\"destination\":\"1.1.1.0/24\","
		 "\"protocol\":null,\"port\":null,\"nft_handle\":2,\"inserted_at\":\"1970-01-01T00:00:00Z\"}]");
	EQ(post("/api/v1/rules/flush", ""), 200);
	HAS(got, "\"data\":{\"removed\":3}");
#define TO "{\"container\":\"a\",\"src_ip\":\"10.200.0.2\",\"destination\":\"1.1.1.1\""
	EQ(post("/api/v1/rule/allow", TO ",\"protocol\":\"tcp\",\"port\":443}"), 200);
	HAS(got, "{\"success\":true,\"data\":{\"nft_handle\":7}}");
	EQ(post("/api/v1/rule/allow", TO ",\"port\":443}"), 200);
	HAS(got, "{\"success\":false,\"error\":\"a destination port requires protocol 'tcp' or 'udp'\"}");
	EQ(post("/api/v1/rule/allow", TO ",\"ports\":[1]}"), 422);
	EQ(post("/api/v1/rule/allow", TO ",\"port\":\"x\"}"), 422);
	EQ(post("/api/v1/rule/allow", "{\"container\":\"a\"}"), 422);
	EQ(get("/api/v1/rule/allow"), 200);	/* a rule may be called so */
	HAS(got, "rule not found: \\\"allow\\\"");
}

T(zz_clean)
{
	start();
	bench_stop();
	bridge_close(&br);
	events_close(&verdicts);
	snap_box_fini(&box);
}
