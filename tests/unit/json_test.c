/* json_test.c - the strict reader: what is JSON, what is not, and what the walker sees
 *
 * Spec: S000 section 6.
 */
#include "t.h"

#include "base/buf.h"
#include "wire/json.h"

static struct arena arena;

static bool parse(struct json *doc, const void *text, size_t len, struct err *e)
{
	arena_fini(&arena);
	arena_init(&arena, 8 << 20);
	struct str s = { (const char *)t_guarded(text, len), len };
	return json_parse(doc, s, &arena, e) == 0;
}

static bool parse_c(struct json *doc, const char *text)
{
	struct err e;
	return parse(doc, text, strlen(text), &e);
}

T(good_texts)
{
	static const char *const good[] = {
		"null",
		"true",
		"false",
		"0",
		"-0",
		"1",
		"-1.5",
		"1e5",
		"1E+5",
		"0.1e-7",
		"\"\"",
		"\"x\"",
		" \t\r\n1 \t\r\n",
		"[]",
		"{}",
		"[ ]",
		"{ }",
		"[1,2,3]",
		"[[],[[]],{}]",
		"[\"a\",null,true]",
		"{\"a\":1}",
		"{\"a\":{\"b\":[1,{\"c\":null}]},\"d\":\"e\"}",
		"{\"\":0}",
		"\"\\u0000\"",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"",
		"\"\\ud83d\\ude00\"",
		"\"\xc3\xa4\"",
		"\"\x7f\"",
		"123456789012345678901234567890",
		"{\"a\":1,\"A\":2}",
	};
	struct json doc;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!parse_c(&doc, good[i]))
			FAIL("refused: %s", good[i]);
}

T(bad_texts)
{
	static const char *const bad[] = {
		"",
		" ",
		"nul",
		"nulll",
		"True",
		"+1",
		"01",
		"-",
		"-01",
		"1.",
		".5",
		"1e",
		"1e+",
		"0x1",
		"1 2",
		"NaN",
		"Infinity",
		"'a'",
		"\"",
		"\"a",
		"\"\\\"",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u12g4\"",
		"\"\n\"",
		"\"\\ud800\"",
		"\"\\udc00\"",
		"\"\\ud800\\u0041\"",
		"\"\\ud800x\"",
		"\"\\ud800\\ud800\"",
		"[",
		"]",
		"[1",
		"[1,",
		"[1,]",
		"[,1]",
		"[1 2]",
		"[1:2]",
		"{",
		"}",
		"{]",
		"[}",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{,}",
		"{1:2}",
		"{a:1}",
		"{\"a\" 1}",
		"{\"a\":1 \"b\":2}",
		"{\"a\"::1}",
		"{null:1}",
		"{[]:1}",
		"[]]",
		"{}{}",
		"// c\n1",
		"[1]/**/",
		("\xef\xbb\xbf"
		 "1"),
		"\"\xc3\"",
		"\"\x80\"",
		"\"\xed\xa0\x80\"",
		"\"\xc0\xaf\"",
		"\"\xf4\x90\x80\x80\"",
		"\xff",
		"{\"a\":1,\"a\":2}",
		"{\"a\":1,\"\\u0061\":2}",
		"[{\"x\":{\"k\":1,\"b\":2,\"k\":3}}]",
	};
	struct json doc;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (parse_c(&doc, bad[i]))
			FAIL("accepted: %s", bad[i]);
	struct err e;
	static const char nul[] = "[1\0]", escaped_nul[] = "\"\\\0\"", in_string[] = "\"\0\"";
	OK(!parse(&doc, nul, sizeof(nul) - 1, &e));
	OK(!parse(&doc, escaped_nul, sizeof(escaped_nul) - 1, &e));
	OK(!parse(&doc, in_string, sizeof(in_string) - 1, &e));
}

T(every_prefix_of_a_text_is_refused)
{
	static const char text[] =
		"{\"a\":[1,-2.5e3,\"x\\u00e4\\ud83d\\ude00\",{\"b\":null}],\"c\":true}";
	struct json doc;
	struct err e;
	for (size_t len = 0; len < sizeof(text) - 1; len++)
		OK(!parse(&doc, text, len, &e));
	OK(parse(&doc, text, sizeof(text) - 1, &e));
}

T(depth_is_limited_to_128)
{
	char text[600];
	struct json doc;
	struct err e;
	memset(text, '[', 128);
	memset(text + 128, ']', 128);
	OK(parse(&doc, text, 256, &e));
	memset(text, '[', 129);
	memset(text + 129, ']', 129);
	OK(!parse(&doc, text, 258, &e));
	HAS(e.msg, "nested too deeply");
}

T(errors_name_the_byte)
{
	struct json doc;
	struct err e;
	OK(!parse(&doc, "[1,x]", 5, &e));
	EQ(e.code, ERR_INVALID);
	STR_EQ(e.msg, "invalid JSON at byte 3: unexpected character");
	OK(!parse(&doc, "{\"a\":1,\"a\":2}", 13, &e));
	STR_EQ(e.msg, "invalid JSON: duplicate member \"a\"");
}

T(large_objects_find_their_duplicates)
{
	static char text[4096];
	struct buf b = BUF_OF(text);
	struct json doc;
	struct err e;
	buf_add_byte(&b, '{');
	for (int i = 0; i < 100; i++)
		buf_printf(&b, "%s\"k%d\":%d", i ? "," : "", i, i);
	size_t open = b.len;
	buf_add_byte(&b, '}');
	OK(parse(&doc, b.p, b.len, &e));
	uint64_t n;
	OK(json_u64(json_get(json_root(&doc), "k99"), 1000, &n));
	EQ(n, 99);
	b.len = open;
	buf_add_c(&b, ",\"\\u006b17\":0}");
	OK(!parse(&doc, b.p, b.len, &e));
	STR_EQ(e.msg, "invalid JSON: duplicate member \"k17\"");
}

T(small_arena_is_a_limit)
{
	struct arena small;
	struct json doc;
	struct err e;
	EQ(arena_init_fixed(&small, 4096), 0);
	static char text[8192];
	memset(text, '0', sizeof(text));
	for (size_t i = 2; i < sizeof(text); i += 2)
		text[i] = ',';
	text[0] = '[';
	text[sizeof(text) - 1] = ']';
	text[sizeof(text) - 2] = '1';
	text[sizeof(text) - 3] = '1';
	EQ(json_parse(&doc, str_n(text, sizeof(text)), &small, &e), -1);
	EQ(e.code, ERR_LIMIT);
	arena_fini(&small);
}

T(walker)
{
	struct json doc;
	OK(parse_c(&doc,
		   "{\"n\":null,\"t\":true,\"f\":false,\"list\":[1,[2,3],{\"x\":4}],\"s\":\"a\\n\","
		   "\"esc\\u0061ped\":5}"));
	struct json_val root = json_root(&doc);
	EQ(json_kind(root), JSON_OBJECT);
	EQ(json_count(root), 6);
	EQ(json_kind(json_get(root, "n")), JSON_NULL);
	OK(json_is_true(json_get(root, "t")));
	OK(!json_is_true(json_get(root, "f")));
	EQ(json_kind(json_get(root, "f")), JSON_BOOL);
	EQ(json_kind(json_get(root, "nope")), JSON_NONE);
	EQ(json_kind(json_get(root, "escaped")), JSON_NUMBER);
	struct json_val list = json_get(root, "list"), key, v;
	struct json_iter it = json_each(list);
	VIEW_EQ(json_raw(list), "[1,[2,3],{\"x\":4}]");
	OK(json_next(&it, &key, &v));
	EQ(json_kind(v), JSON_NUMBER);
	OK(json_next(&it, &key, &v));
	EQ(json_kind(v), JSON_ARRAY);
	OK(json_next(&it, &key, &v));
	EQ(json_kind(key), JSON_NONE);
	VIEW_EQ(json_raw(v), "{\"x\":4}");
	OK(!json_next(&it, &key, &v));
	struct str s;
	OK(json_str(json_get(root, "s"), &arena, &s));
	VIEW_EQ(s, "a\n");
	it = json_each(root);
	OK(json_next(&it, &key, &v));
	OK(json_str_is(key, STR("n")));
	it = json_each(json_get(root, "nope"));
	OK(!json_next(&it, &key, &v));
}

T(strings_are_unescaped)
{
	struct json doc;
	struct str s;
	OK(parse_c(&doc, "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\\ud83d\\ude00\\uffff\""));
	OK(json_str(json_root(&doc), &arena, &s));
	VIEW_EQ(s, "\"\\/\b\f\n\r\t\xc3\xa4\xf0\x9f\x98\x80\xef\xbf\xbf");
	OK(parse_c(&doc, "\"a\\u0000b\""));
	OK(json_str(json_root(&doc), &arena, &s));
	MEM_EQ(s.p, s.len, "a\0b", 3);
}

T(numbers)
{
	struct json doc;
	int64_t i;
	uint64_t u;
	double d;
	OK(parse_c(&doc, "-9223372036854775808") &&
	   json_i64(json_root(&doc), INT64_MIN, INT64_MAX, &i));
	EQ(i, INT64_MIN);
	OK(!json_u64(json_root(&doc), UINT64_MAX, &u));
	OK(parse_c(&doc, "18446744073709551615") && json_u64(json_root(&doc), UINT64_MAX, &u));
	OK(u == UINT64_MAX);
	OK(!json_i64(json_root(&doc), INT64_MIN, INT64_MAX, &i));
	OK(parse_c(&doc, "18446744073709551616") && !json_u64(json_root(&doc), UINT64_MAX, &u));
	OK(parse_c(&doc, "-0") && json_u64(json_root(&doc), 5, &u) && u == 0);
	OK(parse_c(&doc, "1.0") && !json_u64(json_root(&doc), 5, &u) &&
	   !json_is_integer(json_root(&doc)));
	OK(parse_c(&doc, "1e2") && !json_i64(json_root(&doc), 0, 500, &i));
	OK(json_double(json_root(&doc), &d) && d > 99.9 && d < 100.1);
	OK(parse_c(&doc, "1e999") && !json_double(json_root(&doc), &d));
	OK(parse_c(&doc, "\"1\"") && !json_u64(json_root(&doc), 5, &u) &&
	   !json_double(json_root(&doc), &d));
}
