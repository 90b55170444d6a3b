/* dns_resp.c - exchanges with an upstream: the query we send, the part of its response we accept
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's.  Threads: pure functions.
 * Spec: S007-W-20, W-22, W-24, W-26, W-29, W-31..W-35, W-38, W-39, W-41; RFC 2181, 2308, 6672.
 *
 * Theory of operation.  The whole response is walked once and every record noted (at most
 * DNS_RECORDS_MAX, whatever the counts say).  Then the alias chain is followed from the question
 * name, and the records are re-encoded in this order: aliases, their signatures, the asked set, its
 * signatures, authority.  Owners are pointers into the question or into the target of an alias,
 * which are never stripped later; nothing points at any other record.
 */
#include <string.h>

#include "base/cur.h"
#include "wire/dns_rdata.h"

#define FLAG_QR 0x8000U
#define FLAG_TC 0x0200U
#define FLAG_RD 0x0100U
#define FLAG_CD 0x0010U
#define OPCODE_MASK 0x7800U
#define POINTER_MAX 0x3fffU

enum section { SECTION_ANSWER = 0, SECTION_AUTHORITY, SECTION_ADDITIONAL, SECTION_COUNT };

struct view {			/* one record of the response: offsets into the message */
	uint16_t owner, rdata, rdlen, type;
	uint16_t ttl_s, section;
};

struct resp {
	const uint8_t *msg;
	size_t len;
	const struct dns_ask *ask;
	struct dns_answer *a;
	struct buf out;
	unsigned rcode;			/* extended bits included */
	unsigned cnt;
	unsigned hops;			/* chain[hops] is the end of the chain */
	struct view rr[DNS_RECORDS_MAX];
	struct dns_name chain[DNS_CHAIN_MAX + 1];
	size_t chain_at[DNS_CHAIN_MAX + 1];	/* offset of that name in the reply to be */
};

size_t dns_ask_build(const struct dns_ask *ask, uint8_t out[DNS_ASK_MAX])
{
	struct buf b = buf_on(out, DNS_ASK_MAX);

	buf_add_be16(&b, ask->id);
	buf_add_be16(&b, (uint16_t)(FLAG_RD | (ask->cd ? FLAG_CD : 0U)));
	buf_add_be16(&b, 1);
	buf_add_be32(&b, 0);
	buf_add_be16(&b, ask->edns);
	buf_add(&b, ask->name.wire, ask->name.len);
	buf_add_be16(&b, ask->type);
	buf_add_be16(&b, DNS_CLASS_IN);
	if (ask->edns) {	/* no options: they are exfiltration bytes (W-20) */
		buf_add_byte(&b, 0);
		buf_add_be16(&b, DNS_TYPE_OPT);
		buf_add_be16(&b, DNS_UDP_PAYLOAD_MAX);
		buf_add_be16(&b, 0);
		buf_add_be16(&b, ask->dnssec_ok ? 0x8000 : 0);
		buf_add_be16(&b, 0);
	}
	CHECK(buf_ok(&b));
	return b.len;
}

enum dns_match dns_response_match(const uint8_t *msg, size_t len, const struct dns_ask *ask)
{
	struct cur c = cur_on(msg, len);
	struct dns_name name;
	size_t pos = DNS_HEADER_LEN;
	unsigned id = cur_be16(&c);
	unsigned flags = cur_be16(&c);
	unsigned qd = cur_be16(&c);

	if (len < DNS_HEADER_LEN || id != ask->id || !(flags & FLAG_QR) || (flags & OPCODE_MASK) ||
	    qd != 1 || !dns_name_read(msg, len, &pos, &name))
		return DNS_MATCH_NONE;
	cur_skip(&c, pos - c.pos);
	if (cur_be16(&c) != ask->type || cur_be16(&c) != DNS_CLASS_IN || !cur_ok(&c) ||
	    !dns_name_eq(&name, &ask->name))
		return DNS_MATCH_NONE;
	if (!ask->any_case && !dns_name_exact(&name, &ask->name))
		return DNS_MATCH_CASE;
	return flags & FLAG_TC ? DNS_MATCH_CUT : DNS_MATCH_YES;
}

static bool read_record(struct resp *r, size_t *pos, enum section section, unsigned *opts)
{
	struct dns_name owner;
	size_t at = *pos;
	struct cur c;
	uint16_t type, class;
	uint32_t ttl;

	if (!dns_name_read(r->msg, r->len, pos, &owner))
		return false;
	c = cur_on(r->msg, r->len);
	cur_skip(&c, *pos);
	type = cur_be16(&c);
	class = cur_be16(&c);
	ttl = cur_be32(&c);
	uint16_t rdlen = cur_be16(&c);
	size_t rdata = c.pos;
	cur_skip(&c, rdlen);
	if (!cur_ok(&c))
		return false;
	*pos = c.pos;
	if (type == DNS_TYPE_OPT) {
		r->rcode |= ttl >> 24 << 4;
		return section == SECTION_ADDITIONAL && owner.len == 1 && ++*opts == 1;
	}
	if (class != DNS_CLASS_IN || section == SECTION_ADDITIONAL)
		return true;	/* additional is dropped whole (W-34) */
	if (r->cnt == DNS_RECORDS_MAX)
		return false;
	if (ttl >> 31)
		ttl = 0;	/* RFC 2181 8 */
	r->rr[r->cnt++] = (struct view){ (uint16_t)at, (uint16_t)rdata, rdlen, type,
					 (uint16_t)MIN(ttl, DNS_TTL_MAX_S), (uint16_t)section };
	return true;
}

/* Every record of every section, exactly to the end of the message (W-31). */
static bool read_records(struct resp *r)
{
	struct cur c = cur_on(r->msg, r->len);
	size_t pos = (size_t)DNS_HEADER_LEN + r->ask->name.len + 4;
	unsigned counts[SECTION_COUNT];
	unsigned opts = 0;

	cur_skip(&c, 2);
	r->rcode = cur_be16(&c) & 15U;
	cur_skip(&c, 2);
	for (unsigned s = 0; s < SECTION_COUNT; s++)
		counts[s] = cur_be16(&c);
	for (unsigned s = 0; s < SECTION_COUNT; s++)
		for (unsigned i = 0; i < counts[s]; i++)
			if (!read_record(r, &pos, (enum section)s, &opts))
				return false;
	return pos == r->len;
}

static void name_at(const struct resp *r, size_t at, struct dns_name *out)
{
	/* The name was read before. */
	CHECK(dns_name_read(r->msg, r->len, &at, out));
}

static bool is_at(const struct resp *r, const struct view *v, enum section section, uint16_t type,
		  const struct dns_name *owner)
{
	struct dns_name name;

	if (v->section != section || v->type != type)
		return false;
	name_at(r, v->owner, &name);
	return dns_name_eq(&name, owner);
}

static uint16_t covered_type(const struct resp *r, const struct view *v)
{
	const uint8_t *p = r->msg + v->rdata;

	if (v->type != DNS_TYPE_RRSIG || v->rdlen < 2)
		return 0;
	return (uint16_t)((unsigned)p[0] << 8 | p[1]);
}

/* Owner and fixed part of a record, then its RDATA. owner_at 0: the name is written in full. */
static enum dns_rdata_copied add_record(struct resp *r, const struct view *v, size_t owner_at,
					uint16_t ttl_s)
{
	struct dns_rdata d = { r->msg, r->len, v->rdata, v->rdlen, v->type };
	enum dns_rdata_copied copied;
	size_t start = r->out.len;
	struct dns_name owner;
	size_t len_at;

	if (owner_at && owner_at <= POINTER_MAX) {
		buf_add_be16(&r->out, (uint16_t)(0xc000U | owner_at));
	} else {
		name_at(r, v->owner, &owner);
		buf_add(&r->out, owner.wire, owner.len);
	}
	buf_add_be16(&r->out, v->type);
	buf_add_be16(&r->out, DNS_CLASS_IN);
	buf_add_be32(&r->out, ttl_s);
	len_at = r->out.len;
	buf_add_be16(&r->out, 0);
	copied = dns_rdata_copy(&d, &r->out);
	if (copied == DNS_RDATA_BAD || copied == DNS_RDATA_DROP) {
		r->out.len = start;
		return copied;
	}
	if (!buf_ok(&r->out))
		return DNS_RDATA_BAD;
	buf_put_be16(&r->out, len_at, (uint16_t)(r->out.len - len_at - 2));
	r->a->ttl_s = MIN(r->a->ttl_s, ttl_s);
	if (v->section == SECTION_ANSWER)
		r->a->an_cnt++;
	else
		r->a->ns_cnt++;
	return copied;
}

static size_t reply_offset(const struct resp *r, size_t body_at)
{
	return (size_t)DNS_HEADER_LEN + r->ask->name.len + 4 + body_at;
}

/* The DNAME that made the alias from one name to the next, if it stands in the answer: owner is an
 * ancestor of from, and replacing that suffix gives to (RFC 6672 2.2). */
static const struct view *find_dname(const struct resp *r, unsigned hop, size_t *suffix_at)
{
	const struct dns_name *from = &r->chain[hop];
	const struct dns_name *to = &r->chain[hop + 1];

	for (unsigned i = 0; i < r->cnt; i++) {
		const struct view *v = &r->rr[i];
		struct dns_name owner, target;
		size_t pos = v->rdata;
		size_t at;

		if (v->section != SECTION_ANSWER || v->type != DNS_TYPE_DNAME)
			continue;
		name_at(r, v->owner, &owner);
		if (!dns_name_within(from, &owner, suffix_at) || *suffix_at == 0 ||
		    !dns_name_read(r->msg, (size_t)v->rdata + v->rdlen, &pos, &target))
			continue;
		if (dns_name_within(to, &target, &at) && at == *suffix_at &&
		    strncasecmp((const char *)to->wire, (const char *)from->wire, at) == 0)
			return v;
	}
	return NULL;
}

/* The one CNAME at the end of the chain. False: there are two (W-35). */
static bool find_cname(const struct resp *r, const struct view **found)
{
	*found = NULL;
	for (unsigned i = 0; i < r->cnt; i++) {
		if (!is_at(r, &r->rr[i], SECTION_ANSWER, DNS_TYPE_CNAME, &r->chain[r->hops]))
			continue;
		if (*found)
			return false;
		*found = &r->rr[i];
	}
	return true;
}

static bool in_chain(const struct resp *r, const struct dns_name *n)
{
	for (unsigned i = 0; i <= r->hops; i++)
		if (dns_name_eq(&r->chain[i], n))
			return true;
	return false;
}

static enum dns_accept add_alias(struct resp *r, const struct view *cname)
{
	struct dns_name *target = &r->chain[r->hops + 1];
	size_t pos = cname->rdata;
	size_t suffix_at;

	if (!dns_name_read(r->msg, (size_t)cname->rdata + cname->rdlen, &pos, target))
		return DNS_ACCEPT_BAD;
	if (in_chain(r, target))
		return DNS_ACCEPT_LOOP;
	const struct view *dname = find_dname(r, r->hops, &suffix_at);
	if (dname && add_record(r, dname, r->chain_at[r->hops] + suffix_at, dname->ttl_s) ==
			     DNS_RDATA_BAD)
		return DNS_ACCEPT_BAD;
	if (add_record(r, cname, r->chain_at[r->hops], cname->ttl_s) == DNS_RDATA_BAD)
		return DNS_ACCEPT_BAD;
	r->hops++;
	r->chain_at[r->hops] = reply_offset(r, r->out.len - target->len);
	r->a->has_hops = true;
	return DNS_ACCEPT_OK;
}

/* Follows aliases inside the message, at most DNS_CHAIN_MAX (W-35). */
static enum dns_accept follow_chain(struct resp *r)
{
	r->chain[0] = r->ask->name;
	dns_name_lower(&r->chain[0]);
	r->chain_at[0] = DNS_HEADER_LEN;
	if (r->ask->type == DNS_TYPE_CNAME)
		return DNS_ACCEPT_OK;
	for (;;) {
		const struct view *cname;

		if (!find_cname(r, &cname))
			return DNS_ACCEPT_LOOP;
		if (!cname)
			return DNS_ACCEPT_OK;
		if (r->hops == DNS_CHAIN_MAX)
			return DNS_ACCEPT_LOOP;
		enum dns_accept step = add_alias(r, cname);
		if (step != DNS_ACCEPT_OK)
			return step;
	}
}

static bool add_chain_signatures(struct resp *r)
{
	for (unsigned i = 0; i < r->cnt; i++) {
		const struct view *v = &r->rr[i];
		uint16_t covers = covered_type(r, v);
		struct dns_name owner;
		size_t at;

		if (v->section != SECTION_ANSWER ||
		    (covers != DNS_TYPE_CNAME && covers != DNS_TYPE_DNAME))
			continue;
		name_at(r, v->owner, &owner);
		for (unsigned hop = 0; hop < r->hops; hop++) {
			if (!dns_name_within(&r->chain[hop], &owner, &at) ||
			    (covers == DNS_TYPE_CNAME) != (at == 0))
				continue;
			if (add_record(r, v, r->chain_at[hop] + at, v->ttl_s) == DNS_RDATA_BAD)
				return false;
			break;
		}
	}
	return true;
}

/* The asked set at the end of the chain, with one TTL (W-39), and its signatures unless a record
 * had to be changed or dropped (W-38). *seen: there was such a set. */
static bool add_asked_set(struct resp *r, bool *seen)
{
	const struct dns_name *end = &r->chain[r->hops];
	size_t end_at = r->chain_at[r->hops];
	uint16_t ttl_s = DNS_TTL_MAX_S;
	bool whole = true;

	for (unsigned i = 0; i < r->cnt; i++)
		if (is_at(r, &r->rr[i], SECTION_ANSWER, r->ask->type, end))
			ttl_s = MIN(ttl_s, r->rr[i].ttl_s);
	for (unsigned i = 0; i < r->cnt; i++) {
		if (!is_at(r, &r->rr[i], SECTION_ANSWER, r->ask->type, end))
			continue;
		enum dns_rdata_copied copied = add_record(r, &r->rr[i], end_at, ttl_s);
		if (copied == DNS_RDATA_BAD)
			return false;
		whole = whole && copied == DNS_RDATA_SAME;
		*seen = true;
	}
	for (unsigned i = 0; *seen && whole && r->ask->dnssec_ok && i < r->cnt; i++)
		if (covered_type(r, &r->rr[i]) == r->ask->type &&
		    is_at(r, &r->rr[i], SECTION_ANSWER, DNS_TYPE_RRSIG, end) &&
		    add_record(r, &r->rr[i], end_at, ttl_s) == DNS_RDATA_BAD)
			return false;
	return true;
}

/* Where owner stands as a suffix of the chain's end or of the question; 0: nowhere. */
static size_t suffix_offset(const struct resp *r, const struct dns_name *owner)
{
	size_t at;

	if (dns_name_within(&r->chain[r->hops], owner, &at))
		return r->chain_at[r->hops] + at;
	return dns_name_within(&r->chain[0], owner, &at) ? DNS_HEADER_LEN + at : 0;
}

static bool is_proof(uint16_t type)
{
	return type == DNS_TYPE_NSEC || type == DNS_TYPE_NSEC3;
}

/* Denial of existence: the proofs of the zone whose SOA was kept. */
static bool add_proofs(struct resp *r, const struct dns_name *zone, uint16_t ttl_s)
{
	for (unsigned i = 0; i < r->cnt; i++) {
		const struct view *v = &r->rr[i];
		uint16_t covers = covered_type(r, v);
		struct dns_name owner;
		size_t at;

		if (v->section != SECTION_AUTHORITY ||
		    (!is_proof(v->type) && !is_proof(covers) && covers != DNS_TYPE_SOA))
			continue;
		name_at(r, v->owner, &owner);
		if (dns_name_within(&owner, zone, &at) &&
		    add_record(r, v, 0, ttl_s) == DNS_RDATA_BAD)
			return false;
	}
	return true;
}

/* Negative answers: the SOA at or above the question or the chain's end (W-33, W-34, W-41). */
static bool add_authority(struct resp *r, bool *found)
{
	for (unsigned i = 0; i < r->cnt; i++) {
		const struct view *v = &r->rr[i];
		struct dns_name owner;
		size_t owner_at;

		if (v->section != SECTION_AUTHORITY || v->type != DNS_TYPE_SOA || v->rdlen < 20)
			continue;
		name_at(r, v->owner, &owner);
		owner_at = suffix_offset(r, &owner);
		if (!owner_at)
			continue;
		struct cur c = cur_on(r->msg + v->rdata + v->rdlen - 4, 4);
		uint32_t minimum = cur_be32(&c);
		uint16_t ttl_s = (uint16_t)MIN(minimum, v->ttl_s);	/* RFC 2308 3 */
		*found = true;
		return add_record(r, v, owner_at, ttl_s) != DNS_RDATA_BAD &&
		       (!r->ask->dnssec_ok || add_proofs(r, &owner, ttl_s));
	}
	return true;
}

static bool leads_on(uint16_t type)
{
	return type == DNS_TYPE_CNAME || type == DNS_TYPE_DNAME || type == DNS_TYPE_SVCB ||
	       type == DNS_TYPE_HTTPS;
}

static enum dns_accept accept_records(struct resp *r)
{
	enum dns_accept chain = follow_chain(r);
	bool has_set = false;
	bool has_soa = false;

	if (chain != DNS_ACCEPT_OK)
		return chain;
	if (r->ask->dnssec_ok && !add_chain_signatures(r))
		return DNS_ACCEPT_BAD;
	if (r->rcode == DNS_RCODE_NOERROR && !add_asked_set(r, &has_set))
		return DNS_ACCEPT_BAD;
	if (!has_set && !add_authority(r, &has_soa))
		return DNS_ACCEPT_BAD;
	if (!has_set && !has_soa) {
		r->a->ttl_s = 0;	/* RFC 2308 5: without SOA not cached */
		if (r->rcode == DNS_RCODE_NOERROR && r->hops == 0)
			return DNS_ACCEPT_FAILED;	/* a referral, or lame (W-33) */
	}
	r->a->has_addrs = has_set && (r->ask->type == DNS_TYPE_A || r->ask->type == DNS_TYPE_AAAA);
	r->a->has_hops |= has_set && leads_on(r->ask->type);
	return DNS_ACCEPT_OK;
}

enum dns_accept dns_response_accept(uint8_t *msg, size_t len, const struct dns_ask *ask,
				    struct dns_answer *a, size_t cap)
{
	struct resp r;
	enum dns_accept done;

	r.msg = msg;
	r.len = len;
	r.ask = ask;
	r.a = a;
	r.out = buf_on(a->body, MIN(cap, DNS_MESSAGE_MAX));
	r.cnt = r.hops = 0;
	a->an_cnt = a->ns_cnt = a->len = 0;
	a->type = ask->type;
	a->name_len = ask->name.len;
	a->ttl_s = DNS_TTL_MAX_S;
	a->has_hops = a->has_addrs = false;
	if (dns_response_match(msg, len, ask) != DNS_MATCH_YES || len > DNS_MESSAGE_MAX)
		return DNS_ACCEPT_BAD;
	/* Our own random letter case must not reach clients through compressed names. */
	for (size_t i = 0; i < ask->name.len; i++)
		msg[DNS_HEADER_LEN + i] = (uint8_t)ascii_lower((char)msg[DNS_HEADER_LEN + i]);
	if (!read_records(&r))
		return DNS_ACCEPT_BAD;
	if (ask->edns && (r.rcode == DNS_RCODE_FORMERR || r.rcode == DNS_RCODE_NOTIMP))
		return DNS_ACCEPT_NO_EDNS;
	if (r.rcode != DNS_RCODE_NOERROR && r.rcode != DNS_RCODE_NXDOMAIN)
		return DNS_ACCEPT_FAILED;
	a->rcode = (enum dns_rcode)r.rcode;
	done = accept_records(&r);
	a->len = (uint16_t)r.out.len;
	return done;
}
