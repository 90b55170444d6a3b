/* host_api.h - the operator's endpoints on the host socket
 *
 * Layer: api.  Memory: the caller's struct; one fixed scratch arena.  Threads: the control thread only.
 * Spec: operations section 4, S001-IF-001..003, S003-IF-001..005, S006, S007-IF-001..003, S010 section 6,
 * operations section 16.
 *
 * The modules are the daemon's; this file only knows where they are.  What needs the workers goes
 * through host_hooks: the daemon has the mailboxes and knows who has acknowledged what.
 */
#ifndef OC_API_HOST_API_H
#define OC_API_HOST_API_H

#include "api/events.h"
#include "api/server.h"
#include "data/dnscache.h"
#include "data/worker.h"
#include "host/bridge.h"
#include "host/jail.h"
#include "host/rules.h"

struct host_api;

struct host_hooks {			/* functions of the daemon; daemon is host_api.daemon */
	/* Starts a reload (S003 1.8). When all workers enforce the new set, or it has failed, the
	 * daemon calls host_api_reloaded() with ref. */
	void (*reload)(void *daemon, struct api_ref ref);
	/* Builds and publishes the identity snapshot from what runs now. */
	int (*publish_idents)(void *daemon, struct err *e);
	/* Ends connections and flows of an address that is no longer anybody's (S006-WR-074). */
	void (*drop_source)(void *daemon, struct ip addr);
	/* The base table is new: records of grants are void. */
	void (*table_reset)(void *daemon);
};

struct host_api {
	struct api_server server;
	struct api_config config;	/* set by host_api_open, but for the caller's access fields */
	void *daemon;
	const struct host_hooks *hooks;
	struct event_log *events;	/* opened, perhaps with room for nothing */
	struct bridge *bridge;
	struct jails *jails;
	struct jail_net default_net;
	struct rules *rules;
	struct snap_box *rules_box;
	struct dnscache *cache;		/* NULL: no DNS filter */
	const struct data_config *data;
	const struct upstreams *upstreams;	/* in effect */
	const struct worker_stats *stats;
	unsigned workers;
	bool dns_running;		/* listeners open, workers up */
	bool proxy_running;
	const char *agent_socket_fault;	/* why the agent API does not serve; NULL: it does */
	const char *version, *rules_dir, *bridge_name, *host_socket, *agent_socket, *state_dir;
	int64_t started_us;
	uint64_t started_ms;
	struct arena scratch;		/* temporaries of evaluations */
	struct {
		bool used;
		struct api_ref ref;	/* life-line of the jail in the slot of the same number */
	} lines[JAILS_MAX];
};

/* All members above are set but server, config.routes and its like, scratch and lines. Starts to serve
 * on listen_fd with the two event kinds of the loop. */
int host_api_open(struct host_api *h, struct ev_loop *loop, int listen_fd, unsigned kind_listen,
		  unsigned kind_conn, struct err *e) NODISCARD;
void host_api_close(struct host_api *h);

/* The end of a reload that hooks->reload began: set is the published one (with its warnings), NULL:
 * failed, why is the cause. */
void host_api_reloaded(struct host_api *h, struct api_ref ref, const struct ruleset *set, const char *why);

/* Ends a jail from the daemon's side (bridge taken down, root found dead). */
void host_api_end_jail(struct host_api *h, struct jail *j);

/* ---- between host_api.c and rules_api.c ---- */

static inline struct host_api *host_api_of(const struct api_request *rq)
{
	return rq->world;
}

void rules_api_evaluate(struct api_request *rq);
void rules_api_test(struct api_request *rq);
void rules_api_list(struct api_request *rq);
void rules_api_show(struct api_request *rq);
void rules_api_reload(struct api_request *rq);
void rules_api_counters(struct api_request *rq);
void rules_api_reset_counters(struct api_request *rq);

#endif
