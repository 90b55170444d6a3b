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
	enum dns_query_kind kind;
	struct dnsd_peer peer;
	dnsguard_id guard;
	struct verdict v;
	struct dnscache_key key;
	char ident_id[AGENT_ID_MAX + 1];
	uint64_t spent_ns;	/* judging and answering, without waiting */
	struct tmo ident_tmo;	/* active: waits for an identity, not for an upstream */
	bool cached, forwarded;	/* where its answer comes from (FR-022) */
	uint32_t upstream_ms;
	struct tmo grant_tmo;	/* active: its answer waits for direct grants */
	uint64_t granted_until_ms;	/* of the grants that were made for it, 0: none */
	uint8_t grants_asked;	/* how often */
	bool is_ungranted;	/* its answer leaves without, which was logged */
};

struct dnsd_out {		/* where a reply is to be built */
	uint8_t *p;
	size_t cap, len;
};

enum dnsd_done {
	DNSD_DROP = 0,		/* no reply; a TCP connection is closed */
	DNSD_REPLY,
	DNSD_FORWARD,		/* ask upstream; one more query is in flight */
	DNSD_AWAIT,		/* wait for the identity of the source (S007-X-003) */
	/* d->grant must be in force before the answer leaves; still in flight */
	DNSD_GRANT,
};

#define DNSD_AWAITING_MAX 64
#define DNSD_STRANGERS 64

struct dnsd_stranger {		/* a source that nobody knew a moment ago */
	struct ip addr;
	uint64_t until_ms;
};

struct dnsd {
	int udp_fd, listen_fd;
	bool is_draining;
	struct pool jobs, conns;
	uint8_t *body;		/* DNSCACHE_MESSAGE_MAX: a copy out of the cache */
	uint8_t *reply;		/* DNS_MESSAGE_MAX: a reply for TCP, or a late one for UDP */
	struct dnsd_batch *batch;
	struct arena mem;
	unsigned awaiting;	/* jobs that wait for an identity */
	struct dnsd_stranger strangers[DNSD_STRANGERS];
	struct grant_request grant;	/* what DNSD_GRANT asks for */
	unsigned granting;	/* jobs that wait for grants */
	struct tmo pause;	/* of the listener, when descriptors ran out */
	struct log_limit stripped_log, full_log, grant_log;
};

/* dnsd_judge.c: the order of work for one query (rows 1 to 14), and its end after forwarding */
enum dnsd_done dnsd_judge(struct worker *w, struct dnsd_job *job, const uint8_t *msg, size_t len,
			  struct dnsd_out *out);
/* For a job that waited: judges it, or says DNSD_AWAIT once more unless that is over. */
enum dnsd_done dnsd_judge_again(struct worker *w, struct dnsd_job *job, bool is_over,
				struct dnsd_out *out);
enum dnsd_done dnsd_conclude(struct worker *w, struct dnsd_job *job, const struct dnsup_outcome *o,
			     struct dnsd_out *out);

/* The answer that waited for grants: built anew, from the cache, by the rules of now. No longer in
 * flight, with the same exceptions. */
enum dnsd_done dnsd_judge_granted(struct worker *w, struct dnsd_job *job, struct dnsd_out *out);

/* dnsd_grant.c: fills d->grant with what an allowed answer of a direct_ip rule opens. strip: those
 * records that are not served, or NULL. False: nothing. */
bool dnsd_wants_grant(struct worker *w, const struct dnsd_job *job, const struct dns_answer *a,
		      const uint64_t *strip, uint32_t age_s);
/* Parks job and asks control for d->grant. When that is not possible the job goes on without. */
enum dnsd_done dnsd_await_grant(struct worker *w, struct dnsd_job *job, struct dnsd_out *out);
/* The same for a job that is parked already. False: it is not possible, or was tried too often. */
bool dnsd_ask_grant(struct worker *w, uint32_t slot);

/* dnsd.c: parks job and asks upstream. When that is not possible the reply is in out. */
enum dnsd_done dnsd_forward(struct worker *w, const struct dnsd_job *job, struct dnsd_out *out);
/* dnsd.c: a parked job has been judged; ends it or lets it go on. */
void dnsd_carry_on(struct worker *w, uint32_t slot, enum dnsd_done done, struct dnsd_out *out);

/* dnsd_wait.c: whether a query of an unknown source may wait, and its parking */
bool dnsd_may_await(struct worker *w, struct ip addr);
enum dnsd_done dnsd_await(struct worker *w, const struct dnsd_job *job);

/* dnsd_tcp.c */
size_t dnsd_conn_size(void);
void dnsd_tcp_close_all(struct worker *w);
void dnsd_tcp_drain(struct worker *w);
/* The answer to a query of that connection, if it still stands. out->len 0: close it. */
void dnsd_tcp_reply(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsd_out *out);

#endif
