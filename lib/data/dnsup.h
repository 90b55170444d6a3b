/* dnsup.h - upstream DNS exchanges: one forwarded question, or one host name for the proxy
 *
 * Layer: data.  Memory: fixed pools made at start.  Threads: one worker.
 * Spec: S007 FR-011..015, W-20..W-39; S006-FR-019, WR-050..056.
 */
#ifndef OC_DATA_DNSUP_H
#define OC_DATA_DNSUP_H

#include "data/worker.h"

#define RESOLVE_ADDRS_MAX 64

struct resolve_result {
	bool timed_out;			/* for 504 against 502 */
	uint8_t cnt;			/* 0: failed, or no address records */
	struct ip addr[RESOLVE_ADDRS_MAX];
};

/* Called exactly once per dnsup_resolve, never from inside it; {slot, gen} are the caller's. */
typedef void resolve_fn(struct worker *w, uint32_t slot, uint32_t gen,
			const struct resolve_result *r);

int dnsup_open(struct worker *w, const struct upstreams *ups, struct err *e) NODISCARD;
void dnsup_close(struct worker *w);
void dnsup_set_upstreams(struct worker *w, const struct upstreams *ups);

/* Resolves host (canonical name, lower case, no dot at the end; never a literal): /etc/hosts first
 * (hosttab snapshot), then A and AAAA from the upstream list, both asked at once. Answers are
 * unfiltered: the caller applies the address policy. False when no slot is free: the caller
 * answers 504 or tries later inside its deadline. */
bool dnsup_resolve(struct worker *w, struct str host, resolve_fn *fn, uint32_t slot,
		   uint32_t gen) NODISCARD;

#endif
