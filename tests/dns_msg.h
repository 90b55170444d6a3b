/* dns_msg.h - DNS messages put together by hand for tests: queries, responses, reading replies
 *
 * Names are texts ("www.example.com"); "@12" stands for a pointer to offset 12.
 */
#ifndef OC_TESTS_DNS_MSG_H
#define OC_TESTS_DNS_MSG_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/dns.h"

#define D_MAYBE __attribute__((unused))

struct dm {
	uint8_t bytes[65535];
	struct buf b;
};

D_MAYBE static void dm_name(struct buf *b, const char *text)
{
	struct dns_name n;

	if (text[0] == '@') {
		buf_add_be16(b, (uint16_t)(0xc000U | (unsigned)strtoul(text + 1, NULL, 10)));
		return;
	}
	if (!dns_name_from_text(str_of(text), &n))
		abort();
	buf_add(b, n.wire, n.len);
}

/* Header: flags as a whole, counts zero. */
D_MAYBE static void dm_start(struct dm *m, uint16_t id, uint16_t flags)
{
	m->b = buf_on(m->bytes, sizeof(m->bytes));
	buf_add_be16(&m->b, id);
	buf_add_be16(&m->b, flags);
	buf_add_be32(&m->b, 0);
	buf_add_be32(&m->b, 0);
}

D_MAYBE static unsigned dm_be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

/* section 0: questions ... 3: additional */
D_MAYBE static void dm_count(struct dm *m, unsigned section)
{
	size_t at = 4 + 2 * (size_t)section;

	buf_put_be16(&m->b, at, (uint16_t)(dm_be16(m->bytes + at) + 1));
}

D_MAYBE static void dm_question(struct dm *m, const char *name, uint16_t type)
{
	dm_name(&m->b, name);
	buf_add_be16(&m->b, type);
	buf_add_be16(&m->b, 1);
	dm_count(m, 0);
}

D_MAYBE static void dm_rr(struct dm *m, unsigned section, const char *owner, uint16_t type,
			  uint32_t ttl, const void *rdata, size_t len)
{
	dm_name(&m->b, owner);
	buf_add_be16(&m->b, type);
	buf_add_be16(&m->b, 1);
	buf_add_be32(&m->b, ttl);
	buf_add_be16(&m->b, (uint16_t)len);
	buf_add(&m->b, rdata, len);
	dm_count(m, section);
}

D_MAYBE static void dm_rr_name(struct dm *m, unsigned section, const char *owner, uint16_t type,
			       uint32_t ttl, const char *target)
{
	char mem[300];
	struct buf b = buf_on(mem, sizeof(mem));

	dm_name(&b, target);
	dm_rr(m, section, owner, type, ttl, mem, b.len);
}

D_MAYBE static void dm_a(struct dm *m, const char *owner, uint32_t ttl, const char *addr)
{
	struct ip ip;

	if (!ip_parse(str_of(addr), &ip))
		abort();
	size_t len;
	const uint8_t *p = ip_bytes(&ip, &len);
	dm_rr(m, 1, owner, len == 4 ? 1 : 28, ttl, p, len);
}

D_MAYBE static void dm_soa(struct dm *m, const char *owner, uint32_t ttl, uint32_t minimum)
{
	char mem[600];
	struct buf b = buf_on(mem, sizeof(mem));

	dm_name(&b, "ns.example.com");
	dm_name(&b, "root.example.com");
	for (unsigned i = 1; i <= 4; i++)
		buf_add_be32(&b, i);
	buf_add_be32(&b, minimum);
	dm_rr(m, 2, owner, 6, ttl, mem, b.len);
}

/* An RRSIG over a type, with a made-up signature. */
D_MAYBE static void dm_rrsig(struct dm *m, unsigned section, const char *owner, uint16_t covers,
			     uint32_t ttl)
{
	char mem[100];
	struct buf b = buf_on(mem, sizeof(mem));

	buf_add_be16(&b, covers);
	for (unsigned i = 0; i < 8; i++)
		buf_add_be16(&b, (uint16_t)i);
	dm_name(&b, "example.com");
	buf_add_c(&b, "signature");
	dm_rr(m, section, owner, 46, ttl, mem, b.len);
}

D_MAYBE static void dm_opt(struct dm *m, uint16_t payload, uint8_t version, uint16_t flags)
{
	buf_add_byte(&m->b, 0);
	buf_add_be16(&m->b, 41);
	buf_add_be16(&m->b, payload);
	buf_add_byte(&m->b, 0);
	buf_add_byte(&m->b, version);
	buf_add_be16(&m->b, flags);
	buf_add_be16(&m->b, 0);
	dm_count(m, 3);
}

/* ---- reading replies: one line of text per record ---- */

D_MAYBE static size_t dm_read_name(const uint8_t *msg, size_t len, size_t at, char text[256])
{
	struct dns_name n;

	if (!dns_name_read(msg, len, &at, &n))
		abort();
	memcpy(text, "", 1);
	(void)dns_name_text(&n, text);
	return at;
}

D_MAYBE static void dm_print_rdata(struct buf *b, const uint8_t *msg, size_t len, unsigned type,
				   size_t at, size_t rdlen)
{
	char name[256];

	if (type == 1 || type == 28)
		ip_format(b, type == 1 ? ip_from_bytes4(msg + at) : ip_from_bytes16(msg + at));
	else if (type == 2 || type == 5 || type == 12 || type == 39)
		dm_read_name(msg, len, at, name), buf_add_c(b, name);
	else if (type == 46)
		buf_printf(b, "%u", dm_be16(msg + at));
	else if (type == 6)
		buf_printf(b, "soa");
	else
		for (size_t i = 0; i < rdlen; i++)
			buf_printf(b, "%02x", msg[at + i]);
}

/* "rcode=3 aa tc | www.x A | an x 60 A 1.2.3.4 | ns ... | opt 1232 ..." */
D_MAYBE static const char *dm_print(const uint8_t *msg, size_t len, char *out, size_t cap)
{
	static const char *const sections[] = { "an", "ns", "ar" };
	struct buf b = buf_on(out, cap);
	unsigned flags = dm_be16(msg + 2);
	size_t at = 12;
	char name[256];
	char room[DNS_TYPE_TEXT_LEN];

	buf_printf(&b, "rcode=%u%s%s", flags & 15, flags & 0x400 ? " aa" : "",
		   flags & 0x200 ? " tc" : "");
	if (dm_be16(msg + 4)) {
		at = dm_read_name(msg, len, at, name);
		buf_printf(&b, " | %s ", name);
		buf_add_str(&b, dns_type_name((uint16_t)dm_be16(msg + at), room));
		at += 4;
	}
	for (unsigned s = 0; s < 3; s++) {
		for (unsigned i = 0; i < dm_be16(msg + 6 + 2 * s); i++) {
			at = dm_read_name(msg, len, at, name);
			unsigned type = dm_be16(msg + at);
			unsigned rdlen = dm_be16(msg + at + 8);
			if (type == 41) {
				buf_printf(&b, " | opt %u", dm_be16(msg + at + 2));
				if (msg[at + 4])
					buf_printf(&b, " ext=%u", msg[at + 4]);
				if (msg[at + 6] & 0x80)
					buf_printf(&b, " do");
				if (rdlen >= 6)
					buf_printf(&b, " ede=%u \"%.*s\"", dm_be16(msg + at + 14),
						   (int)rdlen - 6, (const char *)msg + at + 16);
			} else {
				buf_printf(&b, " | %s %s %u ", sections[s], name,
					   dm_be16(msg + at + 4) << 16 | dm_be16(msg + at + 6));
				buf_add_str(&b, dns_type_name((uint16_t)type, room));
				buf_printf(&b, " ");
				dm_print_rdata(&b, msg, len, type, at + 10, rdlen);
			}
			at += 10 + rdlen;
		}
	}
	if (at != len)
		buf_printf(&b, " | %zu bytes behind the end", len - at);
	return buf_c(&b);
}

#endif
