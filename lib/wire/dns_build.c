/* dns_build.c - replies to clients, each built from the query's values and accepted records
 *
 * Layer: wire.  Input: values of our own parsers.  Memory: the caller's.  Threads: pure functions.
 * Spec: S007-IF-006, FR-010, W-11, W-14, W-27, W-39, W-52; RFC 2308, 6891, 8482, 8914.
 */
#include <string.h>

#include "wire/dns.h"

#define OPT_LEN 11
#define EDE_HEAD_LEN 6	/* option code, length, info code */
#define EDE_OPTION 15

enum flag {
	FLAG_QR_RA = 0x8080,
	FLAG_AA = 0x0400,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	FLAG_CD = 0x0010,
};

struct reply {
	struct buf b;
	const struct dns_query *q;
	enum dns_rcode rcode;
};

/* Header, counts still zero, and the question in the client's letter case. AA is set in NXDOMAIN
 * and in nothing else. */
static struct reply reply_on(const struct dns_query *q, enum dns_rcode rcode, uint8_t *out,
			     size_t cap)
{
	struct reply r = { buf_on(out, cap), q, rcode };
	unsigned flags = FLAG_QR_RA | (unsigned)(q->opcode & 15) << 11 | ((unsigned)rcode & 15);

	flags |= rcode == DNS_RCODE_NXDOMAIN ? FLAG_AA : 0U;
	flags |= q->rd ? FLAG_RD : 0U;
	flags |= q->cd ? FLAG_CD : 0U;
	buf_add_be16(&r.b, q->id);
	buf_add_be16(&r.b, (uint16_t)flags);
	buf_add_be16(&r.b, q->has_question);
	buf_add_be16(&r.b, 0);
	buf_add_be32(&r.b, 0);
	if (q->has_question) {
		buf_add(&r.b, q->name.wire, q->name.len);
		buf_add_be16(&r.b, q->type);
		buf_add_be16(&r.b, q->class);
	}
	return r;
}

static void set_count(struct reply *r, size_t at, uint16_t count)
{
	buf_put_be16(&r->b, at, count);
}

/* OPT exactly if the query had one (W-14); the text of the error is left out first when the reply
 * would not fit (W-52). */
static size_t finish(struct reply *r, const struct dns_ede *ede)
{
	size_t room = r->b.cap - r->b.len;
	size_t ede_len = 0;

	if (!r->q->edns || room < OPT_LEN)
		return r->b.len;
	if (ede && ede->code && ede->text.len <= DNS_EDE_TEXT_MAX &&
	    room >= OPT_LEN + EDE_HEAD_LEN + ede->text.len)
		ede_len = EDE_HEAD_LEN + ede->text.len;
	buf_add_byte(&r->b, 0);
	buf_add_be16(&r->b, DNS_TYPE_OPT);
	buf_add_be16(&r->b, DNS_UDP_PAYLOAD_MAX);
	buf_add_byte(&r->b, (uint8_t)((unsigned)r->rcode >> 4));
	buf_add_byte(&r->b, 0);
	buf_add_be16(&r->b, r->q->dnssec_ok ? 0x8000 : 0);
	buf_add_be16(&r->b, (uint16_t)ede_len);
	if (ede_len) {
		buf_add_be16(&r->b, EDE_OPTION);
		buf_add_be16(&r->b, (uint16_t)(ede_len - 4));
		buf_add_be16(&r->b, ede->code);
		buf_add_str(&r->b, ede->text);
	}
	set_count(r, 10, 1);
	return r->b.len;
}

size_t dns_udp_limit(const struct dns_query *q)
{
	return q->edns ? MIN(q->payload, DNS_UDP_PAYLOAD_MAX) : DNS_UDP_PLAIN_MAX;
}

size_t dns_reply_rcode(const struct dns_query *q, enum dns_rcode rcode, const struct dns_ede *ede,
		       uint8_t *out, size_t cap)
{
	struct reply r = reply_on(q, rcode, out, cap);

	return finish(&r, ede);
}

size_t dns_reply_blocked(const struct dns_query *q, const struct dns_ede *ede, uint8_t *out,
			 size_t cap)
{
	static const char soa[] = "\2ns\7outcall\7invalid\0\12hostmaster\7outcall\7invalid";
	static const uint32_t numbers[] = { 1, 3600, 600, 86400, DNS_BLOCKED_TTL_S };
	struct reply r = reply_on(q, DNS_RCODE_NXDOMAIN, out, cap);
	size_t parent;

	if (!q->has_question)
		return finish(&r, ede);
	/* Owner: the question name without its first label, so that caches find it in bailiwick. */
	parent = q->name.len > 1 ? (size_t)q->name.wire[0] + 1 : 0;
	if (q->name.wire[parent] == 0)
		buf_add_byte(&r.b, 0);
	else
		buf_add_be16(&r.b, (uint16_t)(0xc000U + DNS_HEADER_LEN + parent));
	buf_add_be16(&r.b, DNS_TYPE_SOA);
	buf_add_be16(&r.b, DNS_CLASS_IN);
	buf_add_be32(&r.b, DNS_BLOCKED_TTL_S);
	buf_add_be16(&r.b, (uint16_t)(sizeof(soa) + sizeof(numbers)));
	buf_add(&r.b, soa, sizeof(soa));
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		buf_add_be32(&r.b, numbers[i]);
	set_count(&r, 8, 1);
	return finish(&r, ede);
}

size_t dns_reply_any(const struct dns_query *q, uint8_t *out, size_t cap)
{
	static const char hinfo[] = "\7RFC8482";	/* and an empty string: the NUL */
	struct reply r = reply_on(q, DNS_RCODE_NOERROR, out, cap);

	buf_add_be16(&r.b, 0xc000U + DNS_HEADER_LEN);
	buf_add_be16(&r.b, DNS_TYPE_HINFO);
	buf_add_be16(&r.b, DNS_CLASS_IN);
	buf_add_be32(&r.b, DNS_BLOCKED_TTL_S);
	buf_add_be16(&r.b, sizeof(hinfo));
	buf_add(&r.b, hinfo, sizeof(hinfo));
	set_count(&r, 6, 1);
	return finish(&r, NULL);
}

static bool is_stripped(const struct dns_serve *s, unsigned idx)
{
	return s->strip && (s->strip[idx / 64] >> (idx % 64) & 1);
}

struct kept {
	uint16_t an, ns;
};

/* Copies the records, TTLs counted down. Nothing points at a record that may be stripped
 * (dns_resp.c encodes so), hence what is left out leaves no hole. */
static struct kept add_records(struct reply *r, const struct dns_answer *a,
			       const struct dns_serve *s)
{
	struct kept kept = { 0, 0 };
	struct dns_rr rr;
	size_t pos = 0;

	for (uint16_t i = 0; dns_answer_next(a, &pos, i, &rr); i++) {
		/* Signatures over a reduced set cannot be valid (W-36). */
		if (is_stripped(s, i) || (s->strip && rr.covers && rr.covers == a->type))
			continue;
		buf_add(&r->b, a->body + rr.at, rr.ttl_at - rr.at);
		buf_add_be32(&r->b, rr.ttl_s > s->age_s ? rr.ttl_s - s->age_s : 0);
		buf_add(&r->b, a->body + rr.ttl_at + 4, rr.at + rr.len - rr.ttl_at - 4);
		if (rr.authority)
			kept.ns++;
		else
			kept.an++;
	}
	return kept;
}

size_t dns_reply_answer(const struct dns_query *q, const struct dns_answer *a,
			const struct dns_serve *s, uint8_t *out, size_t cap)
{
	/* Room for the OPT is set aside: it goes with a cut answer as well. */
	struct reply r = reply_on(q, a->rcode, out, cap - (q->edns ? OPT_LEN : 0));
	size_t bare = r.b.len;
	struct kept kept = { 0, 0 };

	if (q->has_question && a->name_len == q->name.len)
		kept = add_records(&r, a, s);
	if (!buf_ok(&r.b)) {	/* W-27: nothing is better than a part */
		r.b.overflow = false;
		r.b.len = bare;
		out[2] |= FLAG_TC >> 8;
		kept = (struct kept){ 0, 0 };
	}
	r.b.cap = cap;
	set_count(&r, 6, kept.an);
	set_count(&r, 8, kept.ns);
	return finish(&r, NULL);
}
