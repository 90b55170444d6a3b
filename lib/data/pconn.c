/* pconn.c - one proxied connection: its memory, its two sockets, its life cycle
 *
 * Layer: data.  Input: hostile bytes, not looked at here.  Memory: slots of the worker's pools.
 * Threads: one worker; the admission counters are shared (relaxed atomics).
 * Spec: S006-FR-012, S006-WR-049, S006-WR-071..073, S006-X-002.
 * #syscalls: recvfrom sendto shutdown close setsockopt epoll_ctl
 *
 * Theory of operation.  A connection is a slot of a pool; timers and the loop know it by slot and
 * generation.  Buffers are taken when bytes have to wait and given back when they are gone, so an
 * idle connection owns one slot and nothing else, and a busy worker uses the same few warm buffers.
 *
 * Admission counts are kept per bucket of source addresses, without a table of names: the low bits
 * of an address pick the bucket, so 32 networks of /24 never share one.  Beyond that two sources
 * may share a limit, which errs on the safe side.
 */
#include "data/pconn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/sock.h"

#define SOURCE_BUCKETS 8192
#define DRAIN_MAX 65536		/* S006-WR-071 */

static _Atomic uint32_t admitted_total;
static _Atomic uint16_t admitted_source[SOURCE_BUCKETS];

static _Atomic uint16_t *bucket_of(struct ip source)
{
	uint32_t h = ip_to_v4(source);	/* the last four bytes of an IPv6 address */

	return &admitted_source[h % SOURCE_BUCKETS];
}

bool pconn_admit(struct ip source)
{
	_Atomic uint16_t *mine = bucket_of(source);

	if (atomic_fetch_add_explicit(&admitted_total, 1, memory_order_relaxed) >=
	    PROXY_MAX_CONNECTIONS)
		goto full;
	if (atomic_fetch_add_explicit(mine, 1, memory_order_relaxed) <
	    PROXY_MAX_CONNECTIONS_PER_SOURCE)
		return true;
	atomic_fetch_sub_explicit(mine, 1, memory_order_relaxed);
full:
	atomic_fetch_sub_explicit(&admitted_total, 1, memory_order_relaxed);
	return false;
}

static void discharge(struct ip source)
{
	atomic_fetch_sub_explicit(bucket_of(source), 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(&admitted_total, 1, memory_order_relaxed);
}

/* ---- buffers ---- */

static void pbuf_put(struct proxy *p, struct pbuf *b)
{
	if (b->p)
		pool_put(b->cap > PCONN_BUF_LEN ? &p->big : &p->bufs, b->slot);
}

void pbuf_release(struct proxy *p, struct pbuf *b)
{
	pbuf_put(p, b);
	*b = (struct pbuf){ 0 };
}

bool pbuf_reserve(struct proxy *p, struct pbuf *b, size_t need)
{
	struct pbuf fresh = { 0 };
	uint32_t gen;

	if (b->p && need <= b->cap)
		return true;
	if (need > PCONN_BIG_LEN)
		return false;
	fresh.cap = need <= PCONN_BUF_LEN ? PCONN_BUF_LEN : PCONN_BIG_LEN;
	fresh.p = pool_get_raw(fresh.cap > PCONN_BUF_LEN ? &p->big : &p->bufs, &fresh.slot, &gen);
	if (!fresh.p)
		return false;
	if (b->len)
		memcpy(fresh.p, b->p + b->off, b->len);
	fresh.len = b->len;
	pbuf_put(p, b);
	*b = fresh;
	return true;
}

/* ---- life ---- */

struct pconn *pconn_at(struct worker *w, uint32_t slot, uint32_t gen)
{
	return pool_at(&w->proxy->conns, slot, gen);
}

static void side_init(struct side *s, int fd)
{
	*s = (struct side){ .fd = fd, .pipe = { -1, -1 } };
}

struct pconn *pconn_open(struct worker *w, int fd, struct endpoint source, bool admitted)
{
	uint32_t slot, gen;
	struct pconn *c = pool_get(&w->proxy->conns, &slot, &gen);

	if (!c) {
		close(fd);
		if (admitted)
			discharge(source.ip);
		return NULL;
	}
	c->slot = slot;
	c->gen = gen;
	c->admitted = admitted;
	c->source = source;
	side_init(&c->client, fd);
	side_init(&c->upstream, -1);
	atomic_fetch_add_explicit(&w->stats->proxy_active, 1, memory_order_relaxed);
	return c;
}

static void side_close(struct worker *w, struct side *s, bool reset)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };

	if (s->fd >= 0) {
		if (s->watched)
			ev_del(&w->loop, s->fd);
		if (reset)
			(void)setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(s->fd);
	}
	relay_drop_pipe(w->proxy, s);
	pbuf_release(w->proxy, &s->in);
	side_init(s, -1);
}

void pconn_close(struct worker *w, struct pconn *c)
{
	judge_flush_event(w, c);
	tmo_stop(&c->deadline);
	tmo_stop(&c->attempt);
	side_close(w, &c->client, false);
	side_close(w, &c->upstream, false);
	pbuf_release(w->proxy, &c->head);
	if (c->admitted)
		discharge(c->source.ip);
	atomic_fetch_sub_explicit(&w->stats->proxy_active, 1, memory_order_relaxed);
	pool_put(&w->proxy->conns, c->slot);
}

void pconn_drop_upstream(struct worker *w, struct pconn *c, bool reset)
{
	tmo_stop(&c->attempt);
	side_close(w, &c->upstream, reset);
}

void pconn_abort(struct worker *w, struct pconn *c)
{
	side_close(w, &c->upstream, true);
	side_close(w, &c->client, true);
	pconn_close(w, c);
}

/* ---- waiting ---- */

static unsigned kind_of(struct pconn *c, const struct side *s)
{
	return s == &c->client ? KIND_PROXY_CLIENT : KIND_PROXY_UPSTREAM;
}

static void set_mask(struct worker *w, struct pconn *c, struct side *s, uint32_t mask)
{
	struct err e;
	int rc;

	if (s->fd < 0 || (s->watched && mask == s->mask))
		return;
	if (s->watched)
		rc = ev_mod(&w->loop, s->fd, kind_of(c, s), c->slot, c->gen, mask, &e);
	else
		rc = ev_add(&w->loop, s->fd, kind_of(c, s), c->slot, c->gen, mask, &e);
	/* Without memory for it the deadline ends the connection. */
	if (rc < 0)
		log_msg(LOG_ERROR, LOG_PROXY, "cannot watch a connection: %s", e.msg);
	s->watched = rc == 0;
	s->mask = mask;
}

void pconn_watch(struct worker *w, struct pconn *c, struct side *s, bool read, bool write)
{
	set_mask(w, c, s, (read ? EV_READ : s->mask & EV_READ) | (write ? EV_WRITE : 0));
}

void pconn_mute(struct worker *w, struct pconn *c, struct side *s, uint32_t events)
{
	if (events & EV_HUP) {	/* always reported: only leaving the loop silences it */
		if (s->watched)
			ev_del(&w->loop, s->fd);
		s->watched = false;
		s->mask = 0;
		return;
	}
	set_mask(w, c, s, s->mask & ~(uint32_t)EV_READ);
}

void pconn_deadline(struct worker *w, struct pconn *c, enum worker_tmo cls)
{
	tmo_start(&w->tmo, cls, &c->deadline, c->slot, c->gen, w->loop.now_ms);
}

/* ---- sending ---- */

static ssize_t send_some(int fd, const char *p, size_t len, int more)
{
	ssize_t n;

	do {
		n = send(fd, p, len, MSG_NOSIGNAL | MSG_DONTWAIT | more);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return 0;
	return n;
}

static bool send_or_keep(struct worker *w, struct pconn *c, struct side *s, struct str bytes,
			 int more)
{
	struct pbuf *b = &pconn_other(c, s)->in;
	ssize_t n = send_some(s->fd, bytes.p, bytes.len, more);

	if (n < 0)
		return false;
	if ((size_t)n == bytes.len)
		return true;
	bytes = str_from(bytes, (size_t)n);
	if (!pbuf_reserve(w->proxy, b, bytes.len))
		return false;
	memcpy(b->p, bytes.p, bytes.len);
	b->off = 0;
	b->len = (uint32_t)bytes.len;
	return true;
}

bool pconn_send(struct worker *w, struct pconn *c, struct side *s, struct str bytes)
{
	return send_or_keep(w, c, s, bytes, 0);
}

bool pconn_send_last(struct worker *w, struct pconn *c, struct str bytes)
{
	return send_or_keep(w, c, &c->client, bytes, MSG_MORE);
}

bool pconn_send_now(struct side *s, struct str bytes)
{
	return send_some(s->fd, bytes.p, bytes.len, 0) == (ssize_t)bytes.len;
}

bool pconn_flush(struct pconn *c, struct side *s)
{
	struct pbuf *b = &pconn_other(c, s)->in;
	ssize_t n;

	if (!b->len)
		return true;
	n = send_some(s->fd, b->p + b->off, b->len, 0);
	if (n < 0)
		return false;
	b->off += (uint32_t)n;
	b->len -= (uint32_t)n;
	return true;
}

/* ---- the end ---- */

static void send_fin(struct worker *w, struct pconn *c)
{
	pbuf_release(w->proxy, &c->upstream.in);
	if (shutdown(c->client.fd, SHUT_WR) < 0) {
		pconn_close(w, c);
		return;
	}
	c->client.shut = true;
	pconn_watch(w, c, &c->client, true, false);
}

void pconn_finish(struct worker *w, struct pconn *c)
{
	struct pbuf out = c->upstream.in;

	/* What waits for the client stands in the upstream side's buffer: it survives the socket.
	 * */
	c->upstream.in = (struct pbuf){ 0 };
	pconn_drop_upstream(w, c, false);
	c->upstream.in = out;
	pbuf_release(w->proxy, &c->client.in);
	pbuf_release(w->proxy, &c->head);
	judge_flush_event(w, c);
	c->state = PCONN_CLOSING;
	c->drained = 0;
	pconn_deadline(w, c, TMO_PROXY_LINGER);
	if (out.len)
		pconn_watch(w, c, &c->client, true, true);
	else
		send_fin(w, c);
}

/* False when the client has nothing more, or sent too much. */
static bool drain(struct worker *w, struct pconn *c)
{
	ssize_t n = recv(c->client.fd, w->proxy->work.raw, sizeof(w->proxy->work.raw),
			 MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->drained += (uint32_t)n;
	return n > 0 && c->drained <= DRAIN_MAX;
}

void pconn_closing_event(struct worker *w, struct pconn *c, uint32_t events)
{
	bool waits = c->upstream.in.len != 0;

	if (waits && !pconn_flush(c, &c->client)) {
		pconn_close(w, c);
		return;
	}
	if (events & (EV_READ | EV_HUP) && !drain(w, c)) {
		if (c->upstream.in.len && !(events & EV_HUP)) {	/* half-closed */
			pconn_mute(w, c, &c->client, 0);
			return;
		}
		pconn_close(w, c);
		return;
	}
	if (waits && !c->upstream.in.len)
		send_fin(w, c);
}
