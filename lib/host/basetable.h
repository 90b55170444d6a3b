/* basetable.h - the base packet policy as data: options in, one atomic nf_tables batch out
 *
 * Layer: host.  Input: trusted.  Memory: the caller's.  Threads: pure functions.
 * Spec: S001 sections 5 and 6, D16, D20, D28.
 */
#ifndef OC_HOST_BASETABLE_H
#define OC_HOST_BASETABLE_H

#include "base/ip.h"
#include "sys/nft.h"

#define BASETABLE_NAME "outcall"
#define BASETABLE_BRIDGES "agent_bridges"
#define BASETABLE_FORWARD "forward"
#define BASETABLE_BRIDGES_MAX 257	/* the configured one and a /24 each out of a /16 */
#define BASETABLE_ENDPOINTS_MAX 4

struct basetable {
	char bridges[BASETABLE_BRIDGES_MAX][16];
	uint32_t bridge_cnt;
	char prefix[16];		/* "<stem>-": names that are closed even outside the set */
	struct endpoint dns[BASETABLE_ENDPOINTS_MAX];	/* the first is the target of redirects */
	struct endpoint proxy[BASETABLE_ENDPOINTS_MAX];
	uint8_t dns_cnt, proxy_cnt;	/* proxy_cnt 0: --no-proxy */
	bool transparent;		/* D20 */
	bool reject;			/* D28; false: silent drop */
	bool drop_all;			/* no endpoint, no redirect: nobody listens (D16) */
	bool fib;			/* the kernel has nft_fib: rows R3 and N4 */
	uint32_t table_flags;		/* NFT_TABLE_OWNED, or 0 on kernels without persist */
};

enum blocked_class {
	BLOCKED_NONE = 0,		/* not a row that blocks */
	BLOCKED_REFUSED,
	BLOCKED_DROPPED,
	BLOCKED_SPOOFED,
	BLOCKED_IPV6,
	BLOCKED_INVALID,
	BLOCKED_COUNT
};

/* Whatever was in the table is gone afterwards; removal and re-creation are one transaction. */
void basetable_build(struct nft_batch *b, const struct basetable *t);
/* Adds or removes one name of the set in a batch of its own kind: the table stays. */
void basetable_member(struct nft_batch *b, const char *bridge, bool add);
/* The sets of direct grants (S009); key: address, address, protocol, port; 16 bytes. */
const struct nft_set *basetable_grants(bool wide);
/* What a counter of that row counts. */
enum blocked_class basetable_class(struct str row);
/* "<stem>-" of a configured bridge name: its first 8 bytes and a hyphen. */
void basetable_prefix(const char *bridge, char out[16]);

#endif
