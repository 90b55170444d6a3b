/* ct.c - connection tracking: ends flows that the kernel still lets through (ctnetlink)
 *
 * Layer: sys.  Input: trusted (the kernel), length-checked.  Memory: the socket's own mapping; an
 * arena for the entries of one cut.  Threads: one owner.
 * Spec: S009 section 2, S009 6.2.
 *
 * Theory of operation.  The kernel's table is dumped, the original tuple of every entry that
 * matches is kept as the kernel wrote it, and sent back with a request to delete it.
 */
#include "sys/ct.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/clock.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>

#define TUPLE_MAX 96		/* bytes of one; an IPv4 tuple has 52 */
#define FOUND_MEMORY_MAX ((size_t)128 << 20)	/* a million entries: more than hosts track */

struct tuple {
	struct tuple *next;
	uint16_t len;
	uint32_t id;
	uint8_t attr[TUPLE_MAX];	/* payload of CTA_TUPLE_ORIG */
};

struct scan {
	const struct ct_flow *flows;
	size_t flow_cnt;
	struct arena mem;
	struct tuple *first, **tail;
	bool lost;		/* no memory for all of them */
};

int ct_open(struct ct *c, struct err *e)
{
	return nl_open(&c->nl, NETLINK_NETFILTER, e);
}

void ct_close(struct ct *c)
{
	nl_close(&c->nl);
}

static struct nlmsghdr *request(struct ct *c, void *buf, uint8_t msg, uint16_t flags)
{
	struct nlmsghdr *nlh = nl_begin(&c->nl, buf, (uint16_t)(NFNL_SUBSYS_CTNETLINK << 8 | msg),
					flags);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));

	g->nfgen_family = AF_INET;
	g->version = NFNETLINK_V0;
	return nlh;
}

static uint32_t host_u32(const struct nlattr *a)
{
	uint32_t be = 0;

	return nl_get_u32(a, &be) ? ntohl(be) : 0;
}

static uint16_t host_u16(const struct nlattr *a)
{
	uint16_t be;

	if (!a || mnl_attr_get_payload_len(a) != sizeof(be))
		return 0;
	memcpy(&be, mnl_attr_get_payload(a), sizeof(be));
	return ntohs(be);
}

static bool read_tuple(const struct nlattr *orig, struct ct_flow *out)
{
	const struct nlattr *t[CTA_TUPLE_MAX + 1], *ip[CTA_IP_MAX + 1], *p[CTA_PROTO_MAX + 1];

	if (!nl_attrs_nested(orig, t, CTA_TUPLE_MAX) || !t[CTA_TUPLE_IP] || !t[CTA_TUPLE_PROTO] ||
	    !nl_attrs_nested(t[CTA_TUPLE_IP], ip, CTA_IP_MAX) ||
	    !nl_attrs_nested(t[CTA_TUPLE_PROTO], p, CTA_PROTO_MAX) || !ip[CTA_IP_V4_SRC] ||
	    !ip[CTA_IP_V4_DST] || !nl_get_u8(p[CTA_PROTO_NUM], &out->proto))
		return false;
	out->src = host_u32(ip[CTA_IP_V4_SRC]);
	out->dst = host_u32(ip[CTA_IP_V4_DST]);
	out->port = host_u16(p[CTA_PROTO_DST_PORT]);
	return true;
}

static bool matches(const struct ct_flow *want, const struct ct_flow *is)
{
	return want->src == is->src &&
	       ((want->dst ^ is->dst) & want->dst_mask) == 0 &&
	       (want->proto == 0 || want->proto == is->proto) &&
	       (want->port == 0 || want->port == is->port);
}

static void keep(struct scan *s, const struct nlattr *orig, const struct nlattr *id)
{
	size_t len = mnl_attr_get_payload_len(orig);
	struct tuple *t;

	if (len > TUPLE_MAX)
		return;
	t = ARENA_NEW(&s->mem, struct tuple);
	if (!t) {
		s->lost = true;
		return;
	}
	*s->tail = t;
	s->tail = &t->next;
	t->len = (uint16_t)len;
	memcpy(t->attr, mnl_attr_get_payload(orig), len);
	if (!nl_get_u32(id, &t->id))
		t->id = 0;
}

static int look_at(void *ctx, const struct nlmsghdr *nlh, struct err *e UNUSED)
{
	struct scan *s = ctx;
	const struct nlattr *tb[CTA_MAX + 1];
	struct ct_flow is = { 0 };

	if (!nlh) {
		arena_reset(&s->mem);
		s->first = NULL;
		s->tail = &s->first;
		s->lost = false;
		return 0;
	}
	if (!nl_attrs(nlh, sizeof(struct nfgenmsg), tb, CTA_MAX) || !tb[CTA_TUPLE_ORIG] ||
	    (host_u32(tb[CTA_STATUS]) & IPS_DST_NAT) || !read_tuple(tb[CTA_TUPLE_ORIG], &is))
		return 0;
	for (size_t i = 0; i < s->flow_cnt; i++) {
		if (matches(&s->flows[i], &is)) {
			keep(s, tb[CTA_TUPLE_ORIG], tb[CTA_ID]);
			break;
		}
	}
	return 0;
}

static int delete_entry(struct ct *c, const struct tuple *t, struct err *e)
{
	_Alignas(struct nlmsghdr) char buf[NL_REQUEST_LEN];
	struct nlmsghdr *nlh = request(c, buf, IPCTNL_MSG_CT_DELETE, NLM_F_ACK);

	mnl_attr_put(nlh, CTA_TUPLE_ORIG | NLA_F_NESTED, t->len, t->attr);
	if (t->id)
		mnl_attr_put(nlh, CTA_ID, sizeof(t->id), &t->id);
	if (nl_request(&c->nl, nlh, NULL, NULL, e) < 0 && e->sys != ENOENT)
		return -1;	/* ENOENT: it ended by itself */
	return 0;
}

static int delete_found(struct ct *c, const struct scan *s, struct err *e)
{
	uint64_t deadline_ms = clock_mono_ms() + NL_DEADLINE_MS;

	for (const struct tuple *t = s->first; t; t = t->next) {
		if (delete_entry(c, t, e) < 0)
			return -1;
		if (clock_mono_ms() > deadline_ms)
			return err_set(e, ERR_TIMEOUT, "too many flows to end in %d s",
				       NL_DEADLINE_MS / 1000);
	}
	return s->lost ? err_set(e, ERR_NOMEM, "no memory for all flows to end") : 0;
}

int ct_cut(struct ct *c, const struct ct_flow *v, size_t n, struct err *e)
{
	_Alignas(struct nlmsghdr) char buf[NL_REQUEST_LEN];
	struct scan s = { .flows = v, .flow_cnt = n };
	int rc;

	if (n == 0)
		return 0;
	arena_init(&s.mem, FOUND_MEMORY_MAX);
	s.tail = &s.first;
	rc = nl_request(&c->nl, request(c, buf, IPCTNL_MSG_CT_GET, NLM_F_DUMP), look_at, &s, e);
	if (rc == 0)
		rc = delete_found(c, &s, e);
	arena_fini(&s.mem);
	return rc;
}
