/* nft.h - nf_tables over netlink: atomic batches, rules from small expressions, events, counters
 *
 * Layer: sys.  Input: trusted (the kernel), length-checked.  Memory: one mapping per struct nft;
 * libnftnl uses the heap while it builds a message.  Threads: one owner.
 * Spec: S001 section 7, S001-X-007, S001-X-015, D27.
 *
 * All is family inet.  A batch can also be written as text, with or without a kernel behind it:
 * that text is what the golden tests compare.
 */
#ifndef OC_SYS_NFT_H
#define OC_SYS_NFT_H

#include "base/buf.h"
#include "base/err.h"
#include "sys/nl.h"

#include <linux/netfilter/nf_tables.h>

#define NFT_EXPRS_MAX 24
#define NFT_SET_FIELDS_MAX 4
#define NFT_KEY_LEN 16
#define NFT_TABLE_OWNED 6U		/* owner | persist: D27 */

struct nft {
	struct nl ctl;			/* carries every change: it is the owner of a table */
	struct nl ev;			/* events */
	char *batch;
	struct arena mem;
};

/* The event socket is part of it: fd to poll is n->ev.fd. ERR_UNAVAILABLE: no nf_tables here. */
int nft_open(struct nft *n, struct err *e) NODISCARD;
void nft_close(struct nft *n);

/* --- rules ------------------------------------------------------------------------------- */
enum nft_op {
	NFT_OP_META = 0,	/* a: NFT_META_* */
	NFT_OP_PAYLOAD,		/* a: NFT_PAYLOAD_*_HEADER, b: offset, c: length */
	NFT_OP_CT_STATE,
	NFT_OP_FIB,		/* a: NFT_FIB_RESULT_*, b: NFTA_FIB_F_* */
	NFT_OP_CMP,		/* a: NFT_CMP_*, data */
	NFT_OP_MASK,		/* a: mask of a 32-bit register */
	NFT_OP_LOOKUP,		/* set, a: 1 = must not be in it */
	NFT_OP_IMM,		/* data */
	NFT_OP_COUNTER,
	NFT_OP_LIMIT,		/* a: packets per second, b: burst */
	NFT_OP_REJECT,		/* a: NFT_REJECT_*, b: code */
	NFT_OP_DNAT,		/* reg: IPv4 address, a: register of the port */
	NFT_OP_VERDICT,		/* a: NF_ACCEPT or NF_DROP */
};

struct nft_set {
	const char *name;
	uint32_t id;			/* number within the batch */
	const char *type_text;		/* for the text form */
	uint32_t types[NFT_SET_FIELDS_MAX];	/* data types of nft, one per field */
	uint8_t lens[NFT_SET_FIELDS_MAX];	/* bytes per field; padded to 4 in the key */
	unsigned fields;
	bool interval, timeout;
	bool host_order;		/* byte order of the key for listings */
};

struct nft_expr {
	enum nft_op op;
	uint32_t reg;
	uint32_t a, b, c;
	uint8_t data[NFT_KEY_LEN];
	uint8_t len;
	const struct nft_set *set;
};

struct nft_rule {
	const char *table, *chain;
	const char *comment;		/* shown by listings; names the row in nft_counters */
	struct nft_expr expr[NFT_EXPRS_MAX];
	unsigned cnt;
	bool overflow;
};

struct nft_chain {
	const char *table, *name;
	const char *type;		/* "filter", "nat" */
	uint32_t hook;			/* NF_INET_* */
	int32_t prio;
	uint32_t policy;		/* NF_ACCEPT or NF_DROP */
};

/* Appends one expression; too many set r->overflow, which fails the batch. */
void nft_x(struct nft_rule *r, struct nft_expr x);
/* Register is not in / in the set. */
void nft_x_meta_in(struct nft_rule *r, uint32_t key, const struct nft_set *set, bool inverted);
void nft_x_meta_eq(struct nft_rule *r, uint32_t key, const void *data, uint8_t len);
void nft_x_meta_ne(struct nft_rule *r, uint32_t key, const void *data, uint8_t len);
/* A field of the packet equals data. */
void nft_x_payload_eq(struct nft_rule *r, uint32_t base, uint32_t off, const void *data,
		      uint8_t len);
void nft_x_ct_state(struct nft_rule *r, uint32_t bits);	/* any of these */
void nft_x_verdict(struct nft_rule *r, uint32_t verdict);

/* --- batches ----------------------------------------------------------------------------- */
struct nft_batch {
	struct nft *nft;		/* NULL: text only */
	struct buf *text;		/* NULL: no text */
	size_t len;
	uint32_t first_seq;		/* of the batch's begin message */
	unsigned ops;
	int failed_op;			/* after a failed commit: the refused one, -1 the batch */
	bool broken;			/* something did not fit */
};

void nft_begin(struct nft_batch *b, struct nft *n, struct buf *text);
void nft_table_add(struct nft_batch *b, const char *table, uint32_t flags);
void nft_table_del(struct nft_batch *b, const char *table);
void nft_set_add(struct nft_batch *b, const char *table, const struct nft_set *s);
/* key: the padded key of the set. key_end NULL: a single value. timeout_ms 0: none. comment: at
 * most NFT_COMMENT_MAX bytes, shown by listings, or NULL. */
#define NFT_COMMENT_MAX 200
struct nft_elem {
	const void *key, *key_end;
	uint8_t len;
	uint64_t timeout_ms;
	const char *comment;
};
void nft_elem_add(struct nft_batch *b, const char *table, const struct nft_set *s,
		  const struct nft_elem *el);
void nft_elem_del(struct nft_batch *b, const char *table, const struct nft_set *s,
		  const struct nft_elem *el);
/* Removes every element. */
void nft_elem_flush(struct nft_batch *b, const char *table, const struct nft_set *s);
void nft_chain_add(struct nft_batch *b, const struct nft_chain *c);
void nft_rule_add(struct nft_batch *b, const struct nft_rule *r);
/* All or nothing. The kernel's errno is in e->sys, its own words or strerror in e->msg. */
int nft_commit(struct nft_batch *b, struct err *e) NODISCARD;

/* The text of one rule: nftrule.c, used by nft_rule_add. */
void nft_rule_text(struct buf *out, const struct nft_rule *r);
struct nftnl_rule;
bool nft_rule_fill(struct nftnl_rule *dst, const struct nft_rule *r);

/* --- queries ----------------------------------------------------------------------------- */
int nft_table_present(struct nft *n, const char *table, bool *present, uint32_t *flags,
		      struct err *e) NODISCARD;
/* ERR_NOT_FOUND when there is no such chain. */
int nft_chain_policy(struct nft *n, const char *table, const char *chain, uint32_t *policy,
		     struct err *e) NODISCARD;
/* A number that changes when a chain, rule or set of the table, or an element of the set named
 * elems, is added, removed or replaced (counters do not matter). 0: no such table. */
int nft_fingerprint(struct nft *n, const char *table, const char *elems, uint64_t *out,
		    struct err *e) NODISCARD;
/* Each counter with the comment of its rule. comment NULL: start (again). */
typedef void nft_counter_fn(void *ctx, struct str comment, uint64_t packets, uint64_t bytes);
int nft_counters(struct nft *n, const char *table, nft_counter_fn *fn, void *ctx,
		 struct err *e) NODISCARD;
/* Every key of a set. key.p NULL: start (again). */
typedef void nft_key_fn(void *ctx, struct str key);
int nft_keys(struct nft *n, const char *table, const char *set, nft_key_fn *fn, void *ctx,
	     struct err *e) NODISCARD;

/* --- events ------------------------------------------------------------------------------ */
#define NFT_COMM_LEN 32
struct nft_foreign {
	bool any;		/* a change by somebody else was seen (of any table) */
	bool touched;		/* one that names our table */
	bool lost;		/* events were lost: look for yourself */
	uint32_t pid;		/* of the generation event of the change, 0 unknown */
	char comm[NFT_COMM_LEN];
};
/* Reads all that waits; never blocks. */
int nft_events(struct nft *n, const char *table, struct nft_foreign *out, struct err *e) NODISCARD;

#endif
