/* dnscache.h - answers of upstreams, shared by all workers; who asks what right now
 *
 * Layer: data.  Memory: one mapping of at most 32 MiB, touched only as far as it is used.
 * Threads: any; a mutex per stripe, nothing else is locked while it is held.
 * Spec: S007-FR-016..FR-019, FR-030, EC-007, W-23, W-30, W-40..W-43, X-001.
 *
 * Raw accepted records are kept; the address and alias policy is applied to every copy that leaves.
 */
#ifndef OC_DATA_DNSCACHE_H
#define OC_DATA_DNSCACHE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"
#include "wire/dns.h"

#define DNSCACHE_ENTRIES_MAX 10000
#define DNSCACHE_MESSAGE_MAX 8192
#define DNSCACHE_BYTES_MAX (32U << 20)
#define DNSCACHE_WORKERS_MAX 64		/* waiting workers are a bit mask */

struct dnscache;

struct dnscache_key {
	struct dns_name name;	/* lower case */
	uint16_t type;
	bool dnssec_ok, cd;	/* a plain answer must not serve a DNSSEC client (W-40) */
	uint64_t hash;		/* set by dnscache_hash() */
};

struct dnscache *dnscache_new(struct err *e) NODISCARD;
void dnscache_free(struct dnscache *c);	/* NULL allowed */

/* Fills key->hash; the functions below need it. */
void dnscache_hash(const struct dnscache *c, struct dnscache_key *key);

/* Copies a live answer of this rule generation out: a->body has room for DNSCACHE_MESSAGE_MAX
 * bytes. *age_s is how long it has been kept. Counts a hit or a miss. */
bool dnscache_get(struct dnscache *c, const struct dnscache_key *key, uint64_t generation,
		  uint64_t now_ms, struct dns_answer *a, uint32_t *age_s) NODISCARD;

struct dnscache_origin {
	uint64_t generation;	/* of the rules that judged the query: an older one is refused */
	uint64_t now_ms;
	struct ip owner;	/* one container may own half of the entries (W-43) */
};

/* Keeps a, if its lifetime is not 0 and it is not too large. */
void dnscache_put(struct dnscache *c, const struct dnscache_key *key, const struct dns_answer *a,
		  const struct dnscache_origin *from);

/* ---- questions under way: never two at once for one key, over all workers (W-23) ---- */

enum dnscache_claim {
	DNSCACHE_CLAIM_WAIT = 0,	/* another worker asks; you will be told */
	DNSCACHE_CLAIM_FAILED,		/* failed in full less than a second ago (W-30) */
	DNSCACHE_CLAIM_YOURS,
};

enum dnscache_claim dnscache_claim(struct dnscache *c, const struct dnscache_key *key,
				   unsigned worker, uint64_t now_ms);
/* Ends a claim; the mask of workers that wait and must be told. */
uint64_t dnscache_release(struct dnscache *c, const struct dnscache_key *key, bool failed,
			  uint64_t now_ms);

/* ---- for the API ---- */

struct dnscache_stats {
	uint64_t entries, max_entries, hits, misses, evictions;
};

void dnscache_stats(struct dnscache *c, uint64_t now_ms, struct dnscache_stats *out);

struct dnscache_item {
	struct str hostname;
	uint16_t type;
	uint32_t ttl_remaining_s;
	int64_t cached_wall_us;
	uint64_t used;		/* larger: more recently used */
};

struct dnscache_items {
	struct dnscache_item *v;
	size_t cnt;
};

/* Live entries, most recently used first; memory from mem. */
int dnscache_list(struct dnscache *c, uint64_t now_ms, struct arena *mem,
		  struct dnscache_items *out, struct err *e) NODISCARD;
/* Forgets everything; how many live entries there were. */
size_t dnscache_flush(struct dnscache *c, uint64_t now_ms);

#endif
