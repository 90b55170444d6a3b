/* msg.h - every message between workers and the control thread
 *
 * Layer: data.  Memory: values, copied through sys/mbox.
 */
#ifndef OC_DATA_MSG_H
#define OC_DATA_MSG_H

#include "base/ip.h"
#include "proto/event.h"

#define UPSTREAMS_MAX 8

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
};

struct worker_msg {
	enum worker_cmd cmd;
	uint64_t seq;		/* echoed in the ack */
	union {
		struct ip addr;
		struct upstreams upstreams;
		uint64_t dns_hash;
	} u;
};

/* worker -> control */
enum control_cmd {
	CONTROL_ACK = 0,
	CONTROL_EVENT,
	CONTROL_IDENT_MISS,	/* addr is in no table: ask, publish, WORKER_SYNC (S007-X-003) */
};

struct control_msg {
	enum control_cmd cmd;
	unsigned worker;
	union {
		uint64_t seq;
		struct event event;
		struct ip addr;
	} u;
};

#endif
