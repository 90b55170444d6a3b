/* proxy_test.c - the proxy in a real worker loop: requests, tunnels, limits (S006) */
#include <sys/resource.h>

#include "hello_msg.h"
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

/* Addresses that control was told of. */
static unsigned misses(uint32_t v4)
{
	struct control_msg m;
	unsigned n = 0;
	while (mbox_take(&pe.control, &m))
		n += m.cmd == CONTROL_IDENT_MISS && ip_eq(m.u.addr, ip_v4(v4));
	return n;
}

T(a_stranger_may_wait_for_a_table)	/* S013 (look-up of the proxy) */
{
	static const char refused[] = "Managed container identity required";
	start();
	pe.cfg.ident_wait = true;
	int waiting[4];
	for (unsigned i = 0; i < 4; i++) {
		waiting[i] = pe_client(1);
		pe_say(waiting[i], "GET http://other.example/ HTTP/1.1\r\nHost: other.example\r\n\r\n");
	}
	int c = pe_client(1);	/* 4 of one source are enough */
	HAS(pe_hear(c, NULL), refused);
	close(c);
	EQ(misses(0x7f000001), 4);
	pe_wake();		/* a table, but he is not in it */
	EQ(pe_evaluations, 0);
	pe_idents(1);
	pe_wake();
	for (unsigned i = 0; i < 4; i++) {
		HAS(pe_hear(waiting[i], NULL), "no rule matched");
		close(waiting[i]);
	}
	EQ(pe_evaluations, 4);
	pe_end();
}

/* ---- bodies and framing ---- */

/* One request on a fresh connection; what the upstream got is in up_text, the client's answer returned. */
static char up_text[65536];

static char *exchange(const char *request, const char *response, size_t response_len)
{
	int c = pe_client(2);
	pe_say(c, pe_fmt(request));
	int u = pe_accept();
	snprintf(up_text, sizeof(up_text), "%s", pe_hear(u, "\r\n\r\n"));
	pe_say_n(u, response, response_len);
	shutdown(u, SHUT_WR);
	pe_hear(c, NULL);
	close(c);
	close(u);
	return pe_text;
}

#define EXCHANGE(request, response) exchange(request, response, sizeof(response) - 1)
#define GET_A "GET http://a.test:%P/ HTTP/1.1\r\nHost: a.test:%P\r\nConnection: close\r\n\r\n"
#define GET_10 "GET http://a.test:%P/ HTTP/1.0\r\n\r\n"

T(response_framing)	/* S006-WR-067 */
{
	start();
	STR_EQ(EXCHANGE(
		       GET_A,
		       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: v\r\n\r\n"),
	       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
	STR_EQ(EXCHANGE(
		       GET_10,
		       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
	       "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc");
	HAS(up_text, "GET / HTTP/1.1\r\nHost: a.test:");	/* S006-WR-029 */
	STR_EQ(EXCHANGE(
		       GET_A,
		       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
	       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n1\r\nx\r\n0\r\n\r\n");
	STR_EQ(EXCHANGE(GET_A, "HTTP/1.0 200 OK\r\n\r\nup to the end"),
	       "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nup to the end");
	STR_EQ(EXCHANGE(GET_A, "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
	       "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
	STR_EQ(EXCHANGE(GET_A, "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
	       "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
	STR_EQ(EXCHANGE(
		       "HEAD http://a.test:%P/ HTTP/1.1\r\nHost: a.test:%P\r\nConnection: close\r\n\r\n",
		       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"),
	       "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
	STR_EQ(EXCHANGE(
		       GET_A,
		       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\nokSURPLUS"),
	       "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
	pe_end();
}

T(invalid_responses)	/* S006-WR-067, -068, -069 */
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
		  "Upstream response was invalid" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
		  "Upstream response was invalid" },
		{ "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		  "Upstream response was invalid" },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz",
		  "Upstream response was invalid" },
		{ "HTTP/1.1 101 Switching\r\n\r\n", "Upstream response was invalid" },
		{ "HTTP/1.1 200 OK\nA: b\n\n", "Upstream response was invalid" },
		{ "HTTP/1.1 200 O", "Upstream response was invalid" },
		{ "ICY 200 OK\r\n\r\n", "Upstream response was invalid" },
		{ "", "Upstream connection failed" },
	};
	start();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		exchange(GET_A, cases[i].text, strlen(cases[i].text));
		if (!strstr(pe_text, "HTTP/1.1 502 Bad Gateway\r\n") ||
		    !strstr(pe_text, cases[i].want))
			FAIL("%s: %s", cases[i].text, pe_text);
	}
	/* Truncation shows: the length is not reached, the last chunk does not come. */
	STR_EQ(EXCHANGE(GET_A, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort"),
	       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\nshort");
	STR_EQ(EXCHANGE(GET_A, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
	       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nhel\r\n");
	pe_end();
}

T(interim_responses)	/* S006-WR-068 */
{
	start();
	STR_EQ(EXCHANGE(
		       GET_A,
		       "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
	       "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
	STR_EQ(EXCHANGE(
		       GET_10,
		       "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"),
	       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx");
	char many[1024];
	struct buf b = BUF_OF(many);
	for (int i = 0; i < 9; i++)
		buf_add_c(&b, "HTTP/1.1 102 Processing\r\n\r\n");
	HAS(exchange(GET_A, many, b.len), "HTTP/1.1 502 ");
	pe_end();
}

T(large_response_heads)
{
	static char text[80000];
	start();
	for (size_t size = 20000; size <= 70000; size += 25000) {	/* 20000, 45000, 70000 */
		int n = snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: ");
		memset(text + n, 'y', size);
		memcpy(text + (size_t)n + size, "\r\n\r\nok", 6);
		exchange(GET_A, text, (size_t)n + size + 6);
		if (size <= 65000)
			OK(pe_text_len > size &&
			   strcmp(pe_text + pe_text_len - 6, "\r\n\r\nok") == 0);
		else
			HAS(pe_text, "Upstream response was invalid");
	}
	pe_end();
}

T(request_bodies)	/* S006-WR-017, -018, -019 */
{
	static char body[300000];
	start();
	memset(body, 'b', sizeof(body));
	int c = pe_client(2), u = -1;
	for (size_t len = 1; len < sizeof(body); len *= 7) {
		char head[512];
		int n = snprintf(
			head, sizeof(head),
			"POST http://a.test:%%P/ HTTP/1.1\r\nHost: a.test:%%P\r\nContent-Length: %zu\r\n\r\n",
			len);
		(void)n;
		pe_say(c, pe_fmt(head));
		if (u < 0)
			u = pe_accept();
		pe_say_n(c, body, len);
		HAS(pe_hear(u, "\r\n\r\n"), "Content-Length: ");
		pe_hear_n(u, len);
		MEM_EQ(pe_text, len, body, len);
		pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
		pe_hear(c, "\r\n\r\nok");
	}
	OK(pe_nobody());
	/* A body that ends early resets the upstream: nobody may take it for whole. */
	pe_say(c,
	       pe_fmt("POST http://a.test:%P/ HTTP/1.1\r\nHost: a.test:%P\r\nContent-Length: 10\r\n\r\n12345"));
	pe_hear(u, "12345");
	shutdown(c, SHUT_WR);
	char x;
	EQ(recv(u, &x, 1, 0), -1);
	EQ(errno, ECONNRESET);
	close(u);
	close(c);
	pe_end();
}

T(an_early_response_ends_the_upload)
{
	static char body[2000000];
	start();
	int c = pe_client(2);
	pe_say(c,
	       pe_fmt("POST http://a.test:%P/ HTTP/1.1\r\nHost: a.test:%P\r\nContent-Length: 2000000\r\n\r\n12345"));
	int u = pe_accept();
	pe_hear(u, "12345");
	pe_say(u, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
	HAS(pe_hear(c, "\r\n\r\nno"), "Connection: close\r\n");
	close(u);
	close(c);
	(void)body;
	pe_end();
}

T(the_next_request_waits_for_the_response)	/* S006-WR-017 */
{
	start();
	int c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	int u = pe_accept();
	pe_hear(u, "\r\n\r\n");
	pe_say(c, pe_fmt(get_a));	/* too early: stays in the socket */
	OK(!pe_readable(u, 100));
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	pe_hear(c, "\r\n\r\nok");
	pe_hear(u, "\r\n\r\n");
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	pe_hear(c, "\r\n\r\nok");
	close(u);
	close(c);
	pe_end();
}

T(each_request_is_judged)	/* keep-alive: allowed, then blocked -> 403 and close */
{
	static const struct pe_rule closed[] = { { .id = "stop", .block = true } };
	start();
	int c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	int u = pe_accept();
	pe_hear(u, "\r\n\r\n");
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	pe_hear(c, "\r\n\r\nok");
	pe_say(c, pe_fmt("GET http://a.test:%P/x/../admin HTTP/1.1\r\nHost: a.test:%P\r\n\r\n"));
	HAS(pe_hear(c, NULL), "X-Outcall-Block-Reason: no-admin\r\n");
	HAS(pe_text, "rule:  no-admin\n");
	close(u);
	close(c);
	c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	u = pe_accept();
	pe_hear(u, "\r\n\r\n");
	pe_publish(closed, 1);	/* a request keeps its verdict, the next one has the new rules */
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	pe_hear(c, "\r\n\r\nok");
	pe_say(c, pe_fmt(get_a));
	HAS(pe_hear(c, NULL), "X-Outcall-Block-Reason: stop\r\n");
	close(u);
	close(c);
	pe_end();
}

T(one_dead_address_is_not_the_end)	/* S006-WR-056, S006-AS-012 */
{
	start();
	HAS(EXCHANGE(
		    "GET http://two.test:%P/ HTTP/1.1\r\nHost: two.test:%P\r\nConnection: close\r\n\r\n",
		    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
	    "\r\n\r\nok");
	int c = pe_client(2);
	close(pe.upstream);
	pe_say(c, pe_fmt(get_a));
	HAS(pe_hear(c, NULL), "HTTP/1.1 502 Bad Gateway\r\n");
	pe.upstream = -1;
	close(c);
	pe_end();
}

T(repeated_fields_are_joined)	/* S006-FR-007 */
{
	start();
	EXCHANGE(
		"GET http://a.test:%P/ HTTP/1.1\r\nHost: a.test:%P\r\nConnection: close\r\nX-A: 1\r\nCookie: a\r\nx-a: 2\r\nB: 3\r\nCookie: b\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	HAS(pe_seen, "[connection=close] [x-a=1, 2] [cookie=a, b] [b=3]");
	HAS(up_text,
	    "X-A: 1\r\nCookie: a\r\nx-a: 2\r\nB: 3\r\nCookie: b\r\nConnection: close\r\n\r\n");
	EXCHANGE(
		"OPTIONS http://a.test:%P HTTP/1.1\r\nHost: a.test:%P\r\nMax-Forwards: 3\r\nProxy-Authorization: Basic eA==\r\n"
		"TE: x\r\nTrailer: y\r\nConnection: X-Z, close\r\nX-Z: 1\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	STR_EQ(strchr(up_text, '\n') + 1,
	       pe_fmt("Host: a.test:%P\r\nMax-Forwards: 2\r\nConnection: close\r\n\r\n"));
	pe_end();
}

/* ---- deadlines, limits, life ---- */

static void with_ms(enum worker_tmo cls, uint32_t ms, void (*run)(void))
{
	uint32_t was = pe_classes[cls].duration_ms;
	pe_classes[cls].duration_ms = ms;
	start();
	run();
	pe_end();
	pe_classes[cls].duration_ms = was;
}

static void slow_head(void)
{
	int c = pe_client(2);
	pe_say(c, "GET http://a.test/ HTTP/1.1\r\n");
	HAS(pe_hear(c, NULL), "HTTP/1.1 408 Request Timeout\r\n");
	close(c);
}

static void slow_engine(void)
{
	pe.cfg.ident_wait = true;
	int c = pe_client(1);
	HAS(pe_hear(c, NULL), "Managed container identity required");
	close(c);
}

static void slow_hello(void)
{
	int c = pe_client(2);
	pe_say(c, pe_fmt("CONNECT a.test:%P HTTP/1.1\r\nHost: a.test:%P\r\n\r\n"));
	pe_hear(c, "\r\n\r\n");
	pe_say_n(c, "\x16\x03", 2);
	STR_EQ(pe_hear(c, NULL), "");
	OK(pe_nobody());
	close(c);
}

static void slow_resolver(void)
{
	int c = pe_client(2);
	pe_say(c, "GET http://silent.test/ HTTP/1.1\r\nHost: silent.test\r\n\r\n");
	HAS(pe_hear(c, NULL), "HTTP/1.1 504 Gateway Timeout\r\n");
	close(c);
}

static void slow_response(void)
{
	int c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	int u = pe_accept();
	HAS(pe_hear(c, NULL), "HTTP/1.1 504 Gateway Timeout\r\n");
	close(c);
	close(u);
	c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	u = pe_accept();
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
	char *text = pe_hear(c, NULL);
	OK(strstr(text, "\r\n\r\nhe") && !strstr(text, "504"));
	close(c);
	close(u);
}

static void idle_client(void)
{
	int c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	int u = pe_accept();
	pe_hear(u, "\r\n\r\n");
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	HAS(pe_hear(c, NULL), "\r\n\r\nok");
	close(c);
	close(u);
}

T(deadlines)	/* S006-FR-010, -021; S006-WR-010, -037, -054, -076; S006-SC-009 */
{
	with_ms(TMO_PROXY_HEAD, 100, slow_head);
	with_ms(TMO_PROXY_IDENT, 100, slow_engine);
	with_ms(TMO_PROXY_HEAD, 100, slow_hello);
	with_ms(TMO_PROXY_CONNECT, 100, slow_resolver);
	with_ms(TMO_PROXY_IDLE, 100, slow_response);
	with_ms(TMO_PROXY_NEXT, 100, idle_client);
}

T(a_full_resolver_is_asked_again)	/* S006-WR-054 */
{
	start();
	pe_full = 2;
	HAS(EXCHANGE(GET_A, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), "\r\n\r\nok");
	EQ(pe_full, 0);
	pe_end();
}

T(limits_per_source_and_for_all)	/* S006-FR-012, S006-WR-072, -073, S006-AS-008 */
{
	struct rlimit rl;
	static int fds[1100];
	size_t n = 0;
	getrlimit(RLIMIT_NOFILE, &rl);
	rl.rlim_cur = rl.rlim_max;
	setrlimit(RLIMIT_NOFILE, &rl);
	if (rl.rlim_max < 4096)
		SKIP("too few descriptors");
	start();
	for (unsigned source = 2; source < 6; source++) {
		for (int i = 0; i < 256; i++)
			fds[n++] = pe_client((uint8_t)source);
		if (source == 2) {
			int c = pe_client(2);
			HAS(pe_hear(c, NULL), "HTTP/1.1 503 Service Unavailable\r\n");
			close(c);
		}
	}
	int c = pe_client(9);
	HAS(pe_hear(c, NULL), "Too many connections");
	close(c);
	EQ(pe.stats->proxy_total, 1024);
	while (n)
		close(fds[--n]);
	pe_until_idle();
	HAS(EXCHANGE(GET_A, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), "\r\n\r\nok");
	pe_end();
}

T(a_source_that_went_away_is_dropped)	/* S006-WR-074 */
{
	start();
	int c = pe_client(5), other = pe_client(6);
	pe_say(c, pe_fmt(get_a));
	int u = pe_accept();
	pe.drop = 5;
	pe_wake();
	pe_hear(c, NULL);
	EQ(pe_text_len, 0);
	pe_hear(u, NULL);
	pe_say(other, "GET /outcall-health HTTP/1.1\r\n\r\n");
	HAS(pe_hear(other, NULL), "{\"status\":\"ok\"}");
	close(c);
	close(u);
	close(other);
	pe_end();
}

T(draining_closes_the_port_and_lets_requests_finish)	/* S006-FR-015, S006-SC-005 */
{
	start();
	int c = pe_client(5), idle = pe_client(6);
	pe_say(c, pe_fmt(get_a));
	int u = pe_accept();
	pe_hear(u, "\r\n\r\n");
	pe.drain = true;
	pe_wake();
	STR_EQ(pe_hear(idle, NULL), "");
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(pe.port) };
	to.sin_addr.s_addr = htonl(0x7f000001u);
	int late = socket(AF_INET, SOCK_STREAM, 0);
	EQ(connect(late, (struct sockaddr *)&to, sizeof(to)), -1);
	pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	HAS(pe_hear(c, NULL), "\r\n\r\nok");
	close(c);
	close(u);
	close(idle);
	close(late);
	pe_until_idle();
	pe_end();
}

/* ---- tunnels ---- */

static char hello_text[20000];
static size_t hello_len;

static void make_hello(const char *sni, bool ech)
{
	const struct hello_spec s = { .sni = sni, .ech = ech };
	struct buf b = BUF_OF(hello_text);
	hello_build(&b, &s);
	hello_len = b.len;
}

static int open_tunnel(const char *host)
{
	char text[512];
	int c = pe_client(2);
	snprintf(text, sizeof(text), "CONNECT %s:%%P HTTP/1.1\r\nHost: %s:%%P\r\nX-Mark: 1\r\n\r\n",
		 host, host);
	pe_say(c, pe_fmt(text));
	STR_EQ(pe_hear(c, "\r\n\r\n"), "HTTP/1.1 200 Connection Established\r\n\r\n");
	OK(pe_nobody());
	return c;
}

/* A tunnel whose hello has reached the upstream unchanged. */
static int through(const char *host, const char *sni, int *u)
{
	int c = open_tunnel(host);
	make_hello(sni, false);
	pe_say_n(c, hello_text, hello_len);
	*u = pe_accept();
	pe_hear_n(*u, hello_len);
	MEM_EQ(pe_text, hello_len, hello_text, hello_len);
	return c;
}

T(tunnels_carry_identical_bytes)	/* S006-AS-003, -005, -010; S006-SC-006; S006-WR-042, -047 */
{
	static const struct {
		const char *host, *sni;
	} cases[] = { { "a.test", "a.test" },
		      { "a.test", NULL },
		      { "A.TEST.", "a.test." },
		      { "127.0.0.1", NULL },
		      { "a.test", "b.test" } };
	start();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int u, c = through(cases[i].host, cases[i].sni, &u);
		pe_say(u, "from the server");
		pe_hear_n(c, 15);
		pe_say(c, "from the client");
		pe_hear_n(u, 15);
		shutdown(c, SHUT_WR);	/* half-closed: the other direction goes on */
		STR_EQ(pe_hear(u, NULL), "");
		pe_say(u, "last words");
		close(u);
		STR_EQ(pe_hear(c, NULL), "last words");
		close(c);
	}
	HAS(pe_seen, "host=b.test ip= ");
	HAS(pe_seen, "method=CONNECT path=/ scheme=https body=0 agent=box");
	HAS(pe_seen, "[x-mark=1]");
	pe_until_idle();
	EQ(pe.stats->proxy_blocked, 0);
	pe_end();
}

T(a_hello_in_single_bytes)	/* S006-WR-035 */
{
	start();
	int c = open_tunnel("a.test");
	make_hello("a.test", false);
	for (size_t i = 0; i < hello_len; i++)
		pe_say_n(c, hello_text + i, 1);
	int u = pe_accept();
	pe_hear_n(u, hello_len);
	MEM_EQ(pe_text, hello_len, hello_text, hello_len);
	close(c);
	close(u);
	pe_end();
}

T(blocked_tunnels)	/* S006-AS-004, S006-FR-008 */
{
	start();
	int c = pe_client(2);
	pe_say(c, "CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n");
	pe_hear(c, NULL);
	HAS(pe_text, "HTTP/1.1 403 Forbidden\r\n");
	HAS(pe_text, "layer: connect\nrule:  none\n");
	OK(!strstr(pe_text, "200"));
	close(c);
	c = pe_client(2);
	pe_say(c, "CONNECT mitm.test:443 HTTP/1.1\r\nHost: mitm.test:443\r\n\r\n");
	HAS(pe_hear(c, NULL), "interception is not available");
	close(c);
	/* The SNI names a host that no rule allows: alert access_denied, and nobody was connected. */
	c = open_tunnel("a.test");
	make_hello("other.example", false);
	pe_say_n(c, hello_text, hello_len);
	pe_hear(c, NULL);
	MEM_EQ(pe_text, pe_text_len, "\x15\x03\x03\0\x02\x02\x31", 7);
	OK(pe_nobody());
	EQ(pe.stats->proxy_blocked, 3);
	close(c);
	pe_end();
}

T(no_hello_no_connection)	/* S006-WR-036..040, -044 */
{
	start();
	static const char *const bad[] = { "GET / HTTP/1.1\r\n\r\n", "SSH-2.0-OpenSSH\r\n",
					   "\x80\x2e\x01\x03\x01", "\x16\x03\x01\x40\x01" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		int c = open_tunnel("a.test");
		pe_say(c, bad[i]);
		STR_EQ(pe_hear(c, NULL), "");
		close(c);
	}
	static const char *const names_bad[] = { "", "1.2.3.4", "*.test" };
	for (size_t i = 0; i < ARRAY_LEN(names_bad); i++) {
		int c = open_tunnel("a.test");
		make_hello(names_bad[i], false);
		pe_say_n(c, hello_text, hello_len);
		STR_EQ(pe_hear(c, NULL), "");
		close(c);
	}
	for (int i = 0; i < 2; i++) {	/* outer SNI missing, or another allowed host */
		int c = open_tunnel("a.test");
		make_hello(i ? "b.test" : NULL, true);
		pe_say_n(c, hello_text, hello_len);
		STR_EQ(pe_hear(c, NULL), "");
		close(c);
	}
	OK(pe_nobody());
	EQ(pe.stats->proxy_blocked, 9);
	int c = open_tunnel("a.test");	/* what browsers send */
	make_hello("a.test", true);
	pe_say_n(c, hello_text, hello_len);
	close(pe_accept());
	close(c);
	pe.cfg.ech_block = true;
	c = open_tunnel("a.test");
	pe_say_n(c, hello_text, hello_len);
	STR_EQ(pe_hear(c, NULL), "");
	OK(pe_nobody());
	close(c);
	pe_end();
}

T(a_reload_closes_tunnels_that_lost_their_rule)	/* S006-WR-075 */
{
	static const struct pe_rule fewer[] = {
		{ .id = "only-a", .host = "a.test", .private_ips = true }
	};
	static const struct pe_rule no_private[] = { { .id = "only-a", .host = "a.test" } };
	start();
	int u1, u2, c1 = through("a.test", "a.test", &u1), c2 = through("a.test", "b.test", &u2);
	pe_publish(fewer, 1);
	pe_say(c1, "still");
	pe_hear_n(u1, 5);
	pe_say(u2, "gone");
	pe_hear(c2, NULL);
	EQ(pe_text_len, 0);
	pe_publish(no_private, 1);	/* the same rule, but its address is out of bounds now */
	pe_say(c1, "gone");
	pe_hear(c1, NULL);
	EQ(pe_text_len, 0);
	close(c1);
	close(c2);
	close(u1);
	close(u2);
	pe_until_idle();
	pe_end();
}

static void *pour(void *arg)
{
	static char block[100000];
	int fd = *(int *)arg;
	for (int i = 0; i < 400; i++) {
		for (size_t j = 0; j < sizeof(block); j += 8) {
			uint64_t v = (uint64_t)i * sizeof(block) + j;
			memcpy(block + j, &v, 8);
		}
		pe_say_n(fd, block, sizeof(block));
	}
	shutdown(fd, SHUT_WR);
	return NULL;
}

/* 40 MB arrive in order, whatever the pace of the reader. */
static void check_pour(int from, int to, size_t skip)
{
	pthread_t t;
	uint64_t want = 0;
	size_t have = 0;
	static char part[65536 + 8];
	pthread_create(&t, NULL, pour, &from);
	pe_hear_n(to, skip);
	for (int reads = 0;; reads++) {
		ssize_t n = recv(to, part + have, sizeof(part) - 8 - have, 0);
		if (n <= 0)
			break;
		if (reads < 20)
			usleep(2000);	/* a slow reader: the source has to wait */
		have += (size_t)n;
		size_t at = 0;
		for (; have - at >= 8; at += 8, want += 8)
			if (memcmp(part + at, &want, 8) != 0)
				FAIL("bytes out of order at %llu", (unsigned long long)want);
		memmove(part, part + at, have - at);
		have -= at;
	}
	EQ(want, 40000000);
	pthread_join(t, NULL);
}

T(bulk_data_in_tunnels)	/* S006-WR-049 */
{
	start();
	int u, c = through("a.test", "a.test", &u);
	check_pour(c, u, 0);
	check_pour(u, c, 0);
	close(c);
	close(u);
	pe_until_idle();
	pe_end();
}

T(bulk_data_in_responses)
{
	start();
	int c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	int u = pe_accept();
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 40000000\r\n\r\n";
	pe_hear(u, "\r\n\r\n");
	pe_say(u, head);
	check_pour(u, c, sizeof(head) - 1);
	close(c);
	close(u);
	pe_until_idle();
	pe_end();
}

T(a_reset_is_passed_on)	/* S006-WR-047, S006-EC-004 */
{
	struct linger now = { .l_onoff = 1 };
	start();
	int u, c = through("a.test", "a.test", &u);
	setsockopt(c, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(c);
	char x;
	EQ(recv(u, &x, 1, 0), -1);
	EQ(errno, ECONNRESET);
	close(u);
	pe_until_idle();
	pe_end();
}

T(small_turns_do_not_stall)	/* D30, S006-WR-080 */
{
	start();
	int u, c = through("a.test", "a.test", &u);
	uint64_t from = clock_mono_ms();
	for (int i = 0; i < 1000; i++) {
		pe_say(c, "ab");	/* two writes per turn: Nagle would wait for the first one's ACK */
		pe_say(c, "cd");
		pe_hear_n(u, 4);
		pe_say(u, "ef");
		pe_say(u, "gh");
		pe_hear_n(c, 4);
	}
	OK(clock_mono_ms() - from < 10000);	/* 40 s with stalls of 40 ms */
	close(c);
	close(u);
	pe_end();
}

T(no_descriptors_is_a_pause)	/* S006-WR-072 */
{
	struct rlimit rl, low;
	start();
	int c = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in me = { .sin_family = AF_INET }, to = { .sin_family = AF_INET };
	me.sin_addr.s_addr = htonl(0x7f000002u);
	to.sin_addr.s_addr = htonl(0x7f000001u);
	to.sin_port = htons(pe.port);
	OK(bind(c, (struct sockaddr *)&me, sizeof(me)) == 0);
	pe_patience(c);
	getrlimit(RLIMIT_NOFILE, &rl);
	low = rl;
	low.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &low);
	OK(connect(c, (struct sockaddr *)&to, sizeof(to)) == 0);
	pe_say(c, "GET /outcall-health HTTP/1.1\r\n\r\n");
	OK(!pe_readable(c, 250));
	setrlimit(RLIMIT_NOFILE, &rl);
	HAS(pe_hear(c, NULL), "{\"status\":\"ok\"}");
	close(c);
	pe_end();
}

T(without_rules_everything_is_refused)	/* S006-FR-023, S006-EC-008 */
{
	pe_names = names;
	pe_name_cnt = ARRAY_LEN(names);
	pe_start();
	int c = pe_client(2);
	pe_say(c, pe_fmt(get_a));
	HAS(pe_hear(c, NULL), "X-Outcall-Block-Reason: rule engine unavailable\r\n");
	HAS(pe_text, "Blocked by outcall: rule engine unavailable\n");
	close(c);
	pe_end();
}

T(equal_requests_are_one_event_with_a_count)	/* S010-O-003 */
{
	struct control_msg m;
	uint32_t posted = 0, sum = 0;
	start();
	int c = pe_client(2), u = -1;
	for (int i = 0; i < 20; i++) {
		pe_say(c, pe_fmt(get_a));
		u = u < 0 ? pe_accept() : u;
		pe_hear(u, "\r\n\r\n");
		pe_say(u, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
		pe_hear(c, "\r\n\r\nok");
	}
	pe_say(c, "GET http://other.example/ HTTP/1.1\r\nHost: other.example\r\n\r\n");
	pe_hear(c, NULL);
	while (mbox_take(&pe.control, &m)) {
		const struct event *ev = &m.u.event;
		EQ(m.cmd, CONTROL_EVENT);
		STR_EQ(ev->container, "box-2");
		STR_EQ(ev->agent, "box");
		STR_EQ(ev->source, "127.0.0.2");
		posted++;
		sum += ev->count;
		STR_EQ(ev->host, ev->allowed ? "a.test" : "other.example");
		STR_EQ(ev->rule, ev->allowed ? "tests" : "");
		EQ(ev->layer, EVENT_HTTP);
	}
	EQ(sum, 21);
	OK(posted <= 6);
	close(c);
	close(u);
	pe_end();
}

T(the_proxy_is_no_target_of_its_own)	/* S006-WR-052: with allow_private_ips as well */
{
	char text[256];
	start();
	const char *const hosts[] = { "127.0.0.1", "a.test" };
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		int c = pe_client(2);
		snprintf(text, sizeof(text), "GET http://%s:%u/ HTTP/1.1\r\nHost: %s:%u\r\n\r\n",
			 hosts[i], pe.port, hosts[i], pe.port);
		pe_say(c, text);
		HAS(pe_hear(c, NULL), "Upstream resolved to a restricted address\n");
		close(c);
	}
	EQ(pe.stats->proxy_total, 2);
	pe_end();
}
