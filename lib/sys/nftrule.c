/* nftrule.c - rules of nf_tables: expression helpers, their text form, their libnftnl form
 *
 * Layer: sys.  Input: trusted.  Memory: the caller's rule, libnftnl's heap.  Threads: pure.
 * Spec: S001 section 7.
 */
#include <arpa/inet.h>
#include <linux/netfilter.h>

#include "sys/nft.h"

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>

/* "r1" of the classic numbering is the same storage as the 32-bit registers 8 to 11. */
#define REG NFT_REG_1

void nft_x(struct nft_rule *r, struct nft_expr x)
{
	if (r->cnt == NFT_EXPRS_MAX) {
		r->overflow = true;
		return;
	}
	r->expr[r->cnt++] = x;
}

static void add_cmp(struct nft_rule *r, uint32_t op, const void *data, uint8_t len)
{
	struct nft_expr x = { .op = NFT_OP_CMP, .reg = REG, .a = op, .len = len };

	if (len > sizeof(x.data)) {
		r->overflow = true;
		return;
	}
	for (uint8_t i = 0; i < len; i++)
		x.data[i] = ((const uint8_t *)data)[i];
	nft_x(r, x);
}

static void add_meta(struct nft_rule *r, uint32_t key)
{
	nft_x(r, (struct nft_expr){ .op = NFT_OP_META, .reg = REG, .a = key });
}

void nft_x_meta_in(struct nft_rule *r, uint32_t key, const struct nft_set *set, bool inverted)
{
	add_meta(r, key);
	nft_x(r, (struct nft_expr){ .op = NFT_OP_LOOKUP, .reg = REG, .a = inverted, .set = set });
}

void nft_x_meta_eq(struct nft_rule *r, uint32_t key, const void *data, uint8_t len)
{
	add_meta(r, key);
	add_cmp(r, NFT_CMP_EQ, data, len);
}

void nft_x_meta_ne(struct nft_rule *r, uint32_t key, const void *data, uint8_t len)
{
	add_meta(r, key);
	add_cmp(r, NFT_CMP_NEQ, data, len);
}

void nft_x_payload_eq(struct nft_rule *r, uint32_t base, uint32_t off, const void *data,
		      uint8_t len)
{
	nft_x(r, (struct nft_expr){ .op = NFT_OP_PAYLOAD, .reg = REG, .a = base, .b = off,
				    .c = len });
	add_cmp(r, NFT_CMP_EQ, data, len);
}

void nft_x_ct_state(struct nft_rule *r, uint32_t bits)
{
	const uint32_t none = 0;

	nft_x(r, (struct nft_expr){ .op = NFT_OP_CT_STATE, .reg = REG });
	nft_x(r, (struct nft_expr){ .op = NFT_OP_MASK, .reg = REG, .a = bits });
	add_cmp(r, NFT_CMP_NEQ, &none, sizeof(none));
}

void nft_x_verdict(struct nft_rule *r, uint32_t verdict)
{
	nft_x(r, (struct nft_expr){ .op = NFT_OP_VERDICT, .a = verdict });
}

/* --- text -------------------------------------------------------------------------------- */

static const char *meta_name(uint32_t key)
{
	switch (key) {
	case NFT_META_IIFNAME: return "iifname";
	case NFT_META_OIFNAME: return "oifname";
	case NFT_META_NFPROTO: return "nfproto";
	case NFT_META_L4PROTO: return "l4proto";
	default: return "?";
	}
}

static void add_data(struct buf *out, const struct nft_expr *x)
{
	bool text = x->len > 4;

	if (text) {
		buf_add_byte(out, '"');
		buf_add_escaped(out, str_n(x->data, x->len), sizeof(x->data));
		buf_add_byte(out, '"');
		return;
	}
	buf_add_c(out, "0x");
	for (uint8_t i = 0; i < x->len; i++)
		buf_printf(out, "%02x", (unsigned)x->data[i]);
}

static void expr_text(struct buf *out, const struct nft_expr *x)
{
	switch (x->op) {
	case NFT_OP_META:
		buf_printf(out, "r%u = meta %s", x->reg, meta_name(x->a));
		break;
	case NFT_OP_PAYLOAD:
		buf_printf(out, "r%u = %s header + %u, %u", x->reg,
			   x->a == NFT_PAYLOAD_NETWORK_HEADER ? "network" : "transport", x->b,
			   x->c);
		break;
	case NFT_OP_CT_STATE:
		buf_printf(out, "r%u = ct state", x->reg);
		break;
	case NFT_OP_FIB:
		buf_printf(out, "r%u = fib result %u flags 0x%x", x->reg, x->a, x->b);
		break;
	case NFT_OP_CMP:
		buf_printf(out, "r%u %s ", x->reg, x->a == NFT_CMP_EQ ? "==" : "!=");
		add_data(out, x);
		break;
	case NFT_OP_MASK:
		buf_printf(out, "r%u &= 0x%x", x->reg, x->a);
		break;
	case NFT_OP_LOOKUP:
		buf_printf(out, "r%u %s @%s", x->reg, x->a ? "not in" : "in", x->set->name);
		break;
	case NFT_OP_IMM:
		buf_printf(out, "r%u = ", x->reg);
		add_data(out, x);
		break;
	case NFT_OP_COUNTER:
		buf_add_c(out, "counter");
		break;
	case NFT_OP_LIMIT:
		buf_printf(out, "limit %u/s burst %u", x->a, x->b);
		break;
	case NFT_OP_REJECT:
		buf_printf(out, "reject type %u code %u", x->a, x->b);
		break;
	case NFT_OP_DNAT:
		buf_printf(out, "dnat ip r%u port r%u", x->reg, x->a);
		break;
	case NFT_OP_VERDICT:
		buf_add_c(out, x->a == NF_ACCEPT ? "accept" : "drop");
		break;
	}
}

void nft_rule_text(struct buf *out, const struct nft_rule *r)
{
	buf_printf(out, "rule %s %s:", r->chain, r->comment ? r->comment : "-");
	for (unsigned i = 0; i < r->cnt; i++) {
		buf_add_c(out, i ? "; " : " ");
		expr_text(out, &r->expr[i]);
	}
	buf_add_byte(out, '\n');
}

/* --- libnftnl ---------------------------------------------------------------------------- */

static const char *expr_name(enum nft_op op)
{
	switch (op) {
	case NFT_OP_META: return "meta";
	case NFT_OP_PAYLOAD: return "payload";
	case NFT_OP_CT_STATE: return "ct";
	case NFT_OP_FIB: return "fib";
	case NFT_OP_CMP: return "cmp";
	case NFT_OP_MASK: return "bitwise";
	case NFT_OP_LOOKUP: return "lookup";
	case NFT_OP_IMM: return "immediate";
	case NFT_OP_COUNTER: return "counter";
	case NFT_OP_LIMIT: return "limit";
	case NFT_OP_REJECT: return "reject";
	case NFT_OP_DNAT: return "nat";
	case NFT_OP_VERDICT: return "immediate";
	}
	return NULL;
}

static void fill_mask(struct nftnl_expr *d, const struct nft_expr *x)
{
	const uint32_t zero = 0;

	nftnl_expr_set_u32(d, NFTNL_EXPR_BITWISE_SREG, x->reg);
	nftnl_expr_set_u32(d, NFTNL_EXPR_BITWISE_DREG, x->reg);
	nftnl_expr_set_u32(d, NFTNL_EXPR_BITWISE_LEN, sizeof(x->a));
	nftnl_expr_set(d, NFTNL_EXPR_BITWISE_MASK, &x->a, sizeof(x->a));
	nftnl_expr_set(d, NFTNL_EXPR_BITWISE_XOR, &zero, sizeof(zero));
}

static void fill_lookup(struct nftnl_expr *d, const struct nft_expr *x)
{
	nftnl_expr_set_u32(d, NFTNL_EXPR_LOOKUP_SREG, x->reg);
	nftnl_expr_set_str(d, NFTNL_EXPR_LOOKUP_SET, x->set->name);
	nftnl_expr_set_u32(d, NFTNL_EXPR_LOOKUP_SET_ID, x->set->id);
	nftnl_expr_set_u32(d, NFTNL_EXPR_LOOKUP_FLAGS, x->a ? NFT_LOOKUP_F_INV : 0);
}

static void fill_action(struct nftnl_expr *d, const struct nft_expr *x)
{
	if (x->op == NFT_OP_LIMIT) {
		nftnl_expr_set_u64(d, NFTNL_EXPR_LIMIT_RATE, x->a);
		nftnl_expr_set_u64(d, NFTNL_EXPR_LIMIT_UNIT, 1);
		nftnl_expr_set_u32(d, NFTNL_EXPR_LIMIT_BURST, x->b);
		nftnl_expr_set_u32(d, NFTNL_EXPR_LIMIT_TYPE, NFT_LIMIT_PKTS);
		nftnl_expr_set_u32(d, NFTNL_EXPR_LIMIT_FLAGS, 0);
	} else if (x->op == NFT_OP_REJECT) {
		nftnl_expr_set_u32(d, NFTNL_EXPR_REJECT_TYPE, x->a);
		nftnl_expr_set_u8(d, NFTNL_EXPR_REJECT_CODE, (uint8_t)x->b);
	} else if (x->op == NFT_OP_DNAT) {
		nftnl_expr_set_u32(d, NFTNL_EXPR_NAT_TYPE, NFT_NAT_DNAT);
		nftnl_expr_set_u32(d, NFTNL_EXPR_NAT_FAMILY, NFPROTO_IPV4);
		nftnl_expr_set_u32(d, NFTNL_EXPR_NAT_REG_ADDR_MIN, x->reg);
		nftnl_expr_set_u32(d, NFTNL_EXPR_NAT_REG_PROTO_MIN, x->a);
	}
}

static void fill_load(struct nftnl_expr *d, const struct nft_expr *x)
{
	if (x->op == NFT_OP_META) {
		nftnl_expr_set_u32(d, NFTNL_EXPR_META_KEY, x->a);
		nftnl_expr_set_u32(d, NFTNL_EXPR_META_DREG, x->reg);
	} else if (x->op == NFT_OP_PAYLOAD) {
		nftnl_expr_set_u32(d, NFTNL_EXPR_PAYLOAD_BASE, x->a);
		nftnl_expr_set_u32(d, NFTNL_EXPR_PAYLOAD_OFFSET, x->b);
		nftnl_expr_set_u32(d, NFTNL_EXPR_PAYLOAD_LEN, x->c);
		nftnl_expr_set_u32(d, NFTNL_EXPR_PAYLOAD_DREG, x->reg);
	} else if (x->op == NFT_OP_CT_STATE) {
		nftnl_expr_set_u32(d, NFTNL_EXPR_CT_KEY, NFT_CT_STATE);
		nftnl_expr_set_u32(d, NFTNL_EXPR_CT_DREG, x->reg);
	} else if (x->op == NFT_OP_FIB) {
		nftnl_expr_set_u32(d, NFTNL_EXPR_FIB_RESULT, x->a);
		nftnl_expr_set_u32(d, NFTNL_EXPR_FIB_FLAGS, x->b);
		nftnl_expr_set_u32(d, NFTNL_EXPR_FIB_DREG, x->reg);
	}
}

static void fill_expr(struct nftnl_expr *d, const struct nft_expr *x)
{
	switch (x->op) {
	case NFT_OP_META:
	case NFT_OP_PAYLOAD:
	case NFT_OP_CT_STATE:
	case NFT_OP_FIB:
		fill_load(d, x);
		break;
	case NFT_OP_CMP:
		nftnl_expr_set_u32(d, NFTNL_EXPR_CMP_SREG, x->reg);
		nftnl_expr_set_u32(d, NFTNL_EXPR_CMP_OP, x->a);
		nftnl_expr_set(d, NFTNL_EXPR_CMP_DATA, x->data, x->len);
		break;
	case NFT_OP_MASK:
		fill_mask(d, x);
		break;
	case NFT_OP_LOOKUP:
		fill_lookup(d, x);
		break;
	case NFT_OP_IMM:
		nftnl_expr_set_u32(d, NFTNL_EXPR_IMM_DREG, x->reg);
		nftnl_expr_set(d, NFTNL_EXPR_IMM_DATA, x->data, x->len);
		break;
	case NFT_OP_COUNTER:
		nftnl_expr_set_u64(d, NFTNL_EXPR_CTR_PACKETS, 0);
		nftnl_expr_set_u64(d, NFTNL_EXPR_CTR_BYTES, 0);
		break;
	case NFT_OP_LIMIT:
	case NFT_OP_REJECT:
	case NFT_OP_DNAT:
		fill_action(d, x);
		break;
	case NFT_OP_VERDICT:
		nftnl_expr_set_u32(d, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
		nftnl_expr_set_u32(d, NFTNL_EXPR_IMM_VERDICT, x->a);
		break;
	}
}

bool nft_rule_fill(struct nftnl_rule *dst, const struct nft_rule *r)
{
	if (r->overflow)
		return false;
	for (unsigned i = 0; i < r->cnt; i++) {
		struct nftnl_expr *d = nftnl_expr_alloc(expr_name(r->expr[i].op));

		if (!d)
			return false;
		fill_expr(d, &r->expr[i]);
		nftnl_rule_add_expr(dst, d);
	}
	return true;
}
