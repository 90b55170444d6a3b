/* dyn.h - dynamic grants: single flows that the base policy lets through for a time (S009)
 *
 * Layer: host.  Input: requests of operators (parsed here), addresses from DNS answers.
 * Memory: one mapping made at start.  Threads: control thread only.
 * Spec: S009, S001 sections 5 and 6 (sets grants and grants_wide), D8, D19.
 *
 * A grant is an element of a set in the kernel, with a timeout of its own of at most DYN_LEASE_S:
 * when the daemon dies, everything closes by itself.  Times are monotonic milliseconds.
 */
#ifndef OC_HOST_DYN_H
#define OC_HOST_DYN_H

#include "base/arena.h"
#include "base/err.h"
#include "base/ip.h"
#include "base/log.h"
#include "policy/idtab.h"

#define DYN_TTL_MAX_S 86400u
#define DYN_PER_CONTAINER 256
#define DYN_TOTAL_MAX 16384	/* 64 busy containers; more would only be a leak */
#define DYN_LEASE_S 300u	/* longest timeout in the kernel */
#define DYN_RENEW_S 150u	/* a lease with less than this left is renewed */
#define DYN_DESTINATION_MAX 253
#define DYN_BRIDGE_MAX 15

struct dyn_key {		/* what the kernel looks up; host byte order */
	uint32_t src, dst;
	uint8_t dst_bits;	/* 32: a single address */
	uint8_t proto;		/* 0: all protocols */
	uint16_t port;		/* 0: all ports */
};

struct dyn_grant {
	uint64_t number;	/* from 1, never used again: "nft_handle" of the API */
	struct dyn_key key;
	char container[AGENT_NAME_MAX + 1];
	char bridge[DYN_BRIDGE_MAX + 1];	/* where the source lives; "": not assigned yet */
	char destination[DYN_DESTINATION_MAX + 1];	/* as asked */
	int64_t inserted_us;	/* wall time */
	uint64_t deadline_ms;	/* 0: permanent */
	uint64_t lease_ms;	/* when the kernel closes it */
};

/* Grants with address, protocol and port are exact; the others are in the set of intervals. */
static inline bool dyn_key_is_wide(const struct dyn_key *k)
{
	return k->dst_bits != 32 || !k->proto || !k->port;
}

enum dyn_owner {		/* whose address it is */
	DYN_OWNER_ERROR = 0,	/* it could not be found out: refuse */
	DYN_OWNER_NONE,		/* verified: nobody's */
	DYN_OWNER_NAMED,
};

struct dyn_owned {
	char name[AGENT_NAME_MAX + 1];
	char bridge[DYN_BRIDGE_MAX + 1];
};

/* What the grants need from outside; unit tests put failures here. */
struct dyn_env {
	void *ctx;
	enum dyn_owner (*owner)(void *ctx, struct ip src, struct dyn_owned *out, struct err *e);
	/* Opens all of v or none. ERR_EXISTS: one lies inside an open interval. */
	int (*open)(void *ctx, const struct dyn_grant *const *v, size_t n, uint64_t now_ms,
		    struct err *e);
	/* Gives g its new timeout, without a moment in which it is closed. */
	int (*renew)(void *ctx, const struct dyn_grant *g, uint64_t now_ms, struct err *e);
	/* Closes; one that has run out counts as closed. */
	int (*close)(void *ctx, const struct dyn_grant *g, struct err *e);
	int (*close_all)(void *ctx, struct err *e);
	/* Puts the whole base policy in place again: nothing is open afterwards. */
	int (*reset)(void *ctx, struct err *e);
	/* Ends the flows that these grants let through. */
	int (*cut)(void *ctx, const struct dyn_key *v, size_t n, struct err *e);
};

struct dyn {
	struct dyn_env env;
	struct arena mem;
	struct dyn_grant *v;	/* in order of insertion */
	uint32_t cnt;
	uint64_t last_number;
	struct log_limit renew_log, refused_log;
};

int dyn_init(struct dyn *d, const struct dyn_env *env, struct err *e) NODISCARD;
void dyn_fini(struct dyn *d);

/* ---- operators (S009-IF-003) ---- */

struct dyn_request {		/* as it came; texts of S009 1.3 say what is wrong with it */
	struct str container, src_ip, destination;
	struct str protocol;	/* p NULL: none */
	bool has_port, has_expires;
	int64_t port, expires_s;
};

struct dyn_wish {		/* a request that is in order */
	char container[AGENT_NAME_MAX + 1];
	char destination[DYN_DESTINATION_MAX + 1];
	char bridge[DYN_BRIDGE_MAX + 1];	/* "": nobody has the source yet */
	struct ip src;
	struct dyn_key key;
	bool needs_address;	/* destination is a name: fill key.dst before dyn_insert */
	bool has_expires;
	uint32_t expires_s;
};

/* Checks everything up to the destination, the owner of the source included. */
int dyn_parse(struct dyn *d, const struct dyn_request *rq, struct dyn_wish *out,
	      struct err *e) NODISCARD;
/* The grant for the same name, so that it need not be resolved again; NULL when there is none. */
const struct dyn_grant *dyn_find_name(const struct dyn *d, const struct dyn_wish *w);
/* Opens it, or gives an equal grant the form asked for (FR-016). *number names it. */
int dyn_insert(struct dyn *d, const struct dyn_wish *w, uint64_t now_ms, uint64_t *number,
	       struct err *e) NODISCARD;

/* ---- the DNS filter ---- */

struct dyn_answer {		/* what a direct_ip rule allowed */
	struct ip src;
	const char *container;	/* who asked */
	const char *host;	/* the question, for the log */
	uint32_t ttl_s;
	const uint32_t *addrs;	/* IPv4, host order */
	size_t addr_cnt;
	const uint16_t *ports;
	size_t port_cnt;
};

/* Opens addresses x ports for TCP; what may not be opened or fails is logged. How many are open. */
unsigned dyn_insert_answer(struct dyn *d, const struct dyn_answer *a, struct ip gateway,
			   uint64_t now_ms);

/* ---- ends; *removed counts the grants that are gone ---- */

int dyn_remove_container(struct dyn *d, const char *name, unsigned *removed,
			 struct err *e) NODISCARD;
int dyn_flush(struct dyn *d, unsigned *removed, struct err *e) NODISCARD;
/* Addresses have changed hands: grants of a source that now belongs to somebody else, or to nobody
 * any more, end; those made in advance for its owner become the owner's. */
int dyn_reconcile(struct dyn *d, unsigned *removed, struct err *e) NODISCARD;
/* The kernel's sets were emptied by somebody else: forget, and end the flows. */
void dyn_forget(struct dyn *d);
/* Once a second: what has run out, what must be renewed. */
int dyn_sweep(struct dyn *d, uint64_t now_ms, unsigned *removed, struct err *e) NODISCARD;
/* Some grant's source lives on that bridge. */
bool dyn_uses_bridge(const struct dyn *d, const char *bridge);

#endif
