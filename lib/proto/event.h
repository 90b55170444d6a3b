/* event.h - one verdict as it is kept, streamed and printed (S010-O-001..003, outcall events)
 *
 * Layer: proto.  Memory: a value.
 */
#ifndef OC_PROTO_EVENT_H
#define OC_PROTO_EVENT_H

#include "wire/jsonw.h"

enum event_layer {
	EVENT_DNS = 0,
	EVENT_HTTP,
	EVENT_CONNECT,
	EVENT_SNI,
	EVENT_PERMISSION,
	EVENT_GRANT,
	EVENT_DOCKER,
	EVENT_LAYER_COUNT
};

struct event {
	uint64_t seq;			/* given by the control thread */
	int64_t wall_us;
	enum event_layer layer;
	bool allowed;
	bool redirected;		/* arrived through the transparent redirect (D20) */
	bool cached;			/* DNS: answered from the cache */
	bool security;			/* S010-O-007 */
	uint16_t port;
	/* time spent judging and answering, without waiting for others */
	uint32_t micros;
	uint32_t count;			/* equal events merged into this one */
	char source[46];		/* address text */
	char container[129];		/* name; "" for an unmanaged peer */
	char agent[129];
	char host[254];			/* DNS name or target host */
	char method[33];		/* HTTP method, or DNS record type */
	char rule[129];			/* rule id or mark such as "default-block"; "" = none */
	char reason[160];		/* short reason of a block */
};

/* Words on the wire, indexed by enum event_layer: dns http connect sni agent direct docker. */
extern const char *const event_layer_names[];

/* The Event JSON of S010 section 6; what a layer does not know is null. */
void event_write(struct jsonw *w, const struct event *ev);

#endif
