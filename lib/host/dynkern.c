/* dynkern.c - dynamic grants in the kernel: set elements, flows, the forwarding switch
 *
 * Layer: host.  Input: trusted.  Memory: stack.  Threads: control thread only.
 * Spec: S009 1.4, S001-X-016, D19.
 */
#include "host/dynkern.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define CUT_MAX 64

int dynkern_open(struct dynkern *k, struct bridge *b, struct err *e)
{
	k->bridge = b;
	if (ct_open(&k->ct, e) < 0)
		return err_ctx(e, "cannot watch connections");
	return 0;
}

void dynkern_close(struct dynkern *k)
{
	ct_close(&k->ct);
}

/* ---- elements ---- */

struct element {
	uint8_t key[NFT_KEY_LEN], end[NFT_KEY_LEN];
	char comment[NFT_COMMENT_MAX + 1];
	struct nft_elem el;
	const struct nft_set *set;
};

/* Each field of the key fills four bytes: the smaller ones stand at their start. */
static void put_key(uint8_t *to, uint32_t src, uint32_t dst, uint8_t proto, uint16_t port)
{
	uint32_t src_be = htonl(src), dst_be = htonl(dst);
	uint16_t port_be = htons(port);

	memset(to, 0, NFT_KEY_LEN);
	memcpy(to, &src_be, sizeof(src_be));
	memcpy(to + 4, &dst_be, sizeof(dst_be));
	to[8] = proto;
	memcpy(to + 12, &port_be, sizeof(port_be));
}

static void make_element(struct element *x, const struct dyn_grant *g, uint64_t timeout_ms)
{
	const struct dyn_key *k = &g->key;
	uint32_t hosts = k->dst_bits < 32 ? UINT32_MAX >> k->dst_bits : 0;
	struct buf b = BUF_OF(x->comment);

	buf_printf(&b, "outcall:%s#%llu", g->container, (unsigned long long)g->number);
	put_key(x->key, k->src, k->dst, k->proto, k->port);
	put_key(x->end, k->src, k->dst | hosts, k->proto ? k->proto : UINT8_MAX,
		k->port ? k->port : UINT16_MAX);
	x->set = basetable_grants(dyn_key_is_wide(k));
	x->el = (struct nft_elem){ .key = x->key, .len = NFT_KEY_LEN, .timeout_ms = timeout_ms,
				   .comment = buf_c(&b) };
	if (dyn_key_is_wide(k))
		x->el.key_end = x->end;
}

static uint64_t timeout_of(const struct dyn_grant *g, uint64_t now_ms)
{
	return g->lease_ms > now_ms ? g->lease_ms - now_ms : 1;
}

int dynkern_add(void *ctx, const struct dyn_grant *const *v, size_t n, uint64_t now_ms,
		struct err *e)
{
	struct dynkern *k = ctx;
	struct nft_batch batch;

	nft_begin(&batch, &k->bridge->nft, NULL);
	for (size_t i = 0; i < n; i++) {
		struct element x;

		make_element(&x, v[i], timeout_of(v[i], now_ms));
		nft_elem_add(&batch, BASETABLE_NAME, x.set, &x.el);
	}
	if (nft_commit(&batch, e) == 0)
		return 0;
	if (e->sys == EEXIST || e->sys == ENOTEMPTY)
		e->code = ERR_EXISTS;
	return -1;
}

int dynkern_renew(void *ctx, const struct dyn_grant *g, uint64_t now_ms, struct err *e)
{
	struct dynkern *k = ctx;
	struct nft_batch batch;
	struct element x;

	make_element(&x, g, timeout_of(g, now_ms));
	nft_begin(&batch, &k->bridge->nft, NULL);
	nft_elem_del(&batch, BASETABLE_NAME, x.set, &x.el);
	nft_elem_add(&batch, BASETABLE_NAME, x.set, &x.el);
	if (nft_commit(&batch, e) == 0)
		return 0;
	/* It had just run out: nothing to delete. */
	return e->sys == ENOENT ? dynkern_add(ctx, &g, 1, now_ms, e) : -1;
}

int dynkern_del(void *ctx, const struct dyn_grant *g, struct err *e)
{
	struct dynkern *k = ctx;
	struct nft_batch batch;
	struct element x;

	make_element(&x, g, 0);
	x.el.comment = NULL;
	nft_begin(&batch, &k->bridge->nft, NULL);
	nft_elem_del(&batch, BASETABLE_NAME, x.set, &x.el);
	return nft_commit(&batch, e) == 0 || e->sys == ENOENT ? 0 : -1;
}

int dynkern_del_all(void *ctx, struct err *e)
{
	struct dynkern *k = ctx;
	struct nft_batch batch;

	nft_begin(&batch, &k->bridge->nft, NULL);
	nft_elem_flush(&batch, BASETABLE_NAME, basetable_grants(false));
	nft_elem_flush(&batch, BASETABLE_NAME, basetable_grants(true));
	/* Without a table nothing is open. */
	return nft_commit(&batch, e) == 0 || e->sys == ENOENT ? 0 : -1;
}

int dynkern_reset(void *ctx, struct err *e)
{
	struct dynkern *k = ctx;

	return bridge_apply(k->bridge, k->bridge->table.drop_all, e);
}

/* ---- flows ---- */

int dynkern_cut(void *ctx, const struct dyn_key *v, size_t n, struct err *e)
{
	struct dynkern *k = ctx;
	struct ct_flow flows[CUT_MAX];

	for (size_t done = 0; done < n;) {
		size_t part = MIN(n - done, (size_t)CUT_MAX);

		for (size_t i = 0; i < part; i++) {
			const struct dyn_key *key = &v[done + i];

			flows[i] = (struct ct_flow){
				.src = key->src, .dst = key->dst, .proto = key->proto,
				.port = key->port,
				.dst_mask = key->dst_bits ? UINT32_MAX << (32 - key->dst_bits) : 0,
			};
		}
		if (ct_cut(&k->ct, flows, part, e) < 0)
			return -1;
		done += part;
	}
	return 0;
}
