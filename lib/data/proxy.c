/* proxy.c - the HTTP proxy of one worker: listener, admission, identity, request heads, deadlines
 *
 * Layer: data.  Input: hostile.  Memory: fixed pools, untouched until used.  Threads: one worker.
 * Spec: S006-FR-001, -002, -010..012, -015, -022, -025; S006-WR-001..014, -072..074.
 * #syscalls: accept4 recvfrom getsockname getsockopt close epoll_ctl
 *
 * Theory of operation.  States of a connection (enum pconn_state) and what ends each of them:
 *
 *	HEAD      a complete head -> verdict; 10 s -> 408; next request not begun in 30 s -> close
 *	HELLO     a complete ClientHello -> verdict; anything else, or 10 s -> close
 *	RESOLVE   addresses -> CONNECT (tunnels: 200, HELLO); 10 s -> 504
 *	CONNECT   a connected socket -> EXCHANGE or TUNNEL; 10 s -> 504
 *	EXCHANGE  response complete -> HEAD or CLOSING; 300 s without progress -> 504 or close
 *	TUNNEL    both ends have sent FIN, or 300 s without bytes -> close
 *	CLOSING   the client has sent FIN, 64 KiB or 1 s are over -> close
 *
 * Whatever goes wrong ends in an answer of the proxy or in a close, never in bytes that were not
 * judged.  The order is fixed: limits, identity, head, rules, addresses.
 */
#include "data/proxy.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "data/pconn.h"
#include "sys/sock.h"

#define ACCEPT_BUDGET 16
#define AWAITING_MAX 64		/* connections that wait for an identity table; 4 of one source */
#define AWAITING_PER_SOURCE 4
#define REFUSED_SLOTS 64	/* beyond the limit: to tell clients that there is a limit */
#define TLS_PORT 443

static void count_request(struct worker *w)
{
	atomic_fetch_add_explicit(&w->stats->proxy_total, 1, memory_order_relaxed);
}

/* ---- request heads ---- */

static enum answer_kind answer_for(enum http1_fault fault)
{
	switch (fault) {
	case HTTP1_FAULT_SIZE:
		return ANSWER_HEAD_SIZE;
	case HTTP1_FAULT_VERSION:
		return ANSWER_VERSION;
	case HTTP1_FAULT_NONE:
	case HTTP1_FAULT_SYNTAX:
		break;
	}
	return ANSWER_MALFORMED;
}

static void head_complete(struct worker *w, struct pconn *c)
{
	const struct http1_head *h = &w->proxy->work.head;

	tmo_stop(&c->deadline);
	if (c->requests++)
		count_request(w);
	str_upper(c->method, h->method);	/* S006-WR-008 */
	c->method[h->method.len] = '\0';
	c->is_head = str_eq_c(str_of(c->method), "HEAD");
	c->wants_json = answer_wants_json(h);
	if (!c->redirected && str_eq_c(str_of(c->method), "CONNECT"))
		connect_request(w, c);
	else
		plain_request(w, c);
}

static void parse_head(struct worker *w, struct pconn *c)
{
	struct http1_head *h = &w->proxy->work.head;

	http1_init(h, w->proxy->work.fields, PROXY_MAX_FIELDS, PROXY_MAX_HEADER_SIZE);
	switch (http1_parse_request(h, str_n(c->client.in.p, c->client.in.len))) {
	case PARSE_BAD:
		memset(c->method, 0, sizeof(c->method));
		c->is_head = false;
		answer_send(w, c, answer_for(h->fault));
		break;
	case PARSE_MORE:
		pconn_watch(w, c, &c->client, true, false);
		break;
	case PARSE_DONE:
		head_complete(w, c);
		break;
	}
}

static void read_head(struct worker *w, struct pconn *c)
{
	struct pbuf *in = &c->client.in;
	ssize_t n;

	if (!pbuf_reserve(w->proxy, in, PCONN_BUF_LEN)) {
		pconn_close(w, c);
		return;
	}
	n = recv(c->client.fd, in->p + in->len, PCONN_READ_MAX - in->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		if (!in->len)
			pbuf_release(w->proxy, in);
		return;
	}
	if (n <= 0) {	/* S006-WR-009 */
		pconn_close(w, c);
		return;
	}
	if (!in->len && c->requests)
		pconn_deadline(w, c, TMO_PROXY_HEAD);
	in->len += (uint32_t)n;
	parse_head(w, c);
}

void proxy_next_request(struct worker *w, struct pconn *c)
{
	c->state = PCONN_HEAD;
	pconn_deadline(w, c, TMO_PROXY_NEXT);
	pconn_watch(w, c, &c->client, true, false);
	pconn_watch(w, c, &c->upstream, true, false);
}

/* ---- accept ---- */

static void refuse_stranger(struct worker *w, struct pconn *c)
{
	judge_report_breach(w, c, c->tunnel ? EVENT_CONNECT : EVENT_HTTP,
			    "Managed container identity required");
	if (c->tunnel)
		answer_alert(w, c);
	else
		answer_send(w, c, ANSWER_IDENTITY);
}

static void find_original(struct worker *w, struct pconn *c)
{
	struct err e;

	if (!w->cfg->transparent || sock_original_dst(c->client.fd, &c->dialled, &e) < 0)
		return;
	c->redirected = true;
	if (c->dialled.port != TLS_PORT)
		return;

	char text[IP_TEXT_LEN];

	c->tunnel = true;
	c->to.port = TLS_PORT;
	(void)memcpy(c->method, "CONNECT", sizeof("CONNECT"));
	/* Without SNI the dialled address is the host. */
	if (!url_host_parse(str_of(ip_text(c->dialled.ip, text)), &c->to.host))
		memset(&c->to.host, 0, sizeof(c->to.host));
}

static void welcome(struct worker *w, struct pconn *c)
{
	c->state = c->tunnel ? PCONN_HELLO : PCONN_HEAD;
	pconn_deadline(w, c, TMO_PROXY_HEAD);
	pconn_watch(w, c, &c->client, true, false);
}

/* A container may speak before its start is registered. Where an Engine can be asked, its
 * connection waits; a few of each source, so that strangers cannot take all the room. */
static bool may_await(struct worker *w, const struct pconn *c)
{
	const struct pool *pool = &w->proxy->conns;
	unsigned all = 0, own = 0;

	if (!w->cfg->ident_wait || w->draining)
		return false;
	for (uint32_t slot = 0; slot < pool->fresh; slot++) {
		const struct pconn *other = pool_peek(pool, slot);

		if (!other || other->state != PCONN_STRANGER)
			continue;
		all++;
		own += ip_eq(other->source.ip, c->source.ip) ? 1 : 0;
	}
	return all < AWAITING_MAX && own < AWAITING_PER_SOURCE;
}

static void await(struct worker *w, struct pconn *c)
{
	const struct control_msg msg = { .cmd = CONTROL_IDENT_MISS,
					 .worker = w->index,
					 .u.addr = c->source.ip };

	if (!may_await(w, c) || !mbox_post(w->control, &msg)) {
		refuse_stranger(w, c);
		return;
	}
	c->state = PCONN_STRANGER;
	pconn_deadline(w, c, TMO_PROXY_IDENT);
}

void proxy_idents_changed(struct worker *w)
{
	struct pool *pool = w->proxy ? &w->proxy->conns : NULL;

	for (uint32_t slot = 0; pool && pool->used && slot < pool->fresh; slot++) {
		struct pconn *c = pool_peek(pool, slot);

		if (c && c->state == PCONN_STRANGER && judge_who(w, c))
			welcome(w, c);
	}
}

static void accepted(struct worker *w, int fd, struct endpoint source)
{
	bool admitted = pconn_admit(source.ip);
	struct pconn *c = pconn_open(w, fd, source, admitted);

	if (!c)
		return;
	find_original(w, c);
	if (!admitted) {	/* S006-FR-012; counted nowhere */
		if (c->tunnel)
			pconn_close(w, c);
		else
			answer_send(w, c, ANSWER_TOO_MANY);
		return;
	}
	count_request(w);
	if (judge_who(w, c))	/* S006-FR-025: before a byte is read */
		welcome(w, c);
	else
		await(w, c);
}

static void listen_for(struct worker *w, uint32_t events)
{
	struct err e;

	if (ev_mod(&w->loop, w->proxy->listen_fd, KIND_PROXY_LISTEN, 0, 0, events, &e) < 0)
		log_msg(LOG_ERROR, LOG_PROXY, "the listener is lost: %s", e.msg);
}

void proxy_on_listen(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct worker *w = world;
	struct proxy *p = w->proxy;

	(void)slot;
	(void)gen;
	(void)events;
	for (int i = 0; i < ACCEPT_BUDGET && p->listen_fd >= 0; i++) {
		struct endpoint source;
		int fd;

		switch (sock_accept(p->listen_fd, &fd, &source)) {
		case SOCK_ACCEPT_NONE:
			return;
		case SOCK_ACCEPT_FULL:	/* S006-WR-072 */
			listen_for(w, 0);
			tmo_start(&w->tmo, TMO_PROXY_PAUSE, &p->pause, POOL_NONE, 0,
				  w->loop.now_ms);
			return;
		case SOCK_ACCEPT_ONE:
			accepted(w, fd, source);
			break;
		}
	}
}

/* ---- events ---- */

static bool is_dead(uint32_t events)
{
	return events & EPOLLERR;
}

void proxy_on_client(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct worker *w = world;
	struct pconn *c = pconn_at(w, slot, gen);

	if (!c)
		return;
	switch (c->state) {
	case PCONN_HEAD:
		read_head(w, c);
		break;
	case PCONN_HELLO:
		connect_hello(w, c);
		break;
	case PCONN_RESOLVE:
	case PCONN_CONNECT:
		if (is_dead(events))
			pconn_abort(w, c);	/* S006-WR-077 */
		else
			pconn_mute(w, c, &c->client, events);
		break;
	case PCONN_EXCHANGE:
		plain_client_event(w, c, events);
		break;
	case PCONN_TUNNEL:
		relay_event(w, c, &c->client, events);
		break;
	case PCONN_CLOSING:
		pconn_closing_event(w, c, events);
		break;
	case PCONN_STRANGER:	/* not watched */
		break;
	}
}

void proxy_on_upstream(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct worker *w = world;
	struct pconn *c = pconn_at(w, slot, gen);

	if (!c || c->upstream.fd < 0)
		return;
	switch (c->state) {
	case PCONN_HEAD:	/* a kept connection that ends, or speaks unasked */
		pconn_drop_upstream(w, c, false);
		break;
	case PCONN_CONNECT:
		target_event(w, c);
		break;
	case PCONN_EXCHANGE:
		plain_upstream_event(w, c, events);
		break;
	case PCONN_TUNNEL:
		relay_event(w, c, &c->upstream, events);
		break;
	case PCONN_HELLO:
	case PCONN_RESOLVE:
	case PCONN_STRANGER:
	case PCONN_CLOSING:
		break;
	}
}

/* ---- deadlines ---- */

void proxy_tmo_ident(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct pconn *c = pconn_at(w, slot, gen);

	if (c)
		refuse_stranger(w, c);
}

void proxy_tmo_head(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct pconn *c = pconn_at(w, slot, gen);

	if (!c)
		return;
	if (c->state == PCONN_HELLO) {
		judge_report_breach(w, c, EVENT_SNI, "no ClientHello in time");
		pconn_finish(w, c);
	} else if (c->state == PCONN_HEAD) {	/* S006-WR-010 */
		answer_send(w, c, ANSWER_HEAD_TIMEOUT);
	}
}

void proxy_tmo_next(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct pconn *c = pconn_at(w, slot, gen);

	if (c)
		pconn_finish(w, c);
}

void proxy_tmo_connect(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct pconn *c = pconn_at(w, slot, gen);

	if (c)
		target_timed_out(w, c);
}

void proxy_tmo_attempt(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct pconn *c = pconn_at(w, slot, gen);

	if (c)
		target_attempt_over(w, c);
}

void proxy_tmo_idle(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct pconn *c = pconn_at(w, slot, gen);

	if (!c)
		return;
	if (c->state == PCONN_EXCHANGE)
		plain_timed_out(w, c);
	else	/* S006-FR-011 */
		pconn_abort(w, c);
}

void proxy_tmo_linger(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct pconn *c = pconn_at(w, slot, gen);

	if (c)
		pconn_close(w, c);
}

void proxy_tmo_pause(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;

	if (slot != POOL_NONE)
		proxy_tmo_attempt(world, slot, gen);
	else if (w->proxy->listen_fd >= 0)
		listen_for(w, EV_READ);
}

/* ---- life of the proxy ---- */

static int make_pools(struct proxy *p, struct err *e)
{
	uint32_t conns = PROXY_MAX_CONNECTIONS + REFUSED_SLOTS;

	/* In use at once: one buffer per direction, and the head of a CONNECT. */
	if (pool_init(&p->conns, conns, sizeof(struct pconn)) < 0 ||
	    pool_init(&p->bufs, 3 * conns, PCONN_BUF_LEN) < 0 ||
	    pool_init(&p->big, PCONN_BIG_CNT, PCONN_BIG_LEN) < 0)
		return err_set(e, ERR_NOMEM, "no memory for proxy connections");
	return 0;
}

int proxy_open(struct worker *w, int listen_fd, struct err *e)
{
	struct arena memory;
	struct proxy *p;

	if (arena_init_fixed(&memory, sizeof(*p) + 64) < 0 ||
	    !(p = ARENA_NEW(&memory, struct proxy))) {
		close(listen_fd);
		return err_set(e, ERR_NOMEM, "no memory for the proxy");
	}
	p->memory = memory;
	p->listen_fd = listen_fd;
	w->proxy = p;
	if (make_pools(p, e) == 0 && sock_local(listen_fd, &p->self, e) == 0 &&
	    ev_add(&w->loop, listen_fd, KIND_PROXY_LISTEN, 0, 0, EV_READ, e) == 0)
		return 0;
	proxy_close(w);
	return -1;
}

static void stop_listening(struct worker *w)
{
	struct proxy *p = w->proxy;

	if (p->listen_fd < 0)
		return;
	tmo_stop(&p->pause);
	ev_del(&w->loop, p->listen_fd);
	close(p->listen_fd);
	p->listen_fd = -1;
}

/* Calls pconn_close for all that the predicate accepts. */
static void close_where(struct worker *w,
			bool (*wanted)(const struct pconn *c, const struct ip *ip),
			const struct ip *ip)
{
	struct pool *pool = &w->proxy->conns;

	for (uint32_t slot = 0; slot < pool->cap && pool->used; slot++) {
		struct pconn *c = pool_peek(pool, slot);

		if (c && wanted(c, ip))
			pconn_close(w, c);
	}
}

static bool is_any(const struct pconn *c, const struct ip *ip)
{
	(void)c;
	(void)ip;
	return true;
}

static bool is_waiting(const struct pconn *c, const struct ip *ip)
{
	(void)ip;
	return c->state == PCONN_STRANGER ||
	       (c->state == PCONN_HEAD && c->client.in.len == 0);
}

static bool is_from(const struct pconn *c, const struct ip *ip)
{
	return ip_eq(c->source.ip, *ip);
}

void proxy_close(struct worker *w)
{
	struct proxy *p = w->proxy;

	if (!p)
		return;
	stop_listening(w);
	close_where(w, is_any, NULL);
	while (p->pipe_cnt) {
		p->pipe_cnt--;
		close(p->pipes[p->pipe_cnt][0]);
		close(p->pipes[p->pipe_cnt][1]);
	}
	pool_fini(&p->conns);
	pool_fini(&p->bufs);
	pool_fini(&p->big);
	w->proxy = NULL;

	struct arena memory = p->memory;

	arena_fini(&memory);
}

void proxy_drain(struct worker *w)
{
	w->draining = true;
	if (!w->proxy)
		return;
	stop_listening(w);
	close_where(w, is_waiting, NULL);
}

bool proxy_idle(const struct worker *w)
{
	return !w->proxy || w->proxy->conns.used == 0;
}

void proxy_drop_source(struct worker *w, struct ip ip)
{
	if (w->proxy)
		close_where(w, is_from, &ip);
}
