/* dnsup_own.h - the resolver of one worker, shared by the dnsup*.c files only
 *
 * Layer: data.  Memory: one arena and pools made at start.  Threads: one worker.
 */
#ifndef OC_DATA_DNSUP_OWN_H
#define OC_DATA_DNSUP_OWN_H

#include "base/pool.h"
#include "data/dnsup.h"

#define DNSUP_EXCHANGES 1024
#define DNSUP_WAITERS 4096
#define DNSUP_TCP_BUFFERS 32
#define DNSUP_BUCKETS 256
#define DNSUP_LOOKUPS 64		/* S006-WR-054 */

struct dnsup_upstream {
	struct endpoint ep;
	uint64_t silent_until_ms;	/* goes to the end of the order until then (W-29) */
	uint64_t mangles_until_ms;	/* changes letter case: no 0x20 until then (W-24) */
};

struct dnsup {
	struct dnsup_upstream ups[UPSTREAMS_MAX];
	uint8_t cnt;
	struct pool exchanges, waiters, tcp_buffers, lookups;
	uint32_t buckets[DNSUP_BUCKETS];	/* slot + 1 of the first exchange */
	uint8_t *message;			/* a datagram as it came */
	uint8_t *body;				/* of the answer that is being handed out */
	struct arena mem;
	int ready_fd;				/* eventfd: lookups are ready */
	uint32_t ready_first, ready_last;	/* slot + 1 */
	struct log_limit mismatch_log, silent_log;
};

/* dnsup_list.c */
/* NULL: the list has changed meanwhile. */
struct dnsup_upstream *dnsup_upstream_of(struct dnsup *up, struct endpoint ep);
/* Random letter case is no use on loopback, where no third party can spoof answers (W-24). */
bool dnsup_wants_mixed_case(struct worker *w, struct endpoint ep);
/* Preference order, those that were silent lately last; how many there are. */
uint8_t dnsup_order(const struct worker *w, struct endpoint order[UPSTREAMS_MAX]);

/* dnsup_host.c */
size_t dnsup_host_size(void);	/* of an object of the pool lookups */
void dnsup_host_ready(struct worker *w);

#endif
