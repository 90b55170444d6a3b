/* events.h - the last verdicts in memory, and who waits for the next one (GET /api/v1/events)
 *
 * Layer: api.  Memory: one mapping, sized by --event-ring.  Threads: the control thread only.
 * Spec: S010-O-001..003, S010 section 6.
 */
#ifndef OC_API_EVENTS_H
#define OC_API_EVENTS_H

#include "api/server.h"
#include "proto/event.h"

#define EVENTS_CAP_MAX 65536
#define EVENTS_WAITERS_MAX 32
#define EVENTS_SOURCES_MAX 512	/* containers and jails told apart; more share one account */
#define EVENTS_RECENT 1024	/* where equal events are looked for */
#define EVENTS_NONE UINT32_MAX

struct event_slot {
	struct event ev;
	uint32_t older, newer;		/* all, by age */
	uint32_t next_of_source;	/* of one source, by age */
	uint32_t source;
};

struct event_source {			/* one container or jail, by name */
	char name[129];
	uint32_t oldest, newest, held;	/* its slots */
	uint64_t second;		/* the second that in_second counts */
	uint32_t in_second;
};

struct event_filter {
	uint64_t since;
	uint32_t limit;
	bool has_decision, allowed, has_layer;
	enum event_layer layer;
	char container[129], host[254], rule[129];	/* "": any */
};

struct event_waiter {
	bool used;
	struct api_ref ref;
	struct event_filter filter;
	uint64_t deadline_ms;
};

struct event_log {
	struct event_slot *slots;	/* NULL: --event-ring 0 */
	uint32_t cap, count, free;	/* free: list through newer */
	uint32_t oldest, newest;
	uint64_t next_seq, suppressed;
	char boot_id[17];
	uint64_t seed[2];
	struct event_source *sources;	/* EVENTS_SOURCES_MAX, behind the slots */
	uint32_t source_cnt, active;	/* active: sources that hold a slot */
	struct {
		uint64_t hash, seq, first_ms;
		uint32_t slot;
	} recent[EVENTS_RECENT];
	struct event_waiter waiters[EVENTS_WAITERS_MAX];
	struct api_server *server;	/* where the waiters' requests are */
};

/* cap 0: nothing is kept. Draws boot_id. */
int events_open(struct event_log *log, uint32_t cap, struct err *e) NODISCARD;
void events_close(struct event_log *log);
/* Takes one verdict in: merged, suppressed or kept (S010-O-003); wakes who waits for it. seq and
 * count are set here. */
void events_add(struct event_log *log, const struct event *ev, uint64_t now_ms);
/* The route's handler and its gone function; log->server must be set. */
void events_answer(struct event_log *log, struct api_request *rq, uint64_t now_ms);
void events_gone(struct event_log *log, struct api_ref ref);
extern const char *const events_query[];	/* names for the route */
/* Milliseconds until the next waiter has waited enough, -1: nobody waits. Then answers those. */
int events_wait_ms(const struct event_log *log, uint64_t now_ms);
void events_expire(struct event_log *log, uint64_t now_ms);

#endif
