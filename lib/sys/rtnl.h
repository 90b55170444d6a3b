/* rtnl.h - links, bridge ports, addresses and routes of the network namespace we are in
 *
 * Layer: sys.  Input: trusted (the kernel), length-checked.  Memory: the socket's own mapping.
 * Threads: one owner.  Spec: S001-FR-001 ... FR-003, S001-X-010, operations section 16.
 *
 * Every failure of the kernel leaves its errno in e->sys; e->msg is the bare system text, so that
 * the caller can put the name of the step in front (S001 section 3).
 */
#ifndef OC_SYS_RTNL_H
#define OC_SYS_RTNL_H

#include "base/ip.h"
#include "sys/nl.h"

#define RTNL_NAME_LEN 16	/* longest interface name and NUL */

struct rtnl {
	struct nl nl;
};

struct rtnl_link {
	int index;
	int master;			/* index of the bridge it is a port of, 0: none */
	unsigned flags;			/* IFF_* */
	bool isolated;			/* bridge port flag */
	uint8_t mac[6];			/* all zero: the link has none of this kind */
	char name[RTNL_NAME_LEN];
	char kind[RTNL_NAME_LEN];	/* "bridge", "veth", ...; "" for a physical link */
};

struct rtnl_addr {
	int index;
	uint8_t bits;
	struct ip ip;
};

/* A veth pair whose far end is made straight in another network namespace. */
struct rtnl_veth {
	const char *name;	/* the near end, here */
	const char *peer_name;
	int peer_ns_fd;		/* descriptor of the namespace, or -1 */
	int peer_pid;		/* used when peer_ns_fd is -1: namespace of that process */
};

int rtnl_open(struct rtnl *r, struct err *e) NODISCARD;
void rtnl_close(struct rtnl *r);

/* ERR_NOT_FOUND (e->sys ENODEV) when there is no such link. */
int rtnl_link_by_name(struct rtnl *r, const char *name, struct rtnl_link *out,
		      struct err *e) NODISCARD;
int rtnl_link_by_index(struct rtnl *r, int index, struct rtnl_link *out, struct err *e) NODISCARD;
/* Every link of the namespace. l NULL: the dump starts (again), forget what came before. */
typedef void rtnl_link_fn(void *ctx, const struct rtnl_link *l);
int rtnl_links(struct rtnl *r, rtnl_link_fn *fn, void *ctx, struct err *e) NODISCARD;
/* Every address of the namespace; a NULL: start (again). */
typedef void rtnl_addr_fn(void *ctx, const struct rtnl_addr *a);
int rtnl_addrs(struct rtnl *r, rtnl_addr_fn *fn, void *ctx, struct err *e) NODISCARD;

/* What is made is DOWN. A bridge gets a hardware address made from its name. */
int rtnl_bridge_add(struct rtnl *r, const char *name, struct err *e) NODISCARD;
int rtnl_veth_add(struct rtnl *r, const struct rtnl_veth *v, struct err *e) NODISCARD;
int rtnl_link_del(struct rtnl *r, int index, struct err *e) NODISCARD;
int rtnl_set_up(struct rtnl *r, int index, bool up, struct err *e) NODISCARD;
/* Gives the link, for good, the hardware address that it has now: a bridge without one of its own
 * changes it with its ports, and neighbours then send into the void. */
int rtnl_pin_mac(struct rtnl *r, const struct rtnl_link *l, struct err *e) NODISCARD;
/* master 0: release. */
int rtnl_set_master(struct rtnl *r, int index, int master, struct err *e) NODISCARD;
/* Sets the bridge port flag and reads it back: a kernel that ignores it is EOPNOTSUPP. */
int rtnl_set_isolated(struct rtnl *r, int index, struct err *e) NODISCARD;

/* Adds or replaces. IPv4 only. The link route is to dst/32. */
int rtnl_addr_add(struct rtnl *r, int index, struct ip ip, uint8_t bits, struct err *e) NODISCARD;
int rtnl_route_link(struct rtnl *r, int index, struct ip dst, struct err *e) NODISCARD;
int rtnl_route_default(struct rtnl *r, int index, struct ip gateway, struct err *e) NODISCARD;

/* Waits until ip answers on the link (ARP).  A port of a bridge, and a bridge that gets its first
 * port, carry frames a moment after they are up; without this the first packet of a jail is lost
 * and comes again a second later. ERR_TIMEOUT. */
int rtnl_wait_neighbour(struct rtnl *r, int index, struct ip ip, unsigned wait_ms,
			struct err *e) NODISCARD;

/* Notifications: link and IPv4 address changes, on a socket of their own. */
#define RTNL_LINKS_CHANGED 1U
#define RTNL_ADDRS_CHANGED 2U
int rtnl_watch_open(struct rtnl *r, struct err *e) NODISCARD;
/* Reads all that waits. *changed: RTNL_*_CHANGED bits; lost events count as both. */
int rtnl_watch_read(struct rtnl *r, unsigned *changed, struct err *e) NODISCARD;

#endif
