/* host_api.h - the operator's API: routes of the host socket
 *
 * Layer: api.  Memory: the daemon's structs, by pointer.  Threads: the control thread only.
 * Spec: operations section 4, S001, S003 1.3, S006, S007, S010, section 16.
 *
 * Reading handlers ask the modules themselves; what changes the daemon goes through the operations
 * that outcalld hands in, because they touch several modules in a fixed order.
 */
#ifndef OC_API_HOST_API_H
#define OC_API_HOST_API_H

#include "api/events.h"
#include "api/server.h"
#include "data/dnscache.h"
#include "data/worker.h"
#include "host/bridge.h"
#include "host/dyn.h"
#include "host/ident.h"
#include "host/jail.h"
#include "host/requests.h"
#include "host/rules.h"
#include "proto/jail.h"

enum host_api_done { HOST_API_REFUSED = 0, HOST_API_DONE, HOST_API_LATER };

/* Each is complete when it returns: workers have acknowledged, or *e says why not. */
struct host_api_ops {
	int (*bridge_up)(void *daemon, struct err *e);
	/* refusals of S001-FR-009: ERR_CONFLICT */
	int (*bridge_down)(void *daemon, struct err *e);
	/* S003 1.8; message without "reload failed: " */
	int (*reload)(void *daemon, struct err *e);
	/* jail_reserve, publish, jail_plug: nothing is left on failure. ERR_EXISTS: name
	 * taken (409). */
	int (*jail_start)(void *daemon, const struct jail_start_request *rq, int conn_fd,
			  struct jail **out, struct err *e);
	void (*jail_end)(void *daemon, struct jail *j);
	/* S009-IF-003. LATER: a name is being resolved; the answer comes by grants_api_answer(). */
	enum host_api_done (*grant)(void *daemon, const struct dyn_request *rq, struct api_ref ref,
				    uint64_t *number, struct err *e);
	int (*flush_grants)(void *daemon, unsigned *removed, struct err *e);
	/* DNS filter and proxy run (false after bridge down) */
	bool (*is_serving)(void *daemon);
};

struct host_api {
	void *daemon;
	const struct host_api_ops *ops;
	struct bridge *bridge;
	struct jails *jails;
	const struct ident_index *idents;
	/* container that this daemon runs in itself; "": none */
	char own_container[PROCID_LEN + 1];
	struct snap_box *rules_box;		/* struct ruleset */
	struct rules *rules;
	const struct dyn *grants;
	struct requests *requests;
	struct dnscache *cache;
	struct worker_stats *stats;		/* data->workers of them */
	const struct data_config *data;
	const struct upstreams *upstreams;	/* in effect */
	struct event_log *events;
	const char *rules_dir, *host_socket, *agent_dir, *state_dir;
	int64_t started_us;			/* wall time */
	uint64_t started_ms;			/* monotonic */
	/* The life-lines of jails. */
	struct {
		struct api_ref ref;
		struct jail *jail;		/* NULL: free */
	} lines[JAILS_MAX];
};

/* rq->world of these routes is a struct host_api. */
extern const struct api_routes host_api_routes;
/* For api_config.is_confined (S004-X-006): the peer sits in a jail and is not its root, or in a
 * container that is not the daemon's own; or it cannot be told. From memory and /proc only. */
bool host_api_is_confined(void *world, int fd, const struct sock_peer *peer);

#endif
