/* control.c - the control thread's loop: signals, kernel changes, rule files, host API, timers
 *
 * Layer: applets (outcalld).  Input: kernel events, file system events; the API reads what is
 * hostile. Memory: the daemon struct.  Threads: control only.
 * Spec: design section 7, S003 1.8, S003-FR-022, S001-X-007, D21, D27, operations section 9.
 *
 * Theory of operation: everything rare, privileged or shared happens here, one event at a time, so
 * that no module needs a lock.  A reload compiles first; nothing of the live set is touched before
 * that has succeeded; then the set is published and every worker has to acknowledge that it
 * enforces it.  A change that somebody else made to our table is undone at once and again every 50
 * ms while that fails.
 */
#include <errno.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "outcalld/daemon.h"
#include "policy/rule.h"

#define INBOX_SIZE 4096
#define SYNC_MS 2000
#define RULES_EVENTS \
	(IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | \
	 IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW)

/* ---- reload ---- */

void control_log_rules(const struct daemon *d, uint64_t generation, unsigned revoked,
		       size_t cached)
{
	const struct ruleset *set = d->rules_box.current
		? container_of(d->rules_box.current, struct ruleset, snap)
		: NULL;
	struct log_line l;

	if (!set)
		return;
	for (uint32_t i = 0; set->warnings && i < set->warnings->cnt; i++)	/* S003-FR-016 */
		log_msg(LOG_WARN, LOG_RULE_ENGINE, STR_FMT, STR_ARG(set->warnings->v[i]));
	if (!log_begin(&l, LOG_INFO, LOG_RULE_ENGINE, "rules loaded"))
		return;
	log_u64(&l, "files", set->files);
	log_u64(&l, "rules", set->count);
	log_u64(&l, "generation", generation);
	log_u64(&l, "dynamic_rules_removed", revoked);
	log_u64(&l, "cache_entries_removed", cached);
	log_end(&l);
}

/* A set has been published, and grants were revoked before: what else was derived from the old one
 * goes, and every worker takes it. */
static void enforce(struct daemon *d, uint64_t generation, unsigned revoked)
{
	size_t cached = dnscache_flush(d->cache, clock_mono_ms());
	struct err e;

	control_log_rules(d, generation, revoked, cached);
	/* A worker reads the new set before its next verdict at the latest, so one that is slow to
	 * say so must not be reported as "previous rules remain active". */
	if (dataplane_sync(d, WORKER_SYNC, SYNC_MS, &e) < 0)
		log_msg(LOG_ERROR, LOG_RULE_ENGINE, "new rules are published, but %s", e.msg);
}

int control_reload(struct daemon *d, bool unchanged_ok, bool *done, struct err *e)
{
	struct rules_fresh fresh;
	unsigned revoked;

	*done = false;
	if ((unchanged_ok ? rules_prepare_changed(&d->rules, &fresh, e)
			  : rules_prepare(&d->rules, &fresh, e)) < 0)
		return -1;
	if (!fresh.set)
		return 0;
	if (grants_flush(d, &revoked, e) < 0) {
		rules_discard(&fresh);
		return err_ctx(e, "failed to revoke dynamic grants before rule reload");
	}
	*done = true;
	enforce(d, rules_publish(&d->rules, &fresh), revoked);
	return 0;
}

int control_restore(struct daemon *d, struct rules_saved *saved, struct err *e)
{
	unsigned revoked = 0;
	int rc = grants_flush(d, &revoked, e);

	enforce(d, rules_restore(&d->rules, saved), revoked);
	return rc;
}

static void reload_and_log(struct daemon *d, bool unchanged_ok)
{
	struct err e;
	bool done;

	if (control_reload(d, unchanged_ok, &done, &e) < 0)
		log_msg(LOG_ERROR, LOG_RULE_ENGINE,
			"reload failed: %s. Previous rules remain active.", e.msg);
}

/* ---- reactions ---- */

static void on_signal(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED,
		      uint32_t events UNUSED)
{
	struct daemon *d = world;
	struct signalfd_siginfo info;

	while (read(d->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP) {
			reload_and_log(d, false);
		} else if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGINT) {
			d->stop_at_once = d->stop;
			d->stop = true;
		}
	}
}

static void on_inbox(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED, uint32_t events UNUSED)
{
	dataplane_drain_inbox(world);
}

static void check_table(struct daemon *d)
{
	bool restored = false;
	struct err e;

	if (bridge_on_nft_event(&d->bridge, &restored, &e) == 0) {
		if (restored)
			grants_forget(d);
		return;
	}
	log_msg(LOG_ERROR, LOG_BRIDGE, "the packet policy is not in force: %s", e.msg);
	tmo_start(&d->tmo, CONTROL_TMO_TABLE, &d->table_retry, 0, 0, d->loop.now_ms);
}

static void on_nft(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED, uint32_t events UNUSED)
{
	check_table(world);
}

static void on_links(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED, uint32_t events UNUSED)
{
	struct daemon *d = world;
	unsigned changed = 0;
	struct err e;

	if (bridge_on_link_event(&d->bridge, &changed, &e) < 0)
		log_msg(LOG_ERROR, LOG_BRIDGE, "%s", e.msg);
	if (changed & RTNL_LINKS_CHANGED)
		state_refresh_interfaces(d);
	if ((changed & RTNL_ADDRS_CHANGED) && state_publish_hosts(d, &e) < 0)
		log_msg(LOG_ERROR, LOG_DAEMON, "%s", e.msg);
}

static void watch_rules_dir(struct daemon *d)
{
	if (d->inotify_fd >= 0 && d->rules_watch < 0)
		d->rules_watch = inotify_add_watch(d->inotify_fd, d->cfg.rules_dir, RULES_EVENTS);
}

static void on_rules_dir(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED,
			 uint32_t events UNUSED)
{
	_Alignas(struct inotify_event) char mem[4096];
	struct daemon *d = world;
	bool concerns_us = false;
	ssize_t n;

	while ((n = read(d->inotify_fd, mem, sizeof(mem))) > 0) {
		for (char *p = mem; p < mem + n;) {
			const struct inotify_event *ev =
				(const struct inotify_event *)(const void *)p;

			if (ev->mask & IN_IGNORED)
				/* the directory is gone: looked for at every tick */
				d->rules_watch = -1;
			concerns_us |= ev->len == 0 || rules_is_file_name(str_of(ev->name));
			p += sizeof(*ev) + ev->len;
		}
	}
	if (concerns_us)
		tmo_start(&d->tmo, CONTROL_TMO_SETTLE, &d->settle, 0, 0, d->loop.now_ms);
}

static void on_api_listen(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED,
			  uint32_t events UNUSED)
{
	struct daemon *d = world;

	api_on_listen(&d->api);
}

static void on_api_conn(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct daemon *d = world;

	api_on_conn(&d->api, slot, gen, events);
}

static void on_jobs(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED, uint32_t events UNUSED)
{
	struct daemon *d = world;

	jobs_dispatch(&d->jobs);
}

static ev_fn *const reactions[CONTROL_KIND_COUNT] = {
	[CONTROL_SIGNAL] = on_signal,
	[CONTROL_INBOX] = on_inbox,
	[CONTROL_NFT] = on_nft,
	[CONTROL_LINKS] = on_links,
	[CONTROL_RULES_DIR] = on_rules_dir,
	[CONTROL_API_LISTEN] = on_api_listen,
	[CONTROL_API_CONN] = on_api_conn,
	[CONTROL_JOBS] = on_jobs,
};

/* ---- timers ---- */

static void on_tick(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED)
{
	struct daemon *d = world;
	struct worker_msg msg = { .cmd = WORKER_UPSTREAMS };
	struct err e;

	if (watched_file_changed(&d->resolv_conf) && state_read_upstreams(d)) {
		msg.u.upstreams = d->upstreams;
		dataplane_tell(d, &msg);
		log_msg(LOG_INFO, LOG_DNS, "%s changed: %u resolver(s)", d->resolv_conf.path,
			d->upstreams.cnt);
	}
	if (watched_file_changed(&d->hosts_file) && state_publish_hosts(d, &e) < 0)
		log_msg(LOG_ERROR, LOG_DAEMON, "%s", e.msg);
	if (d->rules_watch < 0 && d->inotify_fd >= 0) {
		watch_rules_dir(d);
		if (d->rules_watch >= 0)
			reload_and_log(d, true);
	}
	tmo_start(&d->tmo, CONTROL_TMO_TICK, &d->tick, 0, 0, d->loop.now_ms);
}

static void on_settled(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED)
{
	reload_and_log(world, true);
}

static void on_table_retry(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED)
{
	check_table(world);
}

static void on_sweep(void *world, uint32_t slot UNUSED, uint32_t gen UNUSED)
{
	struct daemon *d = world;

	grants_sweep(d);
	tmo_start(&d->tmo, CONTROL_TMO_SWEEP, &d->sweep, 0, 0, d->loop.now_ms);
}

static const struct tmo_class timeouts[CONTROL_TMO_COUNT] = {
	[CONTROL_TMO_TICK] = { 5000, on_tick },
	[CONTROL_TMO_SETTLE] = { 300, on_settled },
	[CONTROL_TMO_TABLE] = { 50, on_table_retry },
	[CONTROL_TMO_SWEEP] = { 1000, on_sweep },
};

/* ---- open, loop, close ---- */

static int open_signals(struct daemon *d, struct err *e)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)sigaddset(&set, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return err_sys(e, "cannot block signals");
	d->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return d->signal_fd < 0 ? err_sys(e, "cannot watch signals") : 0;
}

int control_open(struct daemon *d, struct err *e)
{
	if (open_signals(d, e) < 0 || ev_open(&d->loop, d, reactions, CONTROL_KIND_COUNT, e) < 0 ||
	    mbox_open(&d->inbox, INBOX_SIZE, sizeof(struct control_msg), e) < 0)
		return -1;
	tmo_init(&d->tmo, d, timeouts, CONTROL_TMO_COUNT);
	if (!d->cfg.watch_off) {
		d->inotify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
		if (d->inotify_fd < 0)
			return err_sys(e, "cannot watch the rules directory");
		watch_rules_dir(d);
		if (ev_add(&d->loop, d->inotify_fd, CONTROL_RULES_DIR, 0, 0, EV_READ, e) < 0)
			return -1;
	}
	if (ev_add(&d->loop, d->signal_fd, CONTROL_SIGNAL, 0, 0, EV_READ, e) < 0)
		return -1;
	return ev_add(&d->loop, d->inbox.fd, CONTROL_INBOX, 0, 0, EV_READ, e);
}

void control_close(struct daemon *d)
{
	int *const fds[] = { &d->signal_fd, &d->inotify_fd };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
		if (*fds[i] >= 0)
			(void)close(*fds[i]);
		*fds[i] = -1;
	}
	mbox_close(&d->inbox);
	ev_close(&d->loop);
}

static int shorter(int a, int b)	/* -1: for ever */
{
	if (a < 0 || b < 0)
		return MAX(a, b);
	return MIN(a, b);
}

int control_loop(struct daemon *d, struct err *e)
{
	if (ev_add(&d->loop, d->bridge.nft.ev.fd, CONTROL_NFT, 0, 0, EV_READ, e) < 0 ||
	    ev_add(&d->loop, d->bridge.watch.nl.fd, CONTROL_LINKS, 0, 0, EV_READ, e) < 0)
		return -1;
	tmo_start(&d->tmo, CONTROL_TMO_TICK, &d->tick, 0, 0, clock_mono_ms());
	tmo_start(&d->tmo, CONTROL_TMO_SWEEP, &d->sweep, 0, 0, clock_mono_ms());
	if (d->inotify_fd >= 0)	/* files that changed before they were watched */
		tmo_start(&d->tmo, CONTROL_TMO_SETTLE, &d->settle, 0, 0, clock_mono_ms());
	while (!d->stop) {
		int wait_ms = shorter(tmo_wait_ms(&d->tmo, clock_mono_ms()), api_wait_ms(&d->api));

		if (ev_turn(&d->loop, shorter(wait_ms, operations_wait_ms(d)), e) < 0)
			return -1;
		tmo_expire(&d->tmo, d->loop.now_ms);
		api_expire(&d->api);
		operations_expire(d);
	}
	return 0;
}
