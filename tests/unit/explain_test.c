/* explain_test.c - which rules came close, and why; the layers of a target (S003 1.3, 1.9) */
#include "base/log.h"
#include "base/utf8.h"
#include "policy/explain.h"
#include "policy/load.h"
#include "t.h"

/* 2 * 250 bytes: longer than what is shown of a test */
#define TEN "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
#define FIFTY TEN TEN TEN TEN TEN
#define LONG FIFTY FIFTY FIFTY FIFTY FIFTY

static const char rules[] =
	"version: 1\n"
	"definitions:\n"
	"  gh: 'dns.query in [\"github.com\", \"api.github.com\"] || http.host in [\"github.com\", "
	"\"api.github.com\"]'\n"
	"rules:\n"
	"- {id: no-deletes, priority: 10, action: block, condition: 'http.host == \"api.github.com\" && "
	"http.method == \"DELETE\"'}\n"
	"- {id: gh, action: allow, condition: 'agent.name == \"ci\" && ($gh)'}\n"
	"- {id: header, action: allow, condition: 'http.host == \"api.example.org\" && "
	"http.headers[\"x-key\"] == \"1\" && size(http.path) < 3'}\n"
	"- {id: mirror, action: allow, condition: 'dns.query == \"mirror.example.org\"', "
	"egress: {mode: direct_ip, ports: [8443]}}\n"
	"- {id: lab, action: allow, condition: 'network.ip == \"10.0.0.1\"', "
	"egress: {mode: proxy, allow_private_ips: true}}\n"
	"- {id: tool, action: allow, condition: 'run.tool == \"git\"'}\n"
	"- {id: number, action: block, priority: 20, condition: 'http.host == \"n.example.net\" && "
	"int(http.path.substring(1)) > 3'}\n"
	"- {id: six, action: allow, condition: 'network.ip == \"2606:4700::1111\"'}\n"
	"- {id: far-agent, action: allow, condition: 'agent.name == \"zz\" && "
	"http.host == \"exact.example.net\"'}\n"
	"- {id: typo, action: allow, condition: 'http.host == \"exacd.example.net\"'}\n"
	"- {id: cut, action: allow, condition: 'http.host == \"cut.example.net\" && "
	"http.path == \"/" LONG "\"'}\n"
	"- {id: tls, action: allow, condition: 'http.host == \"tls.example.net\"', "
	"egress: {mode: intercept}}\n"
	"- {id: any-name, action: allow, condition: 'dns.query.endsWith(\"localhost\") || "
	"dns.record_type == \"HTTPS\"'}\n"
	"- {id: last, priority: 999, action: block, condition: 'true'}\n"
	"- {id: late, priority: 1000, action: allow, condition: 'http.host == \"late.example.org\"'}\n";

#define TENS(v) "[1,2,3,4,5,6,7,8,9,10].all(" v ", "

static struct arena mem;
static struct ruleset *set;
static struct explain_report r;
static struct err err;

static void start(void)
{
	struct rule_source src = { "f.yaml", str_of(rules) };
	struct load_opts opts = { .ca_loaded = true };

	if (set)
		return;
	arena_init(&mem, 1 << 24);
	OK(log_set_levels(STR("error"), &err) == 0);
	if (ruleset_load(&src, 1, &opts, &set, &err) < 0)
		FAIL("%s", err.msg);
}

/* The report about a target as one line a layer. */
static const char *explain(struct explain_target t)
{
	static char text[8192];
	struct buf b = BUF_OF(text);

	start();
	if (explain_target(set, &t, &mem, &r, &err) < 0)
		return err.msg;
	for (unsigned i = 0; i < r.cnt; i++) {
		const struct explain_layer *l = &r.layer[i];

		buf_printf(&b, "%s%s %s %s", i ? "\n" : "", l->name,
			   l->kind == VERDICT_ALLOW ? "allow" : "block",
			   l->rule ? l->rule->id.p : "-");
		for (unsigned k = 0; k < l->near_cnt; k++) {
			const struct explain_near *n = &l->near[k];

			buf_printf(&b, " | %s: " STR_FMT, n->rule->id.p, STR_ARG(n->failed));
			for (unsigned v = 0; v < n->value_cnt; v++)
				buf_printf(&b, "; " STR_FMT "=" STR_FMT, STR_ARG(n->values[v].expr),
					   STR_ARG(n->values[v].value));
		}
	}
	return buf_c(&b);
}

#define HOST(h, ...) explain((struct explain_target){ .host = STR(h), __VA_ARGS__ })

T(allowed_and_what_would_block)
{
	STR_EQ(HOST("api.github.com", .agent = STR("ci")),
	       "dns allow gh\n"
	       "tcp allow -\n"
	       "http allow gh | no-deletes: http.method == \"DELETE\"; http.method=\"CONNECT\"");
}

T(the_wrong_agent)
{
	STR_EQ(HOST("API.github.com.", .agent = STR("cj")),
	       "dns block last | gh: agent.name == \"ci\"; agent.name=\"cj\"\n"
	       "tcp block -\n"
	       "http block last | gh: agent.name == \"ci\"; agent.name=\"cj\"");
}

T(a_mistyped_host_and_one_below)
{
	HAS(HOST("githup.com", .agent = STR("ci")),
	    "http block last | gh: http.host in [\"github.com\", \"api.github.com\"]; "
	    "http.host=\"githup.com\"");
	HAS(HOST("www.github.com", .agent = STR("ci")), "http block last | gh: http.host in ");
	/* Something else altogether: that the agent is right makes no rule close. */
	STR_EQ(HOST("example.com", .agent = STR("ci")), "dns block last\ntcp block -\nhttp block last");
}

T(headers_and_functions)
{
	HAS(HOST("api.example.org", .port = 0),
	    "http block last | header: http.headers[\"x-key\"] == \"1\"; http.headers[\"x-key\"]=missing");
	HAS(HOST("api.exampel.org", .port = 80, .path = STR("/long")),
	    "http block last");	/* three tests fail: not close */
}

T(decided_earlier)
{
	HAS(HOST("api.github.com", .method = STR("delete"), .agent = STR("ci")),
	    "http block no-deletes | gh: ");
	HAS(HOST("late.example.org", .port = 0), "http block last | late: ");
	EQ(r.layer[2].near[0].failed.len, 0);
}

T(layers_of_tcp)
{
	static const struct {
		const char *host;
		uint16_t port;
		enum verdict_kind kind;
		const char *reason;
	} cases[] = {
		{ "mirror.example.org", 8443, VERDICT_ALLOW, "opened directly" },
		{ "mirror.example.org", 443, VERDICT_BLOCK, "redirected to the proxy" },
		{ "10.0.0.1", 80, VERDICT_ALLOW, "redirected to the proxy" },
		{ "10.0.0.2", 80, VERDICT_BLOCK, "the address is restricted" },
		{ "127.0.0.1", 80, VERDICT_BLOCK, "the address is restricted" },
		{ "0.0.0.0", 80, VERDICT_BLOCK, "the address is never a target" },
		{ "2606:4700::1111", 443, VERDICT_ALLOW, "IPv6 packets are dropped" },
		{ "[2606:4700::1111]", 80, VERDICT_ALLOW, "IPv6 packets are dropped" },
		{ "github.com", 53, VERDICT_BLOCK, "redirected to the DNS filter" },
		{ "github.com", 22, VERDICT_BLOCK, "never connects to this port" },
		{ "github.com", 9443, VERDICT_ALLOW, "through the proxy only" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct explain_target t = { .host = str_of(cases[i].host), .agent = STR("ci"),
					    .port = cases[i].port };
		const struct explain_layer *tcp;

		(void)explain(t);
		tcp = &r.layer[r.cnt - 2];
		STR_EQ(tcp->name, "tcp");
		if (tcp->kind != cases[i].kind || str_find(tcp->reason, str_of(cases[i].reason)) ==
							  SIZE_MAX)
			FAIL("%s:%u: %u, " STR_FMT, cases[i].host, cases[i].port, tcp->kind,
			     STR_ARG(tcp->reason));
	}
	(void)explain((struct explain_target){ .host = STR("github.com"), .agent = STR("ci"),
					       .no_proxy = true });
	EQ(r.layer[1].kind, VERDICT_BLOCK);
	(void)explain((struct explain_target){ .host = STR("8.8.8.8"), .port = 22, .granted = true });
	EQ(r.layer[0].kind, VERDICT_ALLOW);
	(void)explain((struct explain_target){ .host = STR("github.com"), .agent = STR("ci"),
					       .no_redirect = true });
	OK(str_starts(r.layer[1].reason, STR("through the proxy only")));
}

T(the_exact_host_is_closer_than_a_similar_one)
{
	HAS(HOST("exact.example.net", .agent = STR("ci")),
	    "http block last | far-agent: agent.name == \"zz\"; agent.name=\"ci\" | typo: ");
}

T(an_error_of_the_deciding_rule_is_told)
{
	HAS(HOST("n.example.net", .port = 80, .path = STR("/x")), "http block number");
	STR_EQ(r.layer[2].reason.p, "rule \"number\": evaluation error: 1:33: conversion error: "
				    "string to int");
}

T(long_texts_are_cut_between_characters)
{
	const struct explain_near *n;

	(void)HOST("cut.example.net", .port = 80, .path = STR("/x\\"));
	EQ(r.cnt, 0);	/* no path that the proxy takes */
	(void)HOST("cut.example.net", .port = 80, .path = STR("/x'y"));
	n = &r.layer[2].near[0];
	STR_EQ(n->rule->id.p, "cut");
	OK(utf8_valid(n->failed) && str_ends(n->failed, STR("\xc3\xa9\xe2\x80\xa6")));
	OK(str_eq_c(n->values[0].value, "\"/x'y\""));
	HAS(HOST("github.com", .agent = STR("\xc3\xa9")), "agent.name=\"\xc3\xa9\"");
}

T(interception_is_not_available)
{
	HAS(HOST("tls.example.net", .port = 443), "tcp block -\nhttp block tls");
	HAS(HOST("tls.example.net", .port = 80), "tcp allow -\nhttp allow tls");
}

T(the_path_is_the_canonical_one)
{
	HAS(HOST("n.example.net", .port = 80, .path = STR("/a/../7")), "http block number");
	EQ(r.layer[2].reason.len, 0);	/* decided, not failed: 7 is a number */
	STR_EQ(HOST("a.test", .port = 80, .path = STR("b")), "\"b\" is no path: it starts with /");
	STR_EQ(HOST("a.test", .port = 80, .path = STR("/%zz")),
	       "\"/%zz\" is a path that the proxy refuses");
	STR_EQ(HOST("a.test", .method = STR("G T")), "\"G T\" is no HTTP method");
	STR_EQ(HOST("a.test", .method = STR("")), "\"\" is no HTTP method");
}

T(look_ups_that_no_rule_is_asked_about)
{
	static const struct {
		const char *name, *type, *want;
	} cases[] = {
		{ "localhost", "A", "special name" },
		{ "a.LOCALHOST.", "A", "special name" },
		{ "a b.test", "A", "special name" },
		{ "a.test", "axfr", "records of this type are not served" },
		{ "a.test", "TYPE999", "records of this type are not served" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct explain_target t = { .dns = str_of(cases[i].name),
					    .type = str_of(cases[i].type) };

		STR_EQ(explain(t), "dns block -");
		OK(str_starts(r.layer[0].reason, str_of(cases[i].want)));
	}
	STR_EQ(explain((struct explain_target){ .dns = STR("x.test"), .type = STR("type65") }),
	       "dns allow any-name");
	STR_EQ(explain((struct explain_target){ .dns = STR("a..b") }),
	       "\"a..b\" is no name that can be looked up");
	STR_EQ(explain((struct explain_target){ .dns = STR("") }),
	       "\"\" is no name that can be looked up");
	STR_EQ(explain((struct explain_target){ .dns = STR("a"), .type = STR("bogus") }),
	       "\"bogus\" is no record type");
}

T(look_ups)
{
	struct explain_target t = { .dns = STR("GitHub.com."), .agent = STR("ci"),
				    .type = STR("aaaa") };

	STR_EQ(explain(t), "dns allow gh");
	t.dns = STR("github.con");
	HAS(explain(t), "dns block last | gh: dns.query in ");
}

T(hosts_that_are_none)
{
	STR_EQ(HOST("a b", .port = 0), "\"a b\" is no host name");
	STR_EQ(HOST("", .port = 0), "\"\" is no host name");
	STR_EQ(HOST("0x7f.1", .port = 0), "\"0x7f.1\" is no host name");
}

/* Sixty rules that each use up what a condition may: the search ends before the one behind them. */
T(rules_that_cost_too_much_end_the_search)
{
	static char text[65536];
	struct buf b = BUF_OF(text);
	struct explain_target t = { .host = STR("a.test"), .port = 80 };
	struct load_opts opts = { .ca_loaded = false };
	struct rule_source src = { "f.yaml", { NULL, 0 } };
	struct ruleset *costly;

	start();
	buf_add_c(&b, "version: 1\nrules:\n- {id: before, action: allow, condition: 'http.host == "
		      "\"b.test\"'}\n");
	for (int i = 0; i < 60; i++)
		buf_printf(&b, "- {id: c%d, action: allow, condition: 'agent.name == \"z\" && "
			   TENS("a") TENS("b") TENS("c") TENS("d") TENS("e")
			   "size(http.host) + a + b + c + d + e > 0)))))'}\n", i);
	buf_add_c(&b, "- {id: behind, action: allow, condition: 'http.host == \"b.test\"'}\n");
	src.text = buf_str(&b);
	if (!buf_ok(&b) || ruleset_load(&src, 1, &opts, &costly, &err) < 0)
		FAIL("%s", err.msg);
	OK(explain_target(costly, &t, &mem, &r, &err) == 0);
	for (unsigned i = 0; i < r.layer[2].near_cnt; i++)
		OK(!str_eq_c(r.layer[2].near[i].rule->id, "behind"));
	OK(r.layer[2].near_cnt > 0);
	STR_EQ(r.layer[2].near[0].rule->id.p, "before");
	snap_put(&costly->snap);
}

T(as_json)
{
	static char text[4096];
	struct buf b = BUF_OF(text);
	struct jsonw w = jsonw_on(&b);

	(void)explain((struct explain_target){ .dns = STR("github.com"), .agent = STR("cj") });
	explain_write(&w, &r);
	STR_EQ(buf_c(&b), "{\"layers\":[{\"layer\":\"dns\",\"decision\":\"block\",\"matched_rule\":\"last\","
			  "\"file\":\"f.yaml\",\"line\":18,\"reason\":null,\"near\":[{\"id\":\"gh\","
			  "\"file\":\"f.yaml\",\"line\":6,\"action\":\"allow\",\"failed\":\"agent.name == "
			  "\\\"ci\\\"\",\"values\":[{\"expr\":\"agent.name\",\"value\":\"\\\"cj\\\"\"}]}]}]}");
}

T(nothing_is_counted)
{
	start();
	for (uint32_t i = 0; i <= set->count; i++) {
		EQ(set->counters[i].hits, 0);
		EQ(set->counters[i].errors, 0);
	}
	snap_put(&set->snap);
	arena_fini(&mem);
}
