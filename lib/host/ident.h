/* ident.h - index of identities: source address -> managed container or jail
 *
 * Layer: host.  Input: what host/docker.c has parsed, and the registry of jails.  Memory: a pool
 * made at start.  Threads: control thread only.
 * Spec: S013 (IP -> container or jail), S008-X-003, S008-X-005, S008-X-009, S015-X-005.
 *
 * After every change: publish ident_table(), then ident_sweep(), so that no table names a container
 * any more when what it was lent is taken back.
 */
#ifndef OC_HOST_IDENT_H
#define OC_HOST_IDENT_H

#include "base/pool.h"
#include "host/docker.h"
#include "host/jail.h"
#include "policy/idtab.h"

enum ident_engine {
	IDENT_NO_ENGINE = 0,	/* no Engine on this host: what is no jail's is nobody's */
	IDENT_CONNECTING,	/* first look at it */
	IDENT_AWAY,		/* no container has an identity until it is back */
	IDENT_HEALTHY,		/* a list was taken, and the event stream runs */
};

struct ident_container {
	char id[PROCID_LEN + 1];
	char name[AGENT_NAME_MAX + 1];
	struct ip addrs[DOCKER_ADDRS_MAX];
	uint8_t addr_cnt;
	const char *fault;	/* why it has no identity; NULL: it has one */
	bool gone;		/* ended or replaced: ident_sweep() reports it */
};

struct ident_index {
	struct jails *jails;
	struct pool containers;		/* struct ident_container */
	enum ident_engine engine;
	char why[256];			/* AWAY: the cause */
	uint64_t generation;		/* of what is known: grows with every event */
	bool listing;			/* a list call for a miss is under way */
	uint64_t list_generation;	/* when the last one was begun */
	uint64_t list_ms;		/* when it ended; 0: never */
};

int ident_init(struct ident_index *ix, struct jails *jails, struct err *e) NODISCARD;
void ident_fini(struct ident_index *ix);

/* ---- what the Engine says ---- */

/* The whole truth: containers that are not in the list have ended. The Engine is healthy now. */
void ident_replace(struct ident_index *ix, const struct docker_list *list);
/* What an inspect after an event gave. */
void ident_update(struct ident_index *ix, const struct docker_container *c);
/* An event: the container has ended. */
void ident_remove(struct ident_index *ix, const char *id);
/* The stream was lost, or there is no Engine: no container has an identity from now on. What is
 * known stays in memory only to see who has ended meanwhile. */
void ident_reset(struct ident_index *ix, enum ident_engine state, const char *why);

/* ---- misses ---- */

#define IDENT_LIST_REUSE_MS 1000	/* a list's "not among them" holds that long: S013 */

/* An address is in no table: is a list call to be made? Then one is under way from now on, and must
 * end with ident_take_list. At most one at a time, and none while the last still holds. */
bool ident_begin_list(struct ident_index *ix, uint64_t now_ms) NODISCARD;
/* list NULL: the call failed. False: an event came meanwhile, or the stream was lost; the list is
 * older than what is known, and was thrown away. */
bool ident_take_list(struct ident_index *ix, const struct docker_list *list, uint64_t now_ms);

/* ---- who is it ---- */

enum ident_result {
	IDENT_ERROR = 0,	/* the Engine cannot be asked, or two claim it: refuse */
	IDENT_NOBODY,		/* no managed container's and no jail's */
	IDENT_OWNER,
};

/* From memory. *out is set for IDENT_OWNER only. */
enum ident_result ident_owner(const struct ident_index *ix, struct ip addr, struct ident *out);
/* A managed container that lives, with or without identity; NULL: none. */
const struct ident_container *ident_by_name(const struct ident_index *ix, struct str name);
const struct ident_container *ident_by_id(const struct ident_index *ix, const char *id);
/* How many containers have an identity. */
unsigned ident_count(const struct ident_index *ix);

/* Jails and, while the Engine is healthy, containers, for the workers. NULL without memory. */
struct idtab *ident_table(const struct ident_index *ix) NODISCARD;

typedef void ident_gone_fn(void *ctx, const struct ident_container *c);

/* Calls fn for each container that has ended or was replaced since the last sweep, and forgets
 * it. */
void ident_sweep(struct ident_index *ix, ident_gone_fn *fn, void *ctx);

#endif
