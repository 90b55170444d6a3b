/* chunk_test.c - chunked bodies, in one piece and byte by byte (S006-WR-067) */
#include "t.h"

#include "wire/chunk.h"

static char body[4096];
static size_t left;

static enum parse decode(const char *text, size_t len, size_t step)
{
	struct chunk c = { 0 };
	struct buf out = BUF_OF(body);
	enum parse r = PARSE_MORE;
	for (size_t at = 0; at < len && r == PARSE_MORE; at += step) {
		size_t n = MIN(step, len - at);
		struct str in = { (const char *)t_guarded(text + at, n), n }, data;
		do {
			r = chunk_next(&c, &in, &data);
			buf_add_str(&out, data);
		} while (r == PARSE_MORE && in.len);
		left = in.len;
	}
	buf_c(&out);
	return r;
}

static void good(const char *text, const char *want)
{
	EQ(decode(text, strlen(text), strlen(text)), PARSE_DONE);
	STR_EQ(body, want);
	EQ(decode(text, strlen(text), 1), PARSE_DONE);
	STR_EQ(body, want);
}

static void bad(const char *text)
{
	if (decode(text, strlen(text), strlen(text)) != PARSE_BAD ||
	    decode(text, strlen(text), 1) != PARSE_BAD)
		FAIL("accepted: %s", text);
}

T(bodies)
{
	good("0\r\n\r\n", "");
	good("5\r\nhello\r\n0\r\n\r\n", "hello");
	good("3\r\nabc\r\nA\r\n0123456789\r\n000\r\n\r\n", "abc0123456789");
	good("3;x=\"y\"\r\nabc\r\n0;z\r\nTrailer: a\r\nB: c\r\n\r\n", "abc");
	EQ(decode("1\r\na\r\n0\r\n\r\nHTTP", 15, 15), PARSE_DONE);
	EQ(left, 4);
	EQ(decode("1\r\na\r\n0\r\n\r", 10, 10), PARSE_MORE);
}

T(refused)
{
	bad("\r\n");
	bad("g\r\n");
	bad("-1\r\n");
	bad("0x1\r\n");
	bad("5\nhello");
	bad("5\rhello");
	bad("2\r\nabc\r\n");
	bad("2\r\nab\n0\r\n\r\n");
	bad("1234567890abcdef1\r\n");
	bad("1;a\x01\r\n");
	bad("0\r\nA\x01\r\n\r\n");
	bad("0\r\n\rX");
	char text[CHUNK_LINE_MAX + 16] = "1;";
	memset(text + 2, 'x', CHUNK_LINE_MAX + 2);
	bad(text);
}

T(frames)
{
	char text[64];
	struct buf b = BUF_OF(text);
	chunk_frame(&b, STR("0123456789abcdefg"));
	STR_EQ(buf_c(&b), "11\r\n0123456789abcdefg\r\n");
	OK(b.len <= 17 + CHUNK_FRAME_MAX);
}
