/* basetable.c - the base packet policy as data: the rows of S001 section 6, one batch out of them
 *
 * Layer: host.  Input: trusted.  Memory: stack.  Threads: pure functions.
 * Spec: S001-FR-004 ... FR-008, S001-X-009, S001-X-011, S001-X-013, S001-X-014, D16, D20, D28.
 *
 * Read rows[] as the policy: top to bottom is the order of evaluation.  B is the set of managed
 * bridges, P every name with the family's prefix.  A row says which options it needs; a row whose
 * needs are not met is left out.  Leaving out a row that accepts or refuses closes, never opens.
 */
#include "host/basetable.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>

#define DNS_PORT 53
/* Answers per second; over it packets fall through to R9. Rate and burst together: in no second
 * more than 1000 (S001 section 6), yet 100 connections opened at once get 100 answers. */
#define REFUSALS_PER_S 900
#define REFUSALS_BURST 100
#define PRIO_DSTNAT (-100)
#define CT_BIT(state) (1U << (state) << 1)

/* --- sets (S001 section 5) --------------------------------------------------------------- */

/* Numbers of data types as nft knows them. */
enum { TYPE_IPV4 = 7, TYPE_PROTO = 12, TYPE_PORT = 13, TYPE_IFNAME = 41 };

static const struct nft_set set_bridges = {
	.name = BASETABLE_BRIDGES, .id = 1, .type_text = "ifname",
	.types = { TYPE_IFNAME }, .lens = { 16 }, .fields = 1, .host_order = true,
};
static const struct nft_set set_grants = {
	.name = "grants", .id = 2, .type_text = "ipv4_addr . ipv4_addr . inet_proto . inet_service",
	.types = { TYPE_IPV4, TYPE_IPV4, TYPE_PROTO, TYPE_PORT }, .lens = { 4, 4, 1, 2 },
	.fields = 4, .timeout = true,
};
static const struct nft_set set_grants_wide = {
	.name = "grants_wide", .id = 3,
	.type_text = "ipv4_addr . ipv4_addr . inet_proto . inet_service",
	.types = { TYPE_IPV4, TYPE_IPV4, TYPE_PROTO, TYPE_PORT }, .lens = { 4, 4, 1, 2 },
	.fields = 4, .interval = true, .timeout = true,
};

/* --- chains ------------------------------------------------------------------------------ */

enum chain { FORWARD = 0, INPUT, OUTPUT, REDIRECT, REFUSE, CHAIN_COUNT };

static const struct nft_chain chains[CHAIN_COUNT] = {
	[FORWARD]  = { BASETABLE_NAME, BASETABLE_FORWARD, "filter", NF_INET_FORWARD, 0, NF_DROP },
	[INPUT]    = { BASETABLE_NAME, "input_from_agents", "filter", NF_INET_LOCAL_IN, 0,
		       NF_ACCEPT },
	[OUTPUT]   = { BASETABLE_NAME, "output_ipv6_block", "filter", NF_INET_LOCAL_OUT, 0,
		       NF_ACCEPT },
	[REDIRECT] = { BASETABLE_NAME, "redirect_agents", "nat", NF_INET_PRE_ROUTING, PRIO_DSTNAT,
		       NF_ACCEPT },
	[REFUSE]   = { BASETABLE_NAME, "refuse_agents", "filter", NF_INET_PRE_ROUTING, 0,
		       NF_ACCEPT },
};

/* --- rows -------------------------------------------------------------------------------- */

enum match {
	END = 0,
	IN_B, IN_NOT_B, OUT_B, OUT_NOT_B,	/* in or out of a member of the set */
	IN_P, IN_NOT_P, OUT_P, OUT_NOT_P,	/* name with the family's prefix */
	CT_INVALID, CT_KNOWN,			/* known: established or related */
	IPV4, IPV6, TCP, NOT_TCP,
	UDP_53, TCP_53, TCP_80, TCP_443,	/* destination ports */
	DNS_UDP, DNS_TCP, PROXY_TCP,		/* address and port of an endpoint */
	GRANT, GRANT_WIDE,			/* the flow is in a set of grants */
	HOST_ADDR,				/* destination is an address of this host */
	SPOOFED,				/* source is not routed back the way it came */
	LIMIT, COUNT,
};

enum action { ACCEPT = 0, DROP, REJECT_RST, REJECT_ICMP, DNAT_DNS, DNAT_PROXY };

enum need { DNS = 1, PROXY = 2, REJECT = 4, FIB = 8 };

struct row {
	const char *id;
	enum chain chain;
	unsigned need;
	enum match match[5];
	enum action action;
	enum blocked_class class;
};

static const struct row rows[] = {
	{ "F1", FORWARD, 0, { IN_NOT_B, OUT_NOT_B, IN_NOT_P, OUT_NOT_P }, ACCEPT, BLOCKED_NONE },
	{ "F2", FORWARD, 0, { IN_B, CT_INVALID, COUNT }, DROP, BLOCKED_INVALID },
	{ "F3", FORWARD, 0, { OUT_B, CT_INVALID, COUNT }, DROP, BLOCKED_INVALID },
	{ "F4", FORWARD, 0, { IN_B, IPV6, COUNT }, DROP, BLOCKED_IPV6 },
	{ "F5", FORWARD, 0, { OUT_B, IPV6, COUNT }, DROP, BLOCKED_IPV6 },
	{ "F6", FORWARD, 0, { IN_B, CT_KNOWN }, ACCEPT, BLOCKED_NONE },
	{ "F7", FORWARD, 0, { OUT_B, CT_KNOWN }, ACCEPT, BLOCKED_NONE },
	{ "F8", FORWARD, 0, { IN_B, GRANT }, ACCEPT, BLOCKED_NONE },
	{ "F8", FORWARD, 0, { IN_B, GRANT_WIDE }, ACCEPT, BLOCKED_NONE },
	{ "F9", FORWARD, 0, { COUNT }, DROP, BLOCKED_DROPPED },

	{ "I1", INPUT, 0, { IN_B, CT_INVALID, COUNT }, DROP, BLOCKED_INVALID },
	{ "I2", INPUT, DNS, { IN_B, DNS_UDP }, ACCEPT, BLOCKED_NONE },
	{ "I3", INPUT, DNS, { IN_B, DNS_TCP }, ACCEPT, BLOCKED_NONE },
	{ "I4", INPUT, PROXY, { IN_B, PROXY_TCP }, ACCEPT, BLOCKED_NONE },
	{ "I6", INPUT, 0, { IN_B, IPV6, COUNT }, DROP, BLOCKED_IPV6 },
	/* The counter first: listings then show "meta nfproto ipv4 drop" (S001-SC-002). */
	{ "I5", INPUT, 0, { IN_B, COUNT, IPV4 }, DROP, BLOCKED_DROPPED },
	{ "I7", INPUT, 0, { IN_P, COUNT }, DROP, BLOCKED_DROPPED },

	{ "O1", OUTPUT, 0, { OUT_B, IPV6, COUNT }, DROP, BLOCKED_IPV6 },
	{ "O2", OUTPUT, 0, { OUT_P, IPV6, COUNT }, DROP, BLOCKED_IPV6 },

	{ "N1", REDIRECT, 0, { IN_B, GRANT }, ACCEPT, BLOCKED_NONE },
	{ "N1", REDIRECT, 0, { IN_B, GRANT_WIDE }, ACCEPT, BLOCKED_NONE },
	{ "N2", REDIRECT, DNS, { IN_B, UDP_53 }, DNAT_DNS, BLOCKED_NONE },
	{ "N3", REDIRECT, DNS, { IN_B, TCP_53 }, DNAT_DNS, BLOCKED_NONE },
	{ "N4", REDIRECT, FIB, { IN_B, HOST_ADDR }, ACCEPT, BLOCKED_NONE },
	{ "N5", REDIRECT, PROXY, { IN_B, TCP_80 }, DNAT_PROXY, BLOCKED_NONE },
	{ "N5", REDIRECT, PROXY, { IN_B, TCP_443 }, DNAT_PROXY, BLOCKED_NONE },

	{ "R1", REFUSE, 0, { IN_NOT_B }, ACCEPT, BLOCKED_NONE },
	{ "R2-ipv6", REFUSE, 0, { IPV6, COUNT }, DROP, BLOCKED_IPV6 },
	{ "R2-invalid", REFUSE, 0, { CT_INVALID, COUNT }, DROP, BLOCKED_INVALID },
	{ "R3", REFUSE, FIB, { SPOOFED, COUNT }, DROP, BLOCKED_SPOOFED },
	{ "R4", REFUSE, DNS, { DNS_UDP }, ACCEPT, BLOCKED_NONE },
	{ "R4", REFUSE, DNS, { DNS_TCP }, ACCEPT, BLOCKED_NONE },
	{ "R4", REFUSE, PROXY, { PROXY_TCP }, ACCEPT, BLOCKED_NONE },
	{ "R5", REFUSE, 0, { CT_KNOWN }, ACCEPT, BLOCKED_NONE },
	{ "R6", REFUSE, 0, { GRANT }, ACCEPT, BLOCKED_NONE },
	{ "R6", REFUSE, 0, { GRANT_WIDE }, ACCEPT, BLOCKED_NONE },
	{ "R7", REFUSE, REJECT, { TCP, LIMIT, COUNT }, REJECT_RST, BLOCKED_REFUSED },
	{ "R8", REFUSE, REJECT, { NOT_TCP, LIMIT, COUNT }, REJECT_ICMP, BLOCKED_REFUSED },
	{ "R9", REFUSE, 0, { COUNT }, DROP, BLOCKED_DROPPED },
};

/* --- matches ----------------------------------------------------------------------------- */

static void match_prefix(struct nft_rule *r, uint32_t key, bool equal, const char *prefix)
{
	uint8_t len = (uint8_t)strlen(prefix);

	if (equal)
		nft_x_meta_eq(r, key, prefix, len);
	else
		nft_x_meta_ne(r, key, prefix, len);
}

static void match_proto(struct nft_rule *r, uint8_t proto, bool equal)
{
	if (equal)
		nft_x_meta_eq(r, NFT_META_L4PROTO, &proto, sizeof(proto));
	else
		nft_x_meta_ne(r, NFT_META_L4PROTO, &proto, sizeof(proto));
}

static void match_family(struct nft_rule *r, uint8_t family)
{
	nft_x_meta_eq(r, NFT_META_NFPROTO, &family, sizeof(family));
}

static void match_dport(struct nft_rule *r, uint8_t proto, uint16_t port)
{
	uint16_t be = htons(port);

	match_proto(r, proto, true);
	nft_x_payload_eq(r, NFT_PAYLOAD_TRANSPORT_HEADER, 2, &be, sizeof(be));
}

/* In the order that listings show as "ip daddr A udp dport P". */
static void match_endpoint(struct nft_rule *r, const struct endpoint *ep, uint8_t proto)
{
	uint32_t be = htonl(ip_to_v4(ep->ip));

	match_family(r, NFPROTO_IPV4);
	nft_x_payload_eq(r, NFT_PAYLOAD_NETWORK_HEADER, 16, &be, sizeof(be));
	match_dport(r, proto, ep->port);
}

/* Source, destination, protocol and port into four neighbouring 32-bit registers. */
static void match_grant(struct nft_rule *r, const struct nft_set *set)
{
	match_family(r, NFPROTO_IPV4);
	nft_x(r, (struct nft_expr){ .op = NFT_OP_PAYLOAD, .reg = NFT_REG32_00,
				    .a = NFT_PAYLOAD_NETWORK_HEADER, .b = 12, .c = 4 });
	nft_x(r, (struct nft_expr){ .op = NFT_OP_PAYLOAD, .reg = NFT_REG32_01,
				    .a = NFT_PAYLOAD_NETWORK_HEADER, .b = 16, .c = 4 });
	nft_x(r, (struct nft_expr){ .op = NFT_OP_META, .reg = NFT_REG32_02,
				    .a = NFT_META_L4PROTO });
	nft_x(r, (struct nft_expr){ .op = NFT_OP_PAYLOAD, .reg = NFT_REG32_03,
				    .a = NFT_PAYLOAD_TRANSPORT_HEADER, .b = 2, .c = 2 });
	nft_x(r, (struct nft_expr){ .op = NFT_OP_LOOKUP, .reg = NFT_REG32_00, .set = set });
}

static void match_fib(struct nft_rule *r, uint32_t result, uint32_t flags, uint32_t equals)
{
	struct nft_expr cmp = { .op = NFT_OP_CMP, .reg = NFT_REG_1, .a = NFT_CMP_EQ,
				.len = sizeof(equals) };

	nft_x(r, (struct nft_expr){ .op = NFT_OP_FIB, .reg = NFT_REG_1, .a = result, .b = flags });
	memcpy(cmp.data, &equals, sizeof(equals));
	nft_x(r, cmp);
}

static void add_match(struct nft_rule *r, enum match m, const struct basetable *t, uint8_t ep)
{
	switch (m) {
	case END: break;
	case IN_B: nft_x_meta_in(r, NFT_META_IIFNAME, &set_bridges, false); break;
	case IN_NOT_B: nft_x_meta_in(r, NFT_META_IIFNAME, &set_bridges, true); break;
	case OUT_B: nft_x_meta_in(r, NFT_META_OIFNAME, &set_bridges, false); break;
	case OUT_NOT_B: nft_x_meta_in(r, NFT_META_OIFNAME, &set_bridges, true); break;
	case IN_P: match_prefix(r, NFT_META_IIFNAME, true, t->prefix); break;
	case IN_NOT_P: match_prefix(r, NFT_META_IIFNAME, false, t->prefix); break;
	case OUT_P: match_prefix(r, NFT_META_OIFNAME, true, t->prefix); break;
	case OUT_NOT_P: match_prefix(r, NFT_META_OIFNAME, false, t->prefix); break;
	case CT_INVALID: nft_x_ct_state(r, NF_CT_STATE_INVALID_BIT); break;
	case CT_KNOWN: nft_x_ct_state(r, CT_BIT(IP_CT_ESTABLISHED) | CT_BIT(IP_CT_RELATED)); break;
	case IPV4: match_family(r, NFPROTO_IPV4); break;
	case IPV6: match_family(r, NFPROTO_IPV6); break;
	case TCP: match_proto(r, IPPROTO_TCP, true); break;
	case NOT_TCP: match_proto(r, IPPROTO_TCP, false); break;
	case UDP_53: match_dport(r, IPPROTO_UDP, DNS_PORT); break;
	case TCP_53: match_dport(r, IPPROTO_TCP, DNS_PORT); break;
	case TCP_80: match_dport(r, IPPROTO_TCP, 80); break;
	case TCP_443: match_dport(r, IPPROTO_TCP, 443); break;
	case DNS_UDP: match_endpoint(r, &t->dns[ep], IPPROTO_UDP); break;
	case DNS_TCP: match_endpoint(r, &t->dns[ep], IPPROTO_TCP); break;
	case PROXY_TCP: match_endpoint(r, &t->proxy[ep], IPPROTO_TCP); break;
	case GRANT: match_grant(r, &set_grants); break;
	case GRANT_WIDE: match_grant(r, &set_grants_wide); break;
	case HOST_ADDR: match_fib(r, NFT_FIB_RESULT_ADDRTYPE, NFTA_FIB_F_DADDR, RTN_LOCAL); break;
	case SPOOFED: match_fib(r, NFT_FIB_RESULT_OIF, NFTA_FIB_F_SADDR | NFTA_FIB_F_IIF, 0); break;
	case LIMIT:
		nft_x(r, (struct nft_expr){ .op = NFT_OP_LIMIT, .a = REFUSALS_PER_S,
					    .b = REFUSALS_BURST });
		break;
	case COUNT: nft_x(r, (struct nft_expr){ .op = NFT_OP_COUNTER }); break;
	}
}

static void add_dnat(struct nft_rule *r, const struct endpoint *to)
{
	struct nft_expr addr = { .op = NFT_OP_IMM, .reg = NFT_REG_1, .len = 4 };
	struct nft_expr port = { .op = NFT_OP_IMM, .reg = NFT_REG_2, .len = 2 };
	uint32_t be_addr = htonl(ip_to_v4(to->ip));
	uint16_t be_port = htons(to->port);

	memcpy(addr.data, &be_addr, sizeof(be_addr));
	memcpy(port.data, &be_port, sizeof(be_port));
	nft_x(r, addr);
	nft_x(r, port);
	nft_x(r, (struct nft_expr){ .op = NFT_OP_DNAT, .reg = NFT_REG_1, .a = NFT_REG_2 });
}

static void add_action(struct nft_rule *r, enum action a, const struct basetable *t)
{
	switch (a) {
	case ACCEPT: nft_x_verdict(r, NF_ACCEPT); break;
	case DROP: nft_x_verdict(r, NF_DROP); break;
	case REJECT_RST:
		nft_x(r, (struct nft_expr){ .op = NFT_OP_REJECT, .a = NFT_REJECT_TCP_RST });
		break;
	case REJECT_ICMP:
		nft_x(r, (struct nft_expr){ .op = NFT_OP_REJECT, .a = NFT_REJECT_ICMPX_UNREACH,
					    .b = NFT_REJECT_ICMPX_ADMIN_PROHIBITED });
		break;
	case DNAT_DNS: add_dnat(r, &t->dns[0]); break;
	case DNAT_PROXY: add_dnat(r, &t->proxy[0]); break;
	}
}

/* --- the batch --------------------------------------------------------------------------- */

static bool chain_wanted(const struct basetable *t, enum chain c)
{
	return c != REDIRECT || (t->transparent && !t->drop_all);
}

/* How often a row stands in the table: once per endpoint that it names, once if it names none. */
static uint8_t row_repeat(const struct basetable *t, const struct row *row)
{
	if (!chain_wanted(t, row->chain))
		return 0;
	if ((row->need & (DNS | PROXY)) && t->drop_all)
		return 0;
	if (((row->need & REJECT) && !t->reject) || ((row->need & FIB) && !t->fib))
		return 0;
	if ((row->need & (DNS | PROXY)) && row->chain == REDIRECT)
		return (row->need & DNS ? t->dns_cnt : t->proxy_cnt) > 0;
	if (row->need & DNS)
		return t->dns_cnt;
	if (row->need & PROXY)
		return t->proxy_cnt;
	return 1;
}

static void add_row(struct nft_batch *b, const struct basetable *t, const struct row *row)
{
	uint8_t repeat = row_repeat(t, row);

	for (uint8_t ep = 0; ep < repeat; ep++) {
		struct nft_rule r = { .table = BASETABLE_NAME, .chain = chains[row->chain].name,
				      .comment = row->id };

		for (size_t i = 0; i < ARRAY_LEN(row->match); i++)
			add_match(&r, row->match[i], t, ep);
		add_action(&r, row->action, t);
		nft_rule_add(b, &r);
	}
}

void basetable_build(struct nft_batch *b, const struct basetable *t)
{
	CHECK(t->dns_cnt <= BASETABLE_ENDPOINTS_MAX && t->proxy_cnt <= BASETABLE_ENDPOINTS_MAX);
	/* The first add makes the delete succeed, be the table absent, plain, orphaned or ours. */
	nft_table_add(b, BASETABLE_NAME, 0);
	nft_table_del(b, BASETABLE_NAME);
	nft_table_add(b, BASETABLE_NAME, t->table_flags);
	nft_set_add(b, BASETABLE_NAME, &set_bridges);
	nft_set_add(b, BASETABLE_NAME, &set_grants);
	nft_set_add(b, BASETABLE_NAME, &set_grants_wide);
	for (uint32_t i = 0; i < t->bridge_cnt; i++)
		basetable_member(b, t->bridges[i], true);
	for (unsigned c = 0; c < CHAIN_COUNT; c++) {
		if (chain_wanted(t, (enum chain)c))
			nft_chain_add(b, &chains[c]);
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		add_row(b, t, &rows[i]);
}

void basetable_member(struct nft_batch *b, const char *bridge, bool add)
{
	char key[16] = { 0 };
	struct nft_elem el = { .key = key, .len = sizeof(key) };

	memcpy(key, bridge, strnlen(bridge, sizeof(key) - 1));
	if (add)
		nft_elem_add(b, BASETABLE_NAME, &set_bridges, &el);
	else
		nft_elem_del(b, BASETABLE_NAME, &set_bridges, &el);
}

const struct nft_set *basetable_grants(bool wide)
{
	return wide ? &set_grants_wide : &set_grants;
}

enum blocked_class basetable_class(struct str row)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (str_eq_c(row, rows[i].id))
			return rows[i].class;
	}
	return BLOCKED_NONE;
}

void basetable_prefix(const char *bridge, char out[16])
{
	size_t len = strnlen(bridge, 8);

	memset(out, 0, 16);
	memcpy(out, bridge, len);
	out[len] = '-';
}
