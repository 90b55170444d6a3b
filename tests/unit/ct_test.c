/* ct_test.c - flows ended in the kernel's connection tracking, each test in its own namespace
 *
 * Needs root (CAP_SYS_ADMIN, CAP_NET_ADMIN): skipped without.  The entries are written by ctnetlink
 * itself, so no packet and no other program is needed.
 */
#include "t.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <sched.h>

#include "sys/ct.h"

#define AGENT 0x0ac80002U	/* 10.200.0.2 */
#define OTHER 0x0ac80003U
#define WORLD 0xcb007109U	/* 203.0.113.9 */
#define SELF 0x0ac80001U
#define TCP 6
#define UDP 17
#define ICMP 1

static struct ct ct;
static struct nl nl;
static struct err e;
static uint16_t next_source_port;

static void enter_namespace(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		SKIP("no privilege for a network namespace");
	nl_close(&nl);
	ct_close(&ct);
	EQ(nl_open(&nl, NETLINK_NETFILTER, &e), 0);
	EQ(ct_open(&ct, &e), 0);
	next_source_port = 40000;
}

static struct nlmsghdr *request(void *buf, uint8_t msg, uint16_t flags, uint8_t family)
{
	struct nlmsghdr *nlh = nl_begin(&nl, buf, (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | msg),
					flags);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));

	g->nfgen_family = family;
	g->version = NFNETLINK_V0;
	return nlh;
}

struct entry {
	uint32_t src, dst;
	uint8_t proto;
	uint16_t port;
	uint32_t redirected_to;	/* 0: not redirected */
};

static void put_proto(struct nlmsghdr *nlh, uint8_t proto, uint16_t from, uint16_t to, bool reply)
{
	struct nlattr *p = mnl_attr_nest_start(nlh, CTA_TUPLE_PROTO);

	mnl_attr_put_u8(nlh, CTA_PROTO_NUM, proto);
	if (proto == ICMP) {
		mnl_attr_put_u16(nlh, CTA_PROTO_ICMP_ID, htons(reply ? to : from));
		mnl_attr_put_u8(nlh, CTA_PROTO_ICMP_TYPE, reply ? 0 : 8);
		mnl_attr_put_u8(nlh, CTA_PROTO_ICMP_CODE, 0);
	} else {
		mnl_attr_put_u16(nlh, CTA_PROTO_SRC_PORT, htons(from));
		mnl_attr_put_u16(nlh, CTA_PROTO_DST_PORT, htons(to));
	}
	mnl_attr_nest_end(nlh, p);
}

static void put_tuple(struct nlmsghdr *nlh, const struct entry *x, uint16_t source_port, bool reply)
{
	struct nlattr *t = mnl_attr_nest_start(nlh, reply ? CTA_TUPLE_REPLY : CTA_TUPLE_ORIG);
	struct nlattr *ip = mnl_attr_nest_start(nlh, CTA_TUPLE_IP);

	mnl_attr_put_u32(nlh, CTA_IP_V4_SRC, htonl(reply ? x->dst : x->src));
	mnl_attr_put_u32(nlh, CTA_IP_V4_DST, htonl(reply ? x->src : x->dst));
	mnl_attr_nest_end(nlh, ip);
	put_proto(nlh, x->proto, reply ? x->port : source_port, reply ? source_port : x->port,
		  reply);
	mnl_attr_nest_end(nlh, t);
}

static void track(struct entry x)
{
	_Alignas(struct nlmsghdr) char buf[NL_REQUEST_LEN];
	struct nlmsghdr *nlh = request(buf, IPCTNL_MSG_CT_NEW,
				       NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, AF_INET);
	uint16_t source_port = ++next_source_port;
	struct nlattr *outer, *inner;

	put_tuple(nlh, &x, source_port, false);
	put_tuple(nlh, &x, source_port, true);
	mnl_attr_put_u32(nlh, CTA_TIMEOUT, htonl(600));
	if (x.proto == TCP) {
		outer = mnl_attr_nest_start(nlh, CTA_PROTOINFO);
		inner = mnl_attr_nest_start(nlh, CTA_PROTOINFO_TCP);
		mnl_attr_put_u8(nlh, CTA_PROTOINFO_TCP_STATE, TCP_CONNTRACK_ESTABLISHED);
		mnl_attr_nest_end(nlh, inner);
		mnl_attr_nest_end(nlh, outer);
	}
	if (x.redirected_to) {
		outer = mnl_attr_nest_start(nlh, CTA_NAT_DST);
		mnl_attr_put_u32(nlh, CTA_NAT_V4_MINIP, htonl(x.redirected_to));
		mnl_attr_nest_end(nlh, outer);
	}
	if (nl_request(&nl, nlh, NULL, NULL, &e) < 0)
		FAIL("an entry cannot be made: %s", e.msg);
}

static int count_one(void *ctx, const struct nlmsghdr *nlh, struct err *err)
{
	unsigned *n = ctx;

	(void)err;
	*n = nlh ? *n + 1 : 0;
	return 0;
}

static unsigned tracked(void)
{
	_Alignas(struct nlmsghdr) char buf[NL_REQUEST_LEN];
	unsigned n = 0;

	EQ(nl_request(&nl, request(buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP, AF_UNSPEC), count_one, &n,
		      &e),
	   0);
	return n;
}

/* How many entries the cut of one flow took. */
static unsigned cut(struct ct_flow f)
{
	unsigned before = tracked();

	if (ct_cut(&ct, &f, 1, &e) < 0)
		FAIL("%s", e.msg);
	return before - tracked();
}

T(nothing_to_end)
{
	const struct ct_flow f = { .src = AGENT, .dst = WORLD, .dst_mask = UINT32_MAX };

	enter_namespace();
	EQ(ct_cut(&ct, &f, 1, &e), 0);
	EQ(ct_cut(&ct, &f, 0, &e), 0);
	track((struct entry){ AGENT, WORLD, TCP, 443, 0 });
	EQ(ct_cut(&ct, &f, 0, &e), 0);
	EQ(tracked(), 1);
}

T(exact_flow)				// S009: source, destination, protocol, port
{
	enter_namespace();
	track((struct entry){ AGENT, WORLD, TCP, 443, 0 });
	track((struct entry){ AGENT, WORLD, TCP, 443, 0 });	/* another source port */
	track((struct entry){ OTHER, WORLD, TCP, 443, 0 });
	track((struct entry){ AGENT, WORLD + 1, TCP, 443, 0 });
	track((struct entry){ AGENT, WORLD, UDP, 443, 0 });
	track((struct entry){ AGENT, WORLD, TCP, 80, 0 });
	track((struct entry){ WORLD, AGENT, TCP, 443, 0 });	/* its answers go that way */
	EQ(cut((struct ct_flow){ AGENT, WORLD, UINT32_MAX, TCP, 443 }), 2);
	EQ(cut((struct ct_flow){ AGENT, WORLD, UINT32_MAX, TCP, 443 }), 0);
	EQ(tracked(), 5);
}

T(wide_flows)				// S009 1.4: prefix, no port, no protocol
{
	enter_namespace();
	track((struct entry){ AGENT, WORLD, TCP, 443, 0 });
	track((struct entry){ AGENT, WORLD, TCP, 80, 0 });
	track((struct entry){ AGENT, WORLD, UDP, 443, 0 });
	track((struct entry){ AGENT, WORLD, ICMP, 0, 0 });
	track((struct entry){ AGENT, WORLD | 0xff, UDP, 7, 0 });
	track((struct entry){ AGENT, WORLD ^ 0x100, UDP, 7, 0 });	/* the next /24 */
	track((struct entry){ AGENT, 0x02010101, UDP, 7, 0 });
	track((struct entry){ OTHER, WORLD, ICMP, 0, 0 });
	EQ(cut((struct ct_flow){ AGENT, WORLD, UINT32_MAX, UDP, 0 }), 1);
	EQ(cut((struct ct_flow){ AGENT, WORLD, UINT32_MAX, TCP, 0 }), 2);
	EQ(cut((struct ct_flow){ AGENT, WORLD & ~0xffU, ~0xffU, 0, 0 }), 2);
	EQ(cut((struct ct_flow){ AGENT, 0, 0, 0, 0 }), 2);
	EQ(tracked(), 1);
}

T(redirected_flows_stay)		// S009 6.2: no grant let them through
{
	enter_namespace();
	track((struct entry){ AGENT, WORLD, TCP, 443, SELF });
	track((struct entry){ AGENT, WORLD, TCP, 443, 0 });
	EQ(tracked(), 2);
	EQ(cut((struct ct_flow){ AGENT, WORLD, UINT32_MAX, TCP, 443 }), 1);
	EQ(cut((struct ct_flow){ AGENT, 0, 0, 0, 0 }), 0);
	EQ(tracked(), 1);
}

T(several_flows_at_once)
{
	const struct ct_flow v[] = {
		{ AGENT, WORLD, UINT32_MAX, TCP, 443 },
		{ AGENT, WORLD, UINT32_MAX, UDP, 53 },
		{ OTHER, WORLD & ~0xffU, ~0xffU, 0, 0 },
	};

	enter_namespace();
	track((struct entry){ AGENT, WORLD, TCP, 443, 0 });
	track((struct entry){ AGENT, WORLD, UDP, 53, 0 });
	track((struct entry){ AGENT, WORLD, UDP, 443, 0 });
	track((struct entry){ OTHER, WORLD + 5, ICMP, 0, 0 });
	EQ(ct_cut(&ct, v, 3, &e), 0);
	EQ(tracked(), 1);
	EQ(cut((struct ct_flow){ AGENT, WORLD, UINT32_MAX, UDP, 443 }), 1);
}

T(more_flows_than_one_dump_keeps)
{
	enter_namespace();
	for (int i = 0; i < 300; i++) {
		track((struct entry){ AGENT, WORLD, i % 2 ? TCP : UDP, 443, 0 });
		if (i % 10 == 0)
			track((struct entry){ OTHER, WORLD, TCP, 443, 0 });
	}
	EQ(cut((struct ct_flow){ AGENT, WORLD, UINT32_MAX, 0, 0 }), 300);
	EQ(tracked(), 30);
}
