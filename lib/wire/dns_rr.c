/* dns_rr.c - looking into an accepted answer: one record after the other, targets, addresses
 *
 * Layer: wire.  Input: bodies that dns_resp.c encoded.  Memory: none.  Threads: pure functions.
 * Spec: S007-W-35, W-36.
 *
 * The bytes are our own and may have passed through the cache; bounds are checked all the same.
 */
#include "base/cur.h"
#include "wire/dns.h"

#define FIXED_LEN 10	/* type, class, TTL, RDLENGTH */

static bool skip_owner(struct cur *c)
{
	for (;;) {
		uint8_t label = cur_u8(c);

		if (label >= 0xc0) {
			cur_skip(c, 1);
			return cur_ok(c);
		}
		cur_skip(c, label);
		if (label == 0 || !cur_ok(c))
			return cur_ok(c);
	}
}

bool dns_answer_next(const struct dns_answer *a, size_t *pos, uint16_t idx, struct dns_rr *rr)
{
	struct cur c = cur_on(a->body, a->len);

	cur_skip(&c, *pos);
	if (!cur_ok(&c) || !cur_left(&c) || !skip_owner(&c))
		return false;
	rr->idx = idx;
	rr->authority = idx >= a->an_cnt;
	rr->at = *pos;
	rr->type = cur_be16(&c);
	cur_skip(&c, 2);
	rr->ttl_at = c.pos;
	rr->ttl_s = cur_be32(&c);
	rr->rdata = cur_take(&c, cur_be16(&c));
	if (!cur_ok(&c))
		return false;
	rr->len = c.pos - *pos;
	rr->covers = 0;
	if (rr->type == DNS_TYPE_RRSIG && rr->rdata.len >= 2) {
		const uint8_t *p = (const uint8_t *)rr->rdata.p;

		rr->covers = (uint16_t)((unsigned)p[0] << 8 | p[1]);
	}
	*pos = c.pos;
	return true;
}

bool dns_rr_target(const struct dns_rr *rr, struct dns_name *out)
{
	size_t pos;

	switch (rr->type) {
	case DNS_TYPE_CNAME:
	case DNS_TYPE_DNAME:
		pos = 0;
		break;
	case DNS_TYPE_SVCB:
	case DNS_TYPE_HTTPS:
		pos = 2;
		break;
	default:	/* no other type leads on */
		return false;
	}
	/* "." as target of a service means the owner itself. */
	return dns_name_read((const uint8_t *)rr->rdata.p, rr->rdata.len, &pos, out) &&
	       (out->len > 1 || pos <= 1);
}

bool dns_rr_addr(const struct dns_rr *rr, struct ip *out)
{
	if (rr->type == DNS_TYPE_A && rr->rdata.len == 4)
		*out = ip_from_bytes4((const uint8_t *)rr->rdata.p);
	else if (rr->type == DNS_TYPE_AAAA && rr->rdata.len == 16)
		*out = ip_from_bytes16((const uint8_t *)rr->rdata.p);
	else
		return false;
	return true;
}
