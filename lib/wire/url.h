/* url.h - hosts, authorities, absolute-form targets and paths, each in one canonical spelling
 *
 * Layer: wire.  Input: hostile.  Memory: fixed fields, output of the caller.  Threads: pure
 * functions. Spec: S006-WR-020..034.
 *
 * What comes out is what is judged, resolved and sent.  Anything with two readings is refused.
 */
#ifndef OC_WIRE_URL_H
#define OC_WIRE_URL_H

#include "base/buf.h"
#include "base/ip.h"

#define URL_HOST_MAX 253

struct url_host {
	char text[URL_HOST_MAX + 1];	/* lower case, no dot at the end; no brackets */
	uint8_t len;
	bool literal;			/* an IP address, in ip */
	struct ip ip;
};

struct url_authority {
	struct url_host host;
	uint16_t port;
};

/* A name of letters, digits, '-', '_' and dots, a dotted IPv4 address, or an IPv6 address in
 * brackets. Names that inet_aton() would take for an address are refused (S006-WR-026). */
bool url_host_parse(struct str s, struct url_host *out) NODISCARD;
/* host[:port]; default_port 0: the port is required. */
bool url_authority_parse(struct str s, uint16_t default_port, struct url_authority *out) NODISCARD;
bool url_host_eq(const struct url_host *a, const struct url_host *b);
bool url_authority_eq(const struct url_authority *a, const struct url_authority *b);
static inline struct str url_host_str(const struct url_host *h)
{
	return (struct str){ h->text, h->len };
}
/* For a Host field: brackets around IPv6, the port unless it is default_port. */
void url_authority_format(struct buf *b, const struct url_authority *a, uint16_t default_port);

/* "http://authority[/path][?query]": *rest is the part behind the authority, "" or starting with
 * '/' or '?'. Port 80 when absent. */
bool url_absolute_parse(struct str target, struct url_authority *out, struct str *rest) NODISCARD;

/* Writes the canonical path and query of raw ("", "/..." or "?...") to out, dot segments removed
 * (RFC 3986 section 5.2.4, "%2e" counts as dot): at most raw.len + 1 bytes; out must have room for
 * twice that, because the check works behind the result. False when it has not, or when raw holds
 * bytes that no target may hold, a broken escape, "%00", or a dot segment behind further encoding
 * (S006-WR-031..033). */
bool url_path_canonical(struct str raw, struct buf *out) NODISCARD;

#endif
