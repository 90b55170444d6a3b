/* dns_name.h - domain names and record types
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's.  Threads: pure functions.
 * Spec: S007-W-06..W-08, W-12, W-24, W-31, W-37, W-50.
 */
#ifndef OC_WIRE_DNS_NAME_H
#define OC_WIRE_DNS_NAME_H

#include "base/buf.h"

#define DNS_NAME_WIRE_MAX 255
#define DNS_NAME_TEXT_MAX 253

/* The types that the code names; dns_type_name() knows the others. */
enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_HINFO = 13,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_DNAME = 39,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_RRSIG = 46,
	DNS_TYPE_NSEC = 47,
	DNS_TYPE_NSEC3 = 50,
	DNS_TYPE_SVCB = 64,
	DNS_TYPE_HTTPS = 65,
	DNS_TYPE_IXFR = 251,
	DNS_TYPE_AXFR = 252,
	DNS_TYPE_ANY = 255,
};

struct dns_name {		/* uncompressed, the byte of the root included: len is 1..255 */
	uint8_t len;
	uint8_t wire[DNS_NAME_WIRE_MAX];
};

/* The name at msg[*pos], pointers followed (S007-W-31). Advances *pos behind it. */
bool dns_name_read(const uint8_t *msg, size_t len, size_t *pos, struct dns_name *out) NODISCARD;
/* "www.example.com" without dot at the end; "" is the root. */
bool dns_name_from_text(struct str text, struct dns_name *out) NODISCARD;
/* Lower-case text without dot at the end; bytes that no host name holds become '?'. */
struct str dns_name_text(const struct dns_name *n, char out[DNS_NAME_TEXT_MAX + 1]);
void dns_name_lower(struct dns_name *n);
bool dns_name_eq(const struct dns_name *a, const struct dns_name *b);	/* ASCII case apart */
bool dns_name_exact(const struct dns_name *a, const struct dns_name *b);
/* n is zone or stands below it; *at is the offset of zone's first label in n. */
bool dns_name_within(const struct dns_name *n, const struct dns_name *zone, size_t *at);
/* Every byte of every label is one of A-Z a-z 0-9 - _ (row 10, S007-W-07). */
bool dns_name_is_plain(const struct dns_name *n);
/* Names that never leave the host (S007-W-37), and malformed reverse names (S007-W-50). */
bool dns_name_is_special(const struct dns_name *n);
/* Draws random letter case from bits, one bit per letter (S007-W-24); bits has 32 bytes. */
void dns_name_mix_case(struct dns_name *n, const uint8_t bits[32]);

#define DNS_TYPE_TEXT_LEN 16
/* "AAAA"; TYPE<n> is written into room. */
struct str dns_type_name(uint16_t type, char room[DNS_TYPE_TEXT_LEN]);
/* From "AAAA" or "TYPE28", letter case ignored. */
bool dns_type_from_name(struct str name, uint16_t *out) NODISCARD;
bool dns_type_is_served(uint16_t type);	/* S007-W-12 */
/* How RDATA of type is made up, for dns_rr.c; NULL: unknown, opaque. */
const char *dns_type_format(uint16_t type);

#endif
