/* dnsd_tcp.c - DNS over TCP for clients (RFC 7766)
 *
 * Layer: data.  Input: hostile.  Memory: a fixed pool of connections.  Threads: one worker.
 * Spec: S007-FR-002, FR-020, W-27, W-28, W-44, X-A10.
 * #syscalls: accept4 recvfrom sendto getsockopt setsockopt close epoll_ctl
 *
 * Theory of operation.  A connection carries queries with a two-byte length in front; several may
 * be under way (16), answers leave in the order in which they are ready.  Nothing new is read while
 * an answer waits to be written, so a client that does not read holds one buffer and no more.
 * Deadlines: 10 s without anything to do, 5 s for a message that was started and for an answer that
 * is not taken; none while an upstream is asked, which has deadlines of its own.  A client that has
 * closed its side still gets its answers.  Anything that would be dropped over UDP closes the
 * connection.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "data/dnsd_own.h"
#include "sys/sock.h"

#define IN_FLIGHT_MAX 16
#define ACCEPTS_PER_EVENT 16
#define PAUSE_SLOT UINT32_MAX	/* timer of the paused listener */

enum timing { TIMING_NONE = 0, TIMING_IDLE, TIMING_MESSAGE };

struct conn {
	int fd;
	uint32_t events;
	enum timing timing;
	struct tmo tmo;
	struct dnsd_peer peer;
	dnsguard_id guard;
	unsigned in_flight;
	bool is_half_closed;
	size_t in_len, out_len, out_at;
	uint8_t in[2 + DNS_QUERY_MAX];
	uint8_t out[2 + DNS_MESSAGE_MAX];
};

size_t dnsd_conn_size(void)
{
	return sizeof(struct conn);
}

static uint32_t gen_of(struct worker *w, uint32_t slot)
{
	return pool_gen(&w->dnsd->conns, slot);
}

static void close_conn(struct worker *w, uint32_t slot)
{
	struct dnsd *d = w->dnsd;
	struct conn *c = pool_peek(&d->conns, slot);

	tmo_stop(&c->tmo);
	ev_del(&w->loop, c->fd);
	(void)close(c->fd);
	dnsguard_tcp_end(w->guard, c->guard);
	pool_put(&d->conns, slot);
}

/* ---- what a connection waits for ---- */

static size_t message_len(const struct conn *c)
{
	return c->in_len < 2 ? 0 : (size_t)c->in[0] << 8 | c->in[1];
}

static bool has_message(const struct conn *c)
{
	return c->in_len >= 2 && c->in_len - 2 >= message_len(c);
}

static enum timing wanted_timing(const struct conn *c)
{
	if (c->out_len)
		return TIMING_MESSAGE;
	if (c->in_len && !has_message(c))
		return TIMING_MESSAGE;
	return c->in_flight || c->in_len ? TIMING_NONE : TIMING_IDLE;
}

/* A message deadline runs from the first byte and is not moved by the next ones. */
static void set_timer(struct worker *w, uint32_t slot, struct conn *c)
{
	enum timing timing = wanted_timing(c);

	if (timing == TIMING_MESSAGE && c->timing == timing)
		return;
	tmo_stop(&c->tmo);
	c->timing = timing;
	if (timing != TIMING_NONE)
		tmo_start(&w->tmo, timing == TIMING_IDLE ? TMO_DNS_TCP_IDLE : TMO_DNS_TCP_MSG,
			  &c->tmo, slot, gen_of(w, slot), w->loop.now_ms);
}

/* False: the connection has ended. */
static bool settle(struct worker *w, uint32_t slot, struct conn *c)
{
	uint32_t events = 0;
	struct err e;

	if (c->out_len == 0 && c->in_flight == 0 && (c->is_half_closed || w->dnsd->is_draining)) {
		close_conn(w, slot);
		return false;
	}
	if (c->out_len)
		events = EV_WRITE;
	else if (!c->is_half_closed && !w->dnsd->is_draining && c->in_flight < IN_FLIGHT_MAX)
		events = EV_READ;
	if (events != c->events &&
	    ev_mod(&w->loop, c->fd, KIND_DNS_TCP, slot, gen_of(w, slot), events, &e) < 0) {
		close_conn(w, slot);
		return false;
	}
	c->events = events;
	set_timer(w, slot, c);
	return true;
}

/* ---- writing ---- */

/* False: the peer is gone. */
static bool flush(struct conn *c)
{
	while (c->out_len) {
		ssize_t n = send(c->fd, c->out + c->out_at, c->out_len,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		c->out_at += (size_t)n;
		c->out_len -= (size_t)n;
	}
	c->out_at = 0;
	return true;
}

/* Length and message together (W-28). False: the client does not take its answers. */
static bool put_reply(struct conn *c, const struct dnsd_out *out)
{
	uint8_t *at;

	if (c->out_at)
		memmove(c->out, c->out + c->out_at, c->out_len);
	c->out_at = 0;
	if (out->len == 0 || out->len + 2 > sizeof(c->out) - c->out_len)
		return false;
	at = c->out + c->out_len;
	at[0] = (uint8_t)(out->len >> 8);
	at[1] = (uint8_t)out->len;
	memcpy(at + 2, out->p, out->len);
	c->out_len += out->len + 2;
	return flush(c);
}

/* ---- reading ---- */

/* One whole message stands in c->in. False: close. */
static bool take_message(struct worker *w, uint32_t slot, struct conn *c)
{
	struct dnsd *d = w->dnsd;
	size_t len = message_len(c);
	struct dnsd_job job;
	struct dnsd_out out = { d->reply, DNS_MESSAGE_MAX, 0 };
	enum dnsd_done done;

	job.peer = c->peer;
	job.peer.conn_slot = slot;
	job.peer.conn_gen = gen_of(w, slot);
	done = dnsd_judge(w, &job, c->in + 2, len, &out);
	if (done == DNSD_FORWARD)
		done = dnsd_forward(w, &job, &out);
	else if (done == DNSD_AWAIT)
		done = dnsd_await(w, &job);
	else if (done == DNSD_GRANT)
		done = dnsd_await_grant(w, &job, &out);
	c->in_len -= len + 2;
	memmove(c->in, c->in + 2 + len, c->in_len);
	switch (done) {
	case DNSD_FORWARD:
	case DNSD_AWAIT:
	case DNSD_GRANT:
		c->in_flight++;
		return true;
	case DNSD_REPLY:
		return put_reply(c, &out);
	case DNSD_DROP:
		break;
	}
	return false;
}

static bool take_messages(struct worker *w, uint32_t slot, struct conn *c)
{
	while (c->in_flight < IN_FLIGHT_MAX && !c->out_len && has_message(c))
		if (!take_message(w, slot, c))
			return false;
	/* A message that can never be whole (W-01). */
	return c->in_len < 2 || message_len(c) <= DNS_QUERY_MAX;
}

static bool receive(struct conn *c)
{
	ssize_t n;

	if (c->is_half_closed || c->in_len == sizeof(c->in))
		return true;
	n = recv(c->fd, c->in + c->in_len, sizeof(c->in) - c->in_len, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	c->is_half_closed = n == 0;
	c->in_len += (size_t)n;
	return true;
}

void dnsd_on_tcp(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct worker *w = world;
	struct conn *c = w->dnsd ? pool_at(&w->dnsd->conns, slot, gen) : NULL;
	bool alive = true;

	if (!c)
		return;
	if (events & EV_HUP)
		alive = false;
	if (alive && (events & EV_WRITE))
		alive = flush(c);
	if (alive && (events & EV_READ))
		alive = receive(c);
	if (alive && take_messages(w, slot, c))
		(void)settle(w, slot, c);
	else
		close_conn(w, slot);
}

void dnsd_tcp_reply(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsd_out *out)
{
	struct conn *c = pool_at(&w->dnsd->conns, slot, gen);

	if (!c)
		return;
	c->in_flight--;
	if (put_reply(c, out) && take_messages(w, slot, c))
		(void)settle(w, slot, c);
	else
		close_conn(w, slot);
}

void dnsd_on_tcp_idle(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;

	if (w->dnsd && pool_at(&w->dnsd->conns, slot, gen))
		close_conn(w, slot);
}

/* ---- accepting ---- */

static void listen_again(struct worker *w, bool on)
{
	struct dnsd *d = w->dnsd;
	struct err e;

	if (d->listen_fd >= 0 && ev_mod(&w->loop, d->listen_fd, KIND_DNS_TCP_LISTEN, 0, 0,
					on ? EV_READ : 0, &e) < 0)
		log_msg(LOG_ERROR, LOG_DNS, "%s", e.msg);
}

void dnsd_on_tcp_msg(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;

	if (slot == PAUSE_SLOT && w->dnsd)
		listen_again(w, true);
	else
		dnsd_on_tcp_idle(world, slot, gen);
}

/* No descriptors: a listener that stays ready would spin (W-62). */
static void pause_listening(struct worker *w)
{
	struct dnsd *d = w->dnsd;

	if (log_limited(&d->full_log, 1))
		log_msg(LOG_WARN, LOG_DNS, "no descriptor left for DNS connections; pausing");
	listen_again(w, false);
	tmo_start(&w->tmo, TMO_DNS_TCP_MSG, &d->pause, PAUSE_SLOT, 0, w->loop.now_ms);
}

static bool was_redirected(const struct worker *w, int fd)
{
	struct endpoint asked;
	struct err e;

	return w->cfg->transparent && sock_original_dst(fd, &asked, &e) == 0 &&
	       (asked.port != w->cfg->dns.port || !ip_eq(asked.ip, w->cfg->dns.ip));
}

/* Takes over fd. A connection beyond the limits is closed at once (X-A10). */
static void start_conn(struct worker *w, int fd, struct endpoint peer)
{
	struct dnsd *d = w->dnsd;
	dnsguard_id guard = dnsguard_source(w->guard, peer.ip, w->loop.now_ms);
	uint32_t slot, gen;
	struct conn *c;
	struct err e;

	if (guard == DNSGUARD_NO_ID || !dnsguard_tcp_begin(w->guard, guard)) {
		(void)close(fd);
		return;
	}
	c = pool_get(&d->conns, &slot, &gen);
	if (!c || ev_add(&w->loop, fd, KIND_DNS_TCP, slot, gen, EV_READ, &e) < 0) {
		if (c)
			pool_put(&d->conns, slot);
		dnsguard_tcp_end(w->guard, guard);
		(void)close(fd);
		return;
	}
	c->fd = fd;
	c->events = EV_READ;
	c->guard = guard;
	c->peer = (struct dnsd_peer){ .addr = peer.ip, .port = peer.port, .tcp = true,
				      .redirected = was_redirected(w, fd) };
	set_timer(w, slot, c);
}

void dnsd_on_listen(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct worker *w = world;
	struct endpoint peer;
	int fd;

	(void)slot;
	(void)gen;
	(void)events;
	for (unsigned i = 0; w->dnsd && i < ACCEPTS_PER_EVENT; i++) {
		switch (sock_accept(w->dnsd->listen_fd, &fd, &peer)) {
		case SOCK_ACCEPT_ONE:
			start_conn(w, fd, peer);
			break;
		case SOCK_ACCEPT_FULL:
			pause_listening(w);
			return;
		case SOCK_ACCEPT_NONE:
			return;
		}
	}
}

/* ---- many connections at once ---- */

void dnsd_drop_source(struct worker *w, struct ip addr)
{
	struct dnsd *d = w->dnsd;

	for (uint32_t slot = 0; d && slot < d->conns.cap; slot++) {
		struct conn *c = pool_peek(&d->conns, slot);

		if (c && ip_eq(c->peer.addr, addr))
			close_conn(w, slot);
	}
}

void dnsd_tcp_close_all(struct worker *w)
{
	struct dnsd *d = w->dnsd;

	for (uint32_t slot = 0; slot < d->conns.cap && d->conns.used; slot++)
		if (pool_peek(&d->conns, slot))
			close_conn(w, slot);
	tmo_stop(&d->pause);
}

void dnsd_tcp_drain(struct worker *w)
{
	struct dnsd *d = w->dnsd;

	tmo_stop(&d->pause);
	for (uint32_t slot = 0; slot < d->conns.cap; slot++) {
		struct conn *c = pool_peek(&d->conns, slot);

		if (c)
			(void)settle(w, slot, c);
	}
}
