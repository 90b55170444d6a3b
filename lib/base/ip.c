/* ip.c - IPv4 and IPv6 addresses as one 16-byte value; prefixes; strict text forms
 *
 * Layer: base.  Input: hostile text.  Memory: none.  Threads: pure functions.
 * Spec: S006-WR-026, S006-WR-027, RFC 4291 section 2.2, RFC 5952.
 */
#include <string.h>

#include "base/ip.h"
#include "base/num.h"

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct ip ip_v4(uint32_t host_order)
{
	uint8_t b[4] = { (uint8_t)(host_order >> 24), (uint8_t)(host_order >> 16),
			 (uint8_t)(host_order >> 8), (uint8_t)host_order };

	return ip_from_bytes4(b);
}

uint32_t ip_to_v4(struct ip a)
{
	return (uint32_t)a.b[12] << 24 | (uint32_t)a.b[13] << 16 | (uint32_t)a.b[14] << 8 | a.b[15];
}

struct ip ip_from_bytes4(const uint8_t b[4])
{
	struct ip a = { .v4 = true };

	memcpy(a.b, mapped_prefix, 12);
	memcpy(a.b + 12, b, 4);
	return a;
}

struct ip ip_from_bytes16(const uint8_t b[16])
{
	struct ip a = { .v4 = false };

	memcpy(a.b, b, 16);
	return a;
}

const uint8_t *ip_bytes(const struct ip *a, size_t *len)
{
	*len = a->v4 ? 4 : 16;
	return a->v4 ? a->b + 12 : a->b;
}

bool ip_eq(struct ip a, struct ip b)
{
	return a.v4 == b.v4 && memcmp(a.b, b.b, 16) == 0;
}

bool ip_is_zero(struct ip a)
{
	static const uint8_t zero[16];
	size_t len;
	const uint8_t *p = ip_bytes(&a, &len);

	return memcmp(p, zero, len) == 0;
}

bool ip_parse_v4(struct str s, struct ip *out)
{
	uint8_t b[4];
	struct str part;
	int n = 0;

	while (str_split(&s, '.', &part)) {
		uint64_t v;

		if (n == 4 || part.len > 3 || !num_u64(part, 255, &v) ||
		    (part.len > 1 && part.p[0] == '0'))
			return false;
		b[n++] = (uint8_t)v;
	}
	if (n != 4)
		return false;
	*out = ip_from_bytes4(b);
	return true;
}

/* Reads colon-separated groups of s into b, at most room bytes; a dotted IPv4 may end it.
 * Returns the number of bytes, or -1. The empty string has none. */
static int read_groups(struct str s, uint8_t *b, int room)
{
	struct str part;
	int n = 0;

	if (s.len == 0)
		return 0;
	while (str_split(&s, ':', &part)) {
		uint64_t v;
		struct ip v4;

		if (!s.p && str_find_byte(part, '.') != SIZE_MAX) {
			if (room - n < 4 || !ip_parse_v4(part, &v4))
				return -1;
			memcpy(b + n, v4.b + 12, 4);
			return n + 4;
		}
		if (room - n < 2 || part.len > 4 || !num_hex(part, 0xffff, &v))
			return -1;
		b[n++] = (uint8_t)(v >> 8);
		b[n++] = (uint8_t)v;
	}
	return n;
}

bool ip_parse_v6(struct str s, struct ip *out)
{
	uint8_t head[16] = { 0 }, tail[16];
	size_t gap = str_find(s, STR("::"));
	int n, m = 0;

	if (s.len < 2 || s.len >= IP_TEXT_LEN)
		return false;
	n = read_groups(str_first(s, gap), head, 16);
	if (gap == SIZE_MAX) {
		if (n != 16)
			return false;
	} else {
		if (n < 0 || n > 14 || str_find_byte(str_first(s, gap), '.') != SIZE_MAX)
			return false;
		m = read_groups(str_from(s, gap + 2), tail, 14 - n);
		if (m < 0)
			return false;
		memcpy(head + 16 - m, tail, (size_t)m);
	}
	*out = ip_from_bytes16(head);
	return true;
}

bool ip_parse(struct str s, struct ip *out)
{
	return str_find_byte(s, ':') == SIZE_MAX ? ip_parse_v4(s, out) : ip_parse_v6(s, out);
}

/* The longest run of at least two zero groups: *len 0 if there is none (RFC 5952 section 4.2). */
static int longest_zero_run(const uint16_t g[8], int *len)
{
	int best = 0;

	*len = 0;
	for (int i = 0; i < 8; i++) {
		int n = 0;

		while (i + n < 8 && g[i + n] == 0)
			n++;
		if (n > *len && n > 1) {
			best = i;
			*len = n;
		}
		i += n;
	}
	return best;
}

static void format_v6(struct buf *b, const uint8_t *p)
{
	uint16_t g[8];
	int run_len, run;

	for (int i = 0; i < 8; i++)
		g[i] = (uint16_t)((unsigned)p[2 * i] << 8 | p[2 * i + 1]);
	run = longest_zero_run(g, &run_len);
	if (memcmp(p, mapped_prefix, 12) == 0) {
		buf_printf(b, "::ffff:%u.%u.%u.%u", p[12], p[13], p[14], p[15]);
		return;
	}
	for (int i = 0; i < 8; i++) {
		if (run_len && i == run) {
			buf_add_c(b, "::");
			i += run_len - 1;
			continue;
		}
		if (i && !(run_len && i == run + run_len))
			buf_add_byte(b, ':');
		buf_printf(b, "%x", g[i]);
	}
}

void ip_format(struct buf *b, struct ip a)
{
	if (!a.v4) {
		format_v6(b, a.b);
		return;
	}
	for (int i = 12; i < 16; i++) {
		buf_add_u64(b, a.b[i]);
		if (i < 15)
			buf_add_byte(b, '.');
	}
}

const char *ip_text(struct ip a, char out[IP_TEXT_LEN])
{
	struct buf b = buf_on(out, IP_TEXT_LEN);

	ip_format(&b, a);
	return buf_c(&b);
}

bool cidr_parse(struct str s, struct cidr *out)
{
	size_t slash = str_find_byte(s, '/');
	struct str bits_text = str_from(s, slash == SIZE_MAX ? s.len : slash + 1);
	struct ip net;
	uint64_t bits;

	if (slash == SIZE_MAX || !ip_parse(str_first(s, slash), &net))
		return false;
	if (bits_text.len > 3 || (bits_text.len > 1 && bits_text.p[0] == '0') ||
	    !num_u64(bits_text, net.v4 ? 32 : 128, &bits))
		return false;
	*out = (struct cidr){ net, (uint8_t)bits };
	return true;
}

struct ip cidr_masked(struct cidr c)
{
	size_t keep = c.bits + (c.net.v4 ? (size_t)96 : 0);

	for (size_t i = 0; i < 16; i++) {
		if (keep >= 8 * (i + 1))
			continue;
		if (keep <= 8 * i)
			c.net.b[i] = 0;
		else
			c.net.b[i] &= (uint8_t)(0xff << (8 * (i + 1) - keep));
	}
	return c.net;
}

bool cidr_has(struct cidr c, struct ip a)
{
	struct cidr other = { a, c.bits };

	return a.v4 == c.net.v4 && ip_eq(cidr_masked(c), cidr_masked(other));
}

static bool port_parse(struct str s, uint16_t *port)
{
	uint64_t v;

	if (s.len > 5 || (s.len && s.p[0] == '0') || !num_u64(s, 65535, &v))
		return false;
	*port = (uint16_t)v;
	return true;
}

bool endpoint_parse(struct str s, uint16_t default_port, struct endpoint *out)
{
	struct endpoint ep = { .port = default_port };
	struct str host = s, port = { NULL, 0 };
	size_t at;

	if (s.len && s.p[0] == '[') {
		at = str_find_byte(s, ']');
		if (at == SIZE_MAX)
			return false;
		host = str_from(str_first(s, at), 1);
		port = str_from(s, at + 1);
		if (port.len && port.p[0] != ':')
			return false;
		port = port.len ? str_from(port, 1) : (struct str){ NULL, 0 };
		if (!ip_parse_v6(host, &ep.ip) || (at + 2 == s.len))
			return false;
	} else {
		at = str_find_byte(s, ':');
		if (at != SIZE_MAX && str_rfind_byte(s, ':') != at) {	/* bare IPv6 */
			if (default_port == 0 || !ip_parse_v6(s, &ep.ip))
				return false;
		} else {
			host = str_first(s, at);
			port = at == SIZE_MAX ? port : str_from(s, at + 1);
			if (!ip_parse_v4(host, &ep.ip) || (at != SIZE_MAX && port.len == 0))
				return false;
		}
	}
	if (port.len ? !port_parse(port, &ep.port) : default_port == 0)
		return false;
	*out = ep;
	return true;
}

void endpoint_format(struct buf *b, struct endpoint ep)
{
	if (!ep.ip.v4)
		buf_add_byte(b, '[');
	ip_format(b, ep.ip);
	if (!ep.ip.v4)
		buf_add_byte(b, ']');
	buf_add_byte(b, ':');
	buf_add_u64(b, ep.port);
}

const char *endpoint_text(struct endpoint ep, char out[ENDPOINT_TEXT_LEN])
{
	struct buf b = buf_on(out, ENDPOINT_TEXT_LEN);

	endpoint_format(&b, ep);
	return buf_c(&b);
}
