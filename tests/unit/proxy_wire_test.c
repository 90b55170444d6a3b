/* proxy_wire_test.c - raw bytes against the proxy: one case per wire rule (S006-WR-*), each refused
 * before any upstream connection
 */
#include "proxy_engine.h"

static const struct pe_name names[] = {
	{ .name = "a.test", .addrs = { "127.0.0.1" } },
	{ .name = "none.test" },
	{ .name = "slow.test", .timed_out = true },
	{ .name = "private.test", .addrs = { "10.1.2.3", "169.254.169.254" } },
	{ .name = "never.test",
	  .addrs = { "0.0.0.0", "::ffff:127.0.0.1", "224.0.0.1", "255.255.255.255" } },
};

static const struct pe_rule rules[] = {
	{ .id = "closed", .host = "public.test" },
	{ .id = "public-only", .host = "private.test" },
	{ .id = "all", .private_ips = true },
};

/* A case names only what it needs. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct wire {
	const char *id, *request;
	int status;
	const char *body;
	int blocked;
	size_t len;	/* 0: strlen */
};

#define H "Host: a.test\r\n"
#define GET "GET http://a.test/ HTTP/1.1\r\n" H
#define MALFORMED 400, "Malformed HTTP request"
#define ABSOLUTE 400, "Invalid absolute-form URI"
#define MISMATCH 400, "Host header does not match request URI authority", 1
#define FRAMING 400, "Unsupported HTTP body framing"
#define TARGET 400, "Invalid CONNECT target"
#define CONNECT_H 400, "Invalid CONNECT headers or body framing"
#define CONN "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n"

static const struct wire cases[] = {
	{ "WR-001", "GET http://a.test/ HTTP/1.1\nHost: a.test\n\n", MALFORMED },
	{ "WR-001", "GET http://a.test/ HTTP/1.1\r\nHost: a.test\rX: y\r\n\r\n", MALFORMED },
	{ "WR-002", "GET http://a.test/ HTTP/1.1\r\nHost : a.test\r\n\r\n", MALFORMED },
	{ "WR-002", GET "b[d: x\r\n\r\n", MALFORMED },
	{ "WR-003", "GET http://a.test/ HTTP/1.1\r\n Host: a.test\r\n\r\n", MALFORMED },
	{ "WR-003", GET "X: y\r\n\tz\r\n\r\n", MALFORMED },
	{ "WR-004", GET "X: a\x01\r\n\r\n", MALFORMED },
	{ "WR-004", GET "X: \xff\xfe\r\n\r\n", MALFORMED },
	{ "WR-004", GET "X: a\0b\r\n\r\n", MALFORMED, 0, sizeof(GET "X: a\0b\r\n\r\n") - 1 },
	{ "WR-005", "\r\n" GET "\r\n", MALFORMED },
	{ "WR-006", "GET\thttp://a.test/ HTTP/1.1\r\n" H "\r\n", MALFORMED },
	{ "WR-006", "GET  http://a.test/ HTTP/1.1\r\n" H "\r\n", MALFORMED },
	{ "WR-006", " GET http://a.test/ HTTP/1.1\r\n" H "\r\n", MALFORMED },
	{ "WR-007", "G@T http://a.test/ HTTP/1.1\r\n" H "\r\n", MALFORMED },
	{ "WR-007", "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG http://a.test/ HTTP/1.1\r\n" H "\r\n",
	  MALFORMED },
	{ "WR-012", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505,
	  "Only HTTP/1.0 and HTTP/1.1 are supported" },
	{ "WR-012", "GET http://a.test/ HTTP/1.2\r\n\r\n", 505,
	  "Only HTTP/1.0 and HTTP/1.1 are supported" },
	{ "WR-013", "GET http://a.test/\r\n\r\n", MALFORMED },
	{ "WR-013", "\x16\x03\x01\x02", MALFORMED },
	{ "WR-015", GET "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", FRAMING },
	{ "WR-015", GET "Content-Length: 5, 5\r\n\r\nhello", FRAMING },
	{ "WR-015", GET "Content-Length: +5\r\n\r\nhello", FRAMING },
	{ "WR-015", GET "Content-Length: 0x5\r\n\r\nhello", FRAMING },
	{ "WR-015", GET "Content-Length:\r\n\r\n", FRAMING },
	{ "WR-015", GET "Content-Length: 00000000000000000005\r\n\r\nhello", FRAMING },
	{ "FR-024", GET "Content-Length: 16777217\r\n\r\n", 413, "HTTP request body is too large" },
	{ "WR-016", GET "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", FRAMING },
	{ "WR-016", GET "Transfer-Encoding: xchunked\r\n\r\n", FRAMING },
	{ "WR-016", GET "transfer-encoding: identity\r\nContent-Length: 1\r\n\r\nx", FRAMING },
	{ "WR-017", GET "Content-Length: 1\r\n\r\nxy", 400, "HTTP request contains trailing data" },
	{ "WR-017", GET "\r\n" GET "\r\n", 400, "HTTP request contains trailing data" },
	{ "WR-020", "GET / HTTP/1.1\r\n" H "\r\n", ABSOLUTE },
	{ "WR-020", "GET https://a.test/ HTTP/1.1\r\n" H "\r\n", ABSOLUTE },
	{ "WR-020", "OPTIONS * HTTP/1.1\r\n" H "\r\n", ABSOLUTE },
	{ "WR-020", "CONNECT http://a.test/ HTTP/1.1\r\n" H "\r\n", TARGET },
	{ "WR-021", "GET http://u@a.test/ HTTP/1.1\r\n" H "\r\n", ABSOLUTE },
	{ "WR-021", "GET http://a.test/ HTTP/1.1\r\nHost: u@a.test\r\n\r\n", MISMATCH },
	{ "WR-021", "CONNECT u@a.test:443 HTTP/1.1\r\nHost: a.test\r\n\r\n", TARGET },
	{ "WR-022", "CONNECT a.test HTTP/1.1\r\nHost: a.test\r\n\r\n", TARGET },
	{ "WR-022", "CONNECT a.test: HTTP/1.1\r\nHost: a.test\r\n\r\n", TARGET },
	{ "WR-022", "CONNECT a.test:0443 HTTP/1.1\r\nHost: a.test\r\n\r\n", TARGET },
	{ "WR-022", "CONNECT a.test:65536 HTTP/1.1\r\nHost: a.test\r\n\r\n", TARGET },
	{ "WR-022", "GET http://a.test:0/ HTTP/1.1\r\nHost: a.test:0\r\n\r\n", ABSOLUTE },
	{ "WR-024", "GET http://a..test/ HTTP/1.1\r\nHost: a..test\r\n\r\n", ABSOLUTE },
	{ "WR-024", "GET http://.a.test/ HTTP/1.1\r\nHost: .a.test\r\n\r\n", ABSOLUTE },
	{ "WR-025", "GET http://\xc3\xa4.test/ HTTP/1.1\r\nHost: x\r\n\r\n", ABSOLUTE },
	{ "WR-025", "GET http://a%2etest/ HTTP/1.1\r\nHost: a%2etest\r\n\r\n", ABSOLUTE },
	{ "WR-026", "GET http://2130706433/ HTTP/1.1\r\nHost: 2130706433\r\n\r\n", ABSOLUTE },
	{ "WR-026", "GET http://127.1/ HTTP/1.1\r\nHost: 127.1\r\n\r\n", ABSOLUTE },
	{ "WR-026", "CONNECT 0x7f.1:443 HTTP/1.1\r\nHost: 0x7f.1:443\r\n\r\n", TARGET },
	{ "WR-027", "GET http://[fe80::1%25lo]/ HTTP/1.1\r\nHost: [fe80::1%25lo]\r\n\r\n",
	  ABSOLUTE },
	{ "WR-027", "CONNECT ::1:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n", TARGET },
	{ "WR-028", "GET http://a.test/ HTTP/1.1\r\nHost: b.test\r\n\r\n", MISMATCH },
	{ "WR-028", "GET http://a.test/ HTTP/1.1\r\nHost: a.test:81\r\n\r\n", MISMATCH },
	{ "WR-028", "GET http://a.test/ HTTP/1.1\r\n\r\n", MISMATCH },
	{ "WR-028", "GET http://a.test/ HTTP/1.1\r\nHost:\r\n\r\n", MISMATCH },
	{ "WR-028", "GET http://a.test/ HTTP/1.1\r\n" H H "\r\n", MISMATCH },
	{ "WR-028", "GET http://a.test/ HTTP/1.1\r\nHost: a.test, b.test\r\n\r\n", MISMATCH },
	{ "WR-028", "CONNECT a.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n", CONNECT_H, 1 },
	{ "WR-028", "CONNECT a.test:8443 HTTP/1.1\r\nHost: a.test\r\n\r\n", CONNECT_H, 1 },
	{ "WR-028", "CONNECT a.test:443 HTTP/1.1\r\n\r\n", CONNECT_H, 1 },
	{ "WR-031", "GET http://a.test/x#y HTTP/1.1\r\n" H "\r\n", ABSOLUTE },
	{ "WR-031", "GET http://a.test/\"x HTTP/1.1\r\n" H "\r\n", ABSOLUTE },
	{ "WR-033", "GET http://a.test/a/..%2fb HTTP/1.1\r\n" H "\r\n", ABSOLUTE },
	{ "WR-033", "GET http://a.test/%zz HTTP/1.1\r\n" H "\r\n", ABSOLUTE },
	{ "WR-048", CONN "\r\n\x16\x03\x01", CONNECT_H },
	{ "CONNECT body", CONN "Content-Length: 3\r\n\r\n", CONNECT_H },
	{ "CONNECT TE", CONN "Transfer-Encoding: chunked\r\n\r\n", CONNECT_H },
	{ "CONNECT Expect", CONN "Expect: 100-continue\r\n\r\n", CONNECT_H },
	{ "CONNECT Upgrade", CONN "Upgrade: h2c\r\n\r\n", CONNECT_H },
	{ "WR-053", "GET http://a.test:25/ HTTP/1.1\r\nHost: a.test:25\r\n\r\n", 403,
	  "Blocked by outcall: Target port is not allowed\n", 1 },
	{ "EC-009", "CONNECT a.test:25 HTTP/1.1\r\nHost: a.test:25\r\n\r\n", 403,
	  "Blocked by outcall: CONNECT port is not allowed\n", 1 },
	{ "EC-009", "CONNECT a.test:9200 HTTP/1.1\r\nHost: a.test:9200\r\n\r\n", 403,
	  "Blocked by outcall: CONNECT port is not allowed\n", 1 },
	{ "WR-060", GET "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", FRAMING },
	{ "WR-060", GET "HTTP2-Settings: x\r\n\r\n", FRAMING },
	{ "WR-061", GET "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n", 417,
	  "Expect is not supported" },
	{ "WR-062", GET "Connection: content-length\r\nContent-Length: 1\r\n\r\nx", FRAMING },
	{ "WR-062", GET "Connection: close, Authorization\r\n\r\n", FRAMING },
	{ "WR-066", "OPTIONS http://a.test/ HTTP/1.1\r\n" H "Max-Forwards: 0\r\n\r\n", 501,
	  "Max-Forwards has reached zero" },
	{ "WR-050", "GET http://private.test/ HTTP/1.1\r\nHost: private.test\r\n\r\n", 403,
	  "Upstream resolved to a restricted address", 1 },
	{ "WR-050", "CONNECT private.test:443 HTTP/1.1\r\nHost: private.test:443\r\n\r\n", 403,
	  "Upstream resolved to a restricted address", 1 },
	{ "WR-051", "GET http://[::ffff:0.0.0.1]/ HTTP/1.1\r\nHost: [::ffff:0.0.0.1]\r\n\r\n", 403,
	  "Upstream resolved to a restricted address", 1 },
	{ "WR-051", "GET http://[::ffff:127.0.0.1]/ HTTP/1.1\r\nHost: [::ffff:127.0.0.1]\r\n\r\n",
	  403, "Upstream resolved to a restricted address", 1 },
	{ "opt-in", "GET http://0.0.0.0/ HTTP/1.1\r\nHost: 0.0.0.0\r\n\r\n", 403,
	  "Upstream resolved to a restricted address", 1 },
	{ "opt-in", "GET http://never.test/ HTTP/1.1\r\nHost: never.test\r\n\r\n", 403,
	  "Upstream resolved to a restricted address", 1 },
	{ "WR-055", "GET http://none.test/ HTTP/1.1\r\nHost: none.test\r\n\r\n", 502,
	  "Upstream connection failed" },
	{ "WR-055", "CONNECT none.test:443 HTTP/1.1\r\nHost: none.test:443\r\n\r\n", 502,
	  "Upstream connection failed", 1 },
	{ "WR-055", "GET http://unknown.test/ HTTP/1.1\r\nHost: unknown.test\r\n\r\n", 502,
	  "Upstream connection failed" },
	{ "WR-054", "GET http://slow.test/ HTTP/1.1\r\nHost: slow.test\r\n\r\n", 504,
	  "Upstream operation timed out" },
	{ "health", "GET /outcall-health HTTP/1.1\r\nHost: x\r\n\r\n", 200, "{\"status\":\"ok\"}" },
	{ "health", "GET /outcall-health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx", 400,
	  "Unexpected health-check body" },
	{ "health", "GET /outcall-health HTTP/1.1\r\nHost: x\r\n\r\nx", 400,
	  "Unexpected health-check body" },
	{ "health", "GET /outcall-health?x HTTP/1.1\r\nHost: x\r\n\r\n", ABSOLUTE },
};

static void run(const struct wire *t)
{
	uint64_t blocked = pe.stats->proxy_blocked;
	char status[64], length[64];
	int c = pe_client(2);
	pe_say_n(c, t->request, t->len ? t->len : strlen(t->request));
	pe_hear(c, NULL);
	snprintf(status, sizeof(status), "HTTP/1.1 %d ", t->status);
	const char *body = strstr(pe_text, "\r\n\r\n");
	if (strncmp(pe_text, status, strlen(status)) != 0 || !body || !strstr(body, t->body))
		FAIL("%s: %s got %.400s", t->id, t->request, pe_text);
	snprintf(length, sizeof(length), "Content-Length: %zu\r\n", strlen(body + 4));
	/* with that field curl would not repeat the request after 417 */
	bool says_close = strstr(pe_text, "\r\nConnection: close\r\n");
	if (!strstr(pe_text, length) || says_close != (t->status != 417))
		FAIL("%s: %.400s", t->id, pe_text);
	if (strstr(pe_text, "X-Outcall-Block-Reason"))
		FAIL("%s: only policy blocks carry the reason: %.400s", t->id, pe_text);
	if (pe.stats->proxy_blocked - blocked != (uint64_t)t->blocked)
		FAIL("%s: %s counted %d", t->id, t->request,
		     (int)(pe.stats->proxy_blocked - blocked));
	if (!pe_nobody())
		FAIL("%s: went upstream: %s", t->id, t->request);
	close(c);
}

static void start(void)
{
	pe_names = names;
	pe_name_cnt = ARRAY_LEN(names);
	pe_start();
	pe_publish(rules, ARRAY_LEN(rules));
}

T(every_wire_rule)
{
	start();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		run(&cases[i]);
	pe_end();
}

T(every_wire_rule_byte_by_byte)
{
	start();
	for (size_t i = 0; i < ARRAY_LEN(cases); i += 3) {
		const struct wire *t = &cases[i];
		int c = pe_client(3);
		size_t n = t->len ? t->len : strlen(t->request);
		for (size_t j = 0; j < n; j++)
			pe_say_n(c, t->request + j, 1);
		char status[64];
		pe_hear(c, NULL);
		/* What is refused only because it came along with the head is another matter here. */
		snprintf(status, sizeof(status), "HTTP/1.1 %d ", t->status);
		if (strncmp(pe_text, status, strlen(status)) != 0 && !strstr(t->body, "trailing"))
			FAIL("%s: %s got %.400s", t->id, t->request, pe_text);
		close(c);
	}
	pe_end();
}

T(oversized_heads)	/* S006-WR-011, S006-EC-006 */
{
	static char text[20000];
	start();
	memset(text, 'x', sizeof(text));
	memcpy(text, "GET http://a.test/", 18);
	struct wire t = {
		"WR-011", text, 431, "Headers exceed the maximum allowed size", 0, 16000
	};
	run(&t);
	struct buf b = BUF_OF(text);
	buf_add_c(&b, GET);
	for (int i = 0; i < 128; i++)
		buf_add_c(&b, "a: b\r\n");
	buf_add_c(&b, "\r\n");
	t.len = b.len;
	run(&t);
	pe_end();
}

T(closing_in_the_middle_of_a_head_gets_nothing)	/* S006-WR-009 */
{
	start();
	int c = pe_client(2);
	pe_say(c, "GET http://a.test/ HT");
	shutdown(c, SHUT_WR);
	STR_EQ(pe_hear(c, NULL), "");
	close(c);
	pe_until_idle();
	pe_end();
}

T(head_requests_get_no_body)	/* S006-WR-070 */
{
	start();
	int c = pe_client(2);
	pe_say(c, "head http://a.test:25/ HTTP/1.1\r\nHost: a.test:25\r\n\r\n");
	pe_hear(c, NULL);
	HAS(pe_text, "HTTP/1.1 403 Forbidden\r\n");
	HAS(pe_text, "Content-Length: ");
	STR_EQ(strstr(pe_text, "\r\n\r\n"), "\r\n\r\n");
	close(c);
	pe_end();
}
