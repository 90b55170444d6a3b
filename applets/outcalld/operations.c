/* operations.c - what operators ask of the daemon, each in its fixed order over several modules
 *
 * Layer: applets (outcalld).  Input: requests that api/host_api.c has parsed.  Memory: the daemon
 * struct.  Threads: control only.
 * Spec: S001-FR-009, S001-X-003, S001-X-004, S007-FR-004, S002-X-009, operations section 16,
 * S006-WR-074, S000 section 11.
 */
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "outcalld/daemon.h"
#include "proto/consts.h"

#define HOST_API_CONNS 320	/* every jail holds one, and some room for operators */
#define FINISH_MS 5000

static int op_bridge_up(void *daemon, struct err *e)
{
	struct daemon *d = daemon;

	if (bridge_up(&d->bridge, e) < 0)
		return -1;
	grants_forget(d);	/* the table is a new one */
	state_refresh_interfaces(d);
	if (state_publish_hosts(d, e) < 0 ||
	    jail_replug(&d->jails, &d->bridge.rt, d->cfg.bridge, e) < 0)
		return -1;
	return d->workers_running ? 0 : dataplane_start(d, e);
}

static int op_bridge_down(void *daemon, struct err *e)
{
	struct bridge_users users = { .docker_cause = "no Engine on this host" };
	struct daemon *d = daemon;
	char names[4096];
	struct buf b = BUF_OF(names);

	jail_names(&d->jails, NULL, &b);
	users.jails = buf_str(&b);
	if (bridge_down(&d->bridge, &users, e) < 0)
		return -1;
	dataplane_stop(d, false);
	grants_forget(d);	/* those of answers that were on their way too */
	state_refresh_interfaces(d);
	return state_publish_hosts(d, e);
}

static int op_reload(void *daemon, struct err *e)
{
	bool done;

	return control_reload(daemon, false, &done, e);
}

static bool op_is_serving(void *daemon)
{
	const struct daemon *d = daemon;

	return d->workers_running;
}

static int default_network(const struct daemon *d, const struct jail_start_request *rq,
			   struct jail_net *net, struct err *e)
{
	if (rq->network && !str_eq_c(str_of(rq->network), DEFAULT_NETWORK_NAME))
		return err_set(e, ERR_UNAVAILABLE,
			       "network \"%s\" needs Docker, which is not available", rq->network);
	*net = (struct jail_net){ .name = DEFAULT_NETWORK_NAME,
				  .bridge = d->cfg.bridge,
				  .gateway = d->cfg.gateway,
				  .subnet = { d->cfg.subnet_block.net, 24 } };
	return 0;
}

static void forget(struct daemon *d, struct jail *j)
{
	const struct worker_msg drop = { .cmd = WORKER_DROP_SOURCE, .u.addr = j->addr };
	struct err e;

	jail_unplug(j, &d->bridge.rt);
	grants_end_of(d, j->name);
	jail_release(&d->jails, j);
	if (state_publish_idents(d, &e) < 0)
		log_msg(LOG_ERROR, LOG_JAIL, "%s", e.msg);
	dataplane_tell(d, &drop);
}

static void log_jail(const struct jail *j, const char *what)
{
	struct log_line l;

	if (!log_begin(&l, LOG_INFO, LOG_JAIL, what))
		return;
	log_c(&l, "name", j->name);
	log_c(&l, "id", j->id);
	log_ip(&l, "address", j->addr);
	log_u64(&l, "uid", j->uid);
	log_u64(&l, "pid", (uint64_t)j->pid);
	log_end(&l);
}

/* The address has its name before a packet can leave the jail. */
static int op_jail_start(void *daemon, const struct jail_start_request *rq, int conn_fd,
			 struct jail **out, struct err *e)
{
	struct daemon *d = daemon;
	struct jail_request ask = { .name = str_of(rq->name), .conn_fd = conn_fd };
	struct jail_net net;
	struct jail *j;

	if (!d->workers_running)
		return err_set(e, ERR_UNAVAILABLE,
			       "the bridge is down; run \"outcall bridge up\" first");
	if (default_network(d, rq, &net, e) < 0)
		return -1;
	ask.net = &net;
	if (ask.name.len && ident_by_name(&d->idents, ask.name))
		return err_set(e, ERR_EXISTS, "jail \"%s\" is already running", rq->name);
	if (jail_reserve(&d->jails, &ask, &j, e) < 0)
		return -1;
	if (state_publish_idents(d, e) < 0 || jail_plug(j, &d->bridge.rt, e) < 0) {
		forget(d, j);
		return -1;
	}
	log_jail(j, "jail started");
	*out = j;
	return 0;
}

static void op_jail_end(void *daemon, struct jail *j)
{
	struct daemon *d = daemon;

	log_jail(j, "jail ended");
	forget(d, j);
}

static int restore_rules(void *daemon, struct rules_saved *saved, struct err *e)
{
	return control_restore(daemon, saved, e);
}

const struct requests_policy operations_policy = { op_reload, restore_rules };

static const struct host_api_ops ops = {
	.bridge_up = op_bridge_up,
	.bridge_down = op_bridge_down,
	.reload = op_reload,
	.jail_start = op_jail_start,
	.jail_end = op_jail_end,
	.grant = grants_insert,
	.flush_grants = grants_flush,
	.is_serving = op_is_serving,
};

/* The daemon may run in a container itself: peers in that one are no strangers. */
static void find_own_container(struct host_api *h)
{
	struct arena a;
	struct str text;
	struct err ignored;

	arena_init(&a, (size_t)1 << 20);
	if (procid_cgroup(getpid(), &a, &text, &ignored) < 0 ||
	    procid_container(text, h->own_container) != PROCID_CONTAINER)
		h->own_container[0] = '\0';
	arena_fini(&a);
}

int operations_open(struct daemon *d, struct err *e)
{
	int fd = d->api_fd;

	d->host_api = (struct host_api){
		.daemon = d,
		.ops = &ops,
		.bridge = &d->bridge,
		.jails = &d->jails,
		.idents = &d->idents,
		.rules_box = &d->rules_box,
		.rules = &d->rules,
		.grants = &d->dyn,
		.requests = &d->requests,
		.cache = d->cache,
		.stats = d->stats,
		.data = &d->data,
		.upstreams = &d->upstreams,
		.events = &d->events,
		.rules_dir = d->cfg.rules_dir,
		.host_socket = d->cfg.socket,
		.state_dir = d->cfg.state_dir,
		.started_us = d->started_us,
		.started_ms = d->started_ms,
	};
	find_own_container(&d->host_api);
	d->api_config.routes = host_api_routes;
	d->api_config.kind_listen = CONTROL_API_LISTEN;
	d->api_config.kind_conn = CONTROL_API_CONN;
	d->api_config.conns = HOST_API_CONNS;
	d->api_config.body_max = HOST_API_BODY_LIMIT;
	d->api_config.shape_status = 422;
	d->api_config.for_operators = true;
	d->api_config.is_confined = host_api_is_confined;
	d->events.server = &d->api;
	d->api_fd = -1;		/* the server's from now on */
	return api_open(&d->api, &d->api_config, &d->host_api, &d->loop, fd, e);
}

/* Requests under way get their answers; jails' life-lines are cut by the close. */
void operations_close(struct daemon *d)
{
	uint64_t deadline = clock_mono_ms() + FINISH_MS;
	struct err e;

	api_stop_accepting(&d->api);
	while (api_busy(&d->api) > 0 && clock_mono_ms() < deadline && !d->stop_at_once) {
		if (ev_turn(&d->loop, 50, &e) < 0)
			break;
		api_expire(&d->api);
		operations_expire(d);
	}
	api_close(&d->api);
}

int operations_wait_ms(const struct daemon *d)
{
	return events_wait_ms(&d->events, clock_mono_ms());
}

void operations_expire(struct daemon *d)
{
	events_expire(&d->events, d->loop.now_ms);
}
