/* handlers.c - every reaction of a worker on one page: event kind -> function, timeout -> function
 *
 * Layer: applets (outcalld).  Input: none.  Memory: const tables.  Threads: read by all workers.
 * Spec: design sections 1 and 7.
 */
#include "data/dnsd.h"
#include "data/dnsup.h"
#include "data/proxy.h"
#include "outcalld/handlers.h"

ev_fn *const worker_handlers[KIND_COUNT] = {
	[KIND_INBOX] = worker_on_inbox,
	[KIND_DNS_UDP] = dnsd_on_udp,
	[KIND_DNS_TCP_LISTEN] = dnsd_on_listen,
	[KIND_DNS_TCP] = dnsd_on_tcp,
	[KIND_DNSUP_UDP] = dnsup_on_udp,
	[KIND_DNSUP_TCP] = dnsup_on_tcp,
	[KIND_PROXY_LISTEN] = proxy_on_listen,
	[KIND_PROXY_CLIENT] = proxy_on_client,
	[KIND_PROXY_UPSTREAM] = proxy_on_upstream,
};

const struct tmo_class worker_timeouts[TMO_COUNT] = {
	[TMO_DNS_TCP_IDLE] = { 10000, dnsd_on_tcp_idle },
	[TMO_DNS_TCP_MSG] = { 5000, dnsd_on_tcp_msg },
	[TMO_DNS_IDENT] = { 3000, dnsd_on_ident },
	[TMO_DNS_GRANT] = { 2000, dnsd_on_grant_tmo },
	[TMO_DNSUP_RETRY1] = { 1000, dnsup_on_retry1 },
	[TMO_DNSUP_RETRY2] = { 1500, dnsup_on_retry2 },
	[TMO_DNSUP_TOTAL] = { 5000, dnsup_on_total },
	[TMO_PROXY_IDENT] = { 3000, proxy_tmo_ident },
	[TMO_PROXY_HEAD] = { 10000, proxy_tmo_head },
	[TMO_PROXY_NEXT] = { 30000, proxy_tmo_next },
	[TMO_PROXY_CONNECT] = { 10000, proxy_tmo_connect },
	[TMO_PROXY_ATTEMPT] = { 2000, proxy_tmo_attempt },
	[TMO_PROXY_IDLE] = { 300000, proxy_tmo_idle },
	[TMO_PROXY_LINGER] = { 1000, proxy_tmo_linger },
	[TMO_PROXY_PAUSE] = { 100, proxy_tmo_pause },
};
STATIC_ASSERT(TMO_COUNT <= TMO_CLASSES_MAX, "every timeout class has a queue");
