/* dnsup.h - upstream DNS exchanges: one forwarded question, or one host name for the proxy
 *
 * Layer: data.  Memory: fixed pools made at start.  Threads: one worker.
 * Spec: S007 FR-011..015, W-20..W-39; S006-FR-019, WR-050..056.
 */
#ifndef OC_DATA_DNSUP_H
#define OC_DATA_DNSUP_H

#include "data/dnscache.h"
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
/* Our own listening address is left out: no loop. Exchanges under way keep their list. */
void dnsup_set_upstreams(struct worker *w, const struct upstreams *ups);

/* Resolves host (canonical name, lower case, no dot at the end; never a literal): /etc/hosts first
 * (hosttab snapshot), then A and AAAA from the upstream list, both asked at once. Answers are
 * unfiltered: the caller applies the address policy. False when no slot is free: the caller
 * answers 504 or tries later inside its deadline. */
bool dnsup_resolve(struct worker *w, struct str host, resolve_fn *fn, uint32_t slot,
		   uint32_t gen) NODISCARD;

/* ---- one question (for dnsd.c) ---- */

enum dnsup_result {
	DNSUP_FAILED = 0,	/* no upstream gave an acceptable answer */
	DNSUP_TIMEOUT,		/* the last one was silent */
	DNSUP_AGAIN,		/* another worker's question has ended: try the cache, ask again */
	DNSUP_OK,
};

struct dnsup_outcome {
	enum dnsup_result result;
	const struct dns_answer *answer;	/* of OK: valid during the call */
	uint32_t upstream_ms;
};

/* Called exactly once per DNSUP_ASKED_YES, never from inside dnsup_ask. */
typedef void dnsup_fn(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsup_outcome *o);

struct dnsup_question {
	const struct dnscache_key *key;	/* hashed */
	uint64_t generation;		/* of the rules that allowed it */
	struct ip owner;		/* the container, for the cache */
};

enum dnsup_asked {
	DNSUP_ASKED_BUSY = 0,	/* no slot: drop the query */
	DNSUP_ASKED_FAILED,	/* no upstream, no descriptor, or failed less than a second ago */
	DNSUP_ASKED_YES,
};

/* Joins the exchange that asks the same, or starts one. The answer goes into the cache. */
enum dnsup_asked dnsup_ask(struct worker *w, const struct dnsup_question *q, dnsup_fn *fn,
			   uint32_t slot, uint32_t gen) NODISCARD;

/* For WORKER_DNS_WAKE. */
void dnsup_wake(struct worker *w, uint64_t hash);

/* ---- reactions, for the handler table ---- */

void dnsup_on_udp(void *world, uint32_t slot, uint32_t gen, uint32_t events);
void dnsup_on_tcp(void *world, uint32_t slot, uint32_t gen, uint32_t events);
void dnsup_on_retry1(void *world, uint32_t slot, uint32_t gen);
void dnsup_on_retry2(void *world, uint32_t slot, uint32_t gen);
void dnsup_on_total(void *world, uint32_t slot, uint32_t gen);

#endif
