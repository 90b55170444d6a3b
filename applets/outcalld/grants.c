/* grants.c - dynamic rules of the daemon: who may ask, names that are looked up first, the clock
 *
 * Layer: applets (outcalld).  Input: requests of operators, messages of workers.  Memory: the
 * daemon struct.  Threads: control only.
 * Spec: S009, S003 1.8, S001-X-016, S007-FR-037, S007-X-001.
 *
 * Theory of operation: lib/host/dyn.c does the work; here are its surroundings.  A grant to a name
 * waits while a worker resolves it, at most RESOLVE_MS, and its request is answered then.  The DNS
 * filter's grants carry the generation of the rules that allowed them; after a reload an older one
 * is refused, and this thread is the one that reloads, so nothing gets in between.
 */
#include <string.h>

#include "api/grants_api.h"
#include "base/clock.h"
#include "outcalld/daemon.h"

#define RESOLVE_MS 10000	/* S009 1.1 */
#define ASSERT_SWEEPS 10	/* S001-X-016: the switches are written again every 10 s */

/* ---- surroundings of lib/host/dyn.c ---- */

static enum dyn_owner owner_of(void *ctx, struct ip src, struct dyn_owned *out, struct err *e)
{
	struct dynkern *k = ctx;
	struct daemon *d = container_of(k, struct daemon, dynkern);
	const struct jail *j = jail_by_addr(&d->jails, src);
	struct ident who;

	switch (ident_owner(&d->idents, src, &who)) {
	case IDENT_NOBODY:
		return DYN_OWNER_NONE;
	case IDENT_ERROR:
		(void)err_set(e, ERR_UNAVAILABLE, "it cannot be told whose address it is: %s",
			      d->idents.engine == IDENT_AWAY ? d->idents.why
							     : "two claim it, or the Docker Engine was not heard of yet");
		return DYN_OWNER_ERROR;
	case IDENT_OWNER:
		break;
	}
	memcpy(out->name, who.name, sizeof(out->name));
	CHECK(str_to_c(out->bridge, sizeof(out->bridge), str_of(j ? j->bridge : d->cfg.bridge)));
	return DYN_OWNER_NAMED;
}

int grants_open(struct daemon *d, struct err *e)
{
	const struct dyn_env env = {
		.ctx = &d->dynkern,
		.owner = owner_of,
		.open = dynkern_add,
		.renew = dynkern_renew,
		.close = dynkern_del,
		.close_all = dynkern_del_all,
		.reset = dynkern_reset,
		.cut = dynkern_cut,
	};

	if (dynkern_open(&d->dynkern, &d->bridge, e) < 0)
		return -1;
	return dyn_init(&d->dyn, &env, e);
}

void grants_close(struct daemon *d)
{
	dynkern_close(&d->dynkern);
	dyn_fini(&d->dyn);
}

/* Forwarding is on where a source of a grant lives, and nowhere else. */
static void assert_forwarding(struct daemon *d)
{
	const struct basetable *t = &d->bridge.table;

	for (uint32_t i = 0; i < t->bridge_cnt; i++) {
		bool own = strcmp(t->bridges[i], d->cfg.bridge) == 0;

		bridge_forwarding(t->bridges[i], dyn_uses_bridge(&d->dyn, t->bridges[i]) ||
							 (own && dyn_uses_bridge(&d->dyn, "")));
	}
}

static void log_grant(const struct dyn_wish *w, uint64_t number)
{
	char text[IP_TEXT_LEN];
	struct log_line l;

	if (!log_begin(&l, LOG_INFO, LOG_BRIDGE, "dynamic rule allowed"))
		return;
	log_u64(&l, "grant", number);
	log_c(&l, "container", w->container);
	log_c(&l, "src", ip_text(w->src, text));
	log_host(&l, "destination", str_of(w->destination));
	log_u64(&l, "protocol", w->key.proto);
	log_u64(&l, "port", w->key.port);
	log_u64(&l, "expires_in_secs", w->has_expires ? w->expires_s : 0);
	log_end(&l);
}

/* ---- operators ---- */

static int insert(struct daemon *d, const struct dyn_wish *w, uint64_t *number, struct err *e)
{
	int rc = dyn_insert(&d->dyn, w, clock_mono_ms(), number, e);

	assert_forwarding(d);
	if (rc == 0)
		log_grant(w, *number);
	return rc;
}

static int ask_worker(struct daemon *d, uint32_t slot, struct err *e)
{
	const struct grant_waiting *g = &d->grant_waiting[slot];
	struct worker_msg msg = { .cmd = WORKER_RESOLVE };

	STATIC_ASSERT(sizeof(msg.u.resolve.host) == sizeof(g->wish.destination), "one size");
	memcpy(msg.u.resolve.host, g->wish.destination, sizeof(msg.u.resolve.host));
	msg.u.resolve.slot = slot;
	msg.u.resolve.gen = g->gen;
	if (!d->workers_running || !mbox_post(&d->workers[0].w.inbox, &msg))
		return err_set(e, ERR_UNAVAILABLE, "DNS resolution failed for \"%s\"",
			       g->wish.destination);
	return 0;
}

static enum host_api_done wait_for_address(struct daemon *d, const struct dyn_wish *w,
					   struct api_ref ref, struct err *e)
{
	for (uint32_t i = 0; i < GRANT_WAITING_MAX; i++) {
		struct grant_waiting *g = &d->grant_waiting[i];

		if (g->used)
			continue;
		*g = (struct grant_waiting){ .used = true, .gen = g->gen + 1, .ref = ref,
					     .deadline_ms = clock_mono_ms() + RESOLVE_MS,
					     .wish = *w };
		g->used = ask_worker(d, i, e) == 0;
		return g->used ? HOST_API_LATER : HOST_API_REFUSED;
	}
	(void)err_set(e, ERR_LIMIT, "%d names are being resolved already; try again",
		      GRANT_WAITING_MAX);
	return HOST_API_REFUSED;
}

enum host_api_done grants_insert(void *daemon, const struct dyn_request *rq, struct api_ref ref,
				 uint64_t *number, struct err *e)
{
	struct daemon *d = daemon;
	struct dyn_wish w;

	if (dyn_parse(&d->dyn, rq, &w, e) < 0)
		return HOST_API_REFUSED;
	if (w.needs_address && !dyn_find_name(&d->dyn, &w))
		return wait_for_address(d, &w, ref, e);
	return insert(d, &w, number, e) < 0 ? HOST_API_REFUSED : HOST_API_DONE;
}

/* The name has its address, or never will: *e says why. */
static void end_waiting(struct daemon *d, struct grant_waiting *g, const struct ip *addr,
			struct err *e)
{
	struct api_request *rq = api_resume(&d->api, g->ref);
	uint64_t number = 0;

	g->used = false;
	if (!rq)
		return;		/* whoever asked is gone: nothing is opened */
	if (addr) {
		g->wish.key.dst = ip_to_v4(*addr);
		if (insert(d, &g->wish, &number, e) < 0)
			number = 0;
	}
	grants_api_answer(rq, number, e);
}

static void set_too_late(const struct grant_waiting *g, struct err *e)
{
	(void)err_set(e, ERR_TIMEOUT, "DNS resolution timed out after %ds for \"%s\"",
		      RESOLVE_MS / 1000, g->wish.destination);
}

void grants_on_resolved(struct daemon *d, const struct control_msg *msg)
{
	struct grant_waiting *g = &d->grant_waiting[msg->u.resolved.slot % GRANT_WAITING_MAX];
	struct err e = { .code = ERR_NONE };

	if (!g->used || g->gen != msg->u.resolved.gen)
		return;
	/* The resolver gives up after half the time: asked once more. */
	if (msg->u.resolved.timed_out && !msg->u.resolved.found && !g->repeated) {
		g->repeated = true;
		if (ask_worker(d, msg->u.resolved.slot, &e) == 0)
			return;
	}
	if (!msg->u.resolved.found && msg->u.resolved.timed_out)
		set_too_late(g, &e);
	else if (!msg->u.resolved.found)
		(void)err_set(&e, ERR_UNAVAILABLE, "DNS resolution failed for \"%s\"",
			      g->wish.destination);
	else if (!msg->u.resolved.has_addr)
		(void)err_set(&e, ERR_UNAVAILABLE, "no IP address found for \"%s\"",
			      g->wish.destination);
	end_waiting(d, g, msg->u.resolved.has_addr ? &msg->u.resolved.addr : NULL, &e);
}

static void expire_waiting(struct daemon *d, uint64_t now_ms)
{
	for (uint32_t i = 0; i < GRANT_WAITING_MAX; i++) {
		struct grant_waiting *g = &d->grant_waiting[i];
		struct err e;

		if (!g->used || now_ms < g->deadline_ms)
			continue;
		set_too_late(g, &e);
		end_waiting(d, g, NULL, &e);
	}
}

int grants_flush(void *daemon, unsigned *removed, struct err *e)
{
	struct daemon *d = daemon;
	int rc = dyn_flush(&d->dyn, removed, e);

	assert_forwarding(d);
	return rc;
}

/* ---- the DNS filter ---- */

static void tell_event(struct daemon *d, const struct grant_request *rq, unsigned open)
{
	struct event ev = { .wall_us = clock_wall_us(), .layer = EVENT_GRANT, .allowed = open > 0,
			    .port = rq->ports[0], .count = 1 };
	char text[IP_TEXT_LEN];
	struct buf reason = BUF_OF(ev.reason);

	memcpy(ev.source, ip_text(rq->src, text), sizeof(text));
	memcpy(ev.container, rq->ident_name, sizeof(ev.container));
	memcpy(ev.host, rq->host, sizeof(ev.host));
	buf_printf(&reason, "%u of %u flows opened for %u s", open,
		   (unsigned)rq->addr_cnt * rq->port_cnt, rq->ttl_s);
	(void)buf_c(&reason);
	events_add(&d->events, &ev, clock_mono_ms());
}

static void insert_answer(struct daemon *d, const struct grant_request *rq)
{
	const struct dyn_answer a = {
		.src = rq->src, .container = rq->ident_name, .host = rq->host, .ttl_s = rq->ttl_s,
		.addrs = rq->addrs, .addr_cnt = rq->addr_cnt,
		.ports = rq->ports, .port_cnt = rq->port_cnt,
	};
	const struct snap *rules = d->rules_box.current;
	unsigned open;

	if (!rules || rules->generation != rq->generation) {	/* S007-X-001 */
		log_msg(LOG_DEBUG, LOG_DNS, "a direct grant of older rules is refused");
		return;
	}
	open = dyn_insert_answer(&d->dyn, &a, d->cfg.gateway, clock_mono_ms());
	assert_forwarding(d);
	tell_event(d, rq, open);
}

void grants_on_request(struct daemon *d, const struct control_msg *msg)
{
	const struct grant_request *rq = &msg->u.grant;
	struct worker_msg done = { .cmd = WORKER_GRANTED };

	insert_answer(d, rq);
	done.u.job.slot = rq->slot;
	done.u.job.gen = rq->gen;
	if (!d->workers_running || !mbox_post(&d->workers[msg->worker].w.inbox, &done))
		log_msg(LOG_DEBUG, LOG_DNS, "worker %u waits out a grant", msg->worker);
}

/* ---- ends ---- */

void grants_end_of(struct daemon *d, const char *container)
{
	unsigned removed = 0;
	struct err e;

	if (dyn_remove_container(&d->dyn, container, &removed, &e) < 0)
		log_msg(LOG_ERROR, LOG_BRIDGE, "%s", e.msg);
	if (removed > 0)
		assert_forwarding(d);
}

void grants_end_of_containers(struct daemon *d, const char *why)
{
	uint32_t before = d->dyn.cnt;

	for (uint32_t i = 0; i < d->dyn.cnt;) {
		char name[AGENT_NAME_MAX + 1];
		uint32_t cnt = d->dyn.cnt;

		memcpy(name, d->dyn.v[i].container, sizeof(name));
		if (!jail_by_name(&d->jails, str_of(name)))
			grants_end_of(d, name);
		if (d->dyn.cnt == cnt)	/* a jail's, or not to be removed */
			i++;
		else
			i = 0;
	}
	if (d->dyn.cnt < before)
		log_msg(LOG_WARN, LOG_DYNAMIC, "%u dynamic rule(s) of containers ended: %s",
			before - d->dyn.cnt, why);
}

void grants_follow_owners(struct daemon *d)
{
	unsigned removed = 0;
	struct err e;

	if (d->dyn.cnt == 0)
		return;
	if (dyn_reconcile(&d->dyn, &removed, &e) < 0)
		log_msg(LOG_ERROR, LOG_BRIDGE, "%s", e.msg);
	assert_forwarding(d);
}

void grants_forget(struct daemon *d)
{
	if (d->dyn.cnt > 0)
		log_msg(LOG_INFO, LOG_BRIDGE, "%u dynamic rules ended with their table",
			d->dyn.cnt);
	dyn_forget(&d->dyn);
	assert_forwarding(d);
}

void grants_sweep(struct daemon *d)
{
	uint64_t now_ms = clock_mono_ms();
	unsigned removed = 0;
	struct err e;

	expire_waiting(d, now_ms);
	if (dyn_sweep(&d->dyn, now_ms, &removed, &e) < 0)
		log_msg(LOG_ERROR, LOG_BRIDGE, "%s", e.msg);
	if (removed > 0 || ++d->sweeps % ASSERT_SWEEPS == 0)
		assert_forwarding(d);
}
