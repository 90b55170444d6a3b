/* hosttab_test.c - /etc/hosts text and own addresses */
#include "policy/hosttab.h"
#include "t.h"

static struct hosttab *table(const char *text)
{
	size_t len = strlen(text);
	struct hosttab *t = hosttab_new(str_n(t_guarded(text, len), len), NULL, 0);

	if (!t)
		FAIL("no table");
	return t;
}

static void expect(const struct hosttab *t, const char *name, const char *want)
{
	struct ip v[8];
	char text[512];
	struct buf b = BUF_OF(text);
	size_t n = hosttab_lookup(t, str_of(name), v, ARRAY_LEN(v));

	for (size_t i = 0; i < n; i++) {
		buf_add_c(&b, i ? " " : "");
		ip_format(&b, v[i]);
	}
	STR_EQ(buf_c(&b), want);
}

T(names_in_any_case_and_with_aliases)	/* S006-FR-019 */
{
	struct hosttab *t = table("127.0.0.1 localhost\n"
				  "10.0.0.1\tGit.Example.COM. git g # 10.0.0.2 no\n"
				  "# 10.9.9.9 commented\n"
				  "::1 localhost ip6-localhost\r\n"
				  "10.0.0.3 git\n10.0.0.1 git");

	expect(t, "localhost", "127.0.0.1 ::1");
	expect(t, "git.example.com", "10.0.0.1");
	expect(t, "GIT.example.com.", "10.0.0.1");
	expect(t, "git", "10.0.0.1 10.0.0.3");
	expect(t, "g", "10.0.0.1");
	expect(t, "ip6-localhost", "::1");
	expect(t, "no", "");
	expect(t, "commented", "");
	expect(t, "", "");
	expect(t, ".", "");
	snap_put(&t->snap);
}

T(lines_that_are_not_understood_are_left_out)
{
	struct hosttab *t = table(
		"300.0.0.1 a\nfe80::1%eth0 b\n10.0.0.1\n\n \n1.2.3.4 bad/name good\nx");

	expect(t, "a", "");
	expect(t, "b", "");
	expect(t, "bad/name", "");
	expect(t, "good", "1.2.3.4");
	EQ(t->name_cnt, 1);
	snap_put(&t->snap);
}

T(no_more_than_asked_for)
{
	struct hosttab *t = table("1.1.1.1 a\n1.1.1.2 a\n1.1.1.3 a\n");
	struct ip v[2];

	EQ(hosttab_lookup(t, STR("a"), v, 2), 2);
	EQ(ip_to_v4(v[0]), 0x01010101);
	EQ(ip_to_v4(v[1]), 0x01010102);
	snap_put(&t->snap);
}

T(own_addresses)	/* S006 Address policy: addresses of this host */
{
	struct ip own[] = { ip_v4(5), ip_v4(1), ip_v4(3) };
	struct hosttab *t = hosttab_new(STR(""), own, 3);

	OK(t != NULL);
	OK(hosttab_is_local(t, ip_v4(1)));
	OK(hosttab_is_local(t, ip_v4(3)));
	OK(hosttab_is_local(t, ip_v4(5)));
	OK(!hosttab_is_local(t, ip_v4(2)));
	OK(!hosttab_is_local(t, (struct ip){ { 0 }, false }));
	snap_put(&t->snap);
}

T(missing_and_empty_tables)
{
	struct hosttab *t = hosttab_new(STR(""), NULL, 0);
	struct ip v[1];

	OK(t != NULL);
	EQ(hosttab_lookup(t, STR("a"), v, 1), 0);
	EQ(hosttab_lookup(NULL, STR("a"), v, 1), 0);
	OK(!hosttab_is_local(t, ip_v4(1)));
	OK(!hosttab_is_local(NULL, ip_v4(1)));
	snap_put(&t->snap);
}
