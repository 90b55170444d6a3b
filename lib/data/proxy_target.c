/* proxy_target.c - from a judged name to a connected socket: resolve, check addresses, connect
 *
 * Layer: data.  Input: hostile (DNS answers).  Memory: the connection's slot.  Threads: one worker.
 * Spec: S006-FR-010, -019, -021, -026; S006-WR-050..056, -082; decisions D8, D20.
 *
 * Theory of operation.  RESOLVE: one look-up per request (10 s); every answer is checked; only the
 * addresses that passed are ever handed to connect(), in the resolver's order.  A redirected
 * client's dialled address goes first if it is one of them.  CONNECT (10 s over all): an address
 * gets 2 s while others wait behind it.  When all have failed: 502, or 504 if one did not answer; a
 * tunnel that has had its 200 is closed instead.
 */
#include <string.h>

#include "data/pconn.h"
#include "data/dnsup.h"
#include "policy/addr.h"
#include "policy/hosttab.h"
#include "sys/sock.h"

#define DISCARD_LINES 20	/* per second: a hostile zone may answer with 64 of them */

static bool is_own_address(struct worker *w, struct ip a)
{
	return hosttab_is_local((const struct hosttab *)(const void *)snap_read(&w->hosts), a);
}

/* The proxy's own socket is never a target, whatever address it is reached by. */
static bool is_own_socket(const struct proxy *p, struct ip a, uint16_t port, bool local)
{
	return port == p->self.port && (ip_eq(a, p->self.ip) || (local && ip_is_zero(p->self.ip)));
}

bool target_may_use(struct worker *w, const struct pconn *c, struct ip a)
{
	bool local = is_own_address(w, a);

	return !is_own_socket(w->proxy, a, c->to.port, local) &&
	       addr_allowed(a, c->ruling.allow_private_ips, c->to.host.literal, local);
}

/* ---- failures ---- */

static void fail(struct worker *w, struct pconn *c, enum answer_kind r, const char *what,
		 const char *detail)
{
	bool answered = c->state == PCONN_CONNECT && c->tunnel;	/* the 200 is out, or it is TLS */

	judge_report_upstream(w, c, what, detail);
	pconn_drop_upstream(w, c, false);
	if (answered || (c->tunnel && c->redirected))
		pconn_finish(w, c);
	else
		answer_send(w, c, r);
}

static void refuse_restricted(struct worker *w, struct pconn *c)
{
	static const char text[] = "Upstream resolved to a restricted address";
	const struct question q = {
		.layer = c->tunnel ? EVENT_CONNECT : EVENT_HTTP,
		.host = &c->to.host,
	};
	bool answered = c->state == PCONN_CONNECT && c->tunnel && !c->redirected;

	judge_report_block(w, c, &q, NULL, text);
	pconn_drop_upstream(w, c, true);
	if (c->tunnel && c->redirected)
		answer_alert(w, c);
	else if (answered)
		pconn_finish(w, c);
	else
		answer_refuse(w, c, NULL, text);
}

/* ---- resolving ---- */

static bool is_known(const struct pconn *c, struct ip a)
{
	for (unsigned i = 0; i < c->addr_cnt; i++)
		if (ip_eq(c->addrs[i], a))
			return true;
	return false;
}

static void log_discarded(struct worker *w, struct pconn *c, struct ip a)
{
	struct log_line l;

	if (!log_limited(&w->proxy->discard_limit, DISCARD_LINES) ||
	    !log_begin(&l, LOG_WARN, LOG_PROXY, "restricted address discarded"))
		return;
	log_ip(&l, "source_ip", c->source.ip);
	log_host(&l, "host", url_host_str(&c->to.host));
	log_u64(&l, "port", c->to.port);
	log_ip(&l, "address", a);
	log_end(&l);
}

static void prefer_dialled(struct pconn *c)
{
	for (unsigned i = 1; i < c->addr_cnt; i++) {
		if (!ip_eq(c->addrs[i], c->dialled.ip))
			continue;
		memmove(c->addrs + 1, c->addrs, i * sizeof(c->addrs[0]));
		c->addrs[0] = c->dialled.ip;
		return;
	}
}

static void take_addresses(struct worker *w, struct pconn *c, const struct ip *v, size_t cnt)
{
	c->addr_cnt = 0;
	for (size_t i = 0; i < cnt && c->addr_cnt < PCONN_ADDRS_MAX; i++) {
		if (is_known(c, v[i]))
			continue;
		if (target_may_use(w, c, v[i]))
			c->addrs[c->addr_cnt++] = v[i];
		else
			log_discarded(w, c, v[i]);
	}
	if (c->addr_cnt == 0) {	/* S006-EC-016 */
		refuse_restricted(w, c);
		return;
	}
	if (c->redirected)	/* S006-WR-082 */
		prefer_dialled(c);
	tmo_stop(&c->deadline);
	if (c->tunnel && !c->redirected)
		connect_established(w, c);
	else
		target_connect(w, c);
}

static void resolved(struct worker *w, uint32_t slot, uint32_t gen, const struct resolve_result *r)
{
	struct pconn *c = pconn_at(w, slot, gen);

	if (!c || c->state != PCONN_RESOLVE)
		return;
	if (r->cnt == 0)
		fail(w, c, r->timed_out ? ANSWER_UPSTREAM_TIMEOUT : ANSWER_UPSTREAM_FAILED,
		     "upstream failed",
		     r->timed_out ? "the resolver did not answer" : "the name has no address");
	else
		take_addresses(w, c, r->addr, MIN(r->cnt, RESOLVE_ADDRS_MAX));
}

static void ask_resolver(struct worker *w, struct pconn *c)
{
	/* S006-WR-054: no place in flight: again in a moment, inside the same deadline */
	if (!dnsup_resolve(w, url_host_str(&c->to.host), resolved, c->slot, c->gen))
		tmo_start(&w->tmo, TMO_PROXY_PAUSE, &c->attempt, c->slot, c->gen, w->loop.now_ms);
}

void target_resolve(struct worker *w, struct pconn *c)
{
	c->state = PCONN_RESOLVE;
	c->any_timed_out = false;
	c->addr_next = 0;
	c->addr_cnt = 0;
	pconn_deadline(w, c, TMO_PROXY_CONNECT);
	if (c->to.host.literal)
		take_addresses(w, c, &c->to.host.ip, 1);
	else
		ask_resolver(w, c);
}

/* ---- connecting ---- */

static void connect_next(struct worker *w, struct pconn *c)
{
	struct err e = { .msg = "no address answered" };
	int fd;

	while (c->addr_next < c->addr_cnt) {
		struct endpoint to = { .ip = c->addrs[c->addr_next++], .port = c->to.port };

		if (sock_tcp_connect(to, &fd, &e) < 0)
			continue;
		c->upstream.fd = fd;
		pconn_watch(w, c, &c->upstream, false, true);
		if (c->addr_next < c->addr_cnt)
			tmo_start(&w->tmo, TMO_PROXY_ATTEMPT, &c->attempt, c->slot, c->gen,
				  w->loop.now_ms);
		return;
	}
	fail(w, c, c->any_timed_out ? ANSWER_UPSTREAM_TIMEOUT : ANSWER_UPSTREAM_FAILED,
	     "upstream failed", e.msg);
}

void target_connect(struct worker *w, struct pconn *c)
{
	c->state = PCONN_CONNECT;
	c->addr_next = 0;
	pconn_deadline(w, c, TMO_PROXY_CONNECT);
	connect_next(w, c);
}

static void connected(struct worker *w, struct pconn *c, struct ip remote)
{
	struct endpoint local;
	struct err e;

	/* S006-WR-052: an address of this host that no table knew */
	if (!c->ruling.allow_private_ips &&
	    (sock_local(c->upstream.fd, &local, &e) < 0 || ip_eq(local.ip, remote))) {
		refuse_restricted(w, c);
		return;
	}
	tmo_stop(&c->attempt);
	c->up_addr = remote;
	c->up_to = c->to;
	if (c->tunnel)
		relay_start(w, c);
	else
		plain_start(w, c);
}

void target_event(struct worker *w, struct pconn *c)
{
	struct endpoint remote;
	struct err e;

	if (sock_connect_result(c->upstream.fd, &e) < 0) {
		pconn_drop_upstream(w, c, false);
		connect_next(w, c);
		return;
	}
	/* An event of an earlier attempt's socket: this one is not there yet. */
	if (sock_remote(c->upstream.fd, &remote, &e) < 0)
		return;
	connected(w, c, c->addrs[c->addr_next - 1]);
}

void target_attempt_over(struct worker *w, struct pconn *c)
{
	if (c->state == PCONN_RESOLVE) {
		ask_resolver(w, c);
	} else if (c->state == PCONN_CONNECT) {
		c->any_timed_out = true;
		pconn_drop_upstream(w, c, false);
		connect_next(w, c);
	}
}

void target_timed_out(struct worker *w, struct pconn *c)
{
	fail(w, c, ANSWER_UPSTREAM_TIMEOUT, "upstream failed",
	     c->state == PCONN_RESOLVE ? "the resolver did not answer in time"
				      : "no address answered in time");
}
