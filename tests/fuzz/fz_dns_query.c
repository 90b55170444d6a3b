/* fz_dns_query.c - a client's bytes: parse, answer in every way, ask upstream, read back
 *
 * Properties: no reply exceeds its limit; what we would ask upstream parses to the same question.
 */
#include <string.h>

#include "wire/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void answer_it(const struct dns_query *q)
{
	static const struct dns_ede ede = { DNS_EDE_BLOCKED, { "no rule matched", 15 } };
	uint8_t out[DNS_UDP_PAYLOAD_MAX];
	size_t cap = dns_udp_limit(q);

	CHECK(cap >= 512 && cap <= sizeof(out));
	CHECK(dns_reply_rcode(q, (enum dns_rcode)q->rcode, &ede, out, cap) <= cap);
	CHECK(dns_reply_blocked(q, &ede, out, cap) <= cap);
	CHECK(dns_reply_any(q, out, cap) <= cap);
	CHECK(out[2] & 0x80 && out[0] == q->id >> 8);
}

static void ask_it(const struct dns_query *q)
{
	struct dns_ask ask = { .id = q->id,
			       .type = q->type,
			       .edns = q->edns,
			       .dnssec_ok = q->dnssec_ok,
			       .cd = q->cd,
			       .name = q->name };
	char text[DNS_NAME_TEXT_MAX + 1];
	struct dns_name again;
	struct dns_query back;
	uint8_t out[DNS_ASK_MAX];

	CHECK(dns_query_parse(out, dns_ask_build(&ask, out), &back) == DNS_QUERY_OK);
	CHECK(dns_name_exact(&back.name, &q->name) && back.type == q->type);
	CHECK(back.dnssec_ok == (q->edns && q->dnssec_ok) && back.cd == q->cd);
	/* One identity (S007-W-07): the text leads back to the name. */
	CHECK(dns_name_from_text(dns_name_text(&q->name, text), &again) &&
	      dns_name_eq(&again, &q->name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_query q = { .id = 0 };
	enum dns_query_kind kind = dns_query_parse(data, size, &q);

	if (kind != DNS_QUERY_DROP)
		answer_it(&q);
	if (kind == DNS_QUERY_OK)
		ask_it(&q);
	return 0;
}
