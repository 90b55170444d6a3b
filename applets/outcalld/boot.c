/* boot.c - start and stop of the daemon as one table of steps
 *
 * Layer: applets (outcalld).  Input: trusted.  Memory: the boot class (calloc, freed at the end).
 * Threads: control, before and after the workers.
 * Spec: S000 section 11, operations section 12, S003 8.1, S000-X-004, D16.
 *
 * Theory of operation: the steps are taken from the top; when one fails, what the earlier ones made
 * in user space is unmade from there upwards, the policy already in the kernel stays, exit 1.  A
 * stop walks the whole table backwards.  Each step says what it should do and what it must not do.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "outcalld/daemon.h"
#include "proto/consts.h"
#include "policy/rule.h"
#include "proto/paths.h"
#include "sys/sandbox.h"
#include "sys/tzfile.h"

/* ---- the steps ---- */

static int make_dir(const char *what, const char *path, mode_t mode, struct err *e)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return chmod(path, mode) < 0 ? err_sys(e, "cannot set the mode of %s", path) : 0;
	if (errno != EEXIST)
		return err_sys(e, "cannot make directory %s", path);
	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return err_set(e, ERR_INVALID, "%s %s must be a real directory", what, path);
	return 0;
}

/* Should: see that a start can succeed; make the socket directory and the agents' directory, take
 * the lock.
 * Mustn't: touch an existing directory's content, or anything in the kernel. */
static int up_lock(struct daemon *d, struct err *e)
{
	char path[SOCKET_PATH_MAX + 32];
	struct buf b = BUF_OF(path);
	struct str socket = str_of(d->cfg.socket);
	size_t dir_len = str_rfind_byte(socket, '/');

	if (!sandbox_has_cap(CAP_NET_ADMIN))
		return err_set(e, ERR_DENIED,
			       "outcalld needs the capability CAP_NET_ADMIN; run it as root");
	buf_add_str(&b, str_first(socket, MAX(dir_len, (size_t)1)));
	if (make_dir("socket parent", buf_c(&b), 0755, e) < 0)
		return -1;
	buf_printf(&b, "/%s", AGENT_DIR_NAME);
	if (make_dir("socket parent", buf_c(&b), 0755, e) < 0)
		return -1;
	b.len = dir_len;
	buf_printf(&b, "/%s", LOCK_FILE_NAME);
	if (lockfile_take(&d->lock, buf_c(&b), e) < 0)
		return -1;
	return sock_unix_check(d->cfg.socket, e);
}

static void down_lock(struct daemon *d)
{
	lockfile_drop(&d->lock);
}

static struct load_opts load_opts(const struct daemon *d)
{
	return (struct load_opts){ .no_proxy = d->cfg.no_proxy };
}

/* Should: make the state directory, read the rule requests, take back approvals that were cut
 * short, before their rules are read.
 * Mustn't: start with an empty queue in place of one that cannot be read. */
static int up_requests(struct daemon *d, struct err *e)
{
	const struct requests_config conf = {
		.state_dir = d->cfg.state_dir,
		.rules = &d->rules,
		.rules_dir = d->cfg.rules_dir,
		.policy = &operations_policy,
		.daemon = d,
		.rate = { d->cfg.agent_rule_cnt, d->cfg.agent_rule_secs },
	};

	if (make_dir("state directory", d->cfg.state_dir, 0700, e) < 0)
		return -1;
	return requests_open(&d->requests, &conf, e);
}

static void down_requests(struct daemon *d)
{
	requests_close(&d->requests);
}

/* Should: read, check and compile all rules.  Mustn't: activate them. */
static int up_rules_check(struct daemon *d, struct err *e)
{
	const struct load_opts opts = load_opts(d);

	tzfile_use(false);	/* zones that rules name are read now: workers open no file */
	if (rules_init(&d->rules, d->cfg.rules_dir, &opts, &d->rules_box, e) < 0)
		return -1;
	return rules_prepare(&d->rules, &d->first_rules, e);
}

static void down_rules(struct daemon *d)
{
	rules_discard(&d->first_rules);
}

/* Should: make the loop, the mailbox and what the workers share.  Mustn't: start a thread. */
static int up_core(struct daemon *d, struct err *e)
{
	d->workers = calloc(d->data.workers, sizeof(*d->workers));
	d->inboxes = calloc(d->data.workers, sizeof(*d->inboxes));
	d->stats = aligned_alloc(64, d->data.workers * sizeof(*d->stats));
	if (!d->workers || !d->inboxes || !d->stats)
		return err_set(e, ERR_NOMEM, "no memory for %u workers", d->data.workers);
	memset(d->stats, 0, d->data.workers * sizeof(*d->stats));
	d->cache = dnscache_new(e);
	if (!d->cache)
		return -1;
	d->guard = dnsguard_new(d->cfg.dns_qps, d->cfg.dns_burst, e);
	if (ident_init(&d->idents, &d->jails, e) < 0)
		return -1;
	if (!d->guard || events_open(&d->events, (uint32_t)d->cfg.event_ring, e) < 0)
		return -1;
	return control_open(d, e);
}

static void down_core(struct daemon *d)
{
	control_close(d);
	events_close(&d->events);
	ident_fini(&d->idents);
	dnsguard_free(d->guard);
	dnscache_free(d->cache);
	free(d->stats);
	free(d->inboxes);
	free(d->workers);
}

/* Should: put bridge, address and base policy in force, adopt what a dead daemon left.
 * Mustn't: leave a moment without policy. */
static int up_bridge(struct daemon *d, struct err *e)
{
	struct bridge_conf conf = {
		.gateway = d->cfg.gateway, .gateway_bits = 24, .dns = d->data.dns,
		.transparent = d->data.transparent, .reject = d->cfg.blocked_packets == 0,
	};

	if (bridge_name_check(str_of(d->cfg.bridge), e) < 0 ||
	    !str_to_c(conf.name, sizeof(conf.name), str_of(d->cfg.bridge)))
		return -1;
	if (d->data.proxy_on)
		conf.proxy = d->data.proxy;
	if (bridge_conf_check(&conf, e) < 0 || bridge_open(&d->bridge, &conf, e) < 0)
		return -1;
	d->bridge_open = true;
	if (bridge_up(&d->bridge, e) < 0)
		return -1;
	return jail_remove_leftovers(&d->bridge.rt, e);
}

static void down_bridge(struct daemon *d)
{
	if (d->bridge_open)
		bridge_close(&d->bridge);
	d->bridge_open = false;
}

/* Should: open what grants need in the kernel.  Mustn't: let anything through. */
static int up_grants(struct daemon *d, struct err *e)
{
	return grants_open(d, e);
}

static void down_grants(struct daemon *d)
{
	grants_close(d);
}

/* Should: activate the rules that were checked, publish identities and hosts. */
static int up_state(struct daemon *d, struct err *e)
{
	control_log_rules(d, rules_publish(&d->rules, &d->first_rules), 0, 0);
	state_refresh_interfaces(d);
	(void)watched_file_changed(&d->resolv_conf);
	(void)watched_file_changed(&d->hosts_file);
	d->upstreams = d->cfg.upstreams;
	(void)state_read_upstreams(d);
	if (state_publish_idents(d, e) < 0)
		return -1;
	return state_publish_hosts(d, e);
}

/* Should: bind the host socket with its owner and mode; give up every right that is not needed.
 * Mustn't: answer yet. */
static int up_host_socket(struct daemon *d, struct err *e)
{
	const uint64_t keep = SANDBOX_CAP(CAP_NET_ADMIN) | SANDBOX_CAP(CAP_NET_BIND_SERVICE) |
			      SANDBOX_CAP(CAP_DAC_READ_SEARCH);
	struct sock_unix u = { .path = d->cfg.socket, .mode = 0600 };
	gid_t group;

	d->api_config.has_operator_uid = d->cfg.operator_uid != CONFIG_UNSET;
	d->api_config.operator_uid = (uid_t)d->cfg.operator_uid;
	if (d->cfg.operator_uid != CONFIG_UNSET || d->cfg.operator_gid != CONFIG_UNSET) {
		u.uid = d->cfg.operator_uid != CONFIG_UNSET ? (uid_t)d->cfg.operator_uid : 0;
		u.gid = d->cfg.operator_gid != CONFIG_UNSET ? (gid_t)d->cfg.operator_gid : 0;
	} else if (group_find(OPERATOR_GROUP, &group)) {
		u.gid = group;
		u.mode = 0660;
		d->api_config.has_operator_gid = true;
		d->api_config.operator_gid = group;
	}
	if (sock_unix_listen(&u, &d->api_fd, e) < 0)
		return -1;
	d->socket_made = true;
	return sandbox_keep_caps(keep, e);
}

static void down_host_socket(struct daemon *d)
{
	if (d->api_fd >= 0)
		(void)close(d->api_fd);
	d->api_fd = -1;
	if (d->socket_made)	/* another daemon's stays */
		sock_unix_remove(d->cfg.socket);
}

/* Should: bind DNS filter and proxy, start the workers. */
static int up_dataplane(struct daemon *d, struct err *e)
{
	return dataplane_start(d, e);
}

static void down_dataplane(struct daemon *d)
{
	dataplane_stop(d, d->stop_at_once);
}

/* Should: begin to follow the Docker Engine.  Mustn't: wait for it, or fail where there is none. */
static int up_engine(struct daemon *d, struct err *e)
{
	return engine_open(d, e);
}

static void down_engine(struct daemon *d)
{
	engine_close(d);
}

/* Should: answer operators from now on. */
static int up_api(struct daemon *d, struct err *e)
{
	d->api_open = true;
	return operations_open(d, e);
}

static void down_api(struct daemon *d)
{
	if (d->api_open)
		operations_close(d);
	d->api_open = false;
}

/* What --on-exit says, after the listeners have stopped. A start that failed leaves the policy in
 * force, so this is no step of its own. */
static void leave_policy(struct daemon *d)
{
	char names[1024];
	struct buf b = BUF_OF(names);
	struct bridge_users users = { .docker_cause = "no Engine on this host" };
	struct err e;

	jail_names(&d->jails, NULL, &b);
	users.jails = buf_str(&b);
	if (bridge_shutdown(&d->bridge, (enum on_exit_mode)d->cfg.on_exit, &users, &e) < 0)
		log_msg(LOG_ERROR, LOG_BRIDGE, "%s", e.msg);
}

/* S009-FR-010: nothing dynamic outlives an orderly stop. */
static void revoke_grants(struct daemon *d)
{
	unsigned removed;
	struct err e;

	if (grants_flush(d, &removed, &e) < 0)
		log_msg(LOG_ERROR, LOG_BRIDGE, "%s", e.msg);
}

struct step {
	const char *name;
	int (*up)(struct daemon *d, struct err *e);
	void (*down)(struct daemon *d);
};

static const struct step steps[] = {
	{ "lock", up_lock, down_lock },
	{ "rule requests", up_requests, down_requests },
	{ "rules check", up_rules_check, down_rules },
	{ "core", up_core, down_core },
	{ "bridge", up_bridge, down_bridge },
	{ "grants", up_grants, down_grants },
	{ "state", up_state, NULL },
	{ "host socket", up_host_socket, down_host_socket },
	{ "data plane", up_dataplane, NULL },
	{ "engine", up_engine, down_engine },
	{ "host api", up_api, NULL },
};

/* What a stop does before the steps are walked backwards: S000 section 11, in its order. */
static void stop(struct daemon *d)
{
	log_msg(LOG_INFO, LOG_DAEMON, "stopping");
	down_api(d);
	down_engine(d);
	down_dataplane(d);
	revoke_grants(d);
	leave_policy(d);
}

static void walk_down(struct daemon *d, size_t from)
{
	while (from-- > 0)
		if (steps[from].down)
			steps[from].down(d);
}

static void log_ready(const struct daemon *d)
{
	struct log_line l;

	if (!log_begin(&l, LOG_INFO, LOG_DAEMON, "outcalld is ready"))
		return;
	log_c(&l, "version", OC_VERSION);
	log_c(&l, "bridge", d->cfg.bridge);
	log_c(&l, "rules_dir", d->cfg.rules_dir);
	log_c(&l, "socket", d->cfg.socket);
	log_u64(&l, "workers", d->data.workers);
	log_u64(&l, "ms", clock_mono_ms() - d->started_ms);
	log_end(&l);
}

int daemon_run(struct daemon *d)
{
	struct err e;
	size_t done = 0;
	int status = 0;

	for (; done < ARRAY_LEN(steps); done++) {
		if (steps[done].up(d, &e) < 0) {
			fprintf(stderr, "Error: %s\n", e.msg);
			down_api(d);
			dataplane_stop(d, true);
			walk_down(d, done + 1);
			return 1;
		}
	}
	log_ready(d);
	if (control_loop(d, &e) < 0) {
		log_msg(LOG_ERROR, LOG_DAEMON, "%s", e.msg);
		status = 1;
	}
	stop(d);
	walk_down(d, done);
	log_msg(LOG_INFO, LOG_DAEMON, "stopped");
	return status;
}

int daemon_check(struct daemon *d)
{
	const struct ruleset *set;
	struct err e;

	if (bridge_name_check(str_of(d->cfg.bridge), &e) < 0 || up_rules_check(d, &e) < 0) {
		fprintf(stderr, "Error: %s\n", e.msg);
		return 1;
	}
	set = d->first_rules.set;
	for (uint32_t i = 0; set->warnings && i < set->warnings->cnt; i++)
		fprintf(stderr, "warning: " STR_FMT "\n", STR_ARG(set->warnings->v[i]));
	printf("%u rule(s) in %u file(s) are in order.\n", set->count, set->files);
	down_rules(d);
	return 0;
}

/* ---- the struct ---- */

struct daemon *daemon_new(const struct config *c)
{
	struct daemon *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->cfg = *c;
	d->started_ms = clock_mono_ms();
	d->started_us = clock_wall_us();
	d->lock.fd = d->signal_fd = d->inotify_fd = d->rules_watch = d->api_fd = -1;
	d->jobs_stop_fd = -1;
	d->loop.epfd = d->inbox.fd = -1;
	d->resolv_conf.path = "/etc/resolv.conf";
	d->hosts_file.path = "/etc/hosts";
	d->data = (struct data_config){
		.dns = c->dns,
		.proxy = c->proxy,
		.proxy_on = !c->no_proxy,
		.transparent = !c->transparent_off,
		.ech_block = c->ech_block == 1,
		.dns_tunnel_warn = c->dns_guard == GUARD_WARN,
		.dns_tunnel_block = c->dns_guard == GUARD_BLOCK,
		.dns_0x20 = (uint8_t)c->dns_0x20,
		.dns_qps = c->dns_qps,
		.dns_burst = c->dns_burst,
		.ifs = &d->ifs,
		.workers = (unsigned)c->workers,
	};
	snap_box_init(&d->rules_box);
	snap_box_init(&d->idents_box);
	snap_box_init(&d->hosts_box);
	return d;
}

void daemon_free(struct daemon *d)
{
	snap_box_fini(&d->rules_box);
	snap_box_fini(&d->idents_box);
	snap_box_fini(&d->hosts_box);
	free(d);
}
