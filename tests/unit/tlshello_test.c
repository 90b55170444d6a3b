/* tlshello_test.c - the ClientHello record (S006-WR-035..044) */
#include "t.h"

#include "hello_msg.h"
#include "wire/tlshello.h"

static char text[40000];
static struct tlshello hello;

static enum parse parse(const void *p, size_t len)
{
	return tlshello_parse((struct str){ (const char *)t_guarded(p, len), len }, &hello);
}

static size_t build(const struct hello_spec *s)
{
	struct buf b = BUF_OF(text);
	hello_build(&b, s);
	return b.len;
}

static enum parse name(const char *sni)
{
	const struct hello_spec s = { .sni = sni };
	size_t n = build(&s);
	return parse(text, n);
}

T(whole_and_in_pieces)	/* S006-WR-035, -041 */
{
	const struct hello_spec s = { .sni = "WWW.Example.com." };
	size_t n = build(&s);
	for (size_t i = 0; i < n; i++)
		EQ(parse(text, i), PARSE_MORE);
	EQ(parse(text, n), PARSE_DONE);
	OK(hello.has_sni);
	STR_EQ(hello.sni.text, "www.example.com");
	EQ(hello.len, n);
	EQ(hello.alpn.len, 12);
	OK(!hello.ech);
	text[n] = 'x';	/* what follows the record is not its business */
	EQ(parse(text, n + 1), PARSE_DONE);
	EQ(hello.len, n);
}

T(without_sni)	/* S006-EC-001 */
{
	EQ(name(NULL), PARSE_DONE);
	OK(!hello.has_sni);
	const struct hello_spec s = { .no_extensions = true };
	size_t n = build(&s);
	EQ(parse(text, n), PARSE_DONE);
}

T(ech_of_outer_type)	/* S006-WR-044 */
{
	const struct hello_spec s = { .sni = "a.b", .ech = true };
	EQ(parse(text, build(&s)), PARSE_DONE);
	OK(hello.ech);
	const struct hello_spec inner = { .sni = "a.b",
					  .extra = "\xfe\x0d\0\x01\x01",
					  .extra_len = 5 };
	EQ(parse(text, build(&inner)), PARSE_DONE);
	OK(!hello.ech);
}

T(bad_names)	/* S006-WR-040 */
{
	static const char *const bad[] = { "",		 "1.2.3.4", "*",     "*.a",  "a b",
					   "\xc3\xa4.b", "a\x01",   "[::1]", "a..b", "127.1" };
	char long_name[300];
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (name(bad[i]) != PARSE_BAD)
			FAIL("accepted: %s", bad[i]);
	memset(long_name, 'a', sizeof(long_name));
	for (size_t i = 40; i < sizeof(long_name); i += 40)
		long_name[i] = '.';
	long_name[260] = '\0';
	EQ(name(long_name), PARSE_BAD);
}

T(not_a_hello)	/* S006-WR-037 */
{
	EQ(parse("G", 1), PARSE_BAD);
	EQ(parse("SSH-2.0", 7), PARSE_BAD);
	EQ(parse("\x80\x2e\x01", 3), PARSE_BAD);
	EQ(parse("\x16\x02", 2), PARSE_BAD);
	EQ(parse("\x16\x03\x01\0\x03", 5), PARSE_BAD);
	EQ(parse("\x16\x03\x01\x40\x01", 5), PARSE_BAD);
	EQ(parse("\x16\x03\x01\x40\x00", 5), PARSE_MORE);
	EQ(parse("\x16\x03\x01\0\x10\x02", 6), PARSE_BAD);
	EQ(parse("\x15\x03\x01\0\x02", 5), PARSE_BAD);
}

T(split_over_records)	/* S006-WR-036 */
{
	const struct hello_spec s = { .sni = "a.b" };
	size_t n = build(&s);
	text[8]++;	/* the message is longer than the record */
	EQ(parse(text, 9), PARSE_BAD);
	EQ(parse(text, n), PARSE_BAD);
	text[8] = (char)(text[8] - 2);	/* shorter: bytes behind it (S006-WR-038) */
	EQ(parse(text, n), PARSE_BAD);
}

T(largest)
{
	struct hello_spec s = { .sni = "a.b", .padding = 16000 };
	size_t n = build(&s);
	s.padding += TLSHELLO_MAX - n;
	EQ(build(&s), TLSHELLO_MAX);
	EQ(parse(text, TLSHELLO_MAX), PARSE_DONE);
	s.padding++;
	n = build(&s);
	EQ(parse(text, n), PARSE_BAD);
}

T(repeated_extensions)	/* S006-WR-039 */
{
	const struct hello_spec two = { .sni = "a.b",
					.extra = "\0\0\0\x08\0\x06\0\0\x03"
						 "c.d",
					.extra_len = 12 };
	EQ(parse(text, build(&two)), PARSE_BAD);
	const struct hello_spec unknown = { .sni = "a.b",
					    .extra = "\x55\x55\0\0\x55\x55\0\0",
					    .extra_len = 8 };
	EQ(parse(text, build(&unknown)), PARSE_BAD);
	const struct hello_spec names = { .extra = "\0\0\0\x0e\0\x0c\0\0\x03"
						   "c.d\0\0\x03"
						   "e.f",
					  .extra_len = 18 };
	EQ(parse(text, build(&names)), PARSE_BAD);
	const struct hello_spec type = { .extra = "\0\0\0\x08\0\x06\x01\0\x03"
						  "c.d",
					 .extra_len = 12 };
	EQ(parse(text, build(&type)), PARSE_BAD);
}

T(lengths_add_up)	/* S006-WR-038: one changed length byte never leaves a name */
{
	const struct hello_spec s = { .sni = "a.b" };
	size_t n = build(&s);
	static const size_t lengths[] = { 3, 4, 6, 7, 8, 43, 76, 77, 82, 84, 85 };
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		build(&s);
		for (int d = 1; d < 256; d++) {
			text[lengths[i]]++;
			if (parse(text, n) == PARSE_DONE && hello.has_sni)
				FAIL("byte %zu + %d accepted", lengths[i], d);
		}
	}
}
