/* dnsd_own.h - inside of the DNS filter, shared by the dnsd*.c files only
 *
 * Layer: data.  Memory: see dnsd.c.  Threads: one worker.
 */
#ifndef OC_DATA_DNSD_OWN_H
#define OC_DATA_DNSD_OWN_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/pool.h"
#include "data/dnscache.h"
#include "data/dnsd.h"
#include "data/dnsguard.h"
#include "data/dnsup.h"
#include "wire/dns.h"

#define DNSD_BATCH 32		/* datagrams per system call */

struct dnsd_peer {		/* who asked, and how to answer */
	struct ip addr;
	uint16_t port;
	bool tcp;
	bool redirected;	/* asked another server (D20); known for TCP only */
	bool has_local;
	struct in_addr local;	/* UDP: the address that was asked */
	uint32_t conn_slot, conn_gen;	/* TCP */
	int if_idx;		/* where it arrived, 0: unknown */
};

struct dnsd_job {		/* one query; parked while an upstream is asked */
	struct dns_query q;
	struct dnsd_peer peer;
	dnsguard_id guard;
	struct verdict v;
	struct dnscache_key key;
	char ident_id[AGENT_ID_MAX + 1];
	uint64_t spent_ns;	/* judging and answering, without waiting */
};

struct dnsd_out {		/* where a reply is to be built */
	uint8_t *p;
	size_t cap, len;
};

enum dnsd_done {
	DNSD_DROP = 0,		/* no reply; a TCP connection is closed */
	DNSD_REPLY,
	DNSD_FORWARD,		/* ask upstream; one more query is in flight */
};

struct dnsd {
	int udp_fd, listen_fd;
	bool is_draining;
	struct pool jobs, conns;
	uint8_t *body;		/* DNSCACHE_MESSAGE_MAX: a copy out of the cache */
	uint8_t *reply;		/* DNS_MESSAGE_MAX: a reply for TCP, or a late one for UDP */
	struct dnsd_batch *batch;
	struct arena mem;
	struct tmo pause;	/* of the listener, when descriptors ran out */
	struct log_limit stripped_log, full_log;
};

/* dnsd_judge.c: the order of work for one query (rows 1 to 14), and its end after forwarding */
enum dnsd_done dnsd_judge(struct worker *w, struct dnsd_job *job, const uint8_t *msg, size_t len,
			  struct dnsd_out *out);
enum dnsd_done dnsd_conclude(struct worker *w, struct dnsd_job *job, const struct dnsup_outcome *o,
			     struct dnsd_out *out);

/* dnsd.c: parks job and asks upstream. When that is not possible the reply is in out. */
enum dnsd_done dnsd_forward(struct worker *w, const struct dnsd_job *job, struct dnsd_out *out);

/* dnsd_tcp.c */
size_t dnsd_conn_size(void);
void dnsd_tcp_close_all(struct worker *w);
void dnsd_tcp_drain(struct worker *w);
/* The answer to a query of that connection, if it still stands. out->len 0: close it. */
void dnsd_tcp_reply(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsd_out *out);

#endif
