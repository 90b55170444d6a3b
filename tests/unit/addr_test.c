/* addr_test.c - every range of S006 Address policy: first and last address, neighbours, opt-in */
#include "policy/addr.h"
#include "t.h"

struct row {
	const char *first, *last;
	enum addr_class class;
};

/* The list of S006 in its own order; what follows from the definition is added below. */
static const struct row rows[] = {
	{ "0.0.0.0", "0.255.255.255", ADDR_NEVER },
	{ "10.0.0.0", "10.255.255.255", ADDR_RESTRICTED },
	{ "100.64.0.0", "100.127.255.255", ADDR_RESTRICTED },
	{ "127.0.0.0", "127.255.255.255", ADDR_RESTRICTED },
	{ "169.254.0.0", "169.254.255.255", ADDR_RESTRICTED },
	{ "172.16.0.0", "172.31.255.255", ADDR_RESTRICTED },
	{ "192.0.0.0", "192.0.0.8", ADDR_RESTRICTED },
	{ "192.0.0.9", "192.0.0.10", ADDR_PUBLIC },
	{ "192.0.0.11", "192.0.0.255", ADDR_RESTRICTED },
	{ "192.0.2.0", "192.0.2.255", ADDR_RESTRICTED },
	{ "192.88.99.0", "192.88.99.255", ADDR_RESTRICTED },
	{ "192.168.0.0", "192.168.255.255", ADDR_RESTRICTED },
	{ "198.18.0.0", "198.19.255.255", ADDR_RESTRICTED },
	{ "198.51.100.0", "198.51.100.255", ADDR_RESTRICTED },
	{ "203.0.113.0", "203.0.113.255", ADDR_RESTRICTED },
	{ "224.0.0.0", "239.255.255.255", ADDR_NEVER },
	{ "240.0.0.0", "255.255.255.254", ADDR_RESTRICTED },
	{ "255.255.255.255", "255.255.255.255", ADDR_NEVER },
	/* neighbours on both sides */
	{ "1.0.0.0", "1.0.0.0", ADDR_PUBLIC },
	{ "9.255.255.255", "9.255.255.255", ADDR_PUBLIC },
	{ "11.0.0.0", "11.0.0.0", ADDR_PUBLIC },
	{ "100.63.255.255", "100.63.255.255", ADDR_PUBLIC },
	{ "100.128.0.0", "100.128.0.0", ADDR_PUBLIC },
	{ "126.255.255.255", "126.255.255.255", ADDR_PUBLIC },
	{ "128.0.0.0", "128.0.0.0", ADDR_PUBLIC },
	{ "169.253.255.255", "169.253.255.255", ADDR_PUBLIC },
	{ "169.255.0.0", "169.255.0.0", ADDR_PUBLIC },
	{ "172.15.255.255", "172.15.255.255", ADDR_PUBLIC },
	{ "172.32.0.0", "172.32.0.0", ADDR_PUBLIC },
	{ "191.255.255.255", "191.255.255.255", ADDR_PUBLIC },
	{ "192.0.1.0", "192.0.1.255", ADDR_PUBLIC },
	{ "192.0.3.0", "192.0.3.0", ADDR_PUBLIC },
	{ "192.88.98.255", "192.88.98.255", ADDR_PUBLIC },
	{ "192.88.100.0", "192.88.100.0", ADDR_PUBLIC },
	{ "192.167.255.255", "192.167.255.255", ADDR_PUBLIC },
	{ "192.169.0.0", "192.169.0.0", ADDR_PUBLIC },
	{ "198.17.255.255", "198.17.255.255", ADDR_PUBLIC },
	{ "198.20.0.0", "198.20.0.0", ADDR_PUBLIC },
	{ "198.51.99.255", "198.51.99.255", ADDR_PUBLIC },
	{ "198.51.101.0", "198.51.101.0", ADDR_PUBLIC },
	{ "203.0.112.255", "203.0.112.255", ADDR_PUBLIC },
	{ "203.0.114.0", "203.0.114.0", ADDR_PUBLIC },
	{ "223.255.255.255", "223.255.255.255", ADDR_PUBLIC },
	/* metadata services */
	{ "169.254.169.254", "169.254.169.254", ADDR_METADATA },
	{ "169.254.170.2", "169.254.170.2", ADDR_METADATA },
	{ "168.63.129.16", "168.63.129.16", ADDR_METADATA },
	{ "100.100.100.200", "100.100.100.200", ADDR_METADATA },
	{ "192.0.0.192", "192.0.0.192", ADDR_METADATA },
	{ "fd00:ec2::254", "fd00:ec2::254", ADDR_METADATA },
	{ "fd20:ce::254", "fd20:ce::254", ADDR_METADATA },
	{ "168.63.129.15", "168.63.129.15", ADDR_PUBLIC },
	{ "168.63.129.17", "168.63.129.17", ADDR_PUBLIC },
	/* IPv6 */
	{ "::", "::", ADDR_NEVER },
	{ "::1", "::1", ADDR_RESTRICTED },
	{ "::2", "::ffff:ffff", ADDR_RESTRICTED },
	{ "::ffff:0:0", "::ffff:ffff:ffff", ADDR_NEVER },
	{ "::ffff:8.8.8.8", "::ffff:8.8.8.8", ADDR_NEVER },
	{ "64:ff9b::808:808", "64:ff9b::808:808", ADDR_PUBLIC },
	{ "64:ff9b::a00:0", "64:ff9b::aff:ffff", ADDR_RESTRICTED },
	{ "64:ff9b::a9fe:a9fe", "64:ff9b::a9fe:a9fe", ADDR_METADATA },
	{ "64:ff9b::", "64:ff9b::ff:ffff", ADDR_NEVER },
	{ "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "100::", "100::ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "2001:200::", "2001:200::", ADDR_PUBLIC },
	{ "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "2001:db7:ffff::", "2001:db7:ffff::", ADDR_PUBLIC },
	{ "2001:db9::", "2001:db9::", ADDR_PUBLIC },
	{ "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "2003::", "2003::", ADDR_PUBLIC },
	{ "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "3fff:1000::", "3fff:ffff::", ADDR_PUBLIC },
	{ "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ADDR_RESTRICTED },
	{ "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", ADDR_NEVER },
	/* outside 2000::/3, and its two ends */
	{ "1fff:ffff::", "1fff:ffff::", ADDR_RESTRICTED },
	{ "2000::", "2000::", ADDR_PUBLIC },
	{ "3ffe:ffff::", "3ffe:ffff::", ADDR_PUBLIC },
	{ "4000::", "4000::", ADDR_RESTRICTED },
	{ "a000::", "fbff::", ADDR_RESTRICTED },
	{ "2606:4700::1", "2606:4700::1", ADDR_PUBLIC },
};

static struct ip parse(const char *text)
{
	struct ip a;

	if (!ip_parse(str_of(text), &a))
		FAIL("not an address: %s", text);
	return a;
}

static void expect(const char *text, enum addr_class want)
{
	enum addr_class got = addr_classify(parse(text));

	if (got != want)
		FAIL("%s is of class %d, not %d", text, (int)got, (int)want);
}

T(every_range_of_the_address_policy)	/* D8, S006-FR-026 */
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		expect(rows[i].first, rows[i].class);
		expect(rows[i].last, rows[i].class);
	}
}

T(zero_value_is_never_a_target)
{
	EQ(addr_classify((struct ip){ { 0 }, false }), ADDR_NEVER);
	OK(!addr_allowed((struct ip){ { 0 }, false }, true, true, false));
}

T(mapped_text_is_not_plain_ipv4)
{
	OK(!addr_allowed(parse("::ffff:1.1.1.1"), true, true, false));
	OK(addr_allowed(parse("1.1.1.1"), false, false, false));
}

T(opt_in_lifts_restricted_only)	/* S003 1.7 */
{
	OK(!addr_allowed(parse("10.1.2.3"), false, true, false));
	OK(addr_allowed(parse("10.1.2.3"), true, false, false));
	OK(!addr_allowed(parse("0.0.0.1"), true, true, false));
	OK(!addr_allowed(parse("224.0.0.251"), true, true, false));
	OK(!addr_allowed(parse("255.255.255.255"), true, true, false));
	OK(!addr_allowed(parse("ff02::1"), true, true, false));
}

T(metadata_needs_opt_in_and_literal)
{
	OK(!addr_allowed(parse("169.254.169.254"), false, false, false));
	OK(!addr_allowed(parse("169.254.169.254"), true, false, false));
	OK(!addr_allowed(parse("169.254.169.254"), false, true, false));
	OK(addr_allowed(parse("169.254.169.254"), true, true, false));
	OK(!addr_allowed(parse("64:ff9b::a9fe:a9fe"), true, false, false));
}

T(addresses_of_this_host_need_opt_in)
{
	OK(!addr_allowed(parse("8.8.8.8"), false, true, true));
	OK(addr_allowed(parse("8.8.8.8"), true, false, true));
	OK(!addr_allowed(parse("0.0.0.0"), true, true, true));
}
