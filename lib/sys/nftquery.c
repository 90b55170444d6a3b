/* nftquery.c - what stands in nf_tables, and who changed it: queries, counters, events
 *
 * Layer: sys.  Input: trusted (the kernel), length-checked.  Memory: stack.  Threads: one owner.
 * Spec: S001-FR-011, S001-X-007, S001-X-008, S001-X-015, D27.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <string.h>

#include "base/clock.h"
#include "sys/nft.h"

#include <linux/netfilter/nfnetlink.h>

#define NFT_COMMENT 0			/* type of a comment in the user data of a rule */

union request {
	struct nlmsghdr nlh;
	char bytes[NL_REQUEST_LEN];
};

static struct nlmsghdr *query(struct nft *n, union request *req, unsigned msg, uint16_t flags)
{
	uint16_t type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | msg);
	struct nlmsghdr *nlh = nl_begin(&n->ctl, req, type, flags);
	struct nfgenmsg *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));

	g->nfgen_family = NFPROTO_INET;
	g->version = NFNETLINK_V0;
	return nlh;
}

static bool is_msg(const struct nlmsghdr *nlh, unsigned msg)
{
	return nlh->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | msg);
}

static bool name_is(const struct nlattr *a, const char *name)
{
	size_t len = strlen(name) + 1;

	return a && mnl_attr_get_payload_len(a) == len &&
	       !memcmp(mnl_attr_get_payload(a), name, len);
}

static bool get_be32(const struct nlattr *a, uint32_t *out)
{
	if (!nl_get_u32(a, out))
		return false;
	*out = ntohl(*out);
	return true;
}

static uint64_t get_be64(const struct nlattr *a)
{
	uint64_t v = 0;

	if (a && mnl_attr_get_payload_len(a) == sizeof(v))
		memcpy(&v, mnl_attr_get_payload(a), sizeof(v));
	return be64toh(v);
}

/* --- table and chain --------------------------------------------------------------------- */

static int take_table(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	const struct nlattr *tb[NFTA_TABLE_MAX + 1];
	uint32_t *flags = ctx;

	(void)e;
	if (!nlh || !is_msg(nlh, NFT_MSG_NEWTABLE) ||
	    !nl_attrs(nlh, sizeof(struct nfgenmsg), tb, NFTA_TABLE_MAX))
		return 0;
	(void)get_be32(tb[NFTA_TABLE_FLAGS], flags);
	return 0;
}

int nft_table_present(struct nft *n, const char *table, bool *present, uint32_t *flags,
		      struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = query(n, &req, NFT_MSG_GETTABLE, 0);
	uint32_t got = 0;

	mnl_attr_put_strz(nlh, NFTA_TABLE_NAME, table);
	if (nl_request(&n->ctl, nlh, take_table, &got, e) < 0) {
		if (e->sys != ENOENT)
			return -1;
		*present = false;
		return 0;
	}
	*present = true;
	*flags = got;
	return 0;
}

static int take_policy(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	const struct nlattr *tb[NFTA_CHAIN_MAX + 1];

	if (!nlh)
		return 0;
	if (!nl_attrs(nlh, sizeof(struct nfgenmsg), tb, NFTA_CHAIN_MAX))
		return err_set(e, ERR_PROTO, "malformed chain message from the kernel");
	if (!get_be32(tb[NFTA_CHAIN_POLICY], ctx))
		return err_set(e, ERR_NOT_FOUND, "the chain has no policy");
	return 0;
}

int nft_chain_policy(struct nft *n, const char *table, const char *chain, uint32_t *policy,
		     struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = query(n, &req, NFT_MSG_GETCHAIN, 0);
	uint32_t got = 0;

	mnl_attr_put_strz(nlh, NFTA_CHAIN_TABLE, table);
	mnl_attr_put_strz(nlh, NFTA_CHAIN_NAME, chain);
	if (nl_request(&n->ctl, nlh, take_policy, &got, e) < 0)
		return -1;
	*policy = got;
	return 0;
}

/* --- fingerprint ------------------------------------------------------------------------- */

struct print {
	const char *table;
	uint64_t sum;
	uint64_t before;		/* sum when the running dump started */
};

/* FNV-1a: no defence needed, only root can write what is hashed. */
static void mix(struct print *p, const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p->sum = (p->sum ^ ((const uint8_t *)data)[i]) * 0x100000001b3ULL;
}

static void mix_attr(struct print *p, const struct nlattr *a)
{
	uint16_t len = a ? mnl_attr_get_payload_len(a) : 0;

	mix(p, &len, sizeof(len));
	if (a)
		mix(p, mnl_attr_get_payload(a), len);
}

static int print_chain(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	static const unsigned parts[] = { NFTA_CHAIN_NAME, NFTA_CHAIN_HANDLE, NFTA_CHAIN_HOOK,
					  NFTA_CHAIN_POLICY, NFTA_CHAIN_TYPE };
	const struct nlattr *tb[NFTA_CHAIN_MAX + 1];
	struct print *p = ctx;

	(void)e;
	if (!nlh) {
		p->sum = p->before;
		return 0;
	}
	if (!nl_attrs(nlh, sizeof(struct nfgenmsg), tb, NFTA_CHAIN_MAX) ||
	    !name_is(tb[NFTA_CHAIN_TABLE], p->table))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		mix_attr(p, tb[parts[i]]);
	return 0;
}

static int print_rule(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	const struct nlattr *tb[NFTA_RULE_MAX + 1];
	struct print *p = ctx;

	(void)e;
	if (!nlh) {
		p->sum = p->before;
		return 0;
	}
	if (!nl_attrs(nlh, sizeof(struct nfgenmsg), tb, NFTA_RULE_MAX) ||
	    !name_is(tb[NFTA_RULE_TABLE], p->table))
		return 0;
	mix_attr(p, tb[NFTA_RULE_CHAIN]);
	mix_attr(p, tb[NFTA_RULE_HANDLE]);
	return 0;
}

static int print_set(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	const struct nlattr *tb[NFTA_SET_MAX + 1];
	struct print *p = ctx;

	(void)e;
	if (!nlh) {
		p->sum = p->before;
		return 0;
	}
	if (!nl_attrs(nlh, sizeof(struct nfgenmsg), tb, NFTA_SET_MAX) ||
	    !name_is(tb[NFTA_SET_TABLE], p->table))
		return 0;
	mix_attr(p, tb[NFTA_SET_NAME]);
	mix_attr(p, tb[NFTA_SET_HANDLE]);
	return 0;
}

static void print_key(void *ctx, struct str key)
{
	struct print *p = ctx;

	if (!key.p) {
		p->sum = p->before;
		return;
	}
	/* The kernel's order of a hash set is no property of the table: add, do not chain. */
	struct print one = { .sum = 0xcbf29ce484222325ULL };

	mix(&one, key.p, key.len);
	p->sum += one.sum;
}

static int print_dump(struct nft *n, unsigned msg, uint16_t table_attr, nl_fn *fn, struct print *p,
		      struct err *e)
{
	union request req;
	struct nlmsghdr *nlh = query(n, &req, msg, NLM_F_DUMP);

	p->before = p->sum;
	if (table_attr)
		mnl_attr_put_strz(nlh, table_attr, p->table);
	return nl_request(&n->ctl, nlh, fn, p, e);
}

int nft_fingerprint(struct nft *n, const char *table, const char *elems, uint64_t *out,
		    struct err *e)
{
	struct print p = { .table = table, .sum = 0xcbf29ce484222325ULL };
	uint32_t flags;
	bool present;

	if (nft_table_present(n, table, &present, &flags, e) < 0)
		return -1;
	if (!present) {
		*out = 0;
		return 0;
	}
	mix(&p, &flags, sizeof(flags));
	if (print_dump(n, NFT_MSG_GETCHAIN, 0, print_chain, &p, e) < 0 ||
	    print_dump(n, NFT_MSG_GETRULE, NFTA_RULE_TABLE, print_rule, &p, e) < 0 ||
	    print_dump(n, NFT_MSG_GETSET, NFTA_SET_TABLE, print_set, &p, e) < 0)
		return -1;
	p.before = p.sum;
	if (nft_keys(n, table, elems, print_key, &p, e) < 0 && e->sys != ENOENT)
		return -1;
	*out = p.sum ? p.sum : 1;
	return 0;
}

/* --- keys and counters ------------------------------------------------------------------- */

struct key_dump {
	nft_key_fn *fn;
	void *ctx;
};

static void each_key(const struct key_dump *d, const struct nlattr *list)
{
	const struct nlattr *el = NULL;

	while ((el = nl_nest_next(list, el)) != NULL) {
		const struct nlattr *tb[NFTA_SET_ELEM_MAX + 1];
		const struct nlattr *key[NFTA_DATA_MAX + 1];

		if (!nl_attrs_nested(el, tb, NFTA_SET_ELEM_MAX) ||
		    !nl_attrs_nested(tb[NFTA_SET_ELEM_KEY], key, NFTA_DATA_MAX) ||
		    !key[NFTA_DATA_VALUE])
			continue;
		d->fn(d->ctx, str_n(mnl_attr_get_payload(key[NFTA_DATA_VALUE]),
				    mnl_attr_get_payload_len(key[NFTA_DATA_VALUE])));
	}
}

static int take_keys(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	const struct nlattr *tb[NFTA_SET_ELEM_LIST_MAX + 1];
	const struct key_dump *d = ctx;

	if (!nlh) {
		d->fn(d->ctx, str_n(NULL, 0));
		return 0;
	}
	if (!nl_attrs(nlh, sizeof(struct nfgenmsg), tb, NFTA_SET_ELEM_LIST_MAX))
		return err_set(e, ERR_PROTO, "malformed set message from the kernel");
	if (tb[NFTA_SET_ELEM_LIST_ELEMENTS])
		each_key(d, tb[NFTA_SET_ELEM_LIST_ELEMENTS]);
	return 0;
}

int nft_keys(struct nft *n, const char *table, const char *set, nft_key_fn *fn, void *ctx,
	     struct err *e)
{
	struct key_dump d = { fn, ctx };
	union request req;
	struct nlmsghdr *nlh = query(n, &req, NFT_MSG_GETSETELEM, NLM_F_DUMP);

	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_TABLE, table);
	mnl_attr_put_strz(nlh, NFTA_SET_ELEM_LIST_SET, set);
	return nl_request(&n->ctl, nlh, take_keys, &d, e);
}

struct counter_dump {
	nft_counter_fn *fn;
	void *ctx;
};

/* User data: rows of type, length, value. */
static struct str rule_comment(const struct nlattr *udata)
{
	const uint8_t *p = udata ? mnl_attr_get_payload(udata) : NULL;
	size_t len = udata ? mnl_attr_get_payload_len(udata) : 0;

	for (size_t at = 0; len - at >= 2; at += 2U + p[at + 1]) {
		if (p[at + 1] > len - at - 2)
			break;
		if (p[at] == NFT_COMMENT && p[at + 1] > 0)
			return str_n(p + at + 2, strnlen((const char *)p + at + 2, p[at + 1]));
	}
	return STR("");
}

static void each_counter(const struct counter_dump *d, struct str comment,
			 const struct nlattr *list)
{
	const struct nlattr *el = NULL;

	while ((el = nl_nest_next(list, el)) != NULL) {
		const struct nlattr *x[NFTA_EXPR_MAX + 1];
		const struct nlattr *c[NFTA_COUNTER_MAX + 1];

		if (!nl_attrs_nested(el, x, NFTA_EXPR_MAX) ||
		    !name_is(x[NFTA_EXPR_NAME], "counter") ||
		    !nl_attrs_nested(x[NFTA_EXPR_DATA], c, NFTA_COUNTER_MAX))
			continue;
		d->fn(d->ctx, comment, get_be64(c[NFTA_COUNTER_PACKETS]),
		      get_be64(c[NFTA_COUNTER_BYTES]));
	}
}

static int take_counters(void *ctx, const struct nlmsghdr *nlh, struct err *e)
{
	const struct nlattr *tb[NFTA_RULE_MAX + 1];
	const struct counter_dump *d = ctx;

	if (!nlh) {
		d->fn(d->ctx, str_n(NULL, 0), 0, 0);
		return 0;
	}
	if (!nl_attrs(nlh, sizeof(struct nfgenmsg), tb, NFTA_RULE_MAX))
		return err_set(e, ERR_PROTO, "malformed rule message from the kernel");
	if (tb[NFTA_RULE_EXPRESSIONS])
		each_counter(d, rule_comment(tb[NFTA_RULE_USERDATA]), tb[NFTA_RULE_EXPRESSIONS]);
	return 0;
}

int nft_counters(struct nft *n, const char *table, nft_counter_fn *fn, void *ctx, struct err *e)
{
	struct counter_dump d = { fn, ctx };
	union request req;
	struct nlmsghdr *nlh = query(n, &req, NFT_MSG_GETRULE, NLM_F_DUMP);

	mnl_attr_put_strz(nlh, NFTA_RULE_TABLE, table);
	return nl_request(&n->ctl, nlh, take_counters, &d, e);
}

/* --- events ------------------------------------------------------------------------------ */

#define GEN_WAIT_MS 20		/* a change and its generation event come in two datagrams */

/* In every nf_tables message but the generation's, attribute 1 is the name of the table. The
 * generation event closes a change and says who made it. */
static void take_event(struct nft_foreign *f, bool *open, const char *table,
		       const struct nlmsghdr *nlh)
{
	const struct nlattr *tb[NFTA_GEN_MAX + 1];

	f->any = true;
	if (!nl_attrs(nlh, sizeof(struct nfgenmsg), tb, NFTA_GEN_MAX)) {
		f->lost = true;
		return;
	}
	if (!is_msg(nlh, NFT_MSG_NEWGEN)) {
		if (name_is(tb[NFTA_TABLE_NAME], table))
			f->touched = *open = true;
		return;
	}
	if (!*open)
		return;
	*open = false;
	(void)get_be32(tb[NFTA_GEN_PROC_PID], &f->pid);
	if (!nl_get_name(tb[NFTA_GEN_PROC_NAME], f->comm, sizeof(f->comm)))
		f->comm[0] = '\0';
}

int nft_events(struct nft *n, const char *table, struct nft_foreign *out, struct err *e)
{
	struct nft_foreign f = { 0 };
	bool open = false;

	for (;;) {
		const struct nlmsghdr *nlh;
		size_t got;
		int left;

		if (nl_recv(&n->ev, open ? clock_mono_ms() + GEN_WAIT_MS : 0, &got, e) < 0) {
			if (e->code == ERR_TIMEOUT)
				break;
			if (e->sys != ENOBUFS)
				return -1;
			f.any = f.lost = true;
			open = false;
			continue;
		}
		if (got == 0)
			break;
		nlh = (const struct nlmsghdr *)(const void *)n->ev.rbuf;
		left = (int)got;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
			if (nlh->nlmsg_type >> 8 == NFNL_SUBSYS_NFTABLES &&
			    nlh->nlmsg_pid != n->ctl.portid)
				take_event(&f, &open, table, nlh);
		}
	}
	*out = f;
	return 0;
}
