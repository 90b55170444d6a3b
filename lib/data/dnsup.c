/* dnsup.c - upstream DNS exchanges: one forwarded question, retried, over UDP and TCP
 *
 * Layer: data.  Input: hostile (whatever comes from upstream).  Memory: pools made at start.
 * Threads: one worker.
 * Spec: S007-FR-012, FR-014, FR-015, FR-020, EC-002, EC-003, EC-010, EC-013, W-20..W-31, W-62.
 * #syscalls: socket connect sendto recvfrom getsockopt setsockopt close epoll_ctl getrandom
 *
 * Theory of operation.  An exchange asks one question on behalf of all who wait for it.
 *
 *   REMOTE	another worker asks the same; ends with AGAIN when that worker says so (dnsup_wake)
 *   UDP	sent from a fresh connected socket; repeated after 1 s and 2.5 s
 *   TCP_...	after TC=1, a changed letter case, or 16 datagrams that do not match
 *
 * Each upstream has 5 s (TMO_DNSUP_TOTAL) for everything.  Silence, a bad answer or a refusal by
 * ICMP or TCP lead to the next upstream in order; a silent one goes to the end of the order for 30
 * s. After the last one the exchange has failed.  The outcome goes to the cache first, then the
 * claim on the question is given up and waiting workers are told, then every waiter of this worker
 * is called. An exchange holds one descriptor at most, so descriptors are bounded by queries in
 * flight (W-62).
 */
#include "data/dnsup.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "data/dnsup_own.h"
#include "sys/sock.h"

#define MISMATCHES_MAX 16	/* S007-W-22 */
#define SILENT_MS 30000		/* S007-W-29 */
#define MANGLES_MS 3600000	/* S007-W-24 */
#define DATAGRAMS_PER_EVENT 32
#define READY_SLOT UINT32_MAX	/* cookie of the eventfd */

enum phase { PHASE_REMOTE = 0, PHASE_UDP, PHASE_TCP_CONNECT, PHASE_TCP_SEND, PHASE_TCP_RECV };

struct waiter {
	dnsup_fn *fn;
	uint32_t slot, gen;
	uint32_t next;		/* slot + 1 */
};

struct tcp_buffer {
	size_t len;
	uint8_t bytes[2 + DNS_MESSAGE_MAX];
};

struct exchange {
	enum phase phase;
	int fd;			/* -1: none */
	uint32_t bucket_next;	/* slot + 1 */
	uint32_t first_waiter, last_waiter;
	uint32_t tcp_slot;	/* + 1 */
	struct dnscache_key key;
	uint64_t generation, started_ms;
	struct ip owner;
	struct endpoint order[UPSTREAMS_MAX];
	uint8_t order_cnt, at;	/* at: the one that is asked */
	uint8_t mismatches;
	bool timed_out;
	struct tmo total, retry;
	struct dns_ask ask;
	uint16_t sent_len, sent_at;
	uint8_t sent[2 + DNS_ASK_MAX];	/* length prefix and message, for repeats and TCP */
};

static struct exchange *exchange_at(struct worker *w, uint32_t slot, uint32_t gen)
{
	return pool_at(&w->dnsup->exchanges, slot, gen);
}

static uint32_t gen_of(struct worker *w, uint32_t slot)
{
	return pool_gen(&w->dnsup->exchanges, slot);
}

/* ---- the end of an exchange ---- */

static void close_socket(struct worker *w, struct exchange *x)
{
	if (x->fd >= 0) {
		ev_del(&w->loop, x->fd);
		(void)close(x->fd);
		x->fd = -1;
	}
	if (x->tcp_slot)
		pool_put(&w->dnsup->tcp_buffers, x->tcp_slot - 1);
	x->tcp_slot = 0;
	tmo_stop(&x->retry);
}

static void unlink_exchange(struct dnsup *up, uint32_t slot, const struct exchange *x)
{
	uint32_t *link = &up->buckets[x->key.hash % DNSUP_BUCKETS];

	while (*link != slot + 1)
		link = &((struct exchange *)pool_peek(&up->exchanges, *link - 1))->bucket_next;
	*link = x->bucket_next;
}

static void wake_workers(struct worker *w, uint64_t mask, uint64_t hash)
{
	struct worker_msg msg = { .cmd = WORKER_DNS_WAKE, .u.dns_hash = hash };

	for (unsigned i = 0; mask && w->inboxes && i < w->cfg->workers; i++)
		if (mask >> (i % DNSCACHE_WORKERS_MAX) & 1 && i != w->index)
			(void)!mbox_post(w->inboxes[i], &msg);	/* full: its timer wakes it */
}

static void call_waiters(struct worker *w, uint32_t first, const struct dnsup_outcome *o)
{
	while (first) {
		struct waiter *p = pool_peek(&w->dnsup->waiters, first - 1);
		struct waiter waiter = *p;

		pool_put(&w->dnsup->waiters, first - 1);
		first = waiter.next;
		waiter.fn(w, waiter.slot, waiter.gen, o);
	}
}

static uint64_t rules_generation(struct worker *w)
{
	const struct ruleset *rules = worker_rules(w);

	return rules ? rules->snap.generation : 0;
}

static void finish(struct worker *w, uint32_t slot, enum dnsup_result result,
		   const struct dns_answer *a)
{
	struct dnsup *up = w->dnsup;
	struct exchange *x = pool_peek(&up->exchanges, slot);
	struct dnscache_origin from = { x->generation, w->loop.now_ms, x->owner };
	struct dnsup_outcome o = { result, a, (uint32_t)(w->loop.now_ms - x->started_ms) };
	uint32_t first = x->first_waiter;

	close_socket(w, x);
	tmo_stop(&x->total);
	unlink_exchange(up, slot, x);
	if (x->phase != PHASE_REMOTE) {
		if (a && x->generation == rules_generation(w))	/* */
			dnscache_put(w->cache, &x->key, a, &from);
		wake_workers(w,
			     dnscache_release(w->cache, &x->key, result != DNSUP_OK, from.now_ms),
			     x->key.hash);
	}
	pool_put(&up->exchanges, slot);
	call_waiters(w, first, &o);
}

/* ---- asking ---- */

/* A fresh id for every attempt, random letter case where it helps (W-20, W-21, W-24). */
static bool compose(struct worker *w, struct exchange *x, bool tcp)
{
	uint64_t bits[4];
	struct err e;

	x->ask.name = x->key.name;
	x->ask.any_case = tcp || !dnsup_wants_mixed_case(w, x->order[x->at]);
	if (rnd_u16(&w->rnd, &x->ask.id, &e) < 0)
		return false;
	for (unsigned i = 0; !x->ask.any_case && i < ARRAY_LEN(bits); i++)
		if (rnd_u64(&w->rnd, &bits[i], &e) < 0)
			return false;
	if (!x->ask.any_case)
		dns_name_mix_case(&x->ask.name, (const uint8_t *)bits);
	x->sent_len = (uint16_t)dns_ask_build(&x->ask, x->sent + 2);
	x->sent[0] = (uint8_t)(x->sent_len >> 8);
	x->sent[1] = (uint8_t)x->sent_len;
	x->sent_at = 0;
	return true;
}

static bool send_datagram(const struct exchange *x)
{
	ssize_t n = send(x->fd, x->sent + 2, x->sent_len, MSG_DONTWAIT | MSG_NOSIGNAL);

	/* A full send queue is like a lost datagram: it will be repeated. */
	return n == x->sent_len ||
		(n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS));
}

/* Answers that do not fit come by TCP; fragments can be spliced (W-25). */
static void never_fragment(int fd, struct ip to)
{
	int v4 = IP_PMTUDISC_OMIT;
	int v6 = IPV6_PMTUDISC_OMIT;

	/* Kernels without the mode fragment as they like: the size we advertise still holds. */
	if (to.v4)
		(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof(v4));
	else
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof(v6));
}

static bool ask_udp(struct worker *w, uint32_t slot, struct exchange *x)
{
	struct endpoint to = x->order[x->at];
	struct err e;

	close_socket(w, x);
	x->phase = PHASE_UDP;
	x->mismatches = 0;
	if (!compose(w, x, false) || sock_udp_connect(to, &x->fd, &e) < 0)
		return false;
	never_fragment(x->fd, to.ip);
	if (ev_add(&w->loop, x->fd, KIND_DNSUP_UDP, slot, gen_of(w, slot), EV_READ, &e) < 0 ||
	    !send_datagram(x))
		return false;
	tmo_start(&w->tmo, TMO_DNSUP_RETRY1, &x->retry, slot, gen_of(w, slot), w->loop.now_ms);
	return true;
}

static bool ask_tcp(struct worker *w, uint32_t slot, struct exchange *x)
{
	struct err e;
	uint32_t buffer, unused;

	close_socket(w, x);
	x->phase = PHASE_TCP_CONNECT;
	if (!pool_get(&w->dnsup->tcp_buffers, &buffer, &unused))
		return false;
	x->tcp_slot = buffer + 1;
	return compose(w, x, true) && sock_tcp_connect(x->order[x->at], &x->fd, &e) == 0 &&
	       ev_add(&w->loop, x->fd, KIND_DNSUP_TCP, slot, gen_of(w, slot), EV_WRITE, &e) == 0;
}

/* Asks order[at], or the first after it that can be asked. False: there is none. */
static bool ask_from(struct worker *w, uint32_t slot, struct exchange *x)
{
	for (; x->at < x->order_cnt; x->at++) {
		x->ask.edns = true;
		if (!ask_udp(w, slot, x))
			continue;
		tmo_start(&w->tmo, TMO_DNSUP_TOTAL, &x->total, slot, gen_of(w, slot),
			  w->loop.now_ms);
		return true;
	}
	return false;
}

static void ask_next(struct worker *w, uint32_t slot, struct exchange *x)
{
	x->at++;
	if (!ask_from(w, slot, x))
		finish(w, slot, x->timed_out ? DNSUP_TIMEOUT : DNSUP_FAILED, NULL);
}

static void switch_to_tcp(struct worker *w, uint32_t slot, struct exchange *x)
{
	if (!ask_tcp(w, slot, x))
		ask_next(w, slot, x);
}

/* ---- answers ---- */

static void warn_upstream(struct log_limit *limit, const char *msg, const struct exchange *x)
{
	char name[DNS_NAME_TEXT_MAX + 1];
	char ep[ENDPOINT_TEXT_LEN];
	struct log_line l;

	if (!log_limited(limit, 10) || !log_begin(&l, LOG_WARN, LOG_DNS, msg))
		return;
	log_c(&l, "upstream", endpoint_text(x->order[x->at], ep));
	log_host(&l, "hostname", dns_name_text(&x->key.name, name));
	log_end(&l);
}

static void take_matching(struct worker *w, uint32_t slot, struct exchange *x, uint8_t *msg,
			  size_t len)
{
	struct dns_answer a = { .body = w->dnsup->body };
	bool tcp = x->phase != PHASE_UDP;

	switch (dns_response_accept(msg, len, &x->ask, &a, DNS_MESSAGE_MAX)) {
	case DNS_ACCEPT_OK:
		finish(w, slot, DNSUP_OK, &a);
		return;
	case DNS_ACCEPT_LOOP:
		finish(w, slot, DNSUP_FAILED, NULL);
		return;
	case DNS_ACCEPT_NO_EDNS:	/* once more, inside the same budget (W-29) */
		x->ask.edns = false;
		if (tcp ? ask_tcp(w, slot, x) : ask_udp(w, slot, x))
			return;
		break;
	case DNS_ACCEPT_BAD:
	case DNS_ACCEPT_FAILED:
		break;
	}
	x->timed_out = false;
	ask_next(w, slot, x);
}

/* One message of the upstream. True: it was ignored, the exchange goes on as it was. */
static bool take_message(struct worker *w, uint32_t slot, struct exchange *x, uint8_t *msg,
			 size_t len)
{
	struct dnsup_upstream *u = dnsup_upstream_of(w->dnsup, x->order[x->at]);
	bool tcp = x->phase != PHASE_UDP;

	switch (dns_response_match(msg, len, &x->ask)) {
	case DNS_MATCH_YES:
		take_matching(w, slot, x, msg, len);
		return false;
	case DNS_MATCH_CASE:
		if (u)
			u->mangles_until_ms = w->loop.now_ms + MANGLES_MS;
		break;
	case DNS_MATCH_CUT:
		break;
	case DNS_MATCH_NONE:
		if (!tcp && ++x->mismatches < MISMATCHES_MAX)
			return true;
		warn_upstream(&w->dnsup->mismatch_log, "DNS answers do not match the query", x);
		break;
	}
	if (tcp)	/* no way out is left with this upstream */
		ask_next(w, slot, x);
	else
		switch_to_tcp(w, slot, x);
	return false;
}

void dnsup_on_udp(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct worker *w = world;
	struct exchange *x;

	(void)events;
	if (slot == READY_SLOT) {
		dnsup_host_ready(w);
		return;
	}
	x = exchange_at(w, slot, gen);
	if (!x || x->phase != PHASE_UDP)
		return;
	for (unsigned i = 0; i < DATAGRAMS_PER_EVENT; i++) {
		ssize_t n = recv(x->fd, w->dnsup->message, DNS_MESSAGE_MAX, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {	/* ICMP says that nobody is there (W-29) */
			ask_next(w, slot, x);
			return;
		}
		if (!take_message(w, slot, x, w->dnsup->message, (size_t)n))
			return;
	}
}

/* False: the connection is of no use any more. */
static bool send_stream(struct exchange *x)
{
	size_t whole = (size_t)x->sent_len + 2;
	ssize_t n = send(x->fd, x->sent + x->sent_at, whole - x->sent_at,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	x->sent_at = (uint16_t)(x->sent_at + n);
	if (x->sent_at == whole)
		x->phase = PHASE_TCP_RECV;
	return true;
}

/* Length of the message in b, 0: not complete yet. */
static size_t message_in(const struct tcp_buffer *b)
{
	size_t want = b->len < 2 ? 0 : (size_t)b->bytes[0] << 8 | b->bytes[1];

	return want && b->len - 2 >= want ? want : 0;
}

static bool receive_stream(struct exchange *x, struct tcp_buffer *b)
{
	ssize_t n = recv(x->fd, b->bytes + b->len, sizeof(b->bytes) - b->len, MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	b->len += (size_t)n;
	return n > 0;
}

void dnsup_on_tcp(void *world, uint32_t slot, uint32_t gen, uint32_t events)
{
	struct worker *w = world;
	struct exchange *x = exchange_at(w, slot, gen);
	bool alive = true;
	struct err e;

	(void)events;
	if (!x || x->phase < PHASE_TCP_CONNECT)
		return;
	struct tcp_buffer *b = pool_peek(&w->dnsup->tcp_buffers, x->tcp_slot - 1);
	if (x->phase == PHASE_TCP_CONNECT) {
		alive = sock_connect_result(x->fd, &e) == 0;
		x->phase = PHASE_TCP_SEND;
	}
	if (alive && x->phase == PHASE_TCP_SEND) {
		alive = send_stream(x);
		if (alive && x->phase == PHASE_TCP_RECV)
			alive = ev_mod(&w->loop, x->fd, KIND_DNSUP_TCP, slot, gen_of(w, slot),
				       EV_READ, &e) == 0;
	} else if (alive) {
		alive = receive_stream(x, b);
	}
	if (message_in(b))
		(void)take_message(w, slot, x, b->bytes + 2, message_in(b));
	else if (!alive)
		ask_next(w, slot, x);
}

static void repeat(struct worker *w, uint32_t slot, uint32_t gen, bool again)
{
	struct exchange *x = exchange_at(w, slot, gen);

	if (!x || x->phase != PHASE_UDP)
		return;
	if (!send_datagram(x))
		ask_next(w, slot, x);
	else if (again)
		tmo_start(&w->tmo, TMO_DNSUP_RETRY2, &x->retry, slot, gen, w->loop.now_ms);
}

void dnsup_on_retry1(void *world, uint32_t slot, uint32_t gen)
{
	repeat(world, slot, gen, true);
}

void dnsup_on_retry2(void *world, uint32_t slot, uint32_t gen)
{
	repeat(world, slot, gen, false);
}

void dnsup_on_total(void *world, uint32_t slot, uint32_t gen)
{
	struct worker *w = world;
	struct exchange *x = exchange_at(w, slot, gen);

	if (!x)
		return;
	if (x->phase == PHASE_REMOTE) {
		finish(w, slot, DNSUP_AGAIN, NULL);
		return;
	}
	struct dnsup_upstream *u = dnsup_upstream_of(w->dnsup, x->order[x->at]);
	if (u)
		u->silent_until_ms = w->loop.now_ms + SILENT_MS;
	warn_upstream(&w->dnsup->silent_log, "upstream DNS server is silent", x);
	x->timed_out = true;
	ask_next(w, slot, x);
}

void dnsup_wake(struct worker *w, uint64_t hash)
{
	struct dnsup *up = w->dnsup;
	uint32_t at = up->buckets[hash % DNSUP_BUCKETS];

	while (at) {
		struct exchange *x = pool_peek(&up->exchanges, at - 1);

		if (x->key.hash == hash && x->phase == PHASE_REMOTE) {
			finish(w, at - 1, DNSUP_AGAIN, NULL);
			return;	/* one exchange per question */
		}
		at = x->bucket_next;
	}
}

/* ---- a new question ---- */

static bool is_key(const struct dnscache_key *a, const struct dnscache_key *b)
{
	return a->hash == b->hash && a->type == b->type && a->dnssec_ok == b->dnssec_ok &&
	       a->cd == b->cd && dns_name_exact(&a->name, &b->name);
}

static uint32_t find_exchange(struct dnsup *up, const struct dnscache_key *key)
{
	uint32_t at = up->buckets[key->hash % DNSUP_BUCKETS];

	while (at) {
		struct exchange *x = pool_peek(&up->exchanges, at - 1);

		if (is_key(&x->key, key))
			break;
		at = x->bucket_next;
	}
	return at;
}

static void start(struct worker *w, uint32_t slot, struct exchange *x,
		  const struct dnsup_question *q)
{
	struct dnsup *up = w->dnsup;
	uint32_t *bucket = &up->buckets[q->key->hash % DNSUP_BUCKETS];

	x->fd = -1;
	x->key = *q->key;
	x->generation = q->generation;
	x->owner = q->owner;
	x->started_ms = w->loop.now_ms;
	x->ask.type = q->key->type;
	x->ask.dnssec_ok = q->key->dnssec_ok;
	x->ask.cd = q->key->cd;
	x->bucket_next = *bucket;
	*bucket = slot + 1;
}

/* The slot + 1 of a fresh exchange, 0 with *asked set if there is none. */
static uint32_t new_exchange(struct worker *w, const struct dnsup_question *q,
			     enum dnsup_asked *asked)
{
	struct dnsup *up = w->dnsup;
	enum dnscache_claim claim;
	uint32_t slot, gen;
	struct exchange *x;

	*asked = DNSUP_ASKED_FAILED;
	if (!up->cnt)
		return 0;	/* S007-X-005 */
	x = pool_get(&up->exchanges, &slot, &gen);
	if (!x) {
		*asked = DNSUP_ASKED_BUSY;
		return 0;
	}
	claim = dnscache_claim(w->cache, q->key, w->index, w->loop.now_ms);
	if (claim == DNSCACHE_CLAIM_FAILED) {
		pool_put(&up->exchanges, slot);
		return 0;
	}
	start(w, slot, x, q);
	if (claim == DNSCACHE_CLAIM_WAIT) {
		tmo_start(&w->tmo, TMO_DNSUP_TOTAL, &x->total, slot, gen, w->loop.now_ms);
		return slot + 1;
	}
	x->order_cnt = dnsup_order(w, x->order);
	if (ask_from(w, slot, x))
		return slot + 1;
	x->phase = PHASE_UDP;	/* the claim is ours to give up */
	finish(w, slot, DNSUP_FAILED, NULL);
	return 0;
}

enum dnsup_asked dnsup_ask(struct worker *w, const struct dnsup_question *q, dnsup_fn *fn,
			   uint32_t slot, uint32_t gen)
{
	struct dnsup *up = w->dnsup;
	enum dnsup_asked failed = DNSUP_ASKED_BUSY;
	uint32_t waiter_slot, unused;
	struct waiter *p = pool_get(&up->waiters, &waiter_slot, &unused);

	if (!p)
		return DNSUP_ASKED_BUSY;
	uint32_t at = find_exchange(up, q->key);
	if (!at)
		at = new_exchange(w, q, &failed);
	if (!at) {
		pool_put(&up->waiters, waiter_slot);
		return failed;
	}
	struct exchange *x = pool_peek(&up->exchanges, at - 1);
	*p = (struct waiter){ fn, slot, gen, 0 };
	if (x->last_waiter)
		((struct waiter *)pool_peek(&up->waiters, x->last_waiter - 1))->next =
			waiter_slot + 1;
	else
		x->first_waiter = waiter_slot + 1;
	x->last_waiter = waiter_slot + 1;
	return DNSUP_ASKED_YES;
}

/* ---- start and end ---- */

static int open_pools(struct dnsup *up, size_t lookup_size, struct err *e)
{
	up->message = arena_alloc(&up->mem, DNS_MESSAGE_MAX);
	up->body = arena_alloc(&up->mem, DNS_MESSAGE_MAX);
	if (!up->message || !up->body ||
	    pool_init(&up->exchanges, DNSUP_EXCHANGES, sizeof(struct exchange)) < 0 ||
	    pool_init(&up->waiters, DNSUP_WAITERS, sizeof(struct waiter)) < 0 ||
	    pool_init(&up->tcp_buffers, DNSUP_TCP_BUFFERS, sizeof(struct tcp_buffer)) < 0 ||
	    pool_init(&up->lookups, DNSUP_LOOKUPS, lookup_size) < 0)
		return err_set(e, ERR_NOMEM, "no memory for the upstream resolver");
	return 0;
}

int dnsup_open(struct worker *w, const struct upstreams *ups, struct err *e)
{
	struct arena mem;
	struct dnsup *up;

	if (arena_init_fixed(&mem, sizeof(*up) + 2 * DNS_MESSAGE_MAX + 256) < 0)
		return err_set(e, ERR_NOMEM, "no memory for the upstream resolver");
	up = arena_alloc(&mem, sizeof(*up));
	CHECK(up);
	up->mem = mem;
	up->ready_fd = -1;
	w->dnsup = up;
	if (open_pools(up, dnsup_host_size(), e) < 0)
		goto fail;
	up->ready_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (up->ready_fd < 0) {
		(void)err_sys(e, "eventfd");
		goto fail;
	}
	if (ev_add(&w->loop, up->ready_fd, KIND_DNSUP_UDP, READY_SLOT, 0, EV_READ, e) < 0)
		goto fail;
	dnsup_set_upstreams(w, ups);
	return 0;
fail:
	dnsup_close(w);
	return -1;
}

void dnsup_close(struct worker *w)
{
	struct dnsup *up = w->dnsup;
	struct arena mem;

	if (!up)
		return;
	w->inboxes = NULL;	/* other workers may be gone already: their timers wake them */
	for (uint32_t slot = 0; slot < up->exchanges.cap && up->exchanges.used; slot++) {
		struct exchange *x = pool_peek(&up->exchanges, slot);

		if (!x)
			continue;
		x->first_waiter = 0;	/* nobody is called any more */
		finish(w, slot, DNSUP_FAILED, NULL);
	}
	if (up->ready_fd >= 0) {
		ev_del(&w->loop, up->ready_fd);
		(void)close(up->ready_fd);
	}
	pool_fini(&up->exchanges);
	pool_fini(&up->waiters);
	pool_fini(&up->tcp_buffers);
	pool_fini(&up->lookups);
	mem = up->mem;	/* up lies inside */
	w->dnsup = NULL;
	arena_fini(&mem);
}
