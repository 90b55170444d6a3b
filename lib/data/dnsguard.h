/* dnsguard.h - what one container may ask of the DNS filter: rate, queries in flight, connections,
 * distinct names below one rule
 *
 * Layer: data.  Memory: one mapping, touched only as far as it is used.  Threads: any, lock-free;
 * shared by all workers, so that a container has one allowance and not one per worker.
 * Spec: S007-W-02, W-28, W-44, W-46, order of work rows 2 and 3.
 */
#ifndef OC_DATA_DNSGUARD_H
#define OC_DATA_DNSGUARD_H

#include "base/err.h"
#include "base/ip.h"
#include "wire/dns_name.h"

#define DNSGUARD_IN_FLIGHT_MAX 1024
#define DNSGUARD_IN_FLIGHT_PER_SOURCE 64
#define DNSGUARD_TCP_MAX 128
#define DNSGUARD_TCP_PER_SOURCE 8
#define DNSGUARD_UNMANAGED_QPS 10
#define DNSGUARD_SUSPICIOUS_MAX 60
#define DNSGUARD_PLAIN_MAX 3000
#define DNSGUARD_WINDOW_MS 60000

struct dnsguard;
typedef uint32_t dnsguard_id;	/* a source's place */
#define DNSGUARD_NO_ID UINT32_MAX

/* qps 0: no rate limit. */
struct dnsguard *dnsguard_new(uint32_t qps, uint32_t burst, struct err *e) NODISCARD;
void dnsguard_free(struct dnsguard *g);	/* NULL allowed */

/* The place of a source address; DNSGUARD_NO_ID when all are taken by active ones: refuse. */
dnsguard_id dnsguard_source(struct dnsguard *g, struct ip addr, uint64_t now_ms);
/* Row 3: takes one token of the source's bucket. */
bool dnsguard_rate(struct dnsguard *g, dnsguard_id id, uint64_t now_ms) NODISCARD;
/* Row 2: one answer to an unmanaged peer, all of which share a bucket. */
bool dnsguard_unmanaged(struct dnsguard *g, uint64_t now_ms) NODISCARD;

/* One query more in flight, one connection more; false: a limit is reached, nothing was counted. */
bool dnsguard_query_begin(struct dnsguard *g, dnsguard_id id) NODISCARD;
void dnsguard_query_end(struct dnsguard *g, dnsguard_id id);
bool dnsguard_tcp_begin(struct dnsguard *g, dnsguard_id id) NODISCARD;
void dnsguard_tcp_end(struct dnsguard *g, dnsguard_id id);

enum dnsguard_tunnel {
	DNSGUARD_TUNNEL_OVER = 0,	/* over the threshold */
	DNSGUARD_TUNNEL_TRIPPED,	/* over it with this name, the first in this window */
	DNSGUARD_TUNNEL_FINE,
};

/* Notes that source forwards name under rule (W-46). */
enum dnsguard_tunnel dnsguard_tunnel(struct dnsguard *g, struct ip source, struct str rule,
				     const struct dns_name *name, uint64_t now_ms);

#endif
