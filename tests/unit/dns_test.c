/* dns_test.c - DNS codec: queries by the order table, responses by the acceptance rules, replies */
#include "t.h"
#include "dns_msg.h"

static struct dm m;
static char text[8192];

/* ---- names ---- */

static struct dns_name name_of(const char *s)
{
	struct dns_name n;

	OK(dns_name_from_text(str_of(s), &n));
	return n;
}

T(name_text_round_trip)
{
	char out[DNS_NAME_TEXT_MAX + 1];
	struct dns_name n = name_of("WWW.Example.com");

	EQ(n.len, 17);
	VIEW_EQ(dns_name_text(&n, out), "www.example.com");
	n = name_of("");
	EQ(n.len, 1);
	VIEW_EQ(dns_name_text(&n, out), "");
	OK(!dns_name_from_text(STR("a..b"), &n));
	OK(!dns_name_from_text(STR(".a"), &n));
	OK(!dns_name_from_text(
		STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b"), &n));
}

T(name_text_of_maximum_length)
{
	char in[254];
	char out[DNS_NAME_TEXT_MAX + 1];
	struct dns_name n;

	for (size_t i = 0; i < 253; i++)
		in[i] = i % 64 == 63 ? '.' : 'a';
	OK(dns_name_from_text(str_n(in, 253), &n));
	EQ(n.len, 255);
	EQ(dns_name_text(&n, out).len, 253);
	OK(!dns_name_from_text(str_n(in, 254), &n));
}

T(name_pointers_only_backwards)		// S007-W-31
{
	static const struct {
		const char *bytes;
		size_t len, at;
		bool good;
	} cases[] = {
#define C(bytes, at, good) { bytes, sizeof(bytes) - 1, at, good }
		C("............\1a\0\1b\300\14", 15, true),
		C("............\300\14", 12, false),			/* to itself */
		C("............\300\16\1a\0", 12, false),		/* forward */
		C("............\300\16\300\14", 12, false),		/* forward and back */
		C("............\300\16\300\14", 14, false),		/* two that loop */
		C("............\1a\300\14", 14, false),			/* into itself from behind */
		C("\1a\0.........\300\0", 12, false),			/* into the header */
		C("............\1a", 12, false),
		C("............\2a", 12, false),
		C("............\300", 12, false),
		C("............\100a\0", 12, false),			/* label type 01 */
		C("............\200a\0", 12, false),
		C("............", 12, false),
#undef C
	};
	struct dns_name n;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t at = cases[i].at;
		const uint8_t *p = t_guarded(cases[i].bytes, cases[i].len);

		if (dns_name_read(p, cases[i].len, &at, &n) != cases[i].good)
			FAIL("case %zu", i);
	}
}

T(name_of_256_bytes_is_refused)
{
	uint8_t msg[300];
	struct dns_name n;
	size_t at = 12;

	memset(msg, 'x', sizeof(msg));
	for (size_t i = 0; i < 4; i++)
		msg[12 + i * 64] = 63;
	msg[12 + 4 * 64] = 0;
	OK(!dns_name_read(msg, sizeof(msg), &at, &n));	/* 4 * 64 + 1 = 257 */
	at = 12;
	msg[12 + 3 * 64] = 61;
	msg[12 + 3 * 64 + 62] = 0;
	OK(dns_name_read(msg, sizeof(msg), &at, &n));
	EQ(n.len, 255);
}

T(name_within_counts_whole_labels)
{
	struct dns_name n = name_of("a.Example.com");
	struct dns_name zone = name_of("example.COM");
	struct dns_name other = name_of("ple.com");
	struct dns_name root = name_of("");
	size_t at;

	OK(dns_name_within(&n, &zone, &at));
	EQ(at, 2);
	OK(dns_name_within(&zone, &zone, &at));
	EQ(at, 0);
	OK(dns_name_within(&n, &root, &at));
	OK(!dns_name_within(&n, &other, &at));
	OK(!dns_name_within(&zone, &n, &at));
}

T(name_special)				// S007-W-37 W-50 FR-033
{
	static const struct {
		const char *name;
		bool special;
	} cases[] = {
		{ "local", true },
		{ "printer.LOCAL", true },
		{ "notlocal", false },
		{ "local.example", false },
		{ "localhost", true },
		{ "a.localhost", true },
		{ "x.invalid", true },
		{ "x.onion", true },
		{ "alt", true },
		{ "_dns.resolver.arpa", true },
		{ "resolver.arpa", true },
		{ "use-application-dns.net", true },
		{ "ipv4only.arpa", true },
		{ "arpa", false },
		{ "example.com", false },
		{ "", false },
		{ "net", false },
		{ "1.2.0.192.in-addr.arpa", false },
		{ "1.0-63.2.0.192.in-addr.arpa", false },
		{ "256.2.0.192.in-addr.arpa", true },
		{ "data.2.0.192.in-addr.arpa", true },
		{ "in-addr.arpa", false },
		{ "1.1.1.1.1.1.in-addr.arpa", true },
		{ "-1.in-addr.arpa", true },
		{ "f.0.ip6.arpa", false },
		{ "g.0.ip6.arpa", true },
		{ "10.ip6.arpa", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct dns_name n = name_of(cases[i].name);

		if (dns_name_is_special(&n) != cases[i].special)
			FAIL("%s", cases[i].name);
	}
}

T(type_names)				// S007-W-12
{
	char room[DNS_TYPE_TEXT_LEN];

	VIEW_EQ(dns_type_name(28, room), "AAAA");
	VIEW_EQ(dns_type_name(65535, room), "TYPE65535");
	OK(dns_type_is_served(65));
	OK(!dns_type_is_served(10) && !dns_type_is_served(255) && !dns_type_is_served(65300) &&
	   !dns_type_is_served(38) && !dns_type_is_served(41) && !dns_type_is_served(0));
}

/* ---- queries ---- */

static enum dns_query_kind parse(struct dns_query *q)
{
	return dns_query_parse(t_guarded(m.bytes, m.b.len), m.b.len, q);
}

T(query_plain)
{
	struct dns_query q;

	dm_start(&m, 0x1234, 0x0110);
	dm_question(&m, "WWW.example.com", 28);
	EQ(parse(&q), DNS_QUERY_OK);
	EQ(q.id, 0x1234);
	OK(q.rd && q.cd && !q.edns && q.has_question);
	EQ(q.type, 28);
	EQ(q.payload, 512);
	EQ(q.name.wire[1], 'W');
}

T(query_edns)				// S007-W-14
{
	static const struct {
		uint16_t payload, want;
	} sizes[] = { { 0, 512 }, { 511, 512 }, { 513, 513 }, { 65535, 65535 } };
	struct dns_query q;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		dm_start(&m, 1, 0x0100);
		dm_question(&m, "a.test.example", 1);
		dm_opt(&m, sizes[i].payload, 0, 0x8000);
		EQ(parse(&q), DNS_QUERY_OK);
		OK(q.edns && q.dnssec_ok);
		EQ(q.payload, sizes[i].want);
	}
	dm_start(&m, 1, 0x0100);
	dm_question(&m, "a.test.example", 1);
	dm_opt(&m, 1232, 1, 0);
	EQ(parse(&q), DNS_QUERY_ERROR);
	EQ(q.rcode, DNS_RCODE_BADVERS);
	OK(q.edns);
}

static void expect(enum dns_query_kind kind, unsigned rcode, const char *what)
{
	struct dns_query q = { .rcode = 77 };
	enum dns_query_kind got = parse(&q);

	if (got != kind)
		FAIL("%s: kind %d, not %d", what, (int)got, (int)kind);
	if ((kind == DNS_QUERY_ERROR || kind == DNS_QUERY_UNSERVED) && q.rcode != rcode)
		FAIL("%s: rcode %u, not %u", what, q.rcode, rcode);
}

T(query_rows_1_to_5)			// S007-W-01..W-05
{
	dm_start(&m, 1, 0);
	m.b.len = 11;
	expect(DNS_QUERY_DROP, 0, "11 bytes");
	dm_start(&m, 1, 0x8000);
	dm_question(&m, "a.example", 1);
	expect(DNS_QUERY_DROP, 0, "QR");
	for (unsigned op = 1; op < 16; op++) {
		dm_start(&m, 1, (uint16_t)(op << 11));
		dm_question(&m, "a.example", 1);
		expect(DNS_QUERY_ERROR, DNS_RCODE_NOTIMP, "opcode");
	}
	dm_start(&m, 1, 0);
	expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "no question");
	dm_start(&m, 1, 0);
	dm_question(&m, "a.example", 1);
	dm_question(&m, "b.example", 1);
	expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "two questions");
	for (unsigned s = 1; s <= 3; s++) {
		dm_start(&m, 1, 0);
		dm_question(&m, "a.example", 1);
		dm_rr(&m, s, "a.example", 1, 1, "abcd", 4);
		expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "extra record");
	}
	dm_start(&m, 1, 0x0200);
	dm_question(&m, "a.example", 1);
	expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "TC");
	dm_start(&m, 1, 0);
	dm_question(&m, "a.example", 1);
	buf_add_byte(&m.b, 0);
	expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "trailing byte");
	dm_start(&m, 1, 0);
	dm_question(&m, "a.example", 1);
	dm_opt(&m, 1232, 0, 0);
	dm_opt(&m, 1232, 0, 0);
	expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "two OPT");
}

static void raw_question(const char *wire, size_t len)
{
	dm_start(&m, 1, 0);
	buf_add(&m.b, wire, len);
	buf_add_be16(&m.b, 1);
	buf_add_be16(&m.b, 1);
	dm_count(&m, 0);
}

T(query_rows_6_to_8)			// S007-W-06 EC-004 EC-009
{
	struct dns_query q;

	raw_question("\300\14", 2);
	expect(DNS_QUERY_DROP, 0, "pointer to itself");
	raw_question("\1a\300\14", 4);
	expect(DNS_QUERY_DROP, 0, "pointer");
	raw_question("\100a", 2);
	expect(DNS_QUERY_DROP, 0, "label type");
	raw_question("\77a", 2);
	expect(DNS_QUERY_DROP, 0, "past the end");
	dm_start(&m, 1, 0);
	for (unsigned i = 0; i < 4; i++) {
		buf_add_byte(&m.b, 63);
		for (unsigned k = 0; k < 63; k++)
			buf_add_byte(&m.b, 'a');
	}
	buf_add(&m.b, "\0\0\1\0\1", 5);
	dm_count(&m, 0);
	expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "long name");
	(void)parse(&q);
	OK(!q.has_question);
	dm_start(&m, 1, 0);
	dm_question(&m, "a.example", 1);
	dm_opt(&m, 1232, 0, 0);
	m.b.len--;
	expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "short OPT");
	dm_start(&m, 1, 0);
	dm_question(&m, "a.example", 1);
	dm_rr(&m, 3, "a", 41, 0, "", 0);
	expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "OPT with an owner");
	dm_start(&m, 1, 0);
	dm_question(&m, "a.example", 1);
	dm_rr(&m, 3, "", 41, 0, "\0\12\0\11abc", 7);
	expect(DNS_QUERY_ERROR, DNS_RCODE_FORMERR, "option past the end");
}

T(query_rows_9_and_10)			// S007-W-07 W-09 W-10 W-12 W-37
{
	static const struct {
		uint16_t type;
		unsigned rcode;
	} refused[] = { { 251, 5 },   { 252, 5 }, { 10, 4 }, { 250, 4 },
			{ 65300, 4 }, { 0, 4 },	  { 253, 4 } };

	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		dm_start(&m, 1, 0);
		dm_question(&m, "a.example", refused[i].type);
		expect(DNS_QUERY_UNSERVED, refused[i].rcode, "type");
	}
	dm_start(&m, 1, 0);
	dm_question(&m, "version.bind", 16);
	m.bytes[m.b.len - 1] = 3;
	expect(DNS_QUERY_UNSERVED, DNS_RCODE_REFUSED, "class CH");
	dm_start(&m, 1, 0);
	dm_question(&m, "a.example", 255);
	expect(DNS_QUERY_OK, 0, "ANY");
	raw_question("\4com\0\7example\0", 14);
	expect(DNS_QUERY_BAD_NAME, 0, "NUL in a label");
	raw_question("\3a.b\7example\0", 13);
	expect(DNS_QUERY_BAD_NAME, 0, "dot in a label");
	raw_question("\2\303\244\7example\0", 12);
	expect(DNS_QUERY_BAD_NAME, 0, "UTF-8 in a label");
	dm_start(&m, 1, 0);
	dm_question(&m, "a.local", 1);
	expect(DNS_QUERY_BAD_NAME, 0, "special");
}

T(query_cut_at_every_byte)
{
	struct dns_query q;

	dm_start(&m, 1, 0x0100);
	dm_question(&m, "www.example.com", 1);
	dm_opt(&m, 1232, 0, 0x8000);
	for (size_t len = 0; len < m.b.len; len++)
		OK(dns_query_parse(t_guarded(m.bytes, len), len, &q) != DNS_QUERY_OK);
}

/* ---- replies ---- */

static struct dns_query query(const char *name, uint16_t type, bool edns)
{
	struct dns_query q = { .id = 7,
			       .type = type,
			       .class = 1,
			       .payload = 512,
			       .rd = true,
			       .edns = edns,
			       .has_question = true,
			       .name = name_of(name) };

	if (edns)
		q.payload = 1232;
	return q;
}

T(reply_blocked)			// S007-FR-010 IF-006
{
	static const struct dns_ede ede = { DNS_EDE_BLOCKED, { "because", 7 } };
	struct dns_query q = query("WWW.Example.com", 1, false);
	uint8_t out[512];
	size_t len = dns_reply_blocked(&q, &ede, out, sizeof(out));

	STR_EQ(dm_print(out, len, text, sizeof(text)),
	       "rcode=3 aa | www.example.com A | ns example.com 60 SOA soa");
	EQ(out[13], 'W');
	EQ(out[3] & 0x80, 0x80);	/* RA */
	EQ(out[2], 0x85);		/* QR, AA, RD */
	EQ(out[3] & 0x30, 0);		/* Z, AD */
	MEM_EQ(out + len - 4, 4, "\0\0\0\74", 4);	/* minimum 60 */
	q = query("com", 1, true);
	len = dns_reply_blocked(&q, &ede, out, sizeof(out));
	STR_EQ(dm_print(out, len, text, sizeof(text)),
	       "rcode=3 aa | com A | ns  60 SOA soa | opt 1232 ede=15 \"because\"");
	q = query("", 1, true);
	len = dns_reply_blocked(&q, NULL, out, sizeof(out));
	STR_EQ(dm_print(out, len, text, sizeof(text)),
	       "rcode=3 aa |  A | ns  60 SOA soa | opt 1232");
}

T(reply_ede_text_is_left_out_first)	// S007-W-52
{
	char long_text[400];
	struct dns_ede ede = { DNS_EDE_BLOCKED, { long_text, sizeof(long_text) } };
	struct dns_query q = query("www.example.com", 1, true);
	uint8_t out[512];

	memset(long_text, 'x', sizeof(long_text));
	size_t len = dns_reply_blocked(&q, &ede, out, 512);
	STR_EQ(dm_print(out, len, text, sizeof(text)),
	       "rcode=3 aa | www.example.com A | ns example.com 60 SOA soa | opt 1232");
	len = dns_reply_rcode(&q, DNS_RCODE_SERVFAIL, &ede, out, 512);
	EQ(len, 12 + 17 + 4 + 11 + 6 + 400);
}

T(reply_errors)
{
	static const struct dns_ede ede = { DNS_EDE_PROHIBITED, { NULL, 0 } };
	struct dns_query q = query("a.example", 1, true);
	uint8_t out[512];
	size_t len = dns_reply_rcode(&q, DNS_RCODE_BADVERS, NULL, out, sizeof(out));

	STR_EQ(dm_print(out, len, text, sizeof(text)), "rcode=0 | a.example A | opt 1232 ext=1");
	len = dns_reply_rcode(&q, DNS_RCODE_REFUSED, &ede, out, sizeof(out));
	STR_EQ(dm_print(out, len, text, sizeof(text)),
	       "rcode=5 | a.example A | opt 1232 ede=18 \"\"");
	q.has_question = q.edns = false;
	len = dns_reply_rcode(&q, DNS_RCODE_FORMERR, NULL, out, sizeof(out));
	EQ(len, 12);
	q = query("a.example", 255, false);
	len = dns_reply_any(&q, out, sizeof(out));	/* W-11 */
	STR_EQ(dm_print(out, len, text, sizeof(text)),
	       "rcode=0 | a.example ANY | an a.example 60 HINFO 075246433834383200");
}

T(ask_is_built_from_scratch)		// S007-W-20
{
	struct dns_ask ask = { .id = 0xabcd, .type = 1, .edns = true, .dnssec_ok = true, .cd = true,
			       .name = name_of("a.example") };
	uint8_t out[DNS_ASK_MAX];
	size_t len = dns_ask_build(&ask, out);

	MEM_EQ(out, len,
	       "\xab\xcd\1\20\0\1\0\0\0\0\0\1\1a\7example\0\0\1\0\1\0\0\51\4\320\0\0\200\0\0\0",
	       38);
	ask.edns = false;
	EQ(dns_ask_build(&ask, out), 27);
	EQ(out[11], 0);
}

/* ---- responses ---- */

static struct dns_ask ask;
static uint8_t body[65535];
static struct dns_answer answer;

static void respond(const char *name, uint16_t type, bool dnssec_ok, uint16_t flags)
{
	ask = (struct dns_ask){ .id = 9, .type = type, .edns = true, .dnssec_ok = dnssec_ok,
				.name = name_of(name) };
	dm_start(&m, 9, flags);
	dm_question(&m, name, type);
}

static enum dns_accept accept_now(void)
{
	answer = (struct dns_answer){ .body = body };
	return dns_response_accept(t_guarded(m.bytes, m.b.len), m.b.len, &ask, &answer,
				   sizeof(body));
}

static const char *served(const struct dns_serve *s)
{
	struct dns_query q = { .id = 7, .type = ask.type, .class = 1, .payload = 512, .rd = true,
			       .has_question = true, .name = ask.name };
	static uint8_t out[65535];
	size_t len = dns_reply_answer(&q, &answer, s, out, sizeof(out));

	return dm_print(out, len, text, sizeof(text));
}

static const struct dns_serve fresh = { 0, NULL };

T(response_match)			// S007-W-22 W-24
{
	respond("a.example", 1, false, 0x8180);
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_YES);
	ask.id++;
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_NONE);
	ask.id--;
	ask.type = 28;
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_NONE);
	ask.type = 1;
	ask.name = name_of("A.example");
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_CASE);
	ask.any_case = true;
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_YES);
	ask.name = name_of("b.example");
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_NONE);
	respond("a.example", 1, false, 0x8380);
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_CUT);
	respond("a.example", 1, false, 0x0180);	/* a query */
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_NONE);
	respond("a.example", 1, false, 0x8980);	/* opcode 1 */
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_NONE);
	respond("a.example", 1, false, 0x8180);
	dm_question(&m, "a.example", 1);
	EQ(dns_response_match(m.bytes, m.b.len, &ask), DNS_MATCH_NONE);
	respond("a.example", 1, false, 0x8180);
	for (size_t len = 0; len < m.b.len; len++)
		EQ(dns_response_match(t_guarded(m.bytes, len), len, &ask), DNS_MATCH_NONE);
}

T(response_addresses)			// S007-FR-017 W-32 W-39
{
	respond("a.example", 1, false, 0x8180);
	dm_a(&m, "@12", 100, "1.2.3.4");
	dm_a(&m, "A.Example", 70, "1.2.3.5");
	dm_opt(&m, 4096, 0, 0);
	EQ(accept_now(), DNS_ACCEPT_OK);
	OK(answer.has_addrs && !answer.has_hops);
	EQ(answer.ttl_s, 70);
	STR_EQ(served(&fresh),
	       "rcode=0 | a.example A | an a.example 70 A 1.2.3.4 | an a.example 70 A 1.2.3.5");
	STR_EQ(served(&(struct dns_serve){ 30, NULL }),
	       "rcode=0 | a.example A | an a.example 40 A 1.2.3.4 | an a.example 40 A 1.2.3.5");
	STR_EQ(served(&(struct dns_serve){ 0, (const uint64_t[DNS_STRIP_WORDS]){ 1 } }),
	       "rcode=0 | a.example A | an a.example 70 A 1.2.3.5");
	respond("a.example", 1, false, 0x8180);
	dm_a(&m, "@12", 0x80000001, "1.2.3.4");
	EQ(accept_now(), DNS_ACCEPT_OK);
	EQ(answer.ttl_s, 0);
	respond("a.example", 1, false, 0x8180);
	dm_a(&m, "@12", 86400, "1.2.3.4");
	EQ(accept_now(), DNS_ACCEPT_OK);
	EQ(answer.ttl_s, 300);
}

T(response_bailiwick)			// S007-W-34 X-A3
{
	respond("a.example", 1, false, 0x8180);
	dm_a(&m, "victim.example", 100, "6.6.6.6");
	dm_a(&m, "@12", 100, "1.2.3.4");
	dm_rr(&m, 1, "@12", 16, 100, "\3abc", 4);
	dm_rr_name(&m, 2, "example", 2, 100, "ns.evil.example");
	dm_rr(&m, 3, "ns.evil.example", 1, 100, "abcd", 4);
	EQ(accept_now(), DNS_ACCEPT_OK);
	STR_EQ(served(&fresh), "rcode=0 | a.example A | an a.example 100 A 1.2.3.4");
}

T(response_alias_chain)			// S007-W-35
{
	respond("www.shop.example", 1, false, 0x8180);
	dm_a(&m, "e.cdn.test", 20, "1.2.3.4");
	dm_rr_name(&m, 1, "b.cdn.test", 5, 30, "E.cdn.test");
	dm_rr_name(&m, 1, "@12", 5, 400, "b.cdn.test");
	EQ(accept_now(), DNS_ACCEPT_OK);
	OK(answer.has_hops);
	EQ(answer.ttl_s, 20);
	STR_EQ(served(&fresh),
	       "rcode=0 | www.shop.example A | an www.shop.example 300 CNAME b.cdn.test"
	       " | an b.cdn.test 30 CNAME e.cdn.test | an e.cdn.test 20 A 1.2.3.4");
}

T(response_dname)
{
	respond("a.b.old.example", 1, false, 0x8180);
	dm_rr_name(&m, 1, "old.example", 39, 50, "new.test");
	dm_rr_name(&m, 1, "@12", 5, 50, "a.b.new.test");
	dm_rr_name(&m, 1, "elsewhere.example", 39, 50, "new.test");
	dm_a(&m, "a.b.new.test", 20, "1.2.3.4");
	EQ(accept_now(), DNS_ACCEPT_OK);
	STR_EQ(served(&fresh),
	       "rcode=0 | a.b.old.example A | an old.example 50 DNAME new.test"
	       " | an a.b.old.example 50 CNAME a.b.new.test | an a.b.new.test 20 A 1.2.3.4");
}

T(response_loops)			// S007-W-35 X-A4
{
	char from[32], to[32];

	respond("a.example", 1, false, 0x8180);
	dm_rr_name(&m, 1, "@12", 5, 30, "b.example");
	dm_rr_name(&m, 1, "b.example", 5, 30, "a.example");
	EQ(accept_now(), DNS_ACCEPT_LOOP);
	respond("a.example", 1, false, 0x8180);
	dm_rr_name(&m, 1, "@12", 5, 30, "a.example");
	EQ(accept_now(), DNS_ACCEPT_LOOP);
	respond("a.example", 1, false, 0x8180);
	dm_rr_name(&m, 1, "@12", 5, 30, "b.example");
	dm_rr_name(&m, 1, "@12", 5, 30, "c.example");
	EQ(accept_now(), DNS_ACCEPT_LOOP);
	for (unsigned hops = 12; hops <= 13; hops++) {
		respond("n0.example", 1, false, 0x8180);
		for (unsigned i = 0; i < hops; i++) {
			snprintf(from, sizeof(from), "n%u.example", i);
			snprintf(to, sizeof(to), "n%u.example", i + 1);
			dm_rr_name(&m, 1, from, 5, 30, to);
		}
		dm_a(&m, to, 30, "1.2.3.4");
		EQ(accept_now(), hops == 12 ? DNS_ACCEPT_OK : DNS_ACCEPT_LOOP);
	}
}

T(response_negative)			// S007-W-33 W-41 X-008
{
	respond("a.b.example", 1, false, 0x8183);
	dm_soa(&m, "example", 200, 100);
	EQ(accept_now(), DNS_ACCEPT_OK);
	EQ(answer.rcode, DNS_RCODE_NXDOMAIN);
	EQ(answer.ttl_s, 100);
	STR_EQ(served(&fresh), "rcode=3 aa | a.b.example A | ns example 100 SOA soa");
	respond("a.b.example", 28, false, 0x8180);
	dm_soa(&m, "other.test", 200, 100);	/* not above the name */
	EQ(accept_now(), DNS_ACCEPT_FAILED);
	respond("a.b.example", 28, false, 0x8180);
	dm_rr_name(&m, 1, "@12", 5, 90, "x.cdn.test");
	dm_soa(&m, "cdn.test", 50, 3600);
	EQ(accept_now(), DNS_ACCEPT_OK);
	EQ(answer.ttl_s, 50);
	STR_EQ(served(&fresh),
	       "rcode=0 | a.b.example AAAA | an a.b.example 90 CNAME x.cdn.test | ns cdn.test 50 SOA soa");
	respond("a.b.example", 1, false, 0x8183);
	EQ(accept_now(), DNS_ACCEPT_OK);
	EQ(answer.ttl_s, 0);
	respond("a.b.example", 1, false, 0x8180);	/* referral */
	dm_rr_name(&m, 2, "example", 2, 100, "ns.example");
	EQ(accept_now(), DNS_ACCEPT_FAILED);
}

T(response_rcodes)			// S007-W-29
{
	for (unsigned rc = 1; rc < 16; rc++) {
		if (rc == 3)
			continue;
		respond("a.example", 1, false, (uint16_t)(0x8180 + rc));
		EQ(accept_now(), rc == 1 || rc == 4 ? DNS_ACCEPT_NO_EDNS : DNS_ACCEPT_FAILED);
	}
	respond("a.example", 1, false, 0x8180);
	dm_a(&m, "@12", 60, "1.2.3.4");
	dm_opt(&m, 1232, 0, 0);
	m.bytes[m.b.len - 6] = 1;	/* extended rcode: BADVERS */
	EQ(accept_now(), DNS_ACCEPT_FAILED);
}

T(response_signatures)			// S007-FR-021 W-36 AS-014
{
	for (int with_do = 0; with_do < 2; with_do++) {
		respond("a.example", 1, with_do, 0x8180);
		dm_rr_name(&m, 1, "@12", 5, 90, "b.example");
		dm_rrsig(&m, 1, "@12", 5, 90);
		dm_a(&m, "b.example", 80, "1.2.3.4");
		dm_a(&m, "b.example", 60, "10.0.0.1");
		dm_rrsig(&m, 1, "b.example", 1, 80);
		dm_rrsig(&m, 1, "b.example", 28, 80);
		EQ(accept_now(), DNS_ACCEPT_OK);
		STR_EQ(served(&fresh),
		       with_do ? "rcode=0 | a.example A | an a.example 90 CNAME b.example | an a.example 90 RRSIG 5"
				 " | an b.example 60 A 1.2.3.4 | an b.example 60 A 10.0.0.1 | an b.example 60 RRSIG 1"
			       : "rcode=0 | a.example A | an a.example 90 CNAME b.example"
				 " | an b.example 60 A 1.2.3.4 | an b.example 60 A 10.0.0.1");
	}
	STR_EQ(served(&(struct dns_serve){ 0, (const uint64_t[DNS_STRIP_WORDS]){ 1 << 3 } }),
	       "rcode=0 | a.example A | an a.example 90 CNAME b.example | an a.example 90 RRSIG 5"
	       " | an b.example 60 A 1.2.3.4");
	respond("x.example", 1, true, 0x8183);
	dm_soa(&m, "example", 200, 100);
	dm_rrsig(&m, 2, "example", 6, 200);
	dm_rr(&m, 2, "w.example", 47, 200, "\1z\7example\0\0\1\100", 14);
	dm_rrsig(&m, 2, "w.example", 47, 200);
	dm_rrsig(&m, 2, "elsewhere.test", 47, 200);
	EQ(accept_now(), DNS_ACCEPT_OK);
	STR_EQ(served(&fresh),
	       "rcode=3 aa | x.example A | ns example 100 SOA soa | ns example 100 RRSIG 6"
	       " | ns w.example 100 NSEC 017a076578616d706c6500000140 | ns w.example 100 RRSIG 47");
}

T(response_malformed)			// S007-W-31
{
	respond("a.example", 1, false, 0x8180);
	dm_rr(&m, 1, "@12", 1, 60, "abc", 3);		/* A of 3 bytes */
	EQ(accept_now(), DNS_ACCEPT_BAD);
	respond("a.example", 16, false, 0x8180);
	dm_rr(&m, 1, "@12", 16, 60, "\5ab", 3);		/* string past RDLENGTH */
	EQ(accept_now(), DNS_ACCEPT_BAD);
	respond("a.example", 16, false, 0x8180);
	dm_rr(&m, 1, "@12", 16, 60, "", 0);
	EQ(accept_now(), DNS_ACCEPT_BAD);
	respond("a.example", 15, false, 0x8180);
	dm_rr(&m, 1, "@12", 15, 60, "\0\1\300\14x", 5);	/* a byte behind the name */
	EQ(accept_now(), DNS_ACCEPT_BAD);
	respond("a.example", 1, false, 0x8180);
	dm_a(&m, "@12", 60, "1.2.3.4");
	buf_add_byte(&m.b, 0);				/* trailing garbage */
	EQ(accept_now(), DNS_ACCEPT_BAD);
	respond("a.example", 1, false, 0x8180);
	memset(m.bytes + 6, 0xff, 6);			/* counts of 65535 */
	EQ(accept_now(), DNS_ACCEPT_BAD);
	respond("a.example", 1, false, 0x8180);
	dm_opt(&m, 1232, 0, 0);
	dm_opt(&m, 1232, 0, 0);
	EQ(accept_now(), DNS_ACCEPT_BAD);
	respond("a.example", 1, false, 0x8180);
	for (unsigned i = 0; i < DNS_RECORDS_MAX + 1; i++)
		dm_a(&m, "@12", 60, "1.2.3.4");
	EQ(accept_now(), DNS_ACCEPT_BAD);
}

T(response_cut_at_every_byte)
{
	respond("a.example", 15, true, 0x8180);
	dm_rr(&m, 1, "@12", 15, 60, "\0\1\4mail\300\16", 9);
	dm_rrsig(&m, 1, "@12", 15, 60);
	dm_opt(&m, 1232, 0, 0x8000);
	size_t full = m.b.len;
	for (m.b.len = 0; m.b.len < full; m.b.len++)
		EQ(accept_now(), DNS_ACCEPT_BAD);
	EQ(accept_now(), DNS_ACCEPT_OK);
	STR_EQ(served(&fresh),
	       "rcode=0 | a.example MX | an a.example 60 MX 0001046d61696c076578616d706c6500"
	       " | an a.example 60 RRSIG 15");
}

T(response_hides_our_letter_case)	// S007-W-24
{
	respond("a.example", 2, false, 0x8180);
	ask.name = name_of("a.eXaMpLe");
	m.b.len = 12;
	m.bytes[5] = 0;
	dm_question(&m, "a.eXaMpLe", 2);
	dm_rr(&m, 1, "@12", 2, 60, "\2ns\300\16", 5);
	EQ(accept_now(), DNS_ACCEPT_OK);
	MEM_EQ(body + answer.len - 12, 12, "\2ns\7example\0", 12);
}

static const char *https(const char *rdata, size_t len)
{
	respond("a.example", 65, true, 0x8180);
	dm_rr(&m, 1, "@12", 65, 60, rdata, len);
	dm_rrsig(&m, 1, "@12", 65, 60);
	EQ(accept_now(), DNS_ACCEPT_OK);
	return served(&fresh);
}

#define HTTPS(bytes) https(bytes, sizeof(bytes) - 1)
#define HEAD "rcode=0 | a.example HTTPS"
#define KEPT HEAD " | an a.example 60 HTTPS "

T(response_services_are_scrubbed)	// S007-W-38 X-A6
{
	/* nothing to scrub: the signature stays */
	STR_EQ(HTTPS("\0\1\0\0\1\0\3\2h2"),
	       KEPT "0001000001000302"
		    "6832 | an a.example 60 RRSIG 65");
	/* h3 goes, h2 stays */
	STR_EQ(HTTPS("\0\1\0\0\1\0\6\2h3\2h2"), KEPT "00010000010003026832");
	STR_EQ(HTTPS("\0\1\0\0\1\0\6\5h3-29"), KEPT "000100");
	/* ech and hints go, port stays */
	STR_EQ(HTTPS("\0\1\0\0\3\0\2\1\273\0\4\0\4\1\2\3\4\0\5\0\3ech\0\6\0\20abcdefghijklmnop"),
	       KEPT "000100000300" "0201bb");
	STR_EQ(HTTPS("\0\1\0\0\7\0\4/dns\0\10\0\0"), KEPT "000100");
	/* mandatory names a key that goes, is missing, or is malformed */
	STR_EQ(HTTPS("\0\1\0\0\0\0\2\0\5\0\5\0\3ech"), HEAD);
	STR_EQ(HTTPS("\0\1\0\0\0\0\2\0\3"), HEAD);
	STR_EQ(HTTPS("\0\1\0\0\0\0\1\0"), HEAD);
	STR_EQ(HTTPS("\0\1\0\0\0\0\2\0\3\0\3\0\2\0\120"),
	       KEPT "0001000000000200030003000200" "50 | an a.example 60 RRSIG 65");
	/* disorder, repetition, overrun, empty protocol, no protocol left */
	STR_EQ(HTTPS("\0\1\0\0\4\0\4\1\2\3\4\0\1\0\3\2h2"), HEAD);
	STR_EQ(HTTPS("\0\1\0\0\3\0\2\0\1\0\3\0\2\0\1"), HEAD);
	STR_EQ(HTTPS("\0\1\0\0\1\0\11\2h2"), HEAD);
	STR_EQ(HTTPS("\0\1\0\0\1\0\1\0"), HEAD);
	STR_EQ(HTTPS("\0\1\0\0\1\0\3\2h3\0\2\0\0"), HEAD);
	/* an alias keeps its target only */
	STR_EQ(HTTPS("\0\0\1b\7example\0\0\3\0\2\0\1"), KEPT "000001" "62076578616d706c6500");
}

T(response_targets)			// S007-W-35
{
	struct dns_rr rr;
	struct dns_name target;
	size_t pos = 0;

	(void)HTTPS("\0\1\1b\7example\0");
	OK(answer.has_hops);
	OK(dns_answer_next(&answer, &pos, 0, &rr));
	OK(dns_rr_target(&rr, &target));
	VIEW_EQ(dns_name_text(&target, text), "b.example");
	(void)HTTPS("\0\1\0");
	pos = 0;
	OK(dns_answer_next(&answer, &pos, 0, &rr));
	OK(!dns_rr_target(&rr, &target));
}

T(reply_keeps_room_for_the_opt)		// S007-W-14 W-27
{
	struct dns_query q = query("a.example", 16, true);
	uint8_t out[1232];
	char strings[256 + 178];

	memset(strings, 'x', sizeof(strings));
	strings[0] = (char)255;
	strings[256] = (char)177;
	respond("a.example", 16, false, 0x8180);
	dm_rr(&m, 1, "@12", 16, 60, strings, sizeof(strings));
	EQ(accept_now(), DNS_ACCEPT_OK);
	size_t whole = 12 + 15 + 12 + sizeof(strings) + 11;
	EQ(dns_reply_answer(&q, &answer, &fresh, t_guarded(out, whole), whole), whole);
	EQ(dns_reply_answer(&q, &answer, &fresh, t_guarded(out, whole - 1), whole - 1),
	   12 + 15 + 11);
}

T(reply_cut_to_the_clients_size)	// S007-W-27
{
	struct dns_query q = query("a.example", 1, false);
	uint8_t out[1232];

	respond("a.example", 1, false, 0x8180);
	for (unsigned i = 0; i < 40; i++)
		dm_a(&m, "@12", 60, "1.2.3.4");
	EQ(accept_now(), DNS_ACCEPT_OK);
	EQ(dns_udp_limit(&q), 512);
	size_t len = dns_reply_answer(&q, &answer, &fresh, t_guarded(out, 512), 512);
	EQ(len, 27);
	q.edns = true;
	q.payload = 4096;
	EQ(dns_udp_limit(&q), 1232);
	len = dns_reply_answer(&q, &answer, &fresh, out, 512);
	STR_EQ(dm_print(out, len, text, sizeof(text)), "rcode=0 tc | a.example A | opt 1232");
	len = dns_reply_answer(&q, &answer, &fresh, out, 1232);
	EQ(len, 27 + 40 * 16 + 11);
	EQ(out[2] & 2, 0);
}
