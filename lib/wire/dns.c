/* dns.c - DNS queries of clients: the strict front door (order of work, rows 1 and 4 to 10)
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's.  Threads: pure functions.
 * Spec: S007-FR-007, EC-004, EC-009, W-01..W-07, W-09..W-12, W-14, W-37; RFC 1035, 6891, 9619.
 *
 * A query has one question in plain labels and at most one OPT, and nothing else: what is not
 * understood in full is not answered in part.
 */
#include <string.h>

#include "base/cur.h"
#include "wire/dns.h"

enum flag {
	FLAG_QR = 0x8000,
	FLAG_TC = 0x0200,
	FLAG_RD = 0x0100,
	FLAG_CD = 0x0010,
};

struct counts {
	uint16_t qd, an, ns, ar;
};

enum name_state { NAME_BAD = 0, NAME_LONG, NAME_GOOD };

bool dns_query_is_one(const uint8_t *msg, size_t len)
{
	return len >= DNS_HEADER_LEN && len <= DNS_QUERY_MAX && !(msg[2] & FLAG_QR >> 8);
}

/* A name of plain labels; a compression pointer in a question is an error (S007-W-06). */
static enum name_state question_name(struct cur *c, struct dns_name *out)
{
	size_t n = 0;
	bool is_long = false;

	for (;;) {
		uint8_t label = cur_u8(c);
		struct str bytes = cur_take(c, label);

		if (!cur_ok(c) || label > 63)
			return NAME_BAD;
		if (is_long || (size_t)label + 1 > DNS_NAME_WIRE_MAX - n) {
			is_long = true;	/* row 6 goes before row 7: read on */
		} else {
			out->wire[n] = label;
			if (label)
				memcpy(out->wire + n + 1, bytes.p, label);
			n += (size_t)label + 1;
		}
		if (label == 0)
			break;
	}
	if (is_long)
		return NAME_LONG;
	out->len = (uint8_t)n;
	return NAME_GOOD;
}

static bool options_are_whole(struct cur rdata)
{
	while (cur_left(&rdata)) {
		cur_skip(&rdata, 2);
		cur_skip(&rdata, cur_be16(&rdata));
		if (!cur_ok(&rdata))
			return false;
	}
	return true;
}

static void fail(struct dns_query *q, enum dns_rcode rcode)
{
	q->rcode = (uint8_t)rcode;
}

/* The additional section: nothing, or one OPT (S007-W-05, W-14). False: FORMERR or BADVERS. */
static bool read_additional(struct cur *c, unsigned count, struct dns_query *q)
{
	uint16_t payload, flags;
	uint8_t version;

	if (count == 0) {
		if (cur_left(c))
			fail(q, DNS_RCODE_FORMERR);
		return cur_left(c) == 0;
	}
	fail(q, DNS_RCODE_FORMERR);
	if (cur_u8(c) != 0 || cur_be16(c) != DNS_TYPE_OPT)
		return false;
	payload = cur_be16(c);
	cur_skip(c, 1);		/* extended rcode: means nothing in a query */
	version = cur_u8(c);
	flags = cur_be16(c);
	struct cur rdata = cur_sub(c, cur_be16(c));
	if (!cur_ok(c) || cur_left(c) || !options_are_whole(rdata))
		return false;
	q->edns = true;
	q->payload = MAX(payload, DNS_UDP_PLAIN_MAX);
	q->dnssec_ok = flags >> 15 != 0;
	if (version > 0)
		fail(q, DNS_RCODE_BADVERS);
	return version == 0;
}

/* Row 9 */
static bool is_served(struct dns_query *q)
{
	if (q->class != DNS_CLASS_IN || q->type == DNS_TYPE_AXFR || q->type == DNS_TYPE_IXFR)
		fail(q, DNS_RCODE_REFUSED);
	else if (q->type != DNS_TYPE_ANY && !dns_type_is_served(q->type))
		fail(q, DNS_RCODE_NOTIMP);
	else
		return true;
	return false;
}

static enum dns_query_kind judge_body(struct cur *c, const struct counts *n, struct dns_query *q)
{
	bool counts_fit = n->qd == 1 && n->an == 0 && n->ns == 0 && n->ar <= 1;
	enum name_state name = n->qd == 1 ? question_name(c, &q->name) : NAME_BAD;

	q->type = cur_be16(c);
	q->class = cur_be16(c);
	q->has_question = name == NAME_GOOD && cur_ok(c);
	if (q->opcode != 0) {
		fail(q, DNS_RCODE_NOTIMP);
		return DNS_QUERY_ERROR;
	}
	if (!counts_fit || q->rcode) {
		fail(q, DNS_RCODE_FORMERR);
		return DNS_QUERY_ERROR;
	}
	if (name == NAME_BAD || !cur_ok(c))
		return DNS_QUERY_DROP;
	if (name == NAME_LONG) {
		fail(q, DNS_RCODE_FORMERR);
		return DNS_QUERY_ERROR;
	}
	if (!read_additional(c, n->ar, q))
		return DNS_QUERY_ERROR;
	if (!is_served(q))
		return DNS_QUERY_UNSERVED;
	if (!dns_name_is_plain(&q->name) || dns_name_is_special(&q->name))
		return DNS_QUERY_BAD_NAME;
	return DNS_QUERY_OK;
}

enum dns_query_kind dns_query_parse(const uint8_t *msg, size_t len, struct dns_query *q)
{
	struct cur c = cur_on(msg, len);
	struct counts n;
	uint16_t flags;

	if (!dns_query_is_one(msg, len))
		return DNS_QUERY_DROP;
	q->id = cur_be16(&c);
	flags = cur_be16(&c);
	q->opcode = (uint8_t)(flags >> 11 & 15);
	q->rd = flags & FLAG_RD;
	q->cd = flags & FLAG_CD;
	q->rcode = flags & FLAG_TC ? DNS_RCODE_FORMERR : DNS_RCODE_NOERROR;
	q->payload = DNS_UDP_PLAIN_MAX;
	q->edns = q->dnssec_ok = q->has_question = false;
	n.qd = cur_be16(&c);
	n.an = cur_be16(&c);
	n.ns = cur_be16(&c);
	n.ar = cur_be16(&c);
	return judge_body(&c, &n, q);
}
