/* nft.c - nf_tables over netlink: sockets, atomic batches and their answers
 *
 * Layer: sys.  Input: trusted (the kernel), length-checked.  Memory: one mapping for the batch;
 * libnftnl's heap while a message is built.  Threads: one owner.
 * Spec: S001 section 7, S001-FR-008, S001-X-012, D27.
 *
 * Theory of operation.  A batch is a row of messages between a begin and an end message; the kernel
 * does all of it or nothing.  Every message asks for an acknowledgement, so the batch is through
 * when the last one is answered.  A refusal of the begin message (no privilege, no nf_tables, a
 * commit that failed) comes alone or first and ends the wait at once.  Sizes are bounded before
 * libnftnl writes: no message of ours is longer than MSG_ROOM.
 */
#include "sys/nft.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <libnftnl/udata.h>
#include <linux/netfilter/nfnetlink.h>

#define BATCH_LEN (512 * 1024)
#define MSG_ROOM 8192			/* more than any message below can need */
#define UDATA_LEN 64

int nft_open(struct nft *n, struct err *e)
{
	*n = (struct nft){ .ctl.fd = -1, .ev.fd = -1 };
	if (nl_open(&n->ctl, NETLINK_NETFILTER, e) < 0 ||
	    nl_open(&n->ev, NETLINK_NETFILTER, e) < 0 ||
	    /* Without the capability every change is refused too, with the better message. */
	    (nl_join(&n->ev, NFNLGRP_NFTABLES, e) < 0 && e->sys != EPERM)) {
		nft_close(n);
		return -1;
	}
	if (arena_init_fixed(&n->mem, BATCH_LEN + 4096) < 0 ||
	    !(n->batch = arena_alloc(&n->mem, BATCH_LEN))) {
		nft_close(n);
		return err_set(e, ERR_NOMEM, "no memory for nftables batches");
	}
	return 0;
}

void nft_close(struct nft *n)
{
	nl_close(&n->ev);
	nl_close(&n->ctl);
	if (n->batch)
		arena_fini(&n->mem);
	n->batch = NULL;
}

/* --- building ---------------------------------------------------------------------------- */

void nft_begin(struct nft_batch *b, struct nft *n, struct buf *text)
{
	*b = (struct nft_batch){ .nft = n, .text = text, .failed_op = -1 };
	if (!n)
		return;
	b->first_seq = ++n->ctl.seq;
	b->len = nftnl_batch_begin(n->batch, b->first_seq)->nlmsg_len;
}

/* The next message of the batch, or NULL when it is text only or full. */
static struct nlmsghdr *op_start(struct nft_batch *b, uint16_t type, uint16_t flags)
{
	if (!b->nft || b->broken)
		return NULL;
	if (BATCH_LEN - b->len < 2 * (size_t)MSG_ROOM) {
		b->broken = true;
		return NULL;
	}
	b->ops++;
	return nftnl_nlmsg_build_hdr(b->nft->batch + b->len, type, NFPROTO_INET,
				     (uint16_t)(flags | NLM_F_ACK), ++b->nft->ctl.seq);
}

static void op_end(struct nft_batch *b, const struct nlmsghdr *nlh)
{
	CHECK(nlh->nlmsg_len <= MSG_ROOM);
	b->len += (nlh->nlmsg_len + 3U) & ~3U;
}

static void table_op(struct nft_batch *b, uint16_t type, const char *table, const uint32_t *flags)
{
	struct nlmsghdr *nlh = op_start(b, type, type == NFT_MSG_NEWTABLE ? NLM_F_CREATE : 0);
	struct nftnl_table *t;

	if (!nlh)
		return;
	t = nftnl_table_alloc();
	if (!t) {
		b->broken = true;
		return;
	}
	nftnl_table_set_u32(t, NFTNL_TABLE_FAMILY, NFPROTO_INET);
	nftnl_table_set_str(t, NFTNL_TABLE_NAME, table);
	if (flags)
		nftnl_table_set_u32(t, NFTNL_TABLE_FLAGS, *flags);
	nftnl_table_nlmsg_build_payload(nlh, t);
	nftnl_table_free(t);
	op_end(b, nlh);
}

void nft_table_add(struct nft_batch *b, const char *table, uint32_t flags)
{
	if (b->text)
		buf_printf(b->text, "add table inet %s flags %u\n", table, flags);
	table_op(b, NFT_MSG_NEWTABLE, table, flags ? &flags : NULL);
}

void nft_table_del(struct nft_batch *b, const char *table)
{
	if (b->text)
		buf_printf(b->text, "delete table inet %s\n", table);
	table_op(b, NFT_MSG_DELTABLE, table, NULL);
}

/* nft shows a data type per field as six bits of one number. */
static void set_key_type(struct nftnl_set *d, const struct nft_set *s)
{
	uint32_t type = 0, len = 0;

	for (unsigned i = 0; i < s->fields; i++) {
		type = type << 6 | s->types[i];
		len += (s->lens[i] + 3U) & ~3U;
	}
	nftnl_set_set_u32(d, NFTNL_SET_KEY_TYPE, type);
	nftnl_set_set_u32(d, NFTNL_SET_KEY_LEN, len);
}

static bool set_fill(struct nftnl_set *d, const char *table, const struct nft_set *s)
{
	struct nftnl_udata_buf *ud = nftnl_udata_buf_alloc(UDATA_LEN);
	uint32_t flags = 0;

	if (!ud)
		return false;
	flags |= s->interval ? NFT_SET_INTERVAL : 0U;
	flags |= s->interval && s->fields > 1 ? NFT_SET_CONCAT : 0U;
	flags |= s->timeout ? NFT_SET_TIMEOUT : 0U;
	nftnl_set_set_u32(d, NFTNL_SET_FAMILY, NFPROTO_INET);
	nftnl_set_set_str(d, NFTNL_SET_TABLE, table);
	nftnl_set_set_str(d, NFTNL_SET_NAME, s->name);
	nftnl_set_set_u32(d, NFTNL_SET_ID, s->id);
	nftnl_set_set_u32(d, NFTNL_SET_FLAGS, flags);
	set_key_type(d, s);
	if (s->interval && s->fields > 1)
		nftnl_set_set_data(d, NFTNL_SET_DESC_CONCAT, s->lens, s->fields);
	nftnl_udata_put_u32(ud, NFTNL_UDATA_SET_KEYBYTEORDER, s->host_order ? 1 : 2);
	nftnl_set_set_data(d, NFTNL_SET_USERDATA, nftnl_udata_buf_data(ud),
			   nftnl_udata_buf_len(ud));
	nftnl_udata_buf_free(ud);
	return true;
}

void nft_set_add(struct nft_batch *b, const char *table, const struct nft_set *s)
{
	struct nlmsghdr *nlh;
	struct nftnl_set *d;

	if (b->text)
		buf_printf(b->text, "add set %s: %s%s%s\n", s->name, s->type_text,
			   s->interval ? ", interval" : "", s->timeout ? ", timeout" : "");
	nlh = op_start(b, NFT_MSG_NEWSET, NLM_F_CREATE);
	if (!nlh)
		return;
	d = nftnl_set_alloc();
	if (!d || !set_fill(d, table, s)) {
		b->broken = true;
	} else {
		nftnl_set_nlmsg_build_payload(nlh, d);
		op_end(b, nlh);
	}
	if (d)
		nftnl_set_free(d);
}

/* Type, length, text with its NUL: the user data of an element as nft writes it. */
static void set_comment(struct nftnl_set_elem *x, const char *comment)
{
	uint8_t data[NFT_COMMENT_MAX + 3] = { NFTNL_UDATA_SET_ELEM_COMMENT };
	size_t len = strnlen(comment, NFT_COMMENT_MAX);

	data[1] = (uint8_t)(len + 1);
	memcpy(data + 2, comment, len);
	nftnl_set_elem_set(x, NFTNL_SET_ELEM_USERDATA, data, (uint32_t)len + 3);
}

static struct nftnl_set_elem *elem_of(const struct nft_elem *el)
{
	struct nftnl_set_elem *x = nftnl_set_elem_alloc();

	if (!x)
		return NULL;
	nftnl_set_elem_set(x, NFTNL_SET_ELEM_KEY, el->key, el->len);
	if (el->key_end)
		nftnl_set_elem_set(x, NFTNL_SET_ELEM_KEY_END, el->key_end, el->len);
	if (el->timeout_ms)
		nftnl_set_elem_set_u64(x, NFTNL_SET_ELEM_TIMEOUT, el->timeout_ms);
	if (el->comment)
		set_comment(x, el->comment);
	return x;
}

/* el NULL: the message is about all elements. */
static struct nftnl_set *elem_set(const char *table, const struct nft_set *s,
				  const struct nft_elem *el)
{
	struct nftnl_set *d = nftnl_set_alloc();
	struct nftnl_set_elem *x;

	if (!d)
		return NULL;
	nftnl_set_set_str(d, NFTNL_SET_TABLE, table);
	nftnl_set_set_str(d, NFTNL_SET_NAME, s->name);
	nftnl_set_set_u32(d, NFTNL_SET_FAMILY, NFPROTO_INET);
	if (s->id)
		nftnl_set_set_u32(d, NFTNL_SET_ID, s->id);
	if (!el)
		return d;
	x = elem_of(el);
	if (!x) {
		nftnl_set_free(d);
		return NULL;
	}
	nftnl_set_elem_add(d, x);
	return d;
}

static void elem_text(struct buf *out, const char *verb, const struct nft_set *s,
		      const struct nft_elem *el)
{
	const uint8_t *key = el->key;

	buf_printf(out, "%s element %s: ", verb, s->name);
	if (s->host_order) {
		buf_add_escaped(out, str_n(key, strnlen(el->key, el->len)), el->len);
	} else {
		for (uint8_t i = 0; i < el->len; i++)
			buf_printf(out, "%02x", (unsigned)key[i]);
	}
	if (el->timeout_ms)
		buf_printf(out, " timeout %llu ms", (unsigned long long)el->timeout_ms);
	if (el->comment)
		buf_printf(out, " comment \"%s\"", el->comment);
	buf_add_byte(out, '\n');
}

static void elem_op(struct nft_batch *b, uint16_t type, const char *table, const struct nft_set *s,
		    const struct nft_elem *el)
{
	struct nlmsghdr *nlh = op_start(b, type, type == NFT_MSG_NEWSETELEM ? NLM_F_CREATE : 0);
	struct nftnl_set *d;

	if (!nlh)
		return;
	d = elem_set(table, s, el);
	if (!d) {
		b->broken = true;
		return;
	}
	nftnl_set_elems_nlmsg_build_payload(nlh, d);
	nftnl_set_free(d);
	op_end(b, nlh);
}

void nft_elem_add(struct nft_batch *b, const char *table, const struct nft_set *s,
		  const struct nft_elem *el)
{
	if (b->text)
		elem_text(b->text, "add", s, el);
	elem_op(b, NFT_MSG_NEWSETELEM, table, s, el);
}

void nft_elem_del(struct nft_batch *b, const char *table, const struct nft_set *s,
		  const struct nft_elem *el)
{
	if (b->text)
		elem_text(b->text, "delete", s, el);
	elem_op(b, NFT_MSG_DELSETELEM, table, s, el);
}

void nft_elem_flush(struct nft_batch *b, const char *table, const struct nft_set *s)
{
	if (b->text)
		buf_printf(b->text, "flush set %s\n", s->name);
	elem_op(b, NFT_MSG_DELSETELEM, table, s, NULL);
}

static const char *hook_name(uint32_t hook)
{
	static const char *const names[] = { "prerouting", "input", "forward", "output",
					     "postrouting" };

	return hook < ARRAY_LEN(names) ? names[hook] : "?";
}

void nft_chain_add(struct nft_batch *b, const struct nft_chain *c)
{
	struct nlmsghdr *nlh;
	struct nftnl_chain *d;

	if (b->text)
		buf_printf(b->text, "add chain %s: type %s hook %s priority %d policy %s\n",
			   c->name, c->type, hook_name(c->hook), c->prio,
			   c->policy == NF_ACCEPT ? "accept" : "drop");
	nlh = op_start(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);
	if (!nlh)
		return;
	d = nftnl_chain_alloc();
	if (!d) {
		b->broken = true;
		return;
	}
	nftnl_chain_set_str(d, NFTNL_CHAIN_TABLE, c->table);
	nftnl_chain_set_str(d, NFTNL_CHAIN_NAME, c->name);
	nftnl_chain_set_str(d, NFTNL_CHAIN_TYPE, c->type);
	nftnl_chain_set_u32(d, NFTNL_CHAIN_HOOKNUM, c->hook);
	nftnl_chain_set_s32(d, NFTNL_CHAIN_PRIO, c->prio);
	nftnl_chain_set_u32(d, NFTNL_CHAIN_POLICY, c->policy);
	nftnl_chain_nlmsg_build_payload(nlh, d);
	nftnl_chain_free(d);
	op_end(b, nlh);
}

static bool rule_fill(struct nftnl_rule *d, const struct nft_rule *r)
{
	nftnl_rule_set_u32(d, NFTNL_RULE_FAMILY, NFPROTO_INET);
	nftnl_rule_set_str(d, NFTNL_RULE_TABLE, r->table);
	nftnl_rule_set_str(d, NFTNL_RULE_CHAIN, r->chain);
	if (r->comment) {
		struct nftnl_udata_buf *ud = nftnl_udata_buf_alloc(UDATA_LEN);

		if (!ud)
			return false;
		nftnl_udata_put_strz(ud, NFTNL_UDATA_RULE_COMMENT, r->comment);
		nftnl_rule_set_data(d, NFTNL_RULE_USERDATA, nftnl_udata_buf_data(ud),
				    nftnl_udata_buf_len(ud));
		nftnl_udata_buf_free(ud);
	}
	return nft_rule_fill(d, r);
}

void nft_rule_add(struct nft_batch *b, const struct nft_rule *r)
{
	struct nlmsghdr *nlh;
	struct nftnl_rule *d;

	if (b->text)
		nft_rule_text(b->text, r);
	if (r->overflow)
		b->broken = true;
	nlh = op_start(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
	if (!nlh)
		return;
	d = nftnl_rule_alloc();
	if (!d || !rule_fill(d, r)) {
		b->broken = true;
	} else {
		nftnl_rule_nlmsg_build_payload(nlh, d);
		op_end(b, nlh);
	}
	if (d)
		nftnl_rule_free(d);
}

/* --- commit ------------------------------------------------------------------------------ */

struct answers {
	uint32_t first_seq, last_seq;	/* of the begin message and of the last operation */
	int failed_op;
	bool failed, done;
	struct err *e;			/* set at the first refusal */
};

static void take_answer(struct answers *a, const struct nlmsghdr *nlh)
{
	uint32_t at = nlh->nlmsg_seq - a->first_seq;
	struct err e;

	if (at > a->last_seq - a->first_seq || nlh->nlmsg_type != NLMSG_ERROR)
		return;
	if (nl_error(nlh, &e) < 0 && !a->failed) {
		a->failed = true;
		a->failed_op = (int)at - 1;
		*a->e = e;
	}
	if (nlh->nlmsg_seq == a->last_seq || (at == 0 && a->failed))
		a->done = true;
}

static int read_answers(struct nft_batch *b, struct answers *a)
{
	uint64_t deadline = clock_mono_ms() + NL_DEADLINE_MS;
	struct nl *s = &b->nft->ctl;

	while (!a->done) {
		const struct nlmsghdr *nlh;
		size_t got;
		int left;

		if (nl_recv(s, deadline, &got, a->e) < 0)
			return -1;
		nlh = (const struct nlmsghdr *)(const void *)s->rbuf;
		left = (int)got;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			take_answer(a, nlh);
	}
	b->failed_op = a->failed_op;
	return a->failed ? -1 : 0;
}

int nft_commit(struct nft_batch *b, struct err *e)
{
	struct answers a = { .first_seq = b->first_seq, .failed_op = -1, .e = e };

	if (b->broken || !b->nft || b->ops == 0)
		return err_set(e, ERR_LIMIT, "the batch does not fit");
	a.last_seq = b->nft->ctl.seq;
	b->len += nftnl_batch_end(b->nft->batch + b->len, ++b->nft->ctl.seq)->nlmsg_len;
	if (nl_send(&b->nft->ctl, b->nft->batch, b->len, e) < 0)
		return -1;
	return read_answers(b, &a);
}
