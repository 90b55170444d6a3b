/* bridge.h - the managed bridge, its address, and the base packet policy in the kernel
 *
 * Layer: host.  Input: trusted.  Memory: the caller's struct.  Threads: control thread only.
 * Spec: S001, D6, D16, D20, D27, D28.
 *
 * Error messages are the sentences of S001 section 3, prefix included: print them as they are.
 */
#ifndef OC_HOST_BRIDGE_H
#define OC_HOST_BRIDGE_H

#include "base/ip.h"
#include "base/log.h"
#include "host/basetable.h"
#include "host/brnf.h"
#include "sys/nft.h"
#include "sys/rtnl.h"

struct bridge_conf {
	char name[RTNL_NAME_LEN];	/* --bridge */
	struct ip gateway;		/* gateway of the first /24 of the subnet block */
	uint8_t gateway_bits;		/* 24 */
	struct endpoint dns;		/* address 0.0.0.0 = the gateway */
	struct endpoint proxy;		/* port 0: --no-proxy */
	bool transparent;		/* --transparent */
	bool reject;			/* --blocked-packets */
};

struct bridge {
	struct bridge_conf conf;
	struct rtnl rt;
	struct rtnl watch;
	struct nft nft;
	struct basetable table;		/* what the kernel holds, when applied */
	uint64_t print;			/* its fingerprint */
	bool applied;			/* our table is there, ours to restore */
	bool fib_warned;
	bool module_tried;		/* modprobe runs in the first bridge_up only, if at all */
	struct log_limit restore_log;
	bool was_up;			/* the link was there when last looked at */
};

/* What hangs on the bridge, as far as the caller knows. Lists are "a, b"; empty = none. */
enum docker_answer { DOCKER_UNKNOWN = 0, DOCKER_ANSWERED };
struct bridge_users {
	enum docker_answer docker;
	const char *docker_cause;	/* why it is unknown: "no Engine on this host" */
	struct str jails;
	struct str containers;		/* managed, in any state; only when docker answered */
	struct str networks;
};

struct bridge_state {
	bool up;			/* exists, is a bridge, IFF_UP */
	int index;			/* 0: no such link */
	bool nftables_active;
};

/* 1 to 15 bytes of [A-Za-z0-9._-], not a reserved name. */
int bridge_name_check(struct str name, struct err *e) NODISCARD;
/* Fixed ports, IPv4 listeners (S001 section 3). */
int bridge_conf_check(const struct bridge_conf *c, struct err *e) NODISCARD;
/* The configured name, or <stem>-<6 lower-case hex>. */
bool bridge_is_family(const char *configured, const char *name);

/* Opens the netlink sockets; changes nothing. Poll b->nft.ev.fd and b->watch.nl.fd. */
int bridge_open(struct bridge *b, const struct bridge_conf *c, struct err *e) NODISCARD;
/* Closes them; the nf_tables socket, and with it the ownership of the table, last. */
void bridge_close(struct bridge *b);

/* Link, address, br_netfilter, table: in this order; repeatable. Grants in the kernel are gone
 * afterwards: clear their records. */
int bridge_up(struct bridge *b, struct err *e) NODISCARD;
/* S001-X-016: with no grant nothing is forwarded from a bridge, even if the table were missing for
 * a moment. A failure is logged only. */
void bridge_forwarding(const char *name, bool on);
/* The table alone, by b->conf (changed endpoints: change conf, apply). drop_all: D16. */
int bridge_apply(struct bridge *b, bool drop_all, struct err *e) NODISCARD;
/* Makes sure the gateway address is on the bridge (after every Docker network operation). */
int bridge_assert_address(struct bridge *b, struct err *e) NODISCARD;
int bridge_status(struct bridge *b, struct bridge_state *out, struct err *e) NODISCARD;
/* Refusals first (ERR_CONFLICT), then links, then the table. */
int bridge_down(struct bridge *b, const struct bridge_users *u, struct err *e) NODISCARD;

enum on_exit_mode { ON_EXIT_AUTO = 0, ON_EXIT_KEEP, ON_EXIT_TEARDOWN };
/* After the listeners have stopped and the grants' flows are cut (D16). */
int bridge_shutdown(struct bridge *b, enum on_exit_mode mode, const struct bridge_users *u,
		    struct err *e) NODISCARD;
/* `outcall lockdown`: the drop-all table without a daemon (S001-X-014). The caller has the lock. */
int bridge_lockdown(const char *name, struct err *e) NODISCARD;

/* A further bridge of the family in the set: before its link exists, until after it is gone. */
int bridge_member_add(struct bridge *b, const char *name, struct err *e) NODISCARD;
int bridge_member_del(struct bridge *b, const char *name, struct err *e) NODISCARD;

/* nft.ev.fd is readable: *restored when somebody else's change was found and undone (clear the
 * grants' records then). On failure call again soon: the policy is not in force. */
int bridge_on_nft_event(struct bridge *b, bool *restored, struct err *e) NODISCARD;
/* watch.nl.fd is readable: *changed as rtnl_watch_read. New family bridges enter the set; a
 * vanished configured bridge is logged. */
int bridge_on_link_event(struct bridge *b, unsigned *changed, struct err *e) NODISCARD;

struct bridge_blocked {
	uint64_t count[BLOCKED_COUNT];	/* packets, by enum blocked_class */
};
int bridge_blocked(struct bridge *b, struct bridge_blocked *out, struct err *e) NODISCARD;

/* For readiness and before a container is created (S001-X-008). */
struct bridge_health {
	struct bridge_state state;
	bool forward_drop;		/* chain forward has policy drop */
	bool member;			/* the configured bridge is in the set */
	bool source_check;		/* row R3 is in force */
	struct brnf nf;
};
int bridge_health(struct bridge *b, struct bridge_health *out, struct err *e) NODISCARD;

#endif
