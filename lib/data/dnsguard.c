/* dnsguard.c - what one container may ask of the DNS filter
 *
 * Layer: data.  Input: hostile names, trusted addresses.  Memory: one mapping, made at start.
 * Threads: any, lock-free (relaxed atomics).
 * Spec: S007-W-02, W-28, W-44, W-46, order of work rows 2 and 3.
 *
 * Theory of operation.  A source has a place in an open-addressing table; a place whose bucket is
 * full again and that has nothing in flight may be taken over by another source.  The bucket is one
 * number, the time at which it will be full (GCRA): no tokens to refill, one compare-and-swap per
 * query.  A take-over that races with a query of the old source can only make counts stricter for
 * one of them: begin and end use the same place, so nothing is lost.
 *
 * The tunnel guard has a window per (source, rule): sets of 32-bit fingerprints of the distinct
 * names of 60 s.  The windows stand in groups of four; when all four of a group are in use by
 * others, the first is shared, so that running out of windows makes the guard stricter, never
 * blind.
 */
#include "data/dnsguard.h"

#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "base/rnd.h"

#define SOURCES 4096
#define PROBES 32
#define WINDOWS 256
#define GROUP 4
#define PLAIN_SLOTS 4096	/* a power of two above the threshold */
#define SUSPICIOUS_SLOTS 128

#define SUSPICIOUS_TEXT 100
#define SUSPICIOUS_LABEL 32
#define SUSPICIOUS_LABELS 8

struct source {
	_Atomic uint64_t key;	/* hash of the address, 0: free */
	_Atomic uint64_t full_us;	/* when the bucket will be full again */
	_Atomic uint32_t in_flight, tcp;
};

struct window {
	_Atomic uint64_t key, since_ms;
	_Atomic uint32_t plain_cnt, suspicious_cnt;
	_Atomic bool tripped;
	_Atomic uint32_t suspicious[SUSPICIOUS_SLOTS];
	_Atomic uint32_t plain[PLAIN_SLOTS];
};

struct dnsguard {
	struct arena mem;
	uint64_t seed[2];
	uint64_t token_us, burst_us;	/* token_us 0: no limit */
	_Atomic uint64_t unmanaged_full_us;
	_Atomic uint32_t in_flight, tcp;
	struct source sources[SOURCES];
	struct window windows[WINDOWS];
};

struct dnsguard *dnsguard_new(uint32_t qps, uint32_t burst, struct err *e)
{
	struct arena mem;
	struct dnsguard *g;

	if (arena_init_fixed(&mem, sizeof(*g) + 64) < 0) {
		(void)err_set(e, ERR_NOMEM, "no memory for the DNS guards");
		return NULL;
	}
	g = arena_alloc(&mem, sizeof(*g));
	if (!g || rnd_bytes(g->seed, sizeof(g->seed), e) < 0) {
		arena_fini(&mem);
		return NULL;
	}
	g->mem = mem;
	if (qps) {
		g->token_us = MAX(1000000 / qps, 1);
		g->burst_us = g->token_us * MAX(burst, 1);
	}
	return g;
}

void dnsguard_free(struct dnsguard *g)
{
	struct arena mem;

	if (!g)
		return;
	mem = g->mem;	/* g lies inside */
	arena_fini(&mem);
}

static uint64_t load(const _Atomic uint64_t *p)
{
	return atomic_load_explicit(p, memory_order_relaxed);
}

static uint32_t load32(const _Atomic uint32_t *p)
{
	return atomic_load_explicit(p, memory_order_relaxed);
}

static bool is_idle(const struct source *s, uint64_t now_us)
{
	return load(&s->full_us) <= now_us && !load32(&s->in_flight) && !load32(&s->tcp);
}

dnsguard_id dnsguard_source(struct dnsguard *g, struct ip addr, uint64_t now_ms)
{
	uint64_t key = str_hash(str_n(addr.b, sizeof(addr.b)), g->seed) | 1;
	dnsguard_id spare = DNSGUARD_NO_ID;

	for (uint32_t i = 0; i < PROBES; i++) {
		dnsguard_id id = (uint32_t)((key >> 1) + i) % SOURCES;
		uint64_t held = load(&g->sources[id].key);

		if (held == key)
			return id;
		if (spare == DNSGUARD_NO_ID && (!held || is_idle(&g->sources[id], now_ms * 1000)))
			spare = id;
		if (!held)
			break;
	}
	if (spare == DNSGUARD_NO_ID)
		return DNSGUARD_NO_ID;
	uint64_t held = load(&g->sources[spare].key);
	return atomic_compare_exchange_strong_explicit(&g->sources[spare].key, &held, key,
						       memory_order_relaxed,
						       memory_order_relaxed) ||
			held == key
		? spare
		: DNSGUARD_NO_ID;
}

/* Generic cell rate algorithm: full_us is when the bucket would be full; a token moves it on. */
static bool bucket_take(_Atomic uint64_t *full_us, uint64_t now_us, uint64_t token_us,
			uint64_t burst_us)
{
	uint64_t held = load(full_us);
	uint64_t fresh;

	do {
		fresh = MAX(held, now_us) + token_us;
		if (fresh - now_us > burst_us)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(full_us, &held, fresh, memory_order_relaxed,
							memory_order_relaxed));
	return true;
}

bool dnsguard_rate(struct dnsguard *g, dnsguard_id id, uint64_t now_ms)
{
	return !g->token_us ||
	       bucket_take(&g->sources[id].full_us, now_ms * 1000, g->token_us, g->burst_us);
}

bool dnsguard_unmanaged(struct dnsguard *g, uint64_t now_ms)
{
	return bucket_take(&g->unmanaged_full_us, now_ms * 1000,
			   1000000 / DNSGUARD_UNMANAGED_QPS, 1000000);
}

static bool raise(_Atomic uint32_t *n, uint32_t max)
{
	uint32_t held = load32(n);

	do {
		if (held >= max)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(n, &held, held + 1, memory_order_relaxed,
							memory_order_relaxed));
	return true;
}

static void lower(_Atomic uint32_t *n)
{
	CHECK(atomic_fetch_sub_explicit(n, 1, memory_order_relaxed) > 0);
}

static bool begin(_Atomic uint32_t *own, uint32_t own_max, _Atomic uint32_t *all, uint32_t all_max)
{
	if (!raise(own, own_max))
		return false;
	if (raise(all, all_max))
		return true;
	lower(own);
	return false;
}

bool dnsguard_query_begin(struct dnsguard *g, dnsguard_id id)
{
	return begin(&g->sources[id].in_flight, DNSGUARD_IN_FLIGHT_PER_SOURCE, &g->in_flight,
		     DNSGUARD_IN_FLIGHT_MAX);
}

void dnsguard_query_end(struct dnsguard *g, dnsguard_id id)
{
	lower(&g->sources[id].in_flight);
	lower(&g->in_flight);
}

bool dnsguard_tcp_begin(struct dnsguard *g, dnsguard_id id)
{
	return begin(&g->sources[id].tcp, DNSGUARD_TCP_PER_SOURCE, &g->tcp, DNSGUARD_TCP_MAX);
}

void dnsguard_tcp_end(struct dnsguard *g, dnsguard_id id)
{
	lower(&g->sources[id].tcp);
	lower(&g->tcp);
}

/* ---- tunnel guard ---- */

static bool is_suspicious(const struct dns_name *n)
{
	unsigned labels = 0;
	unsigned longest = 0;

	for (size_t at = 0; n->wire[at]; at += (size_t)n->wire[at] + 1) {
		labels++;
		longest = MAX(longest, n->wire[at]);
	}
	return n->len > SUSPICIOUS_TEXT + 2 || longest > SUSPICIOUS_LABEL ||
	       labels >= SUSPICIOUS_LABELS;
}

static void window_reset(struct window *w)
{
	if (load32(&w->plain_cnt))
		for (size_t i = 0; i < PLAIN_SLOTS; i++)
			atomic_store_explicit(&w->plain[i], 0, memory_order_relaxed);
	for (size_t i = 0; i < SUSPICIOUS_SLOTS; i++)
		atomic_store_explicit(&w->suspicious[i], 0, memory_order_relaxed);
	atomic_store_explicit(&w->plain_cnt, 0, memory_order_relaxed);
	atomic_store_explicit(&w->suspicious_cnt, 0, memory_order_relaxed);
	atomic_store_explicit(&w->tripped, false, memory_order_relaxed);
}

static bool is_over(const struct window *w, uint64_t now_ms)
{
	return now_ms - load(&w->since_ms) >= DNSGUARD_WINDOW_MS;
}

static struct window *window_at(struct dnsguard *g, uint64_t key, uint64_t now_ms)
{
	struct window *group = &g->windows[key % (WINDOWS / GROUP) * GROUP];
	struct window *w = NULL;

	for (size_t i = 0; i < GROUP; i++) {
		if (load(&group[i].key) == key && !is_over(&group[i], now_ms))
			return &group[i];
		if (!w && (!load(&group[i].key) || is_over(&group[i], now_ms)))
			w = &group[i];
	}
	if (!w)
		return group;	/* shared: stricter for both */
	uint64_t held = load(&w->key);
	if (atomic_compare_exchange_strong_explicit(&w->key, &held, key, memory_order_relaxed,
						    memory_order_relaxed)) {
		window_reset(w);
		atomic_store_explicit(&w->since_ms, now_ms, memory_order_relaxed);
	}
	return w;
}

/* Adds print to a set of cap slots; how many it holds afterwards. A full set stays full. */
static uint32_t set_add(_Atomic uint32_t *slots, uint32_t cap, _Atomic uint32_t *cnt,
			uint32_t print)
{
	for (uint32_t i = 0; i < cap; i++) {
		_Atomic uint32_t *slot = &slots[(print + i) % cap];
		uint32_t held = load32(slot);

		if (held == print)
			return load32(cnt);
		if (held)
			continue;
		if (atomic_compare_exchange_strong_explicit(slot, &held, print,
							    memory_order_relaxed,
							    memory_order_relaxed))
			return atomic_fetch_add_explicit(cnt, 1, memory_order_relaxed) + 1;
		if (held == print)
			return load32(cnt);
	}
	return cap;
}

enum dnsguard_tunnel dnsguard_tunnel(struct dnsguard *g, struct ip source, struct str rule,
				     const struct dns_name *name, uint64_t now_ms)
{
	uint64_t key = str_hash(rule, g->seed) ^
		str_hash(str_n(source.b, sizeof(source.b)), g->seed);
	uint32_t print = (uint32_t)(str_hash(str_n(name->wire, name->len), g->seed) | 1);
	struct window *w = window_at(g, key | 1, now_ms);
	bool over;

	if (is_suspicious(name))
		over = set_add(w->suspicious, SUSPICIOUS_SLOTS, &w->suspicious_cnt, print) >
		       DNSGUARD_SUSPICIOUS_MAX;
	else
		over = set_add(w->plain, PLAIN_SLOTS, &w->plain_cnt, print) > DNSGUARD_PLAIN_MAX;
	if (!over && !atomic_load_explicit(&w->tripped, memory_order_relaxed))
		return DNSGUARD_TUNNEL_FINE;
	return atomic_exchange_explicit(&w->tripped, true, memory_order_relaxed)
		       ? DNSGUARD_TUNNEL_OVER
		       : DNSGUARD_TUNNEL_TRIPPED;
}
