/* text_test.c - views, writers, readers, numbers, UTF-8, base64 */
#include "t.h"

#include "base/b64.h"
#include "base/cur.h"
#include "base/num.h"
#include "base/utf8.h"

T(split_keeps_empty_parts)
{
	struct str rest = STR("a,,b"), part;

	OK(str_split(&rest, ',', &part) && str_eq_c(part, "a"));
	OK(str_split(&rest, ',', &part) && part.len == 0);
	OK(str_split(&rest, ',', &part) && str_eq_c(part, "b"));
	OK(!str_split(&rest, ',', &part));
}

T(views_compare_by_length_not_by_nul)	/* S006-WR-014 */
{
	struct str a = str_n("ok.test\0.evil", 13);

	OK(!str_eq_c(a, "ok.test"));
	OK(str_ends(a, STR(".evil")));
	OK(str_starts(a, STR("ok.test")));
	char c[32];
	OK(!str_to_c(c, sizeof(c), a));
	STR_EQ(c, "");
}

T(hash_is_siphash_2_4)	/* vector of the SipHash paper: 15 bytes 00..0e, key 00..0f */
{
	uint64_t seed[2] = { UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908) };
	char in[15];

	for (int i = 0; i < 15; i++)
		in[i] = (char)i;
	OK(str_hash(str_n(in, 15), seed) == UINT64_C(0xa129ca6149be45e5));
}

T(a_full_buffer_stays_full)
{
	char mem[4];
	struct buf b = BUF_OF(mem);

	buf_add_c(&b, "abc");
	OK(buf_ok(&b));
	buf_add_c(&b, "de");
	OK(!buf_ok(&b));
	buf_add_c(&b, "f");
	EQ(b.len, 3);
	STR_EQ(buf_c(&b), "abc");
	buf_reset(&b);
	buf_printf(&b, "%d", 12345);
	OK(!buf_ok(&b));
	EQ(b.len, 0);
}

T(escaped_text_is_printable_ascii)
{
	char mem[64];
	struct buf b = BUF_OF(mem);

	buf_add_escaped(&b, str_n("a\n\"\x1b\xff\\b", 7), 100);
	STR_EQ(buf_c(&b), "a\\x0a\\x22\\x1b\\xff\\x5cb");
}

T(reading_past_the_end_sticks)
{
	const unsigned char raw[] = { 1, 2, 3 };
	struct cur c = cur_on(raw, sizeof(raw));

	EQ(cur_be16(&c), 0x0102);
	EQ(cur_be16(&c), 0);
	OK(!cur_ok(&c));
	EQ(cur_u8(&c), 0);	/* the byte that is left is not handed out any more */
	OK(cur_take(&c, 0).p == NULL);
	c = cur_on(raw, sizeof(raw));
	cur_skip(&c, SIZE_MAX);
	OK(!cur_ok(&c));
}

T(numbers_are_whole_and_in_range)
{
	uint64_t u;
	int64_t i;

	OK(num_u64(STR("18446744073709551615"), UINT64_MAX, &u) && u == UINT64_MAX);
	OK(!num_u64(STR("18446744073709551616"), UINT64_MAX, &u));
	OK(!num_u64(STR(""), UINT64_MAX, &u));
	OK(!num_u64(STR("+1"), UINT64_MAX, &u));
	OK(!num_u64(STR("1 "), UINT64_MAX, &u));
	OK(!num_u64(STR("256"), 255, &u));
	OK(num_i64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &i) && i == INT64_MIN);
	OK(!num_i64(STR("9223372036854775808"), INT64_MIN, INT64_MAX, &i));
	OK(!num_i64(STR("-"), INT64_MIN, INT64_MAX, &i));
	OK(num_hex(STR("Ff"), 255, &u) && u == 255);
	OK(!num_hex(STR("0x1"), 255, &u));
}

T(utf8_is_strict)
{
	static const char *const bad[] = { "\x80",
					   "\xc0\x80",
					   "\xc1\xbf",
					   "\xe0\x80\x80",
					   "\xed\xa0\x80",
					   "\xf0\x80\x80\x80",
					   "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80",
					   "\xe2\x82",
					   "\xff" };
	char out[4];

	OK(utf8_valid(STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")));
	EQ(utf8_count(STR("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")), 4);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		OK(!utf8_valid(str_of(bad[i])));
	for (uint32_t cp = 0; cp <= 0x10ffff; cp += cp == 0xd7ff ? 0x801 : 1) {
		size_t pos = 0;
		uint32_t back;

		OK(utf8_next(str_n(out, utf8_encode(cp, out)), &pos, &back) && back == cp);
	}
}

T(base64_both_ways)
{
	static const char *const pairs[][2] = {
		{ "", "" },	   { "f", "Zg==" },	   { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }
	};
	static const char *const bad[] = { "Z", "Zg=", "Zg==Zg==", "Zm 9", "Zm9-", "====" };
	char mem[32];

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct buf b = BUF_OF(mem);

		b64_encode(&b, str_of(pairs[i][0]));
		STR_EQ(buf_c(&b), pairs[i][1]);
		buf_reset(&b);
		OK(b64_decode(&b, str_of(pairs[i][1])));
		STR_EQ(buf_c(&b), pairs[i][0]);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct buf b = BUF_OF(mem);

		OK(!b64_decode(&b, str_of(bad[i])));
	}
}
