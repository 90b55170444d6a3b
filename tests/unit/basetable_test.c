/* basetable_test.c - the base policy as text: golden files in tests/data/nft, rows and classes
 *
 * OC_GOLDEN=write writes the files anew; look at the difference before you commit it.
 */
#include "t.h"

#include "host/basetable.h"
#include "host/bridge.h"

static char text[65536];

static struct basetable usual(void)
{
	struct basetable t = { .bridges = { "outcall0", "outcall0-352337" }, .bridge_cnt = 2,
			       .dns_cnt = 1, .proxy_cnt = 1, .transparent = true, .reject = true,
			       .fib = true, .table_flags = NFT_TABLE_OWNED };

	basetable_prefix("outcall0", t.prefix);
	t.dns[0] = (struct endpoint){ ip_v4(0x0ac80001), 53 };
	t.proxy[0] = (struct endpoint){ ip_v4(0x0ac80001), 8080 };
	return t;
}

static const char *build(const struct basetable *t)
{
	struct buf b = buf_on(text, sizeof(text));
	struct nft_batch batch;

	nft_begin(&batch, NULL, &b);
	basetable_build(&batch, t);
	OK(buf_ok(&b) && !batch.broken);
	return buf_c(&b);
}

static void golden(const char *name, const struct basetable *t)
{
	static char want[65536];
	char path[128];
	const char *got = build(t);
	FILE *f;

	snprintf(path, sizeof(path), "tests/data/nft/%s.t", name);
	if (getenv("OC_GOLDEN")) {
		f = fopen(path, "w");
		OK(f != NULL);
		fputs(got, f);
		fclose(f);
	}
	f = fopen(path, "r");
	OK(f != NULL);
	size_t n = fread(want, 1, sizeof(want) - 1, f);
	fclose(f);
	want[n] = '\0';
	STR_EQ(got, want);
}

T(base_policy)			// S001-FR-004 ... FR-008, S001-X-013, D20, D28
{
	struct basetable t = usual();

	golden("base", &t);
}

T(no_proxy_no_redirect_silent)	// --no-proxy, --transparent off, --blocked-packets drop
{
	struct basetable t = usual();

	t.proxy_cnt = 0;
	t.transparent = false;
	t.reject = false;
	golden("bare", &t);
	OK(!strstr(text, "redirect_agents"));
	OK(!strstr(text, "reject"));
	OK(!strstr(text, "1f90"));
}

T(drop_all)			// D16, S001-X-014
{
	struct basetable t = usual();

	t.drop_all = true;
	golden("drop-all", &t);
	OK(!strstr(text, "0x0ac80001"));	/* nobody is reachable */
	HAS(text, "R7");
}

T(kernel_without_fib)		// S001-X-011
{
	struct basetable t = usual();

	t.fib = false;
	build(&t);
	OK(!strstr(text, "fib"));
	HAS(text, "rule refuse_agents R9");
}

T(several_endpoints)		// S001 section 6: the endpoint list is a list
{
	struct basetable t = usual();

	t.dns[1] = (struct endpoint){ ip_v4(0x0ac80101), 53 };
	t.dns_cnt = 2;
	build(&t);
	HAS(text, "0x0ac80101");
	/* I2, I3, R4 twice each, the redirect once */
	unsigned n = 0;
	for (const char *p = text; (p = strstr(p, "rule input_from_agents I2")) != NULL; p++)
		n++;
	EQ(n, 2);
	n = 0;
	for (const char *p = text; (p = strstr(p, "rule redirect_agents N2")) != NULL; p++)
		n++;
	EQ(n, 1);
}

T(every_drop_and_reject_is_counted)	// D28
{
	struct basetable t = usual();
	struct str rest = str_of(build(&t)), line;

	while (str_split(&rest, '\n', &line)) {
		if (!str_starts(line, STR("rule ")))
			continue;
		bool blocks = str_ends(line, STR("; drop")) ||
			str_find(line, STR("reject type")) != SIZE_MAX ||
			str_ends(line, STR(": drop"));
		bool counts = str_find(line, STR("counter")) != SIZE_MAX;
		EQ(blocks, counts);
	}
}

T(classes_of_rows)		// S001-X-015
{
	EQ(basetable_class(STR("R7")), BLOCKED_REFUSED);
	EQ(basetable_class(STR("R3")), BLOCKED_SPOOFED);
	EQ(basetable_class(STR("R2-ipv6")), BLOCKED_IPV6);
	EQ(basetable_class(STR("I1")), BLOCKED_INVALID);
	EQ(basetable_class(STR("F9")), BLOCKED_DROPPED);
	EQ(basetable_class(STR("F1")), BLOCKED_NONE);
	EQ(basetable_class(STR("")), BLOCKED_NONE);
}

T(family_of_a_bridge)		// S002 section 4, S001-EC-X06
{
	OK(bridge_is_family("outcall0", "outcall0"));
	OK(bridge_is_family("outcall0", "outcall0-352337"));
	OK(!bridge_is_family("outcall0", "outcall0-35233"));
	OK(!bridge_is_family("outcall0", "outcall0-35233X"));
	OK(!bridge_is_family("outcall0", "outcall0-35233A"));
	OK(!bridge_is_family("outcall0", "outcall1"));
	OK(bridge_is_family("verylongbridge0", "verylong-352337"));
	OK(!bridge_is_family("verylongbridge0", "verylong"));
}

T(bridge_names)			// S001 section 3
{
	struct err e;

	EQ(bridge_name_check(STR("outcall0"), &e), 0);
	EQ(bridge_name_check(STR(""), &e), -1);
	STR_EQ(e.msg, "bridge operation failed: bridge name must contain 1 to 15 ASCII characters");
	EQ(bridge_name_check(STR("sixteencharacter"), &e), -1);
	EQ(bridge_name_check(STR("a/b"), &e), -1);
	STR_EQ(e.msg, "bridge operation failed: bridge name contains invalid characters "
	       "(allowed: alphanumeric, -, _, .)");
	EQ(bridge_name_check(STR(".."), &e), -1);
	STR_EQ(e.msg, "bridge operation failed: bridge name \"..\" is reserved");
}

T(listener_rules)		// S001 section 3
{
	struct bridge_conf c = { .name = "outcall0",
				 .dns = { ip_v4(0), 53 },
				 .proxy = { ip_v4(0), 0 } };
	struct err e;

	EQ(bridge_conf_check(&c, &e), 0);
	c.dns.port = 0;
	EQ(bridge_conf_check(&c, &e), -1);
	STR_EQ(e.msg, "DNS listener must use a fixed, non-zero port");
	c.dns.port = 53;
	OK(ip_parse(STR("fd00::1"), &c.proxy.ip));
	c.proxy.port = 8080;
	EQ(bridge_conf_check(&c, &e), -1);
	STR_EQ(e.msg, "proxy listener fd00::1 is IPv6, but the managed bridge only permits IPv4 "
	       "host services");
}
