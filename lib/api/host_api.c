/* host_api.c - the operator's endpoints: daemon, bridge, DNS, proxy, jails, events; the table of
 * routes
 *
 * Layer: api.  Input: hostile (operators' programs).  Memory: the request's arena.
 * Threads: the control thread only.
 * Spec: operations sections 4 and 16, S001-IF-001..003, S006 (Host API), S007-IF-001..003,
 * S010 section 6, S014-X-001, OPS-FR-051, S004-X-006.
 */
#include "api/host_api.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/grants_api.h"
#include "api/requests_api.h"
#include "api/rules_api.h"
#include "base/clock.h"
#include "proto/bridge.h"
#include "proto/consts.h"
#include "proto/dns.h"
#include "proto/grant.h"
#include "proto/paths.h"
#include "proto/proxy.h"
#include "proto/rule.h"
#include "proto/status.h"
#include "sys/procid.h"

#define NO_ENGINE "no Engine on this host"
#define CGROUP_ARENA ((size_t)1 << 20)	/* a bounded text, read by doubling */

/* Texts whose length our own modules bound. */
static void copy_str(char *out, size_t cap, struct str s)
{
	CHECK(str_to_c(out, cap, s));
}

static void copy_text(char *out, size_t cap, const char *text)
{
	copy_str(out, cap, str_of(text));
}

/* ---- daemon ---- */

static bool is_serving(const struct host_api *h)
{
	return h->ops->is_serving(h->daemon);
}

static void get_health(struct api_request *rq)
{
	struct jsonw *w = api_begin(rq);
	jsonw_object(w);
	jsonw_add_c(w, "status", "ok");
	jsonw_object_end(w);
	api_end(rq, 200);
}

static void get_version(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	char started[40];
	struct buf b = BUF_OF(started);
	clock_format_utc(&b, h->started_us, 0);
	const struct version_info out = {
		.version = str_of(OC_VERSION),
		.boot_id = str_of(h->events->boot_id),
		.started_at = buf_str(&b),
		.uptime_secs = (clock_mono_ms() - h->started_ms) / 1000,
	};
	api_data(rq, &version_info_shape, &out);
}

static void get_daemon(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	char socket[SOCKET_PATH_MAX + 1];
	struct buf agent = BUF_OF(socket);
	if (h->agent_dir)
		buf_printf(&agent, "%s/" AGENT_SOCKET_NAME, h->agent_dir);
	const struct daemon_info out = {
		.version = str_of(OC_VERSION),
		.pid = (uint32_t)getpid(),
		.rules_dir = str_of(h->rules_dir),
		.bridge = str_of(h->bridge->conf.name),
		.host_socket = str_of(h->host_socket),
		.agent_socket = buf_str(&agent),
	};
	api_data(rq, &daemon_info_shape, &out);
}

/* ---- ready ---- */

#define CHECKS_MAX 12

struct checks {
	struct ready_check v[CHECKS_MAX];
	size_t cnt;
};

static void add_check(struct checks *c, const char *name, bool ok, const char *detail)
{
	CHECK(c->cnt < CHECKS_MAX);
	c->v[c->cnt++] = (struct ready_check){ str_of(name), ok, str_of(detail) };
}

/* A check about which the kernel may have refused to answer: why is then the reason. */
static void add_kernel_check(struct checks *c, const char *name, const char *why, bool ok,
			     const char *detail)
{
	add_check(c, name, !why && ok, why ? why : detail);
}

static void check_kernel(struct host_api *h, struct checks *c, struct err *e)
{
	struct bridge_health b = { .forward_drop = false };
	const char *why = bridge_health(h->bridge, &b, e) == 0 ? NULL : e->msg;
	bool table = b.state.nftables_active;
	static const char no_table[] = "table inet outcall is missing";
	add_kernel_check(c, "bridge", why, b.state.up, b.state.up ? "up" : "down");
	add_kernel_check(c, "nft_table", why, table,
			 table ? "active" : no_table);
	add_kernel_check(c, "forward_policy_drop", why, b.forward_drop,
			 b.forward_drop ? "drop" : "chain forward does not drop by default");
	add_kernel_check(c, "source_check", why, b.source_check,
			 b.source_check	 ? "in force"
				 : table ? "the kernel has no nft_fib"
					 : no_table);
	/* Needed for containers only; without an Engine its absence is no fault. */
	bool no_engine = h->idents->engine == IDENT_NO_ENGINE;
	const char *off = no_engine ? NO_ENGINE : "off: containers of one bridge reach each other";
	add_kernel_check(c, "br_netfilter", why, b.nf.on || no_engine, b.nf.on ? "on" : off);
}

static const char *state_dir_fault(const struct host_api *h)
{
	struct stat st;
	if (lstat(h->state_dir, &st) < 0)
		return "missing";
	if (!S_ISDIR(st.st_mode))
		return "not a real directory";
	return st.st_mode & 0022 ? "writable by others" : NULL;
}

static bool has_agent_socket(const struct host_api *h)
{
	char path[SOCKET_PATH_MAX + 1];
	struct buf b = BUF_OF(path);
	struct stat st;
	buf_printf(&b, "%s/" AGENT_SOCKET_NAME, h->agent_dir);
	return buf_ok(&b) && lstat(buf_c(&b), &st) == 0 && S_ISSOCK(st.st_mode);
}

static void check_engine(const struct host_api *h, struct checks *c)
{
	switch (h->idents->engine) {
	case IDENT_NO_ENGINE:
		add_check(c, "docker", true, NO_ENGINE);
		return;
	case IDENT_CONNECTING:
		add_check(c, "docker", false, "not heard of yet");
		return;
	case IDENT_AWAY:
		add_check(c, "docker", false, h->idents->why);
		return;
	case IDENT_HEALTHY:
		add_check(c, "docker", true, "connected");
		return;
	}
}

static void check_services(struct host_api *h, struct checks *c)
{
	const char *state = state_dir_fault(h);
	bool rules_ok = h->rules->published && !h->rules->error[0];
	struct ruleset *set = (struct ruleset *)(void *)snap_current(h->rules_box);
	bool empty = !set || !set->count;
	if (set)
		snap_put(&set->snap);
	const char *serving = is_serving(h) ? "running" : "not running";
	add_check(c, "dns", is_serving(h), serving);
	add_check(c, "proxy", is_serving(h) || !h->data->proxy_on,
		  h->data->proxy_on ? serving : "switched off");
	check_engine(h, c);
	const char *fault = !rules_ok ? h->rules->error : NULL;
	if (!fault && empty)
		fault = "no rules: everything is blocked";
	add_check(c, "rules", !fault, fault ? fault : "loaded");
	add_check(c, "state_dir", !state, state ? state : "ok");
	if (h->agent_dir)
		add_check(c, "agent_socket", has_agent_socket(h),
			  has_agent_socket(h) ? "there" : "missing");
}

static void get_ready(struct api_request *rq)
{
	static const char *const class_names[BLOCKED_COUNT] = {
		[BLOCKED_REFUSED] = "refused", [BLOCKED_DROPPED] = "dropped",
		[BLOCKED_SPOOFED] = "spoofed", [BLOCKED_IPV6] = "ipv6",
		[BLOCKED_INVALID] = "invalid",
	};
	struct host_api *h = host_api_of(rq);
	struct checks c = { .cnt = 0 };
	struct bridge_blocked blocked;
	struct ready_counter counters[BLOCKED_COUNT];
	struct err e, ignored;
	struct ready_info out = { .ready = true };
	check_kernel(h, &c, &e);
	check_services(h, &c);
	for (size_t i = 0; i < c.cnt; i++)
		out.ready = out.ready && c.v[i].ok;
	out.checks.v = c.v;
	out.checks.cnt = c.cnt;
	if (bridge_blocked(h->bridge, &blocked, &ignored) == 0) {
		for (unsigned i = 0; i < BLOCKED_COUNT; i++)
			if (class_names[i])
				counters[out.blocked_packets.cnt++] = (struct ready_counter){
					str_of(class_names[i]), blocked.count[i]
				};
	}
	out.blocked_packets.v = counters;
	ready_write(api_begin(rq), &out);
	api_end(rq, out.ready ? 200 : 503);
}

/* ---- bridge ---- */

static void get_bridge(struct api_request *rq)
{
	struct host_api *h = host_api_of(rq);
	struct bridge_state state;
	struct err e;
	if (bridge_status(h->bridge, &state, &e) < 0) {
		api_fail(rq, &e);
		return;
	}
	struct bridge_status out = {
		.up = state.up,
		.index = (uint32_t)state.index,
		.has_index = state.index > 0,
		.nftables_active = state.nftables_active,
	};
	copy_text(out.name, sizeof(out.name), h->bridge->conf.name);
	api_data(rq, &bridge_status_shape, &out);
}

static void answer(struct api_request *rq, int rc, const struct err *e)
{
	if (rc < 0)
		api_fail(rq, e);
	else
		api_ok(rq);
}

static void post_bridge_up(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	struct err e;
	answer(rq, h->ops->bridge_up(h->daemon, &e), &e);
}

static void post_bridge_down(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	struct err e;
	answer(rq, h->ops->bridge_down(h->daemon, &e), &e);
}

/* ---- DNS ---- */

static uint64_t sum(const struct host_api *h, size_t offset)
{
	uint64_t total = 0;
	for (unsigned i = 0; h->stats && i < h->data->workers; i++) {
		const char *base = (const char *)&h->stats[i];
		const _Atomic uint64_t *counter = (const void *)(base + offset);
		total += atomic_load_explicit(counter, memory_order_relaxed);
	}
	return total;
}

#define SUM(h, member) sum(h, offsetof(struct worker_stats, member))

static void get_dns(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	char texts[UPSTREAMS_MAX][ENDPOINT_TEXT_LEN];
	struct str list[UPSTREAMS_MAX + 1];
	struct dnscache_stats cache = { .entries = 0 };
	struct dns_filter_status out = {
		.running = is_serving(h), .listen_port = h->data->dns.port
	};
	for (uint8_t i = 0; i < h->upstreams->cnt; i++)
		list[i] = str_of(endpoint_text(h->upstreams->ep[i], texts[i]));
	(void)ip_text(h->data->dns.ip, out.listen_address);
	out.upstreams = (struct json_strs){ list, h->upstreams->cnt };
	if (out.running) {
		if (h->cache)
			dnscache_stats(h->cache, clock_mono_ms(), &cache);
		out.cache_entries = cache.entries;
		out.queries_total = SUM(h, dns_total);
		out.queries_allowed = SUM(h, dns_allowed);
		out.queries_blocked = SUM(h, dns_blocked);
	}
	api_data(rq, &dns_filter_status_shape, &out);
}

static struct dns_cache_stats cache_stats(const struct host_api *h)
{
	struct dnscache_stats s = { .max_entries = DNSCACHE_ENTRIES_MAX };
	if (h->cache)
		dnscache_stats(h->cache, clock_mono_ms(), &s);
	return (struct dns_cache_stats){ s.entries, s.max_entries, s.hits, s.misses, s.evictions };
}

static void fill_entry(const struct dnscache_item *item, struct dns_cache_entry *out)
{
	char room[DNS_TYPE_TEXT_LEN];
	struct buf at = buf_on(out->cached_at, sizeof(out->cached_at));
	/* A name from the network that does not fit its field is shown empty. */
	if (!str_to_c(out->hostname, sizeof(out->hostname), item->hostname))
		out->hostname[0] = '\0';
	copy_str(out->record_type, sizeof(out->record_type), dns_type_name(item->type, room));
	out->ttl_remaining_secs = item->ttl_remaining_s;
	clock_format_utc(&at, item->cached_wall_us, 0);
	(void)buf_c(&at);
}

static int cache_entries(struct host_api *h, struct arena *a, struct dns_cache_detail *out,
			 struct err *e)
{
	struct dnscache_items items = { .cnt = 0 };
	if (h->cache && dnscache_list(h->cache, clock_mono_ms(), a, &items, e) < 0)
		return -1;
	struct dns_cache_entry *entries = ARENA_NEW_N(a, struct dns_cache_entry, items.cnt + 1);
	if (!entries)
		return err_set(e, ERR_NOMEM, "no memory for the list of cache entries");
	for (size_t i = 0; i < items.cnt; i++)
		fill_entry(&items.v[i], &entries[i]);
	out->entries.v = entries;
	out->entries.cnt = items.cnt;
	return 0;
}

static const char *const cache_query[] = { "entries", NULL };

static void get_dns_cache(struct api_request *rq)
{
	struct host_api *h = host_api_of(rq);
	struct dns_cache_detail out = { .stats = cache_stats(h) };
	struct str wanted = STR("false");
	struct err e;
	(void)query_get(&rq->query, "entries", &wanted);
	if (str_eq_c(wanted, "false"))
		api_data(rq, &dns_cache_stats_shape, &out.stats);
	else if (!str_eq_c(wanted, "true"))
		api_error(rq, 400, "invalid query parameter \"entries\"");
	else if (cache_entries(h, rq->arena, &out, &e) < 0)
		api_fail(rq, &e);
	else
		api_data(rq, &dns_cache_detail_shape, &out);
}

static void post_dns_flush(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	const struct dns_flush_result out = {
		.entries_flushed = h->cache ? dnscache_flush(h->cache, clock_mono_ms()) : 0,
	};
	api_data(rq, &dns_flush_result_shape, &out);
}

/* ---- proxy ---- */

static void proxy_url(const struct host_api *h, char *out, size_t cap)
{
	char text[ENDPOINT_TEXT_LEN];
	struct buf b = buf_on(out, cap);
	buf_printf(&b, "http://%s", endpoint_text(h->data->proxy, text));
	(void)buf_c(&b);
}

static void get_proxy(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	struct proxy_status out = { .running = is_serving(h) && h->data->proxy_on };
	(void)endpoint_text(h->data->proxy, out.listen_address);
	proxy_url(h, out.proxy_url, sizeof(out.proxy_url));
	if (out.running) {
		out.active_connections = SUM(h, proxy_active);
		out.total_requests = SUM(h, proxy_total);
		out.total_blocked = SUM(h, proxy_blocked);
	}
	api_data(rq, &proxy_status_shape, &out);
}

/* ---- jails ---- */

/* The life-line ended: so does the jail (operations section 16). */
static void on_line_gone(void *world, struct api_ref ref)
{
	struct host_api *h = world;
	for (uint32_t i = 0; i < JAILS_MAX; i++) {
		struct jail *j = h->lines[i].jail;
		if (!j || h->lines[i].ref.slot != ref.slot || h->lines[i].ref.gen != ref.gen)
			continue;
		h->lines[i].jail = NULL;
		h->ops->jail_end(h->daemon, j);
	}
}

static void answer_jail(struct api_request *rq, const struct host_api *h, const struct jail *j)
{
	struct jail_start_result out = { .interface = "eth0" };
	copy_text(out.id, sizeof(out.id), j->id);
	copy_text(out.name, sizeof(out.name), j->name);
	copy_text(out.network, sizeof(out.network), j->network);
	(void)ip_text(j->addr, out.address);
	(void)ip_text(j->gateway, out.gateway);
	(void)ip_text(h->data->dns.ip, out.dns);
	if (h->data->proxy_on)
		proxy_url(h, out.proxy_url, sizeof(out.proxy_url));
	api_hold(rq);
	api_data(rq, &jail_start_result_shape, &out);
}

static void post_jail(struct api_request *rq)
{
	struct host_api *h = host_api_of(rq);
	const struct jail_start_request *in = rq->body;
	struct jail *j = NULL;
	struct err e;
	/* "" too: absence is no name at all */
	if (in->name && !jail_name_ok(str_of(in->name))) {
		api_error(rq, 200,
			  "jail name must contain 1-128 ASCII letters, numbers, dots, underscores, "
			  "or hyphens and start with a letter or number");
		return;
	}
	if (h->ops->jail_start(h->daemon, in, rq->fd, &j, &e) < 0) {
		api_error(rq, e.code == ERR_EXISTS ? 409 : 200, "%s", e.msg);
		return;
	}
	uint32_t slot = (uint32_t)(j - h->jails->slots);
	h->lines[slot].jail = j;
	h->lines[slot].ref = rq->ref;
	answer_jail(rq, h, j);
}

static void get_jails(struct api_request *rq)
{
	const struct host_api *h = host_api_of(rq);
	struct jsonw *w = api_begin(rq);
	jsonw_array(w);
	for (uint32_t i = 0; i < JAILS_MAX; i++) {
		const struct jail *j = jail_at(h->jails, i);
		struct jail_info out = { .pid = 0 };
		if (!j)
			continue;
		struct buf at = buf_on(out.started_at, sizeof(out.started_at));
		clock_format_utc(&at, j->started_us, 0);
		(void)buf_c(&at);
		copy_text(out.id, sizeof(out.id), j->id);
		copy_text(out.name, sizeof(out.name), j->name);
		copy_text(out.network, sizeof(out.network), j->network);
		(void)ip_text(j->addr, out.address);
		out.pid = (uint32_t)j->pid;
		out.uid = j->uid;
		shape_write(w, &jail_info_shape, &out);
	}
	jsonw_array_end(w);
	api_end(rq, 200);
}

/* The cgroup of the peer names a container, managed or not, that is not the daemon's own; or the
 * peer is gone, or its cgroup cannot be told. No Engine is asked. */
static bool is_in_container(const struct host_api *h, int fd)
{
	char id[PROCID_LEN + 1] = "";
	enum procid_kind kind = PROCID_ERROR;
	struct procid peer;
	struct arena a;
	struct str text;
	struct err ignored;
	if (procid_hold(fd, &peer, &ignored) < 0)
		return true;
	arena_init(&a, CGROUP_ARENA);
	if (procid_cgroup(peer.pid, &a, &text, &ignored) == 0 && procid_is_alive(&peer))
		kind = procid_container(text, id);
	arena_fini(&a);
	procid_drop(&peer);
	return kind == PROCID_ERROR ||
	       (kind == PROCID_CONTAINER && strcmp(id, h->own_container) != 0);
}

/* S004-X-006: a process of a jail or a container is no operator, whoever it runs as; the root of a
 * jail may talk on. */
bool host_api_is_confined(void *world, int fd, const struct sock_peer *peer)
{
	struct host_api *h = world;
	const struct jail *j = jail_by_process(h->jails, peer->pid);
	if (!j)
		j = jail_by_conn_netns(h->jails, fd);
	return (j && j->pid != peer->pid) || is_in_container(h, fd);
}

/* ---- events ---- */

static void get_events(struct api_request *rq)
{
	struct host_api *h = host_api_of(rq);
	events_answer(h->events, rq, rq->server->loop->now_ms);
}

static void on_waiter_gone(void *world, struct api_ref ref)
{
	events_gone(((struct host_api *)world)->events, ref);
}

/* ---- routes ---- */

static const struct api_route routes[] = {
	{ "GET", "/api/v1/health", get_health, NULL, NULL, NULL },
	{ "GET", "/api/v1/ready", get_ready, NULL, NULL, NULL },
	{ "GET", "/api/v1/version", get_version, NULL, NULL, NULL },
	{ "GET", "/api/v1/daemon", get_daemon, NULL, NULL, NULL },
	{ "GET", "/api/v1/bridge", get_bridge, NULL, NULL, NULL },
	{ "POST", "/api/v1/bridge/up", post_bridge_up, NULL, NULL, NULL },
	{ "POST", "/api/v1/bridge/down", post_bridge_down, NULL, NULL, NULL },
	{ "POST", "/api/v1/rule/evaluate", rules_api_evaluate, &evaluate_request_shape, NULL,
	  NULL },
	{ "POST", "/api/v1/rule/test", rules_api_test, &test_expression_request_shape, NULL, NULL },
	{ "POST", "/api/v1/rule/explain", rules_api_explain, &explain_request_shape, NULL, NULL },
	{ "GET", "/api/v1/rules", rules_api_list, NULL, NULL, NULL },
	{ "GET", "/api/v1/rule/{}", rules_api_show, NULL, NULL, NULL },
	{ "POST", "/api/v1/rules/reload", rules_api_reload, NULL, NULL, NULL },
	{ "GET", "/api/v1/rules/active", grants_api_active, NULL, NULL, NULL },
	{ "POST", "/api/v1/rules/flush", grants_api_flush, NULL, NULL, NULL },
	{ "POST", "/api/v1/rule/allow", grants_api_allow, &allow_rule_request_shape, NULL, NULL },
	{ "GET", "/api/v1/rules/counters", rules_api_counters, NULL, NULL, NULL },
	{ "POST", "/api/v1/rules/counters/reset", rules_api_reset_counters, NULL, NULL, NULL },
	{ "GET", "/api/v1/requests/rules", requests_api_list, NULL, requests_api_query, NULL },
	{ "GET", "/api/v1/requests/rules/{}", requests_api_show, NULL, NULL, NULL },
	{ "POST", "/api/v1/requests/rules/{}/approve", requests_api_approve, NULL, NULL, NULL },
	{ "POST", "/api/v1/requests/rules/{}/reject", requests_api_reject, &reject_request_shape,
	  NULL, NULL },
	{ "GET", "/api/v1/dns", get_dns, NULL, NULL, NULL },
	{ "GET", "/api/v1/dns/cache", get_dns_cache, NULL, cache_query, NULL },
	{ "POST", "/api/v1/dns/cache/flush", post_dns_flush, NULL, NULL, NULL },
	{ "GET", "/api/v1/proxy", get_proxy, NULL, NULL, NULL },
	{ "POST", "/api/v1/jail", post_jail, &jail_start_request_shape, NULL, on_line_gone },
	{ "GET", "/api/v1/jails", get_jails, NULL, NULL, NULL },
	{ "GET", "/api/v1/events", get_events, NULL, events_query, on_waiter_gone },
};

const struct api_routes host_api_routes = { routes, ARRAY_LEN(routes) };
