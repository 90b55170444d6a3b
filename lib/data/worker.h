/* worker.h - the world of one data-plane thread: loop, timeouts, snapshots, scratch, protocols
 *
 * Layer: data.  Memory: made at start, one per thread.  Threads: one owner; only inbox, control and
 * the counters are touched from outside.
 *
 * A worker opens no file, talks no netlink and waits for nobody.  The thread body is
 * applets/outcalld/worker.c, the table of reactions applets/outcalld/handlers.c.
 */
#ifndef OC_DATA_WORKER_H
#define OC_DATA_WORKER_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/rnd.h"
#include "data/msg.h"
#include "policy/idtab.h"
#include "policy/ruleset.h"
#include "policy/snap.h"
#include "sys/ev.h"
#include "sys/mbox.h"
#include "sys/tmo.h"

/* Event kinds of a worker's loop; handlers.c has one function for each. */
enum worker_kind {
	KIND_INBOX = 0,
	KIND_DNS_UDP,		/* listener */
	KIND_DNS_TCP_LISTEN,
	KIND_DNS_TCP,		/* client connection */
	KIND_DNSUP_UDP,		/* upstream exchange */
	KIND_DNSUP_TCP,
	KIND_PROXY_LISTEN,
	KIND_PROXY_CLIENT,
	KIND_PROXY_UPSTREAM,
	KIND_COUNT
};

enum worker_tmo {
	TMO_DNS_TCP_IDLE = 0,	/* 10 s  S007-FR-020 */
	TMO_DNS_TCP_MSG,	/* 5 s   S007-W-28 */
	TMO_DNS_IDENT,		/* 3 s   S007-X-003 */
	TMO_DNS_GRANT,		/* 2 s: direct grants of an answer; control needs a millisecond */
	TMO_DNSUP_RETRY1,	/* 1 s   S007-W-29 */
	TMO_DNSUP_RETRY2,	/* 1.5 s: second repeat at 2.5 s */
	TMO_DNSUP_TOTAL,	/* 5 s   S007-FR-015 */
	TMO_PROXY_IDENT,	/* 3 s   S013 (look-up), as S007-X-003 */
	TMO_PROXY_HEAD,		/* 10 s  request head, ClientHello */
	TMO_PROXY_NEXT,		/* 30 s  wait for the next request head */
	TMO_PROXY_CONNECT,	/* 10 s  resolve; connect over all addresses */
	TMO_PROXY_ATTEMPT,	/* 2 s   one address */
	TMO_PROXY_IDLE,		/* 300 s tunnel, body, response */
	TMO_PROXY_LINGER,	/* 1 s   drain after an error answer */
	TMO_PROXY_PAUSE,	/* 100 ms: no descriptors or no DNS slot left, try again */
	TMO_COUNT
};

#define DATA_IFS_MAX 256

/* Interface indices of the managed bridges, written by control, read by workers. An update that is
 * seen in part costs a datagram at most. */
struct data_ifset {
	_Atomic unsigned cnt;
	_Atomic int idx[DATA_IFS_MAX];
};

struct data_config {
	struct endpoint dns;		/* where the filter listens */
	struct endpoint proxy;
	bool proxy_on;
	bool transparent;		/* redirected connections are expected (D20) */
	bool ech_block;			/* --proxy-ech block (D5) */
	bool dns_tunnel_warn, dns_tunnel_block;	/* S007-W-46 */
	uint8_t dns_0x20;		/* 0 auto, 1 on, 2 off */
	uint32_t dns_qps, dns_burst;	/* qps 0: no limit */
	/* An Engine may know a source that the identity table does not hold yet: DNS queries of
	 * such sources wait for a fresh table, and control is told (CONTROL_IDENT_MISS). */
	_Atomic bool ident_wait;
	const struct data_ifset *ifs;	/* where queries may arrive (S007-W-02); NULL: anywhere */
	unsigned workers;
};

/* One cache line group per worker, summed by the API with relaxed loads. */
struct worker_stats {
	_Alignas(64) _Atomic uint64_t dns_total, dns_allowed, dns_blocked;
	_Atomic uint64_t proxy_active, proxy_total, proxy_blocked;
};

struct dnscache;	/* shared, striped: data/dnscache.h */
struct dnsguard;	/* shared: data/dnsguard.h */
struct dnsd;		/* data/dnsd.h */
struct dnsup;		/* data/dnsup.h */
struct proxy;		/* data/proxy.h */

struct worker {
	unsigned index;
	const struct data_config *cfg;
	struct ev_loop loop;
	struct tmo_set tmo;
	struct snap_reader rules;	/* struct ruleset */
	struct snap_reader idents;	/* struct idtab */
	/* struct hosttab: /etc/hosts and this host's own addresses */
	struct snap_reader hosts;
	struct arena scratch;		/* reset after each event */
	struct rnd rnd;
	struct worker_stats *stats;
	struct mbox inbox;		/* struct worker_msg */
	struct mbox *control;		/* struct control_msg */
	struct mbox *const *inboxes;	/* of all workers, by index; NULL: there is only this one */
	struct dnscache *cache;
	struct dnsguard *guard;
	struct dnsd *dnsd;
	struct dnsup *dnsup;
	struct proxy *proxy;
	bool draining;
	/* at most WORKER_EVENTS_PER_SEC verdict events go to control */
	struct log_limit event_limit;
	/* those beyond it, and those that did not fit into its mailbox */
	_Atomic uint64_t events_lost;
};

static inline const struct ruleset *worker_rules(struct worker *w)
{
	return (const struct ruleset *)(const void *)snap_read(&w->rules);
}

static inline const struct idtab *worker_idents(struct worker *w)
{
	return (const struct idtab *)(const void *)snap_read(&w->idents);
}

/* Enough to watch, not enough to make the control thread the bottleneck of a busy proxy. */
#define WORKER_EVENTS_PER_SEC 2000

/* False: there are too many already; the event counts as lost, and need not be put together. */
bool worker_wants_event(struct worker *w);
/* Posts a verdict event; never blocks. */
void worker_event(struct worker *w, const struct event *ev);

#endif
