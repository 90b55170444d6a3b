/* ip.h - IPv4 and IPv6 addresses as one 16-byte value; prefixes; strict text forms
 *
 * Layer: base.  Memory: none.  Threads: pure functions.
 *
 * IPv4 is stored mapped (::ffff:a.b.c.d) with v4 set, so that a mapped IPv6 literal (v4 unset)
 * stays distinguishable from plain IPv4.
 */
#ifndef OC_BASE_IP_H
#define OC_BASE_IP_H

#include "base/buf.h"
#include "base/str.h"

struct ip {
	uint8_t b[16];
	bool v4;
};

struct cidr {
	struct ip net;
	uint8_t bits;	/* 0..32 for v4, 0..128 for v6 */
};

struct endpoint {
	struct ip ip;
	uint16_t port;
};

#define IP_TEXT_LEN 46		/* longest text and NUL */
#define ENDPOINT_TEXT_LEN 54	/* [ipv6]:port and NUL */

struct ip ip_v4(uint32_t host_order);
uint32_t ip_to_v4(struct ip a);			/* host order; only for v4 */
struct ip ip_from_bytes4(const uint8_t b[4]);
struct ip ip_from_bytes16(const uint8_t b[16]);
const uint8_t *ip_bytes(const struct ip *a, size_t *len);	/* 4 or 16 bytes, network order */
bool ip_eq(struct ip a, struct ip b);
bool ip_is_zero(struct ip a);
/* Strict: four decimal parts without leading zeros; RFC 4291 text without zone. Whole string. */
bool ip_parse(struct str s, struct ip *out) NODISCARD;
bool ip_parse_v4(struct str s, struct ip *out) NODISCARD;
bool ip_parse_v6(struct str s, struct ip *out) NODISCARD;
/* Canonical text (RFC 5952). */
void ip_format(struct buf *b, struct ip a);
const char *ip_text(struct ip a, char out[IP_TEXT_LEN]);
/* host bits may be set; keep net as written */
bool cidr_parse(struct str s, struct cidr *out) NODISCARD;
bool cidr_has(struct cidr c, struct ip a);			/* families must agree */
struct ip cidr_masked(struct cidr c);
/* "a.b.c.d:port", "[v6]:port"; without port: default_port (0 = required). Bare IPv6 when
 * default_port != 0. */
bool endpoint_parse(struct str s, uint16_t default_port, struct endpoint *out) NODISCARD;
void endpoint_format(struct buf *b, struct endpoint ep);
const char *endpoint_text(struct endpoint ep, char out[ENDPOINT_TEXT_LEN]);

#endif
