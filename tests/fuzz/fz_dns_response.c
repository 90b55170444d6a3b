/* fz_dns_response.c - an upstream's bytes: accept, serve, accept what was served
 *
 * The first byte says what was asked (1: DO set, 2: EDNS sent, 4: serve one record less); the rest is
 * the response, its own question taken as ours.  Property: what is served is accepted again and
 * gives the same body.
 */
#include <string.h>

#include "wire/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t message[8192], first[65535], second[65535], served[65535];

static bool asked(const uint8_t *msg, size_t len, unsigned how, struct dns_ask *ask)
{
	size_t pos = DNS_HEADER_LEN;

	if (len < DNS_HEADER_LEN || !dns_name_read(msg, len, &pos, &ask->name) || len - pos < 4)
		return false;
	ask->id = (uint16_t)((unsigned)msg[0] << 8 | msg[1]);
	ask->type = (uint16_t)((unsigned)msg[pos] << 8 | msg[pos + 1]);
	ask->dnssec_ok = how & 1;
	ask->edns = how & 2;
	return dns_type_is_served(ask->type);
}

static void look_into(const struct dns_answer *a)
{
	struct dns_name target;
	struct dns_rr rr;
	struct ip addr;
	size_t pos = 0;
	uint16_t i = 0;

	for (; dns_answer_next(a, &pos, i, &rr); i++) {
		CHECK(rr.ttl_s <= DNS_TTL_MAX_S);
		if (dns_rr_target(&rr, &target))
			CHECK(a->has_hops);
		if (!rr.authority && dns_rr_addr(&rr, &addr))
			CHECK(a->has_addrs);
	}
	CHECK(i == a->an_cnt + a->ns_cnt && pos == a->len);
}

static void serve_again(const struct dns_ask *ask, const struct dns_answer *a, unsigned how)
{
	struct dns_query q = { .id = ask->id,
			       .type = ask->type,
			       .class = DNS_CLASS_IN,
			       .payload = 512,
			       .rd = true,
			       .edns = ask->edns,
			       .dnssec_ok = ask->dnssec_ok,
			       .has_question = true,
			       .name = ask->name };
	const uint64_t strip[DNS_STRIP_WORDS] = { how & 4 ? UINT64_C(1) << (how >> 3) : 0 };
	struct dns_serve serve = { 0, how & 4 ? strip : NULL };
	struct dns_answer back = { .body = second };
	size_t len = dns_reply_answer(&q, a, &serve, served, DNS_UDP_PAYLOAD_MAX);

	CHECK(len <= DNS_UDP_PAYLOAD_MAX);
	len = dns_reply_answer(&q, a, &serve, served, sizeof(served));
	if (how & 4 || dns_response_match(served, len, ask) == DNS_MATCH_CUT ||
	    a->an_cnt + a->ns_cnt == 0)
		return;
	CHECK(dns_response_accept(served, len, ask, &back, sizeof(second)) == DNS_ACCEPT_OK);
	CHECK(back.an_cnt == a->an_cnt && back.ns_cnt == a->ns_cnt && back.len == a->len);
	CHECK(memcmp(back.body, a->body, a->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_answer a = { .body = first };
	struct dns_ask ask = { .id = 0 };

	if (size < 1 || size > sizeof(message))
		return 0;
	unsigned how = *data++;
	memcpy(message, data, --size);
	if (!asked(message, size, how, &ask))
		return 0;
	if (dns_response_accept(message, size, &ask, &a, sizeof(first)) != DNS_ACCEPT_OK)
		return 0;
	look_into(&a);
	serve_again(&ask, &a, how);
	return 0;
}
