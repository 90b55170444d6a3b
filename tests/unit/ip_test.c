/* ip_test.c - addresses, prefixes, endpoints: strict text forms both ways */
#include "t.h"

#include "base/ip.h"

T(v4_takes_only_four_plain_decimals)	/* S006-WR-026 */
{
	static const char *const bad[] = { "",	       "1.2.3",	     "1.2.3.4.5", "1.2.3.256",
					   "1.2.3.04", "01.2.3.4",   "1.2.3.",	  ".1.2.3.4",
					   "1.2.3.4 ", "0x7f.0.0.1", "127.1",	  "2130706433",
					   "1.2.3.-4", "1.2.3.+4",   "1..2.3" };
	struct ip a;

	OK(ip_parse(STR("127.0.0.1"), &a));
	OK(a.v4);
	EQ(ip_to_v4(a), 0x7f000001);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		OK(!ip_parse(str_of(bad[i]), &a));
}

T(v6_text_round_trips_in_canonical_form)	/* S006-WR-027, RFC 5952 */
{
	static const char *const pairs[][2] = {
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "::ffff:1.2.3.4", "::ffff:1.2.3.4" },
		{ "64:ff9b::1.2.3.4", "64:ff9b::102:304" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
		{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "0:0:1::", "0:0:1::" },
	};
	char text[IP_TEXT_LEN];
	struct ip a;

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		OK(ip_parse(str_of(pairs[i][0]), &a));
		OK(!a.v4);
		STR_EQ(ip_text(a, text), pairs[i][1]);
	}
}

T(v6_refuses_what_has_two_readings)
{
	static const char *const bad[] = { ":",
					   ":::",
					   "1::2::3",
					   "1:2:3:4:5:6:7:8:9",
					   "1:2:3:4:5:6:7",
					   "12345::",
					   "::1%eth0",
					   "1.2.3.4::",
					   "::1.2.3",
					   "::1.2.3.4:5",
					   "g::",
					   "1:2:3:4:5:6:7:8::",
					   "[::1]",
					   ":1::2",
					   "1::2:" };
	struct ip a;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		OK(!ip_parse_v6(str_of(bad[i]), &a));
}

T(cidr_has_only_its_own)
{
	struct cidr c;
	struct ip in, out;

	OK(cidr_parse(STR("10.200.0.0/22"), &c));
	OK(ip_parse(STR("10.200.3.255"), &in) && cidr_has(c, in));
	OK(ip_parse(STR("10.200.4.0"), &out) && !cidr_has(c, out));
	OK(cidr_parse(STR("0.0.0.0/0"), &c) && cidr_has(c, out));
	OK(ip_parse(STR("::1"), &out) && !cidr_has(c, out));
	OK(!cidr_parse(STR("10.0.0.0"), &c));
	OK(!cidr_parse(STR("10.0.0.0/33"), &c));
	OK(!cidr_parse(STR("10.0.0.0/08"), &c));
	OK(!cidr_parse(STR("10.0.0.0/"), &c));
}

T(endpoints)
{
	static const char *const bad[] = {
		"1.2.3.4:", "1.2.3.4:0",    "1.2.3.4:65536", "1.2.3.4:080", "[::1",
		"[::1]:",   "[1.2.3.4]:53", "1.2.3.4:53:54", ":53",	    ""
	};
	char text[ENDPOINT_TEXT_LEN];
	struct endpoint ep;

	OK(endpoint_parse(STR("9.9.9.9"), 53, &ep));
	STR_EQ(endpoint_text(ep, text), "9.9.9.9:53");
	OK(endpoint_parse(STR("[2001:db8::1]:5353"), 53, &ep));
	STR_EQ(endpoint_text(ep, text), "[2001:db8::1]:5353");
	OK(endpoint_parse(STR("2001:db8::1"), 53, &ep));
	EQ(ep.port, 53);
	OK(!endpoint_parse(STR("9.9.9.9"), 0, &ep));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		OK(!endpoint_parse(str_of(bad[i]), 53, &ep));
}
