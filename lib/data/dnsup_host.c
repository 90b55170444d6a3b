/* dnsup_host.c - all addresses of one host name, for the proxy
 *
 * Layer: data.  Input: names of clients, answers that were accepted.  Memory: a fixed pool.
 * Threads: one worker.
 * Spec: S006-FR-019, WR-050, WR-054, WR-055, WR-056.
 * #syscalls: read write
 *
 * Theory of operation.  A lookup has two halves, A and AAAA.  Each half is served from the cache or
 * joins an exchange; a half that another worker asks for is tried again when that one has ended.
 * When both are done the lookup is put on the ready list, and the result is delivered from the
 * event loop: never from inside dnsup_resolve(), but in the same turn or the next.
 */
#include <errno.h>
#include <unistd.h>

#include "data/dnsup_own.h"
#include "policy/hosttab.h"

enum half { HALF_A = 0, HALF_AAAA, HALF_CNT };

struct lookup {
	resolve_fn *fn;
	uint32_t slot, gen;		/* of the caller */
	uint32_t next_ready;		/* slot + 1 */
	uint8_t waiting;		/* halves under way */
	uint8_t tries[HALF_CNT];
	uint8_t cnt[HALF_CNT];
	bool timed_out;
	struct dns_name name;
	struct ip addr[HALF_CNT][RESOLVE_ADDRS_MAX];
};

size_t dnsup_host_size(void)
{
	return sizeof(struct lookup);
}

#define TRIES_MAX 4	/* of one half, when other workers' questions end without a cached answer */

static void set_ready(struct worker *w, uint32_t slot)
{
	struct dnsup *up = w->dnsup;
	struct lookup *l = pool_peek(&up->lookups, slot);
	uint64_t one = 1;

	l->next_ready = 0;
	if (up->ready_last)
		((struct lookup *)pool_peek(&up->lookups, up->ready_last - 1))->next_ready = slot +
			1;
	else
		up->ready_first = slot + 1;
	up->ready_last = slot + 1;
	/* EAGAIN: the counter is full, so the loop is awake anyway. */
	if (write(up->ready_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		CHECK(errno == EINTR);
}

static void take_addrs(struct lookup *l, enum half half, const struct dns_answer *a)
{
	struct dns_rr rr;
	size_t pos = 0;

	for (uint16_t i = 0; dns_answer_next(a, &pos, i, &rr); i++) {
		struct ip *to = &l->addr[half][l->cnt[half]];

		if (l->cnt[half] < RESOLVE_ADDRS_MAX && !rr.authority && dns_rr_addr(&rr, to))
			l->cnt[half]++;
	}
}

static void on_a(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsup_outcome *o);
static void on_aaaa(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsup_outcome *o);

/* Serves a half from the cache or asks. True while it is under way. */
static bool start_half(struct worker *w, struct lookup *l, uint32_t slot, enum half half)
{
	static dnsup_fn *const done[HALF_CNT] = { on_a, on_aaaa };
	struct dnscache_key key = { .name = l->name,
				    .type = half == HALF_A ? DNS_TYPE_A : DNS_TYPE_AAAA };
	const struct ruleset *rules = worker_rules(w);
	struct dnsup_question q = { .key = &key, .generation = rules ? rules->snap.generation : 0 };
	struct dns_answer a = { .body = w->dnsup->body };
	uint32_t age_s;

	dnscache_hash(w->cache, &key);
	if (dnscache_get(w->cache, &key, q.generation, w->loop.now_ms, &a, &age_s)) {
		take_addrs(l, half, &a);
		return false;
	}
	return ++l->tries[half] <= TRIES_MAX &&
	       dnsup_ask(w, &q, done[half], slot, pool_gen(&w->dnsup->lookups, slot)) ==
		       DNSUP_ASKED_YES;
}

static void half_done(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsup_outcome *o,
		      enum half half)
{
	struct lookup *l = pool_at(&w->dnsup->lookups, slot, gen);

	if (!l)
		return;
	switch (o->result) {
	case DNSUP_AGAIN:
		if (start_half(w, l, slot, half))
			return;
		break;
	case DNSUP_OK:
		take_addrs(l, half, o->answer);
		break;
	case DNSUP_TIMEOUT:
		l->timed_out = true;
		break;
	case DNSUP_FAILED:
		break;
	}
	if (--l->waiting == 0)
		set_ready(w, slot);
}

static void on_a(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsup_outcome *o)
{
	half_done(w, slot, gen, o, HALF_A);
}

static void on_aaaa(struct worker *w, uint32_t slot, uint32_t gen, const struct dnsup_outcome *o)
{
	half_done(w, slot, gen, o, HALF_AAAA);
}

bool dnsup_resolve(struct worker *w, struct str host, resolve_fn *fn, uint32_t slot, uint32_t gen)
{
	struct dnsup *up = w->dnsup;
	uint32_t own_slot, own_gen;
	struct lookup *l = pool_get(&up->lookups, &own_slot, &own_gen);

	if (!l)
		return false;
	l->fn = fn;
	l->slot = slot;
	l->gen = gen;
	const struct hosttab *hosts = (const struct hosttab *)(const void *)snap_read(&w->hosts);
	l->cnt[HALF_A] = (uint8_t)hosttab_lookup(hosts, host, l->addr[HALF_A], RESOLVE_ADDRS_MAX);
	if (!l->cnt[HALF_A] && dns_name_from_text(host, &l->name)) {
		dns_name_lower(&l->name);
		/* The second half may not end the lookup while the first is being started. */
		l->waiting = HALF_CNT;
		for (unsigned half = 0; half < HALF_CNT; half++)
			if (!start_half(w, l, own_slot, (enum half)half))
				l->waiting--;
	}
	if (!l->waiting)
		set_ready(w, own_slot);
	return true;
}

static void deliver(struct worker *w, uint32_t slot)
{
	struct lookup *l = pool_peek(&w->dnsup->lookups, slot);
	struct resolve_result r = { .timed_out = l->timed_out };
	resolve_fn *fn = l->fn;
	uint32_t to_slot = l->slot;
	uint32_t to_gen = l->gen;

	/* IPv4 first: that is what confined hosts can use (S006-WR-056). */
	for (unsigned half = 0; half < HALF_CNT; half++)
		for (unsigned i = 0; i < l->cnt[half] && r.cnt < RESOLVE_ADDRS_MAX; i++)
			r.addr[r.cnt++] = l->addr[half][i];
	pool_put(&w->dnsup->lookups, slot);
	fn(w, to_slot, to_gen, &r);
}

void dnsup_host_ready(struct worker *w)
{
	struct dnsup *up = w->dnsup;
	uint32_t at = up->ready_first;
	uint64_t drained;

	if (read(up->ready_fd, &drained, sizeof(drained)) < 0 && errno != EAGAIN)
		CHECK(errno == EINTR);
	/* What a callback starts anew is delivered in the next turn. */
	up->ready_first = up->ready_last = 0;
	while (at) {
		uint32_t slot = at - 1;

		at = ((struct lookup *)pool_peek(&up->lookups, slot))->next_ready;
		deliver(w, slot);
	}
}
