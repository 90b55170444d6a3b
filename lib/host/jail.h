/* jail.h - registry and network side of jails: name, address, link, identity of the root process
 *
 * Layer: host.  Input: requests of operators.  Memory: the caller's struct (about 110 KiB).
 * Threads: control thread only.
 * Spec: operations section 16, S002-X-009, S004-X-009, S015-X-010, D11.
 *
 * Order of a start:  jail_reserve -> publish the identity snapshot -> jail_plug -> answer.
 * Order of an end:   jail_unplug -> publish the snapshot without it -> jail_release.
 * Who calls logs the start and the end.
 * The address has a name before a packet can leave the jail, and keeps it until none can any more.
 */
#ifndef OC_HOST_JAIL_H
#define OC_HOST_JAIL_H

#include <sys/types.h>

#include "base/ip.h"
#include "policy/idtab.h"
#include "sys/rtnl.h"

#define JAILS_MAX 256
#define JAIL_ID_CAP 14			/* jail-<8 hex> and NUL */
#define JAIL_NETWORK_MAX 128
#define JAIL_INTERFACE "eth0"		/* the far end, in the jail: `interface` of the answer */

/* A network that jails may join: the default one, or one that Docker vouched for. */
struct jail_net {
	const char *name;		/* "outcall-default" */
	const char *bridge;
	struct ip gateway;
	struct cidr subnet;		/* its upper half belongs to jails; at most /28 */
};

struct jail {
	char id[JAIL_ID_CAP];		/* "" = free slot */
	char name[AGENT_NAME_MAX + 1];
	char network[JAIL_NETWORK_MAX + 1];
	char bridge[RTNL_NAME_LEN];
	char link[RTNL_NAME_LEN];	/* ocj<8 hex>: the near end */
	struct ip addr, gateway;
	int link_index;			/* 0: not plugged */
	pid_t pid;			/* the root: the CLI process that registered */
	uid_t uid;
	int pidfd;
	int ns_fd;			/* its network namespace */
	uint64_t start_ticks;		/* start time of the root, against reuse of its PID */
	int64_t started_us;		/* wall time */
};

struct jails {
	struct jail slots[JAILS_MAX];
	uint32_t cnt;
};

struct jail_request {
	struct str name;		/* empty: the id */
	const struct jail_net *net;
	int conn_fd;			/* the connection: names peer and network namespace */
};

/* container-name grammar of S013, at most 128 bytes */
bool jail_name_ok(struct str name);
/* Name, id, address and peer: nothing is made in the kernel. ERR_EXISTS: the name is running. The
 * caller has checked that no managed container has it. */
int jail_reserve(struct jails *js, const struct jail_request *rq, struct jail **out,
		 struct err *e) NODISCARD;
/* Makes the link and plugs it in as an isolated port, UP last. On failure nothing is left but the
 * reservation: publish and jail_release. */
int jail_plug(struct jail *j, struct rtnl *rt, struct err *e) NODISCARD;
/* Takes the link away; with it go address, routes and neighbours in the jail. Errors are logged. */
void jail_unplug(struct jail *j, struct rtnl *rt);
void jail_release(struct jails *js, struct jail *j);
/* After the bridge was made anew: plugs every jail of that bridge in again. */
int jail_replug(struct jails *js, struct rtnl *rt, const char *bridge, struct err *e) NODISCARD;

/* Before the first start: removes every link ocj<8 hex> that a dead daemon left. */
int jail_remove_leftovers(struct rtnl *rt, struct err *e) NODISCARD;

/* Look-ups: NULL when there is none. */
struct jail *jail_by_name(struct jails *js, struct str name);
struct jail *jail_by_addr(struct jails *js, struct ip addr);
struct jail *jail_by_root(struct jails *js, pid_t pid);
/* The jail whose root is pid or an ancestor of it: parent chain read twice, root alive. */
struct jail *jail_by_process(struct jails *js, pid_t pid);
/* The jail of that network namespace; for a connection: SIOCGSKNS. */
struct jail *jail_by_netns(struct jails *js, int ns_fd);
struct jail *jail_by_conn_netns(struct jails *js, int conn_fd);
bool jail_is_alive(const struct jail *j);
/* Slots 0 .. JAILS_MAX - 1: the jail or NULL. */
const struct jail *jail_at(const struct jails *js, uint32_t slot);

/* Entry for the identity snapshot: a jail's name is its agent.name, unchanged (D11). */
struct ident jail_ident(const struct jail *j);
/* Those of all jails; returns how many (at most cap). */
size_t jail_idents(const struct jails *js, struct ident *out, size_t cap);
/* "a, b": names of the jails of network (NULL: all), in order of their slots. */
void jail_names(const struct jails *js, const char *network, struct buf *out);

#endif
