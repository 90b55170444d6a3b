/* dns_name.c - domain names and record types: reading, comparing, text, names that never leave
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's.  Threads: pure functions.
 * Spec: S007-W-06, W-07, W-08, W-12, W-24, W-31, W-37, W-50.
 *
 * A struct dns_name is always well formed: labels of 1..63 bytes, a root byte at the end.  Length
 * bytes are at most 63 and so never in the range of letters: case folding may run over the whole
 * array without looking at the labels.
 */
#include <string.h>

#include "base/num.h"
#include "wire/dns.h"

#define LABEL_MAX 63
#define JUMPS_MAX 127	/* S007-W-31 */

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool dns_name_read(const uint8_t *msg, size_t len, size_t *pos, struct dns_name *out)
{
	size_t at = *pos;
	size_t floor = *pos;	/* a pointer must lead before the piece that it ends */
	size_t end = 0;		/* behind the name where it was met; 0: no pointer yet */
	unsigned jumps = 0;
	size_t n = 0;

	for (;;) {
		if (at >= len)
			return false;
		size_t c = msg[at];
		if (c >= 0xc0) {
			if (len - at < 2 || ++jumps > JUMPS_MAX)
				return false;
			size_t to = (c & 0x3f) << 8 | msg[at + 1];
			if (!end)
				end = at + 2;
			if (to < DNS_HEADER_LEN || to >= floor)
				return false;
			at = floor = to;
			continue;
		}
		if (c > LABEL_MAX || c + 1 > DNS_NAME_WIRE_MAX - n || c + 1 > len - at)
			return false;
		memcpy(out->wire + n, msg + at, c + 1);
		n += c + 1;
		at += c + 1;
		if (c == 0)
			break;
	}
	out->len = (uint8_t)n;
	*pos = end ? end : at;
	return true;
}

bool dns_name_from_text(struct str text, struct dns_name *out)
{
	struct str label;
	size_t n = 0;

	if (text.len > DNS_NAME_TEXT_MAX)
		return false;
	if (!text.len)
		text.p = NULL;
	while (str_split(&text, '.', &label)) {
		if (label.len == 0 || label.len > LABEL_MAX ||
		    label.len + 2 > DNS_NAME_WIRE_MAX - n)
			return false;
		out->wire[n] = (uint8_t)label.len;
		memcpy(out->wire + n + 1, label.p, label.len);
		n += label.len + 1;
	}
	out->wire[n++] = 0;
	out->len = (uint8_t)n;
	return true;
}

static bool is_plain_byte(uint8_t c)
{
	return ascii_is_alnum((char)c) || c == '-' || c == '_';
}

struct str dns_name_text(const struct dns_name *n, char out[DNS_NAME_TEXT_MAX + 1])
{
	size_t at = 0;
	size_t len = 0;

	while (n->wire[at]) {
		size_t end = at + 1 + n->wire[at];

		if (len)
			out[len++] = '.';
		for (at++; at < end; at++)
			out[len++] = is_plain_byte(n->wire[at]) ? (char)lower(n->wire[at]) : '?';
	}
	out[len] = '\0';
	return str_n(out, len);
}

void dns_name_lower(struct dns_name *n)
{
	for (size_t i = 0; i < n->len; i++)
		n->wire[i] = lower(n->wire[i]);
}

static bool wire_eq(const uint8_t *a, const uint8_t *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
			return false;
	return true;
}

bool dns_name_eq(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && wire_eq(a->wire, b->wire, a->len);
}

bool dns_name_exact(const struct dns_name *a, const struct dns_name *b)
{
	return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

bool dns_name_within(const struct dns_name *n, const struct dns_name *zone, size_t *at)
{
	size_t skip;

	if (zone->len > n->len)
		return false;
	skip = (size_t)(n->len - zone->len);
	*at = 0;
	while (*at < skip)	/* only whole labels may be skipped */
		*at += (size_t)n->wire[*at] + 1;
	return *at == skip && wire_eq(n->wire + skip, zone->wire, zone->len);
}

bool dns_name_is_plain(const struct dns_name *n)
{
	size_t at = 0;

	while (n->wire[at]) {
		size_t end = at + 1 + n->wire[at];

		for (at++; at < end; at++)
			if (!is_plain_byte(n->wire[at]))
				return false;
	}
	return true;
}

void dns_name_mix_case(struct dns_name *n, const uint8_t bits[32])
{
	for (size_t i = 0; i < n->len; i++)
		if (ascii_is_alpha((char)n->wire[i]) && (bits[i / 8] >> (i % 8) & 1))
			n->wire[i] ^= 0x20;
}

/* Special-use zones in wire form. */
static const struct {
	uint8_t len;
	char wire[27];
} special_zones[] = {
#define ZONE(literal) { sizeof(literal), literal }
	ZONE("\5local"),
	ZONE("\11localhost"),
	ZONE("\7invalid"),
	ZONE("\5onion"),
	ZONE("\3alt"),
	ZONE("\10resolver\4arpa"),
	ZONE("\23use-application-dns\3net"),
	ZONE("\10ipv4only\4arpa"),
#undef ZONE
};

static bool ends_in(const struct dns_name *n, const char *wire, size_t len, size_t *at)
{
	struct dns_name zone;

	zone.len = (uint8_t)len;
	memcpy(zone.wire, wire, len);
	return dns_name_within(n, &zone, at);
}

/* 0..255, or a piece of an RFC 2317 delegation such as 0-63. */
static bool is_in_addr_label(const uint8_t *p, size_t len)
{
	unsigned value = 0;
	size_t digits = 0;

	if (len == 0 || p[0] == '-' || p[len - 1] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		if (p[i] == '-' && digits) {
			digits = 0;
			value = 0;
			continue;
		}
		if (!ascii_is_digit((char)p[i]) || ++digits > 3)
			return false;
		value = value * 10 + (unsigned)(p[i] - '0');
		if (value > 255)
			return false;
	}
	return true;
}

/* The labels before offset end are those of a reverse name (S007-W-50). */
static bool is_reverse_well_formed(const struct dns_name *n, size_t end, bool v6)
{
	unsigned labels = 0;

	for (size_t at = 0; at < end; at += (size_t)n->wire[at] + 1) {
		const uint8_t *p = n->wire + at + 1;

		if (++labels > (v6 ? 32U : 5U))
			return false;
		if (v6 ? n->wire[at] != 1 || ascii_hex_value((char)*p) < 0
		       : !is_in_addr_label(p, n->wire[at]))
			return false;
	}
	return true;
}

/* Whether the last label is one that a special zone ends in: most names end the search here. */
static bool has_special_end(const struct dns_name *n)
{
	static const char ends[][11] = { "\5local", "\11localhost", "\7invalid", "\5onion",
					 "\3alt", "\4arpa", "\3net" };
	size_t last = 0;

	for (size_t at = 0; n->wire[at]; at += (size_t)n->wire[at] + 1)
		last = at;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (n->wire[last] == (uint8_t)ends[i][0] &&
		    wire_eq(n->wire + last, (const uint8_t *)ends[i], n->wire[last] + 1U))
			return true;
	return false;
}

bool dns_name_is_special(const struct dns_name *n)
{
	size_t at;

	if (!has_special_end(n))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(special_zones); i++)
		if (ends_in(n, special_zones[i].wire, special_zones[i].len, &at))
			return true;
	if (ends_in(n, "\7in-addr\4arpa", sizeof("\7in-addr\4arpa"), &at))
		return !is_reverse_well_formed(n, at, false);
	if (ends_in(n, "\3ip6\4arpa", sizeof("\3ip6\4arpa"), &at))
		return !is_reverse_well_formed(n, at, true);
	return false;
}

/* RDATA formats: a digit is so many bytes, A 16, R 18, S 20 bytes; n a name, s a character string,
 * t one or more strings to the end, v service parameters, x the rest, whatever it is. */
static const struct {
	uint16_t type;
	bool served;
	const char *name, *format;
} types[] = {	/* the frequent ones first: the search is linear */
	{ 1, true, "A", "4" },
	{ 28, true, "AAAA", "A" },
	{ 65, true, "HTTPS", "v" },
	{ 5, true, "CNAME", "n" },
	{ 2, true, "NS", "n" },
	{ 6, true, "SOA", "nnS" },
	{ 12, true, "PTR", "n" },
	{ 15, true, "MX", "2n" },
	{ 16, true, "TXT", "t" },
	{ 33, true, "SRV", "6n" },
	{ 35, true, "NAPTR", "4sssn" },
	{ 39, true, "DNAME", "n" },
	{ 43, true, "DS", "4x" },
	{ 44, true, "SSHFP", "2x" },
	{ 46, true, "RRSIG", "Rnx" },
	{ 47, true, "NSEC", "nx" },
	{ 48, true, "DNSKEY", "4x" },
	{ 50, true, "NSEC3", "4ssx" },
	{ 51, true, "NSEC3PARAM", "4s" },
	{ 52, true, "TLSA", "3x" },
	{ 64, true, "SVCB", "v" },
	{ 257, true, "CAA", "1sx" },
	{ 29, true, "LOC", "x" },
	{ 256, true, "URI", "4x" },
	{ 13, true, "HINFO", "ss" },
	{ 17, true, "RP", "nn" },
	{ 59, true, "CDS", "4x" },
	{ 60, true, "CDNSKEY", "4x" },
	{ 62, true, "CSYNC", "6x" },
	{ 53, true, "SMIMEA", "3x" },
	{ 61, true, "OPENPGPKEY", "x" },
	{ 255, false, "ANY", NULL },
	{ 252, false, "AXFR", NULL },
	{ 251, false, "IXFR", NULL },
	{ 10, false, "NULL", NULL },
	{ 38, false, "A6", NULL },
	{ 42, false, "APL", NULL },
	{ 253, false, "MAILB", NULL },
	{ 254, false, "MAILA", NULL },
	{ 249, false, "TKEY", NULL },
	{ 250, false, "TSIG", NULL },
	{ 41, false, "OPT", NULL },
};

struct str dns_type_name(uint16_t type, char room[DNS_TYPE_TEXT_LEN])
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].type == type)
			return str_of(types[i].name);

	struct buf b = buf_on(room, DNS_TYPE_TEXT_LEN);
	buf_add_c(&b, "TYPE");
	buf_add_u64(&b, type);
	return buf_str(&b);
}

bool dns_type_from_name(struct str name, uint16_t *out)
{
	uint64_t number;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		if (str_case_eq_c(name, types[i].name)) {
			*out = types[i].type;
			return true;
		}
	}
	if (!str_case_eq(str_first(name, 4), STR("TYPE")) ||
	    !num_u64(str_from(name, 4), UINT16_MAX, &number))
		return false;
	*out = (uint16_t)number;
	return true;
}

bool dns_type_is_served(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].type == type)
			return types[i].served;
	return false;
}

const char *dns_type_format(uint16_t type)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].type == type)
			return types[i].format;
	return NULL;
}
