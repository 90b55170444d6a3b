/* re_test.c - regular expressions: syntax, answers, limits (S003 3.10) */
#include "t.h"

#include "base/utf8.h"
#include "policy/re.h"

enum { NO = 0, YES = 1, BAD = 2 };

struct row {
	const char *pattern;
	const char *subject;
	int want;
};

static int answer_of(enum re_answer a)
{
	return a == RE_YES ? YES : a == RE_NO ? NO : 77;
}

/* Both ways to compile must agree; the subject ends at a guard page. */
static int judge(struct str pattern, struct str subject)
{
	struct arena keep, scratch;
	const struct re *a = NULL;
	const struct re *b = NULL;
	uint64_t cost = UINT64_MAX;
	struct err e;
	int ra, rb, first = BAD, second = BAD;

	arena_init(&keep, 1 << 24);
	OK(arena_init_fixed(&scratch, 1 << 22) == 0);
	subject.p = (char *)t_guarded(subject.p, subject.len);
	pattern.p = (char *)t_guarded(pattern.p, pattern.len);
	ra = re_compile(&keep, pattern, &a, &e);
	rb = re_compile_once(&scratch, pattern, &cost, &b, &e);
	if (ra == 0)
		first = answer_of(re_search(a, subject, &scratch, &cost));
	if (rb == 0)
		second = answer_of(re_search(b, subject, &scratch, &cost));
	arena_fini(&keep);
	arena_fini(&scratch);
	if (first != second)
		FAIL("/%.*s/ on \"%.*s\": table says %d, program says %d", (int)pattern.len,
		     pattern.p, (int)subject.len, subject.p, first, second);
	return first;
}

static void check_rows(const struct row *row, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int got = judge(str_of(row[i].pattern), str_of(row[i].subject));

		if (got != row[i].want)
			FAIL("/%s/ on \"%s\" gives %d, not %d", row[i].pattern, row[i].subject, got,
			     row[i].want);
	}
}

T(literals_and_anchors)
{
	static const struct row rows[] = {
		{ "", "", YES }, { "", "abc", YES }, { "abc", "xxabcxx", YES }, { "abc", "ab", NO },
		{ "^abc$", "abc", YES }, { "^abc$", "abc\n", NO }, { "^abc$", "xabc", NO },
		{ "^abc", "abcd", YES }, { "^abc", "xabc", NO }, { "abc$", "xabc", YES },
		{ "abc$", "abcx", NO }, { "\\Aabc\\z", "abc", YES }, { "^$", "", YES },
		{ "^$", "a", NO }, { "$^", "", YES }, { "a^b", "ab", NO }, { "a$b", "ab", NO },
		{ "^^a$$", "a", YES }, { "a|b", "xb", YES }, { "a|", "zzz", YES },
		{ "|a", "", YES }, { "^(a|b)$", "c", NO }, { "^(|a)b$", "b", YES },
		{ "(((a)))", "a", YES }, { "()", "", YES }, { "(?:)", "x", YES },
		{ "a\\.b", "a.b", YES }, { "a\\.b", "axb", NO },
		{ "github\\.com", "api.github.com", YES }, { "\xc3\xa9", "caf\xc3\xa9", YES },
		{ "^\xf0\x9f\x90\xb1$", "\xf0\x9f\x90\xb1", YES },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

T(repetition)
{
	static const struct row rows[] = {
		{ "^a*$", "", YES }, { "^a*$", "aaaa", YES }, { "^a*$", "aab", NO },
		{ "^a+$", "", NO }, { "^a+?b$", "aaab", YES }, { "^a?b$", "b", YES },
		{ "^a??b$", "ab", YES }, { "^a{3}$", "aaa", YES }, { "^a{3}$", "aa", NO },
		{ "^a{2,}$", "aaaaa", YES }, { "^a{2,}$", "a", NO }, { "^a{2,4}$", "aaaa", YES },
		{ "^a{2,4}$", "aaaaa", NO }, { "^a{0}$", "", YES }, { "^a{0}$", "a", NO },
		{ "^a{0,1}?$", "a", YES }, { "^(ab){2}$", "abab", YES }, { "^(ab){2}$", "aba", NO },
		{ "^(a|bc){1,3}$", "abcbc", YES }, { "^(a*)*b$", "aaaab", YES },
		{ "(a*)*b", "aaaa", NO }, { "(|a)*b", "aab", YES },
		{ "(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", NO },
		{ "^(a?){9}a{9}$", "aaaaaaaaa", YES }, { "^*", "x", YES }, { "a{", "a{", YES },
		{ "a{,5}", "a{,5}", YES }, { "^a{01}$", "a{01}", YES }, { "a{1", "a{1", YES },
		{ "{2}", "x", BAD }, { "a{1,x}", "a{1,x}", YES }, { "x{2}{3}", "", BAD },
		{ "a**", "", BAD }, { "a*+", "", BAD }, { "a++", "", BAD }, { "a?+", "", BAD },
		{ "a???", "", BAD }, { "*a", "", BAD }, { "(*)", "", BAD }, { "a|*", "", BAD },
		{ "+", "", BAD }, { "?", "", BAD }, { "(?i)*", "", BAD }, { "a{2,1}", "", BAD },
		{ "a{1001}", "", BAD }, { "a{0,1001}", "", BAD }, { "a{99999999999}", "", BAD },
		{ "(a{100}){11}", "", BAD },
		{ "^(a{10}){3}$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", YES },
		{ "^(a{10}){3}$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NO },
		{ "(a{1000}){1000}", "", BAD }, { "((a{10}){10}){10}", "a", NO },
		{ "(((a{2}){10}){10}){10}", "", BAD }, { "(a{0,1000}){1,2}", "", BAD },
		{ "^(a*){1000}$", "aaaa", YES },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

T(classes)
{
	static const struct row rows[] = {
		{ "^[abc]+$", "cab", YES }, { "^[abc]+$", "cad", NO }, { "^[a-c]$", "b", YES },
		{ "^[^a-c]$", "d", YES }, { "^[^a-c]$", "b", NO }, { "^[^a]$", "\n", YES },
		{ "^[]a]$", "]", YES }, { "^[^]a]$", "]", NO }, { "^[a-]$", "-", YES },
		{ "^[-a]$", "-", YES }, { "^[a-c-e]$", "-", YES }, { "^[\\d-z]$", "-", YES },
		{ "[a-\\d]", "", BAD }, { "[z-a]", "", BAD }, { "[a", "", BAD }, { "[", "", BAD },
		{ "[]", "", BAD }, { "[^]", "", BAD }, { "[]a", "", BAD }, { "a]", "a]", YES },
		{ "^[[:digit:]]+$", "0123", YES }, { "^[[:^digit:]]+$", "abc", YES },
		{ "^[[:alpha:][:digit:]_]+$", "a_1", YES }, { "[[:foo:]]", "", BAD },
		{ "^[[:word:]]$", "_", YES }, { "^[[:space:]]$", "\v", YES }, { "^\\s$", "\v", NO },
		{ "^\\s+$", " \t\n\r\f", YES }, { "^[[:punct:]]+$", "!/:@[`{~", YES },
		{ "^[[:xdigit:]]+$", "09afAF", YES }, { "^[[:xdigit:]]+$", "g", NO },
		{ "^[[:graph:]]$", " ", NO }, { "^[[:print:]]$", " ", YES },
		{ "^[[:cntrl:]]$", "\x7f", YES }, { "^[[:blank:]]$", "\t", YES },
		{ "^[[:ascii:]]$", "\xc3\xa9", NO }, { "^[[:upper:]]$", "a", NO },
		{ "^[[:lower:]]$", "a", YES }, { "^[[:alnum:]]$", "_", NO },
		{ "[[:perl space:]]", "", BAD }, { "^[[:d]$", ":", YES }, { "^\\d$", "7", YES },
		{ "^\\D$", "7", NO }, { "^\\w+$", "a_Z9", YES }, { "^\\w$", "\xc3\xa9", NO },
		{ "^\\W$", "\xc3\xa9", YES }, { "^\\S$", "x", YES }, { "^[\\D5]$", "5", YES },
		{ "^[^\\d]$", "5", NO }, { "^[\\w.]+$", "a.b", YES }, { "^[^\\s\\S]$", "x", NO },
		{ "[^\\x00-\\x{10FFFF}]", "x", NO }, { "^.$", "\n", NO },
		{ "^.$", "\xe2\x82\xac", YES }, { "^.$", "ab", NO }, { "(?s)^.$", "\n", YES },
		{ "^..$", "\xf0\x9f\x90\xb1\xc3\xa9", YES },
		{ "^[\xc3\xa0-\xc3\xbf]$", "\xc3\xa9", YES },
		{ "^[\xc3\xa0-\xc3\xbf]$", "\xc4\x80", NO },
		{ "^[\\x{1F400}-\\x{1F4FF}]$", "\xf0\x9f\x90\xb1", YES },
		{ "^[\\]\\-\\\\]+$", "]-\\", YES }, { "[\\b]", "", BAD }, { "[\\Q]", "", BAD },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

T(escapes)
{
	static const struct row rows[] = {
		{ "^\\t\\n\\r\\f\\v\\a$", "\t\n\r\f\v\a", YES }, { "^\\x41\\x{42}$", "AB", YES },
		{ "^\\x{1F431}$", "\xf0\x9f\x90\xb1", YES }, { "\\x{110000}", "", BAD },
		{ "\\x{}", "", BAD }, { "\\x4", "", BAD }, { "\\x{41", "", BAD },
		{ "\\xzz", "", BAD }, { "^\\101$", "A", YES }, { "^\\0$", "a", NO },
		{ "^\\012$", "\n", YES }, { "^\\0121$", "\n1", YES }, { "\\1", "", BAD },
		{ "(a)\\1", "", BAD }, { "\\8", "", BAD }, { "\\400", "", BAD },
		{ "^\\377$", "\xc3\xbf", YES }, { "\\", "", BAD }, { "\\q", "", BAD },
		{ "\\C", "", BAD }, { "\\Z", "", BAD }, { "\\G", "", BAD }, { "\\h", "", BAD },
		{ "\\R", "", BAD }, { "\\K", "", BAD }, { "\\X", "", BAD }, { "\\E", "", BAD },
		{ "^\\_\\-\\ \\/\\@$", "_- /@", YES }, { "^\\Qa.b*\\E+$", "a.b**", YES },
		{ "\\Q", "x", YES }, { "^\\Qa|b", "a|b", YES }, { "^\\Q\\E$", "", YES },
		{ "^\\Q\\\\E$", "\\", YES }, { "\\\xc3\xa9", "", BAD }, { "\xff", "", BAD },
		{ "[\xff]", "", BAD }, { "\\Q\xff", "", BAD },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

T(looks)
{
	static const struct row rows[] = {
		{ "\\bfoo\\b", "a foo b", YES }, { "\\bfoo\\b", "foo", YES },
		{ "\\bfoo\\b", "afoo", NO }, { "\\bfoo\\b", "food", NO },
		{ "\\Boo\\B", "food", YES }, { "\\Bfoo", "foo", NO }, { "\\b", "", NO },
		{ "\\B", "", YES }, { "\\b", "\xc3\xa9", NO }, { "^\\B$", "", YES },
		{ "(?m)^b$", "a\nb\nc", YES }, { "^b$", "a\nb\nc", NO }, { "(?m)^$", "a\n", YES },
		{ "(?m)a$", "a\nb", YES }, { "(?m)\\Ab", "a\nb", NO }, { "(?m)a\\z", "a\nb", NO },
		{ "(?m)^", "", YES }, { "(?m)$\n^x", "a\nx", YES },
		{ "(?m)(^a$\n?){3}", "a\na\na", YES }, { "\\b\\w+\\b$", "foo bar", YES },
		{ "(\\b|x)y", "xy", YES }, { "(\\b)*y", "xy", YES }, { "x\\b\\By", "xy", NO },
		{ "(^|,)a(,|$)", "b,a", YES }, { "(^|,)a(,|$)", "b,ab", NO },
		{ "(^|[^.])com$", "x.com", NO }, { "(?m)x$(\n|y)", "x\n", YES },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

T(groups_and_flags)
{
	static const struct row rows[] = {
		{ "(?i)abc", "xABCx", YES }, { "(?i:a)b", "Ab", YES }, { "(?i:a)b", "AB", NO },
		{ "a(?i)b|c", "C", YES }, { "(a(?i)b)c", "aBC", NO }, { "(?i)a(?-i)b", "AB", NO },
		{ "(?i)[a-c]+$", "ABC", YES }, { "(?i)[^a]", "A", NO },
		{ "(?i)k", "\xe2\x84\xaa", YES }, { "(?i)\xe2\x84\xaa", "k", YES },
		{ "(?i)\xc3\x89", "\xc3\xa9", YES }, { "(?i)s", "\xc5\xbf", YES },
		{ "(?i)[\xce\xa3]", "\xcf\x82", YES }, { "(?i)^\\w$", "\xe2\x84\xaa", YES },
		{ "(?i)^\\W$", "\xe2\x84\xaa", NO }, { "^\\w$", "\xe2\x84\xaa", NO },
		{ "(?i)[\xc4\x80-\xc5\xbf]", "s", YES }, { "(?i)\xc4\xb0", "i", NO },
		{ "(?is)a.b", "A\nB", YES }, { "(?s-s)a.b", "a\nb", NO }, { "(?U)^a+$", "aa", YES },
		{ "(?P<n>a)(?<m>b)", "ab", YES }, { "(?P<n>a)(?P<n>b)", "", BAD },
		{ "(?P<n", "", BAD }, { "(?P<>a)", "", BAD }, { "(?P<a-b>a)", "", BAD },
		{ "(?P=n)", "", BAD }, { "(?P>n)", "", BAD }, { "(?=a)", "", BAD },
		{ "(?!a)", "", BAD }, { "(?<=a)", "", BAD }, { "(?<!a)", "", BAD },
		{ "(?>a)", "", BAD }, { "(?#c)", "", BAD }, { "(?x)a", "", BAD },
		{ "(?i", "", BAD }, { "(?i-)a", "", BAD }, { "(?-)a", "", BAD },
		{ "(?i-i-s)", "", BAD }, { "(?)a", "a", YES }, { "(", "", BAD }, { ")", "", BAD },
		{ "(a", "", BAD }, { "a)", "", BAD }, { "((a)", "", BAD }, { "(?R)", "", BAD },
		{ "(?1)", "", BAD }, { "(?|a)", "", BAD },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

T(unicode_classes)
{
	static const struct row rows[] = {
		{ "^\\pL+$", "a\xc3\xa9\xce\xa9", YES }, { "^\\pL$", "1", NO },
		{ "^\\PL$", "1", YES }, { "^\\p{Lu}$", "A", YES }, { "^\\p{Lu}$", "a", NO },
		{ "(?i)^\\p{Lu}$", "a", YES }, { "^\\p{^Lu}$", "a", YES },
		{ "^\\P{^Lu}$", "A", YES }, { "^\\p{Greek}+$", "\xce\xa9\xcf\x89", YES },
		{ "^\\p{Greek}$", "a", NO }, { "^\\p{Han}$", "\xe4\xb8\xad", YES },
		{ "^[\\p{Nd}\\p{Latin}]+$", "a1", YES }, { "^[^\\pL]$", "a", NO },
		{ "^\\p{Any}$", "\n", YES }, { "^\\p{Common}$", "1", YES }, { "\\p{Foo}", "", BAD },
		{ "\\p{}", "", BAD }, { "\\p", "", BAD }, { "\\p{L", "", BAD }, { "\\pQ", "", BAD },
		{ "\\p{Old_Italic}", "a", NO }, { "^\\pN$", "\xc2\xbd", YES },
		{ "^\\p{Zs}$", "\xc2\xa0", YES }, { "^\\pC$", "\x01", YES },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

T(hosts)
{
	static const struct row rows[] = {
		{ "^(.+\\.)?github\\.com$", "github.com", YES },
		{ "^(.+\\.)?github\\.com$", "api.github.com", YES },
		{ "^(.+\\.)?github\\.com$", "evilgithub.com", NO },
		{ "^(.+\\.)?github\\.com$", ".github.com", NO },
		{ "^(.+\\.)?github\\.com$", "github.com.evil.org", NO },
		{ "^[a-z0-9-]+\\.(example|test)\\.(com|org)$", "a-1.test.org", YES },
		{ "^/repos/[^/]+/[^/]+/issues(/\\d+)?$", "/repos/a/b/issues/12", YES },
		{ "^/repos/[^/]+/[^/]+/issues(/\\d+)?$", "/repos/a/b/c/issues", NO },
		{ "^10\\.(\\d{1,3}\\.){2}\\d{1,3}$", "10.1.22.333", YES },
		{ "^(25[0-5]|2[0-4]\\d|1?\\d?\\d)$", "256", NO },
		{ "(a|b)*a(a|b){10}", "abababbbbbbb", YES },
		{ "(a|b)*a(a|b){14}x", "bbbbbbbabbbbbbbbbbbbbbx", YES },
	};
	check_rows(rows, ARRAY_LEN(rows));
}

T(nul_and_invalid_bytes)
{
	EQ(judge(STR("^a\\x00b$"), str_n("a\0b", 3)), YES);
	EQ(judge(str_n("a\0b", 3), str_n("xa\0b", 4)), YES);
	EQ(judge(STR("^\\0$"), str_n("\0", 1)), YES);
	/* A stray byte is one U+FFFD. */
	EQ(judge(STR("^.$"), str_n("\xff", 1)), YES);
	EQ(judge(STR("^..$"), str_n("\xc3(", 2)), YES);
	EQ(judge(STR("^\\x{FFFD}$"), str_n("\xe2\x82", 2)), NO);
	EQ(judge(STR("^\\x{FFFD}{2}$"), str_n("\xe2\x82", 2)), YES);
}

static int compile_code(const char *pattern, size_t len)
{
	struct arena a;
	const struct re *re;
	struct err e = { 0 };
	int rc;

	arena_init(&a, 1 << 24);
	rc = re_compile(&a, str_n(pattern, len), &re, &e);
	arena_fini(&a);
	if (rc == 0)
		return 0;
	HAS(e.msg, "invalid regular expression: ");
	return (int)e.code;
}

T(limits)	/* S003 3.10: bounded whatever the pattern */
{
	static char big[RE_MAX_PATTERN + 2];

	memset(big, 'a', sizeof(big));
	EQ(compile_code(big, RE_MAX_PATTERN), 0);
	EQ(compile_code(big, RE_MAX_PATTERN + 1), ERR_INVALID);
	memset(big, '(', 2000);
	EQ(compile_code(big, 2000), ERR_INVALID);
	for (size_t i = 0; i < 128; i++) {
		big[i] = '(';
		big[i + 129] = ')';
	}
	big[128] = 'a';
	EQ(compile_code(big, 257), 0);
	EQ(compile_code("(.{500}x|y{400}|z{99}){2}", 25), 0);
	EQ(compile_code("(a{1000}){1000}", 15), ERR_INVALID);
	EQ(compile_code("(abcdefghijk){1000}", 19), ERR_INVALID);	/* program over 10 000 */
	for (size_t i = 0; i + 3 <= 4095; i += 3)
		memcpy(big + i, "\\pL", 3);
	EQ(compile_code(big, 4095), ERR_LIMIT);
	for (size_t i = 0; i + 6 <= 4092; i += 6)
		memcpy(big + i, "[^a-b]", 6);
	EQ(compile_code(big, 4092), 0);
	for (size_t i = 0; i + 4 <= 4096; i += 4)
		memcpy(big + i, "(a?)", 4);
	EQ(compile_code(big, 4096), 0);
}

T(many_different_classes)
{
	char pattern[RE_MAX_PATTERN];
	size_t len = 0;

	/* 1300 different letters beyond ASCII, each twice in a folded class */
	for (uint32_t c = 0x4e00; len + 4 < sizeof(pattern); c++)
		len += utf8_encode(c, pattern + len);
	EQ(judge(str_n(pattern, len), str_n(pattern, len)), YES);
	memcpy(pattern, "(?i)", 4);
	EQ(compile_code(pattern, len), ERR_INVALID);	/* cuts a sequence */
}

T(cost_of_compiling)	/* S003 3.11: dynamic patterns */
{
	static const char dear[] = "(?i)[\\pL\\pN]+[^\\p{Greek}]{2,50}";
	struct arena scratch;
	const struct re *re;
	uint64_t left = 10;
	struct err e;

	OK(arena_init_fixed(&scratch, 1 << 20) == 0);
	EQ(re_compile_once(&scratch, STR("abc"), &left, &re, &e), -1);
	EQ(e.code, ERR_LIMIT);
	EQ(left, 0);
	left = 1000;
	EQ(re_compile_once(&scratch, STR("abc"), &left, &re, &e), 0);
	EQ(left, 1000 - 16 - 3);
	left = 200;
	EQ(re_compile_once(&scratch, STR(dear), &left, &re, &e), -1);
	EQ(e.code, ERR_LIMIT);
	left = 100000;
	EQ(re_compile_once(&scratch, STR(dear), &left, &re, &e), 0);
	OK(left < 99500);
	EQ(re_compile_once(&scratch, STR("a**"), &left, &re, &e), -1);
	EQ(e.code, ERR_INVALID);
	arena_fini(&scratch);
}

T(cost)		/* S003 3.11 */
{
	struct arena keep, scratch;
	const struct re *table;
	const struct re *prog;
	static char text[65536];
	uint64_t left = 5;
	struct err e;

	memset(text, 'a', sizeof(text));
	arena_init(&keep, 1 << 24);
	OK(arena_init_fixed(&scratch, 1 << 16) == 0);
	EQ(re_compile(&keep, STR("(a*)*b"), &table, &e), 0);
	EQ(re_compile(&keep, STR("(a|b)*a(a|b){200}x"), &prog, &e), 0);
	EQ(re_prog_len(table), 0);
	OK(re_prog_len(prog) > 600);
	EQ(re_search(table, str_n(text, 64), &scratch, &left), RE_NO);
	EQ(left, 0);
	EQ(re_search(table, STR("b"), &scratch, &left), RE_LIMIT);
	left = 1000000;
	EQ(re_search(table, str_n(text, sizeof(text)), &scratch, &left), RE_NO);
	EQ(left, 1000000 - 1 - 4096);
	left = 1000000;
	EQ(re_search(prog, str_n(text, 1000), &scratch, &left), RE_NO);
	OK(left < 995000 && left > 900000);
	EQ(arena_mark(&scratch), arena_mark(&scratch));
	left = 600000;
	EQ(re_search(prog, str_n(text, sizeof(text)), &scratch, &left), RE_LIMIT);
	EQ(left, 0);
	arena_fini(&scratch);
	OK(arena_init_fixed(&scratch, 64) == 0);
	left = 1000000;
	while (arena_alloc(&scratch, 64))
		;
	EQ(re_search(prog, STR("aaa"), &scratch, &left), RE_LIMIT);
	arena_fini(&scratch);
	arena_fini(&keep);
}

/* --- generated patterns ------------------------------------------------------------------- */

static uint32_t seed = 12345;

static uint32_t rnd(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

struct gen {
	char p[256];
	size_t len;
};

static void put(struct gen *g, const char *s)
{
	size_t n = strlen(s);

	if (g->len + n < sizeof(g->p)) {
		memcpy(g->p + g->len, s, n);
		g->len += n;
	}
}

static void gen_alt(struct gen *g, unsigned depth);

static void gen_atom(struct gen *g, unsigned depth)
{
	static const char *const atoms[] = {
		"a", "b", "c",	 ".",	   "[ab]",   "[^a]", "\\b",
		"^", "$", "\\B", "(?m:^)", "(?m:$)", "\n",   "\xc3\xa9"
	};

	if (depth && rnd(3) == 0) {
		put(g, "(?:");
		gen_alt(g, depth - 1);
		put(g, ")");
	} else {
		put(g, atoms[rnd(rnd(2) ? 6 : ARRAY_LEN(atoms))]);
	}
}

static void gen_alt(struct gen *g, unsigned depth)
{
	static const char *const ops[] = { "*", "+", "?", "{2}", "{1,2}", "{0,3}", "*?", "{2,}" };
	unsigned alts = 1 + rnd(3) / 2;

	for (unsigned i = 0; i < alts; i++) {
		unsigned n = rnd(4);

		if (i)
			put(g, "|");
		for (unsigned k = 0; k < n; k++) {
			gen_atom(g, depth);
			if (rnd(3) == 0)
				put(g, ops[rnd(ARRAY_LEN(ops))]);
		}
	}
}

/* The table and the program are two roads to one answer. */
T(table_and_program_agree)
{
	static const char *const pieces[] = { "a", "b", "c", "\n", " ", "\xc3\xa9" };

	for (unsigned i = 0; i < 3000; i++) {
		struct gen g = { .len = 0 };

		gen_alt(&g, 3);
		for (unsigned k = 0; k < 6; k++) {
			struct gen s = { .len = 0 };
			unsigned n = rnd(9);

			for (unsigned j = 0; j < n; j++)
				put(&s, pieces[rnd(ARRAY_LEN(pieces))]);
			OK(judge(str_n(g.p, g.len), str_n(s.p, s.len)) != 77);
		}
	}
}

/* "\\n" becomes LF only in subjects: in patterns it means LF anyway. */
static struct str unescape(struct str s, char *room)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++) {
		bool lf = s.p[i] == '\\' && i + 1 < s.len && s.p[i + 1] == 'n';

		room[n++] = lf ? '\n' : s.p[i];
		i += lf;
	}
	return str_n(room, n);
}

/* Answers of PCRE2 to generated patterns, written by tests/diff/re_pcre2.c. */
T(answers_of_another_engine)
{
	FILE *f = fopen("tests/data/re/generated.t", "r");
	char line[512], room[512];
	unsigned rows = 0;

	if (!f)
		SKIP("no tests/data here");
	while (fgets(line, sizeof(line), f)) {
		struct str rest = str_first(str_of(line), strlen(line) - 1);
		struct str pattern, subject, want;
		int got;

		OK(str_split(&rest, '\t', &pattern) && str_split(&rest, '\t', &subject) &&
		   str_split(&rest, '\t', &want));
		got = judge(pattern, unescape(subject, room));
		if (got != (str_eq(want, STR("yes")) ? YES : NO))
			FAIL("row %u: " STR_FMT " gives %d", rows + 1, STR_ARG(pattern), got);
		rows++;
	}
	fclose(f);
	OK(rows >= 1000);
}
