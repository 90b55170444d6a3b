/* url_test.c - hosts, authorities, targets, paths (S006-WR-020..034) */
#include "t.h"

#include "wire/url.h"

static struct str guarded(const char *s)
{
	return (struct str){ (const char *)t_guarded(s, strlen(s)), strlen(s) };
}

static void host_is(const char *in, const char *want, bool literal)
{
	struct url_host h;
	if (!url_host_parse(guarded(in), &h))
		FAIL("refused: %s", in);
	STR_EQ(h.text, want);
	EQ(h.len, strlen(want));
	EQ(h.literal, literal);
}

static void host_bad(const char *in)
{
	struct url_host h;
	if (url_host_parse(guarded(in), &h))
		FAIL("accepted: %s as %s", in, h.text);
}

T(hosts)	/* S006-WR-023..027 */
{
	char label63[80], label64[80], name[300];
	host_is("API.Example.COM", "api.example.com", false);
	host_is("a.b.", "a.b", false);
	host_is("x_y-z.1a", "x_y-z.1a", false);
	host_is("10.0.0.1", "10.0.0.1", true);
	host_is("10.0.0.1.", "10.0.0.1", true);
	host_is("[2001:DB8:0::1]", "2001:db8::1", true);
	host_is("[::ffff:1.2.3.4]", "::ffff:1.2.3.4", true);
	host_is("xn--bcher-kva.example", "xn--bcher-kva.example", false);
	static const char *const bad[] = {
		"",
		".",
		"..",
		"a..b",
		".a",
		"a..",
		"a b",
		"a%41",
		"a\\b",
		"b\xc3\xbc",
		"a*",
		"a/b",
		"a@b",
		"2130706433",
		"0x7f.1",
		"0177.0.0.1",
		"127.1",
		"1.2.3.04",
		"1.2.3.4.5",
		"1.2.3.256",
		"a.0x1",
		"a.123",
		"0x",
		"1.2.3.4..",
		"2001:db8::1",
		"[2001:db8::1",
		"[fe80::1%25eth0]",
		"[fe80::1%eth0]",
		"[]",
		"[::1]x",
		"[1.2.3.4]",
		"[v1.x]",
		"a\x01",
		"a,b",
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		host_bad(bad[i]);
	memset(label64, 'a', 64);
	label64[64] = '\0';
	memcpy(label63, label64, 64);
	label63[63] = '\0';
	host_is(label63, label63, false);
	host_bad(label64);
	/* 253 bytes: three labels of 63 and one of 61 */
	memset(name, 'a', sizeof(name));
	name[63] = name[127] = name[191] = '.';
	name[253] = '\0';
	host_is(name, name, false);
	name[253] = 'a';
	name[254] = '\0';
	host_bad(name);
}

T(authorities)	/* S006-WR-021, -022 */
{
	struct url_authority a;
	OK(url_authority_parse(guarded("a.b:443"), 0, &a));
	EQ(a.port, 443);
	OK(url_authority_parse(guarded("a.b"), 80, &a));
	EQ(a.port, 80);
	OK(url_authority_parse(guarded("[::1]:65535"), 0, &a));
	EQ(a.port, 65535);
	OK(url_authority_parse(guarded("[::1]"), 80, &a));
	static const char *const bad[] = {
		"a",	   "a:",       "a:0",	   "a:65536", "a:+1",	 "a:-1",
		"a:080",   "a:000080", "a:123456", "a: 1",    "a:1 ",	 "a:0x50",
		":80",	   "u@a:80",   "u:p@a:80", "@a:80",   "a:80:80", "::1:80",
		"[::1]80", "[::1]:",   "a:8 0",	   "a,b:80",
	};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (url_authority_parse(guarded(bad[i]), 0, &a))
			FAIL("accepted: %s", bad[i]);
}

T(absolute_form)	/* S006-WR-020 */
{
	struct url_authority a;
	struct str rest;
	OK(url_absolute_parse(guarded("http://H:81/p?q"), &a, &rest));
	STR_EQ(a.host.text, "h");
	EQ(a.port, 81);
	VIEW_EQ(rest, "/p?q");
	OK(url_absolute_parse(guarded("HTTP://h"), &a, &rest));
	EQ(a.port, 80);
	EQ(rest.len, 0);
	OK(url_absolute_parse(guarded("http://h?x"), &a, &rest));
	VIEW_EQ(rest, "?x");
	static const char *const bad[] = { "https://h/",
					   "ftp://h/",
					   "h/",
					   "//h/",
					   "/x",
					   "*",
					   "http:/h/",
					   "http://",
					   "http:///x",
					   "http://u@h/",
					   "http://u:p@h/",
					   "http://@h/",
					   "http://h:/",
					   "http://h:0/",
					   "http://h\\x/" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (url_absolute_parse(guarded(bad[i]), &a, &rest))
			FAIL("accepted: %s", bad[i]);
	url_absolute_parse(guarded("http://[::1]:8080/"), &a, &rest) ? (void)0 : FAIL("IPv6");
	char text[64];
	struct buf b = BUF_OF(text);
	url_authority_format(&b, &a, 80);
	STR_EQ(buf_c(&b), "[::1]:8080");
}

T(paths)	/* S006-WR-031..034 */
{
	static const struct {
		const char *in, *out;	/* out NULL: refused */
	} cases[] = {
		{ "", "/" },
		{ "?a=b", "/?a=b" },
		{ "/", "/" },
		{ "/a/b", "/a/b" },
		{ "/a/", "/a/" },
		{ "/a/./b", "/a/b" },
		{ "/a/../b", "/b" },
		{ "/..", "/" },
		{ "/../../x", "/x" },
		{ "/a/..", "/" },
		{ "/a/.", "/a/" },
		{ "/a/b/../", "/a/" },
		{ "/%2e/x", "/x" },
		{ "/a/%2E%2e/x", "/x" },
		{ "/a/.%2e/x", "/x" },
		{ "//a/../b", "//b" },
		{ "/a//b", "/a//b" },
		{ "/a%2Fb", "/a%2Fb" },
		{ "/...", "/..." },
		{ "/.a/..b", "/.a/..b" },
		{ "/a?x=/../y", "/a?x=/../y" },
		{ "/a?%zz", "/a?%zz" },
		{ "/[x]{y}^|`", "/[x]{y}^|`" },
		{ "/a;v=1/b", "/a;v=1/b" },
		{ "/%41", "/%41" },
		{ "/%25", "/%25" },
		{ "/a#b", NULL },
		{ "/a?b#c", NULL },
		{ "/a b", NULL },
		{ "/a\"", NULL },
		{ "/<", NULL },
		{ "/>", NULL },
		{ "/a\\b", NULL },
		{ "/?\\", NULL },
		{ "/\xc3\xa4", NULL },
		{ "/?\x7f", NULL },
		{ "/\x01", NULL },
		{ "/%", NULL },
		{ "/%4", NULL },
		{ "/%zz", NULL },
		{ "/%00", NULL },
		{ "/a%2500", NULL },
		{ "/a/..%2fb", NULL },
		{ "/a%2f..%2fb", NULL },
		{ "/a/..;x/b", NULL },
		{ "/a/..%3bx/b", NULL },
		{ "/%252e%252e/b", NULL },
		{ "/%25252e%25252e/b", NULL },
		{ "/a%5c..%5cb", NULL },
		{ "/a/%2e%2e%2fb", NULL },
		{ "/.;/b", NULL },
		{ "a", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[256];
		struct buf b = BUF_OF(text);
		bool ok = url_path_canonical(guarded(cases[i].in), &b);
		if (ok != (cases[i].out != NULL))
			FAIL("%s: %s", ok ? "accepted" : "refused", cases[i].in);
		if (ok)
			STR_EQ(buf_c(&b), cases[i].out);
	}
	char tiny[8];
	struct buf b = BUF_OF(tiny);
	OK(!url_path_canonical(guarded("/abcdefgh"), &b));
}
