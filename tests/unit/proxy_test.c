/* proxy_test.c - the proxy in a real worker loop: requests, tunnels, limits (S006) */
#include "proxy_engine.h"

static const struct pe_name names[] = {
	{ .name = "a.test", .addrs = { "127.0.0.1" } },
	{ .name = "b.test", .addrs = { "127.0.0.1" } },
	{ .name = "two.test", .addrs = { "127.0.0.9", "127.0.0.1" } },
	{ .name = "private.test", .addrs = { "10.1.2.3", "127.0.0.1" } },
	{ .name = "none.test" },
	{ .name = "slow.test", .timed_out = true },
	{ .name = "silent.test", .silent = true },
};

static const struct pe_rule rules[] = {
	{ .id = "no-admin", .path = "/admin", .block = true },
	{ .id = "only-get", .host = "get.test", .method = "GET", .private_ips = true },
	{ .id = "public-only", .host = "private.test" },
	{ .id = "mitm", .host = "mitm.test", .intercept = true },
	{ .id = "literal", .host = "127.0.0.1", .private_ips = true },
	{ .id = "tests", .host = ".test", .private_ips = true },
};

static void start(void)
{
	pe_names = names;
	pe_name_cnt = ARRAY_LEN(names);
	pe_start();
	pe_publish(rules, ARRAY_LEN(rules));
}

static const char get_a[] =
	"GET http://a.test:%P/v1/data?q=1 HTTP/1.1\r\nHost: a.test:%P\r\n"
	"User-Agent: t\r\nConnection: keep-alive\r\nProxy-Connection: x\r\n\r\n";

T(plain_get_is_forwarded_in_origin_form)	/* S006-AS-001, S006-FR-003, S006-FR-020, S006-WR-030 */
{
	start();
	int c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	int u = pe_accept();
	STR_EQ(pe_hear(u, "\r\n\r\n"),
	       pe_fmt("GET /v1/data?q=1 HTTP/1.1\r\nHost: a.test:%P\r\nUser-Agent: t\r\n\r\n"));
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nKeep-Alive: 3\r\nX: y\r\n\r\nhello");
	STR_EQ(pe_hear(c, "hello"), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello");
	HAS(pe_seen, "host=a.test ip= port=");
	HAS(pe_seen, "method=GET path=/v1/data?q=1 scheme=http body=0 agent=box [host=a.test:");
	HAS(pe_seen, "[user-agent=t]");
	EQ(pe.stats->proxy_total, 1);
	EQ(pe.stats->proxy_blocked, 0);
	close(c);
	close(u);
	pe_end();
}

T(a_hundred_requests_use_one_upstream_connection)	/* S006-WR-081 */
{
	start();
	int c = pe_client(2), u = -1;
	for (int i = 0; i < 100; i++) {
		pe_say(c, pe_fmt(get_a));
		if (u < 0)
			u = pe_accept();
		pe_hear(u, "\r\n\r\n");
		pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
		pe_hear(c, "\r\n\r\nok");
	}
	OK(pe_nobody());
	EQ(pe.stats->proxy_total, 100);
	EQ(pe_lookups, 1);
	close(c);
	close(u);
	pe_end();
}

T(an_idle_upstream_that_closed_is_replaced_once)	/* S006-WR-081 */
{
	start();
	int c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	int u = pe_accept();
	pe_hear(u, "\r\n\r\n");
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	pe_hear(c, "\r\n\r\nok");
	pe_say(c, pe_fmt(get_a));
	pe_hear(u, "\r\n\r\n");
	close(u);	/* instead of an answer: the request is sent again */
	u = pe_accept();
	HAS(pe_hear(u, "\r\n\r\n"), "GET /v1/data?q=1 HTTP/1.1\r\n");
	close(u);	/* and not a third time */
	HAS(pe_hear(c, NULL), "HTTP/1.1 502 Bad Gateway\r\n");
	OK(pe_nobody());
	close(c);
	pe_end();
}

T(no_rule_is_403_with_the_way_to_find_out)	/* S006-AS-002, S006-FR-008, D29 */
{
	start();
	int c = pe_client(2);
	pe_say(c,
	       "GET http://other.example/secret?token=1 HTTP/1.1\r\nHost: other.example\r\nX-Key: s3cret\r\n\r\n");
	STR_EQ(pe_hear(c, NULL),
	       "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 180\r\n"
	       "X-Outcall-Block-Reason: default policy\r\nConnection: close\r\n\r\n"
	       "Blocked by outcall: no rule matched\nhost:  other.example:80\nlayer: http\nrule:  none\n"
	       "agent: box\nOn the host: outcall explain --host other.example --port 80 --method GET --agent box\n");
	OK(pe_nobody());
	EQ(pe.stats->proxy_blocked, 1);
	EQ(pe_lookups, 0);
	close(c);
	c = pe_client(2);
	pe_say(c,
	       "GET http://other.example/ HTTP/1.1\r\nHost: other.example\r\nAccept: text/html, application/x+json;q=0.5\r\n\r\n");
	HAS(pe_hear(c, NULL),
	    "{\"error\":\"blocked by outcall\",\"reason\":\"no rule matched\",\"host\":\"other.example\","
	    "\"port\":80,\"layer\":\"http\",\"rule\":null,\"agent\":\"box\",\"explain\":"
	    "\"outcall explain --host other.example --port 80 --method GET --agent box\"}");
	HAS(pe_text, "Content-Type: application/json\r\n");
	close(c);
	pe_end();
}

T(a_stranger_is_refused_before_a_byte_is_read)	/* S006-FR-025, S006-EC-015 */
{
	start();
	int c = pe_client(1);
	STR_EQ(pe_hear(c, NULL),
	       "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 56\r\nConnection: close\r\n\r\n"
	       "Blocked by outcall: Managed container identity required\n");
	EQ(pe_evaluations, 0);
	EQ(pe.stats->proxy_blocked, 1);
	close(c);
	pe_end();
}
