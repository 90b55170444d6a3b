/* dns_rdata.c - RDATA of foreign records: checked by type, names decompressed, services scrubbed
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's.  Threads: pure functions.
 * Spec: S007-W-32, W-38; decisions D5; RFC 1035, 3597, 9460.
 *
 * Service records lose everything that would lead a client past the filter: keys of encrypted
 * ClientHellos, address hints, other resolvers, QUIC.
 */
#include <string.h>

#include "base/cur.h"
#include "wire/dns_rdata.h"

enum svc_key {
	SVC_MANDATORY = 0,
	SVC_ALPN = 1,
	SVC_NO_DEFAULT_ALPN = 2,
	SVC_PORT = 3,
	SVC_IPV4HINT = 4,
	SVC_ECH = 5,
	SVC_IPV6HINT = 6,
	SVC_DOHPATH = 7,
	SVC_OHTTP = 8,
	SVC_DOCPATH = 10,	/* DNS over CoAP: another resolver, like dohpath */
	SVC_INVALID = 65535,
};

struct svc {			/* what a walk over the parameters found */
	struct str params;	/* all of them, well formed, keys ascending */
	struct str mandatory;
	bool has_mandatory, has_alpn, no_default_alpn;
	bool alpn_left;		/* a protocol other than h3 is offered */
	bool alpn_cut;
	bool cut;		/* a parameter is dropped */
};

static bool is_dropped_key(unsigned key)
{
	return key == SVC_IPV4HINT || key == SVC_ECH || key == SVC_IPV6HINT || key == SVC_DOHPATH ||
	       key == SVC_OHTTP || key == SVC_DOCPATH;
}

static bool is_quic(struct str protocol)
{
	return str_starts(protocol, STR("h3"));
}

/* A list of length-prefixed strings, none empty. */
static bool scan_alpn(struct str value, struct svc *s)
{
	struct cur c = cur_on(value.p, value.len);

	s->has_alpn = true;
	while (cur_left(&c)) {
		struct str protocol = cur_take(&c, cur_u8(&c));

		if (!cur_ok(&c) || !protocol.len)
			return false;
		if (is_quic(protocol))
			s->alpn_cut = true;
		else
			s->alpn_left = true;
	}
	return value.len > 0;
}

static bool scan_value(unsigned key, struct str value, struct svc *s)
{
	switch (key) {
	case SVC_MANDATORY:
		s->has_mandatory = true;
		s->mandatory = value;
		return value.len > 0 && value.len % 2 == 0;
	case SVC_ALPN:
		return scan_alpn(value, s);
	case SVC_NO_DEFAULT_ALPN:
		s->no_default_alpn = true;
		return value.len == 0;
	case SVC_PORT:
		return value.len == 2;
	case SVC_IPV4HINT:
		return value.len > 0 && value.len % 4 == 0;
	case SVC_IPV6HINT:
		return value.len > 0 && value.len % 16 == 0;
	case SVC_OHTTP:
		return value.len == 0;
	default:	/* the registry is open-ended */
		return key != SVC_INVALID;
	}
}

static bool scan_params(struct cur *c, struct svc *s)
{
	long last = -1;

	s->params = (struct str){ (const char *)c->p + c->pos, cur_left(c) };
	while (cur_left(c)) {
		unsigned key = cur_be16(c);
		struct str value = cur_take(c, cur_be16(c));

		if (!cur_ok(c) || (long)key <= last || !scan_value(key, value, s))
			return false;
		last = (long)key;
		s->cut |= is_dropped_key(key);
	}
	return true;
}

static bool has_param(const struct svc *s, unsigned wanted)
{
	struct cur c = cur_on(s->params.p, s->params.len);

	while (cur_left(&c)) {
		unsigned key = cur_be16(&c);

		cur_skip(&c, cur_be16(&c));
		if (key == wanted)
			return true;
	}
	return false;
}

/* Every key that a client must understand is there, ascending, and is passed on. */
static bool mandatory_holds(const struct svc *s)
{
	struct cur c = cur_on(s->mandatory.p, s->mandatory.len);
	unsigned last = SVC_MANDATORY;

	while (cur_left(&c)) {
		unsigned key = cur_be16(&c);

		if (key <= last || is_dropped_key(key) || !has_param(s, key) ||
		    (key == SVC_ALPN && !s->alpn_left))
			return false;
		last = key;
	}
	return true;
}

static void add_alpn(struct str value, struct buf *out)
{
	struct cur c = cur_on(value.p, value.len);
	size_t len_at = out->len;

	buf_add_be16(out, 0);
	while (cur_left(&c)) {
		struct str protocol = cur_take(&c, cur_u8(&c));

		if (is_quic(protocol))
			continue;
		buf_add_byte(out, (uint8_t)protocol.len);
		buf_add_str(out, protocol);
	}
	if (buf_ok(out))
		buf_put_be16(out, len_at, (uint16_t)(out->len - len_at - 2));
}

static void add_params(const struct svc *s, struct buf *out)
{
	struct cur c = cur_on(s->params.p, s->params.len);

	while (cur_left(&c)) {
		uint16_t key = cur_be16(&c);
		struct str value = cur_take(&c, cur_be16(&c));

		if (is_dropped_key(key) || (key == SVC_ALPN && !s->alpn_left))
			continue;
		buf_add_be16(out, key);
		if (key == SVC_ALPN) {
			add_alpn(value, out);
			continue;
		}
		buf_add_be16(out, (uint16_t)value.len);
		buf_add_str(out, value);
	}
}

static enum dns_rdata_copied copy_svc(const struct dns_rdata *d, struct buf *out)
{
	struct svc s = { .params = { NULL, 0 } };
	struct dns_name target;
	size_t pos = d->at + 2;
	bool is_alias;

	if (d->len < 3 || !dns_name_read(d->msg, d->at + d->len, &pos, &target))
		return DNS_RDATA_DROP;
	is_alias = d->msg[d->at] == 0 && d->msg[d->at + 1] == 0;
	buf_add(out, d->msg + d->at, 2);
	buf_add(out, target.wire, target.len);

	struct cur c = cur_on(d->msg + pos, d->at + d->len - pos);
	if (!scan_params(&c, &s) || (s.has_mandatory && !mandatory_holds(&s)))
		return DNS_RDATA_DROP;
	if (is_alias)	/* parameters of an alias mean nothing (RFC 9460 2.4.2) */
		return s.params.len ? DNS_RDATA_CHANGED : DNS_RDATA_SAME;
	if (s.no_default_alpn && !s.alpn_left)
		return DNS_RDATA_DROP;	/* no protocol would be left */
	add_params(&s, out);
	return s.cut || s.alpn_cut ? DNS_RDATA_CHANGED : DNS_RDATA_SAME;
}

static bool copy_name(const struct dns_rdata *d, size_t *pos, struct buf *out)
{
	struct dns_name n;

	/* The name must end inside the RDATA; what pointers lead to lies anywhere before it. */
	if (!dns_name_read(d->msg, d->at + d->len, pos, &n))
		return false;
	buf_add(out, n.wire, n.len);
	return true;
}

static bool copy_bytes(const struct dns_rdata *d, size_t *pos, size_t len, struct buf *out)
{
	if (len > d->at + d->len - *pos)
		return false;
	buf_add(out, d->msg + *pos, len);
	*pos += len;
	return true;
}

static bool copy_string(const struct dns_rdata *d, size_t *pos, struct buf *out)
{
	return *pos < d->at + d->len && copy_bytes(d, pos, (size_t)d->msg[*pos] + 1, out);
}

/* One item of a format; see the table in dns_name.c. */
static bool copy_item(const struct dns_rdata *d, char item, size_t *pos, struct buf *out)
{
	size_t end = d->at + d->len;

	switch (item) {
	case 'n':
		return copy_name(d, pos, out);
	case 's':
		return copy_string(d, pos, out);
	case 't':
		do {
			if (!copy_string(d, pos, out))
				return false;
		} while (*pos < end);
		return true;
	case 'x':
		return copy_bytes(d, pos, end - *pos, out);
	case 'A':
		return copy_bytes(d, pos, 16, out);
	case 'R':
		return copy_bytes(d, pos, 18, out);
	case 'S':
		return copy_bytes(d, pos, 20, out);
	default:
		return copy_bytes(d, pos, (size_t)(item - '0'), out);
	}
}

enum dns_rdata_copied dns_rdata_copy(const struct dns_rdata *d, struct buf *out)
{
	const char *format = dns_type_format(d->type);
	size_t pos = d->at;

	if (!format)
		format = "x";	/* RFC 3597 */
	if (*format == 'v')
		return copy_svc(d, out);
	for (; *format; format++)
		if (!copy_item(d, *format, &pos, out))
			return DNS_RDATA_BAD;
	return pos == d->at + d->len ? DNS_RDATA_SAME : DNS_RDATA_BAD;
}
