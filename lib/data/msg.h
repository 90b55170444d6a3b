/* msg.h - every message between workers and the control thread
 *
 * Layer: data.  Memory: values, copied through sys/mbox.
 */
#ifndef OC_DATA_MSG_H
#define OC_DATA_MSG_H

#include "base/ip.h"
#include "policy/idtab.h"
#include "policy/ruleset.h"
#include "proto/event.h"

#define UPSTREAMS_MAX 8
#define GRANT_ADDRS_MAX 32	/* of one answer (S007 section 1) */
/* Answers of one worker that wait for grants. Above what one source may have in flight (W-44), so
 * that none keeps the others from theirs; below its mailbox, so that WORKER_GRANTED always fits. */
#define GRANTS_WAITING_MAX 96
#define WORKER_INBOX_MAX 128

struct upstreams {
	struct endpoint ep[UPSTREAMS_MAX];
	uint8_t cnt;
};

/* control -> worker */
enum worker_cmd {
	WORKER_SYNC = 0,	/* read all snapshots anew, then ack (a reload waits for this) */
	/* accept nothing new, finish what runs, ack when idle or at the deadline */
	WORKER_DRAIN,
	WORKER_STOP,		/* close everything, end the thread */
	WORKER_DROP_SOURCE,	/* close every connection of addr (S006-WR-074) */
	WORKER_UPSTREAMS,	/* new upstream list (S007-X-006) */
	WORKER_DNS_WAKE,	/* another worker's question has ended: dnsup_wake() (S007-W-23) */
	WORKER_RESOLVE,		/* u.resolve: look a name up, answer CONTROL_RESOLVED */
	WORKER_GRANTED,	/* the grants of u.job were made or refused: send its answer */
};

struct worker_msg {
	enum worker_cmd cmd;
	uint64_t seq;		/* echoed in the ack */
	union {
		struct ip addr;
		struct upstreams upstreams;
		uint64_t dns_hash;
		struct {
			char host[254];
			uint32_t slot, gen;	/* echoed */
		} resolve;
		struct { uint32_t slot, gen; } job;
	} u;
};

/* An allowed answer of a direct_ip rule: open addrs x ports for src. The answer waits for
 * WORKER_GRANTED with the same slot and gen, so enforcement comes first (S009, S007-FR-037). */
struct grant_request {
	struct ip src;
	char ident_id[AGENT_ID_MAX + 1];	/* owner of src when the query was judged */
	char ident_name[AGENT_NAME_MAX + 1];
	char host[254];			/* the question, for the log */
	uint64_t generation;		/* of the rule set that allowed it */
	uint32_t ttl_s;			/* 1..300: the lowest of the answer */
	uint32_t slot, gen;		/* of the waiting query */
	uint16_t ports[EGRESS_PORTS_MAX];
	uint8_t port_cnt;
	uint8_t addr_cnt;
	uint32_t addrs[GRANT_ADDRS_MAX];	/* IPv4, host order, sorted, no doubles */
};

/* worker -> control */
enum control_cmd {
	CONTROL_ACK = 0,
	CONTROL_EVENT,
	CONTROL_IDENT_MISS,	/* addr is in no table: ask, publish, WORKER_SYNC (S007-X-003) */
	CONTROL_RESOLVED,	/* u.resolved: what WORKER_RESOLVE found */
	CONTROL_GRANT,		/* insert u.grant, then answer WORKER_GRANTED */
};

struct control_msg {
	enum control_cmd cmd;
	unsigned worker;
	union {
		uint64_t seq;
		struct event event;
		struct ip addr;
		struct grant_request grant;
		struct {
			uint32_t slot, gen;
			bool timed_out, found;
			bool has_addr;		/* found, and there is an IPv4 address */
			struct ip addr;
		} resolved;
	} u;
};

#endif
