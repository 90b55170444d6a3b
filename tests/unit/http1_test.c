/* http1_test.c - strict heads of requests and responses (S006-WR-001..017, -067) */
#include "t.h"

#include "wire/http1.h"

static struct http1_field fields[128];
static struct http1_head h;

static enum parse request(const char *text, size_t len)
{
	http1_init(&h, fields, 128, 8192);
	return http1_parse_request(&h, (struct str){ (const char *)t_guarded(text, len), len });
}

static enum parse response(const char *text, size_t len)
{
	http1_init(&h, fields, 128, 65536);
	return http1_parse_response(&h, (struct str){ (const char *)t_guarded(text, len), len });
}

#define REQ(text) request(text, sizeof(text) - 1)
#define RES(text) response(text, sizeof(text) - 1)

T(whole_request)
{
	EQ(REQ("GET http://a/b HTTP/1.1\r\nHost: a\r\nX-Y:\t z \t\r\nx-y: \r\n\r\nrest"),
	   PARSE_DONE);
	VIEW_EQ(h.method, "GET");
	VIEW_EQ(h.target, "http://a/b");
	EQ(h.minor, 1);
	EQ(h.field_cnt, 3);
	VIEW_EQ(h.fields[1].name, "X-Y");
	VIEW_EQ(h.fields[1].value, "z");
	VIEW_EQ(h.fields[2].value, "");
	VIEW_EQ(http1_value(&h, HTTP1_HOST), "a");
	EQ(h.len, sizeof("GET http://a/b HTTP/1.1\r\nHost: a\r\nX-Y:\t z \t\r\nx-y: \r\n\r\n") - 1);
	EQ(REQ("OPTIONS * HTTP/1.0\r\n\r\n"), PARSE_DONE);
	EQ(h.minor, 0);
}

T(byte_by_byte)
{
	static const char text[] = "PUT /x HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
	for (size_t n = 0; n < sizeof(text) - 1; n++)
		EQ(request(text, n), PARSE_MORE);
	EQ(request(text, sizeof(text) - 1), PARSE_DONE);
	static const char answer[] = "HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n";
	for (size_t n = 0; n < sizeof(answer) - 1; n++)
		EQ(response(answer, n), PARSE_MORE);
	EQ(response(answer, sizeof(answer) - 1), PARSE_DONE);
	EQ(h.status, 404);
	VIEW_EQ(h.reason, "Not Found");
}

static void refused(const char *text, size_t len, enum http1_fault fault)
{
	enum parse r = request(text, len);
	if (r != PARSE_BAD)
		FAIL("accepted (%u): %s", r, text);
	if (h.fault != fault)
		FAIL("fault %u, not %u: %s", h.fault, fault, text);
}

#define SYNTAX(text) refused(text, sizeof(text) - 1, HTTP1_FAULT_SYNTAX)
#define VERSION(text) refused(text, sizeof(text) - 1, HTTP1_FAULT_VERSION)

T(lines_end_in_crlf_only)	/* S006-WR-001 */
{
	SYNTAX("GET / HTTP/1.1\nHost: a\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nHost: a\n\r\n");
	SYNTAX("GET / HTTP/1.1\rHost: a\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nHost: a\r\n\n");
	SYNTAX("GET / HTTP/1.1\r\n\rX: y\r\n\r\n");
}

T(field_names)	/* S006-WR-002, S006-WR-003 */
{
	SYNTAX("GET / HTTP/1.1\r\nHost : a\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\n: a\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nHo(st: a\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nno colon\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nHost\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\n Host: a\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nA\0: b\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nA\x80: b\r\n\r\n");
}

T(field_values)	/* S006-WR-004 */
{
	SYNTAX("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nA: b\x01\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nA: b\x7f\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nA: \xff\r\n\r\n");
	SYNTAX("GET / HTTP/1.1\r\nA: \xc0\xaf\r\n\r\n");
	EQ(REQ("GET / HTTP/1.1\r\nA: \xc3\xa4\tb\r\n\r\n"), PARSE_DONE);
}

T(request_line)	/* S006-WR-005, -006, -007, -013 */
{
	SYNTAX("\r\nGET / HTTP/1.1\r\n\r\n");
	SYNTAX(" GET / HTTP/1.1\r\n\r\n");
	SYNTAX("GET  / HTTP/1.1\r\n\r\n");
	SYNTAX("GET /  HTTP/1.1\r\n\r\n");
	SYNTAX("GET\t/ HTTP/1.1\r\n\r\n");
	SYNTAX("GET / HTTP/1.1 \r\n\r\n");
	SYNTAX("GET /a b HTTP/1.1\r\n\r\n");
	SYNTAX("GET /x\r\n");
	SYNTAX("GET / http/1.1\r\n\r\n");
	SYNTAX("GET / HTTP/1.1x\r\n\r\n");
	VERSION("GET / HTTP/11\r\n\r\n");
	SYNTAX("G(T / HTTP/1.1\r\n\r\n");
	SYNTAX("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG / HTTP/1.1\r\n\r\n");
	SYNTAX("\x16\x03\x01\x02\x00\x01");
	SYNTAX("GET /\x01 HTTP/1.1\r\n\r\n");
	EQ(REQ("ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF / HTTP/1.1\r\n\r\n"), PARSE_DONE);
}

T(other_versions)	/* S006-WR-012 */
{
	VERSION("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
	VERSION("GET / HTTP/1.2\r\n\r\n");
	VERSION("GET / HTTP/3\r\n\r\n");
	VERSION("GET / HTTP/0.9\r\n\r\n");
}

static char big[20000];

T(limits)	/* S006-WR-011, S006-EC-006 */
{
	int at = snprintf(big, sizeof(big), "GET / HTTP/1.1\r\nA: ");
	memset(big + at, 'x', 8192 - 4 - (size_t)at);
	memcpy(big + 8188, "\r\n\r\n", 4);
	EQ(request(big, 8192), PARSE_DONE);
	EQ(h.len, 8192);
	EQ(request(big, 8191), PARSE_MORE);
	memcpy(big + 8188, "x\r\n\r\n", 5);
	refused(big, 8193, HTTP1_FAULT_SIZE);
	refused(big, 8192, HTTP1_FAULT_SIZE);
	at = snprintf(big, sizeof(big), "GET / HTTP/1.1\r\n");
	for (int i = 0; i < 128; i++)
		at += snprintf(big + at, sizeof(big) - (size_t)at, "a: b\r\n");
	memcpy(big + at, "\r\n", 2);
	EQ(request(big, (size_t)at + 2), PARSE_DONE);
	memcpy(big + at, "c: d\r\n\r\n", 8);
	refused(big, (size_t)at + 8, HTTP1_FAULT_SIZE);
}

T(content_length)	/* S006-WR-015 */
{
	static const struct {
		const char *text;
		enum http1_length want;
	} cases[] = {
		{ "", HTTP1_LENGTH_NONE },
		{ "Content-Length: 5\r\n", HTTP1_LENGTH_OK },
		{ "content-length: 0000000000000000005\r\n", HTTP1_LENGTH_OK },
		{ "Content-Length: 9223372036854775807\r\n", HTTP1_LENGTH_OK },
		{ "Content-Length: 9223372036854775808\r\n", HTTP1_LENGTH_BAD },
		{ "Content-Length: 00000000000000000005\r\n", HTTP1_LENGTH_BAD },
		{ "Content-Length: 5\r\nContent-Length: 5\r\n", HTTP1_LENGTH_BAD },
		{ "Content-Length: 5, 5\r\n", HTTP1_LENGTH_BAD },
		{ "Content-Length: +5\r\n", HTTP1_LENGTH_BAD },
		{ "Content-Length: -5\r\n", HTTP1_LENGTH_BAD },
		{ "Content-Length: 5 5\r\n", HTTP1_LENGTH_BAD },
		{ "Content-Length: 0x5\r\n", HTTP1_LENGTH_BAD },
		{ "Content-Length:\r\n", HTTP1_LENGTH_BAD },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[256];
		uint64_t v;
		int n = snprintf(text, sizeof(text), "POST / HTTP/1.1\r\n%s\r\n", cases[i].text);
		EQ(request(text, (size_t)n), PARSE_DONE);
		if (http1_content_length(&h, false, &v) != cases[i].want)
			FAIL("%s", cases[i].text);
	}
	uint64_t v;
	EQ(RES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n"), PARSE_DONE);
	EQ(http1_content_length(&h, true, &v), HTTP1_LENGTH_OK);
	EQ(v, 5);
	EQ(RES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"), PARSE_DONE);
	EQ(http1_content_length(&h, true, &v), HTTP1_LENGTH_BAD);
}

T(responses)
{
	EQ(RES("HTTP/1.0 200\r\n\r\n"), PARSE_DONE);
	EQ(h.minor, 0);
	EQ(RES("HTTP/1.1 200 \r\nA: \xff\r\n\r\n"), PARSE_DONE);
	EQ(RES("HTTP/1.1 200 OK\nA: b\n\n"), PARSE_BAD);
	EQ(RES("HTTP/1.1 2000 OK\r\n\r\n"), PARSE_BAD);
	EQ(RES("HTTP/1.1 99 OK\r\n\r\n"), PARSE_BAD);
	EQ(RES("HTTP/1.1 600 OK\r\n\r\n"), PARSE_BAD);
	EQ(RES("HTTP/1.1  200 OK\r\n\r\n"), PARSE_BAD);
	EQ(RES("HTTP/2 200 OK\r\n\r\n"), PARSE_BAD);
	EQ(RES("SSH-2.0-x\r\n"), PARSE_BAD);
	EQ(RES("HTTP/1.1 200 OK\r\nA : b\r\n\r\n"), PARSE_BAD);
	EQ(RES("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"), PARSE_BAD);
}

T(lists_and_names)
{
	EQ(REQ("GET / HTTP/1.1\r\nConnection: a ,Close\r\nconnection: x\r\n\r\n"), PARSE_DONE);
	OK(http1_list_has(&h, HTTP1_CONNECTION, STR("close")));
	OK(http1_list_has(&h, HTTP1_CONNECTION, STR("X")));
	OK(!http1_list_has(&h, HTTP1_CONNECTION, STR("los")));
	OK(!http1_names_end_to_end(&h));
	EQ(REQ("GET / HTTP/1.1\r\nConnection: close, Content-LENGTH\r\n\r\n"), PARSE_DONE);
	OK(http1_names_end_to_end(&h));	/* S006-WR-062 */
	EQ(http1_name_of(STR("TRANSFER-encoding")), HTTP1_TRANSFER_ENCODING);
	EQ(http1_name_of(STR("transfer-encodin")), HTTP1_OTHER);
	EQ(http1_name_of(STR("Proxy-Authorization")), HTTP1_PROXY_AUTHORIZATION);
	EQ(http1_name_of(STR("x-a-very-long-name-of-a-field")), HTTP1_OTHER);
}
