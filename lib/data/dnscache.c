/* dnscache.c - answers of upstreams, shared by all workers; who asks what right now
 *
 * Layer: data.  Input: answers that wire/dns_resp.c accepted.  Memory: one mapping, made at start.
 * Threads: any; a mutex per stripe.
 * Spec: S007-FR-016..FR-019, FR-030, EC-007, W-23, W-30, W-40..W-43, X-001; S003 1.8.
 *
 * Theory of operation.  The keyed hash of (name, type, DO, CD) chooses one of 16 stripes and a
 * bucket in it.  A stripe has nodes (meta data, linked by bucket and by last use) and blocks of 124
 * bytes that hold name and records as a chain.  Nodes and blocks are given out from a high-water
 * mark and then from free lists, so an idle cache costs no pages.  The number of entries is bounded
 * over all stripes, memory per stripe; whoever finds a bound reached drops the least recently used
 * entry of its own stripe.  An entry lives until its TTL is over or the rules change, whichever
 * comes first.
 *
 * Beside the entries each stripe notes the questions that are under way, with the workers that wait
 * for the outcome, and those that failed within the last second.
 */
#include "data/dnscache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/rnd.h"

#define STRIPES 16
#define STRIPE_BYTES (DNSCACHE_BYTES_MAX / STRIPES - 64 * 1024)
#define STRIPE_NODES (2 * DNSCACHE_ENTRIES_MAX / STRIPES)	/* the hash is not that uneven */
#define BUCKETS 2048
#define BLOCK_DATA 124
#define OWNERS 4096
#define OWNER_SEARCH 64		/* entries looked at for one of the same owner */
#define CLAIMS 128		/* per stripe: 1024 in flight and recent failures */
#define FAILURE_MS 1000		/* S007-W-30 */
#define NONE 0			/* indices of nodes and blocks start with 1 */

struct block {
	uint32_t next;
	uint8_t data[BLOCK_DATA];
};

struct node {
	uint64_t hash, generation, used;
	uint64_t stored_ms, expires_ms;
	int64_t wall_us;
	uint32_t blocks;	/* name, then body */
	uint16_t bucket_next, newer, older;
	uint16_t owner, type;
	uint8_t name_len;
	bool dnssec_ok, cd;
	struct dns_answer answer;	/* without body */
};

struct claim {
	uint64_t hash;		/* 0: free */
	uint64_t waiting;	/* mask of workers */
	uint64_t failed_ms;	/* 0: under way */
};

struct stripe {
	_Alignas(64) pthread_mutex_t lock;
	uint16_t buckets[BUCKETS];
	struct node *nodes;	/* [1 ... STRIPE_NODES] */
	struct block *blocks;	/* [1 ... block_cnt] */
	uint32_t block_cnt, block_fresh, block_free, block_used;
	uint16_t node_fresh, node_free;
	uint16_t newest, oldest;
	struct claim claims[CLAIMS];
};

struct dnscache {
	struct arena mem;
	uint64_t seed[2];
	_Atomic uint64_t generation;	/* newest that was seen */
	_Atomic uint64_t entries, hits, misses, evictions, tick;
	_Atomic uint32_t owned[OWNERS];
	struct stripe stripes[STRIPES];
};

STATIC_ASSERT(STRIPE_NODES < UINT16_MAX, "node indices have 16 bits");

static bool stripe_init(struct dnscache *c, struct stripe *s)
{
	size_t nodes = (STRIPE_NODES + 1) * sizeof(struct node);

	s->block_cnt = (uint32_t)((STRIPE_BYTES - nodes - sizeof(*s)) / sizeof(struct block) - 1);
	s->nodes = arena_alloc(&c->mem, nodes);
	s->blocks = arena_array(&c->mem, (size_t)s->block_cnt + 1, sizeof(struct block));
	return s->nodes && s->blocks && pthread_mutex_init(&s->lock, NULL) == 0;
}

struct dnscache *dnscache_new(struct err *e)
{
	struct arena mem;
	struct dnscache *c;

	if (arena_init_fixed(&mem, DNSCACHE_BYTES_MAX) < 0) {
		(void)err_set(e, ERR_NOMEM, "no memory for the DNS cache");
		return NULL;
	}
	c = arena_alloc(&mem, sizeof(*c) + 64);
	if (c) {	/* the stripes stand on cache lines of their own */
		c = (struct dnscache *)(void *)(((uintptr_t)c + 63) & ~(uintptr_t)63);
		c->mem = mem;
	}
	for (size_t i = 0; c && i < STRIPES; i++)
		CHECK(stripe_init(c, &c->stripes[i]));
	if (!c || rnd_bytes(c->seed, sizeof(c->seed), e) < 0) {
		arena_fini(c ? &c->mem : &mem);
		return NULL;
	}
	return c;
}

void dnscache_free(struct dnscache *c)
{
	struct arena mem;

	if (!c)
		return;
	for (size_t i = 0; i < STRIPES; i++)
		(void)pthread_mutex_destroy(&c->stripes[i].lock);
	mem = c->mem;	/* c lies inside */
	arena_fini(&mem);
}

void dnscache_hash(const struct dnscache *c, struct dnscache_key *key)
{
	char bytes[DNS_NAME_WIRE_MAX + 4];
	size_t n = key->name.len;

	memcpy(bytes, key->name.wire, n);
	bytes[n++] = (char)(key->type >> 8);
	bytes[n++] = (char)(key->type & 0xff);
	bytes[n++] = (char)((key->dnssec_ok ? 1 : 0) | (key->cd ? 2 : 0));
	key->hash = str_hash(str_n(bytes, n), c->seed);
	key->hash += key->hash == 0;	/* 0 marks free claims */
}

static struct stripe *stripe_of(struct dnscache *c, uint64_t hash)
{
	return &c->stripes[hash >> 60];
}
STATIC_ASSERT(STRIPES == 16, "four bits of the hash choose the stripe");

static uint16_t *bucket_of(struct stripe *s, uint64_t hash)
{
	return &s->buckets[hash % BUCKETS];
}

static void count(_Atomic uint64_t *n)
{
	(void)atomic_fetch_add_explicit(n, 1, memory_order_relaxed);
}

/* ---- blocks ---- */

static size_t blocks_for(size_t len)
{
	return (len + BLOCK_DATA - 1) / BLOCK_DATA;
}

static uint32_t block_take(struct stripe *s)
{
	uint32_t b = s->block_free;

	if (b)
		s->block_free = s->blocks[b].next;
	else
		b = ++s->block_fresh;
	s->block_used++;
	return b;
}

static void blocks_give(struct stripe *s, uint32_t b)
{
	while (b) {
		uint32_t next = s->blocks[b].next;

		s->blocks[b].next = s->block_free;
		s->block_free = b;
		s->block_used--;
		b = next;
	}
}

struct writer {
	struct stripe *s;
	uint32_t first, last;
	size_t used;	/* in the last block */
};

/* The caller made sure that there are blocks enough. */
static void write_chain(struct writer *w, const uint8_t *p, size_t len)
{
	while (len) {
		if (!w->last || w->used == BLOCK_DATA) {
			uint32_t b = block_take(w->s);

			w->s->blocks[b].next = NONE;
			if (w->last)
				w->s->blocks[w->last].next = b;
			else
				w->first = b;
			w->last = b;
			w->used = 0;
		}
		size_t n = MIN(len, BLOCK_DATA - w->used);
		memcpy(w->s->blocks[w->last].data + w->used, p, n);
		w->used += n;
		p += n;
		len -= n;
	}
}

struct reader {
	const struct stripe *s;
	uint32_t at;
	size_t used;
};

static struct str read_piece(struct reader *r, size_t want)
{
	const struct block *b = &r->s->blocks[r->at];
	size_t n = MIN(want, BLOCK_DATA - r->used);
	struct str piece = str_n(b->data + r->used, n);

	r->used += n;
	if (r->used == BLOCK_DATA) {
		r->at = b->next;
		r->used = 0;
	}
	return piece;
}

static void read_chain(struct reader *r, uint8_t *out, size_t len)
{
	while (len) {
		struct str piece = read_piece(r, len);

		memcpy(out, piece.p, piece.len);
		out += piece.len;
		len -= piece.len;
	}
}

/* ---- nodes ---- */

static bool is_key(const struct stripe *s, const struct node *n, const struct dnscache_key *key)
{
	struct reader r = { s, n->blocks, 0 };
	size_t at = 0;

	if (n->hash != key->hash || n->type != key->type || n->name_len != key->name.len ||
	    n->dnssec_ok != key->dnssec_ok || n->cd != key->cd)
		return false;
	while (at < n->name_len) {
		struct str piece = read_piece(&r, n->name_len - at);

		if (memcmp(piece.p, key->name.wire + at, piece.len) != 0)
			return false;
		at += piece.len;
	}
	return true;
}

static uint16_t find(struct stripe *s, const struct dnscache_key *key)
{
	uint16_t i = *bucket_of(s, key->hash);

	while (i && !is_key(s, &s->nodes[i], key))
		i = s->nodes[i].bucket_next;
	return i;
}

static void unlink_use(struct stripe *s, uint16_t i)
{
	struct node *n = &s->nodes[i];

	*(n->newer ? &s->nodes[n->newer].older : &s->newest) = n->older;
	*(n->older ? &s->nodes[n->older].newer : &s->oldest) = n->newer;
}

static void link_newest(struct stripe *s, uint16_t i)
{
	struct node *n = &s->nodes[i];

	n->newer = NONE;
	n->older = s->newest;
	*(s->newest ? &s->nodes[s->newest].newer : &s->oldest) = i;
	s->newest = i;
}

static void remove_node(struct dnscache *c, struct stripe *s, uint16_t i)
{
	struct node *n = &s->nodes[i];
	uint16_t *link = bucket_of(s, n->hash);

	while (*link != i)
		link = &s->nodes[*link].bucket_next;
	*link = n->bucket_next;
	unlink_use(s, i);
	blocks_give(s, n->blocks);
	(void)atomic_fetch_sub_explicit(&c->owned[n->owner], 1, memory_order_relaxed);
	(void)atomic_fetch_sub_explicit(&c->entries, 1, memory_order_relaxed);
	n->bucket_next = s->node_free;
	s->node_free = i;
}

static bool is_live(const struct dnscache *c, const struct node *n, uint64_t now_ms)
{
	return now_ms < n->expires_ms &&
	       n->generation >= atomic_load_explicit(&c->generation, memory_order_relaxed);
}

static void evict(struct dnscache *c, struct stripe *s, uint16_t i, uint64_t now_ms)
{
	if (is_live(c, &s->nodes[i], now_ms))
		count(&c->evictions);
	remove_node(c, s, i);
}

/* A container that owns half of the cache replaces its own entries only (W-43). */
static bool make_owner_room(struct dnscache *c, struct stripe *s, uint16_t owner, uint64_t now_ms)
{
	uint16_t i = s->oldest;

	if (atomic_load_explicit(&c->owned[owner], memory_order_relaxed) < DNSCACHE_ENTRIES_MAX / 2)
		return true;
	for (unsigned looked = 0; i && looked < OWNER_SEARCH; looked++) {
		if (s->nodes[i].owner == owner) {
			evict(c, s, i, now_ms);
			return true;
		}
		i = s->nodes[i].newer;
	}
	return false;
}

static bool make_room(struct dnscache *c, struct stripe *s, size_t blocks, uint64_t now_ms)
{
	for (;;) {
		bool has_node = s->node_free || s->node_fresh < STRIPE_NODES;
		bool has_blocks = s->block_cnt - s->block_used >= blocks;
		bool is_full = atomic_load_explicit(&c->entries, memory_order_relaxed) >=
			       DNSCACHE_ENTRIES_MAX;

		if (has_node && has_blocks && !is_full)
			return true;
		if (!s->oldest)
			return false;
		evict(c, s, s->oldest, now_ms);
	}
}

static void see_generation(struct dnscache *c, uint64_t generation)
{
	uint64_t newest = atomic_load_explicit(&c->generation, memory_order_relaxed);

	while (newest < generation &&
	       !atomic_compare_exchange_weak_explicit(&c->generation, &newest, generation,
						      memory_order_relaxed, memory_order_relaxed))
		;
}

/* ---- get and put ---- */

bool dnscache_get(struct dnscache *c, const struct dnscache_key *key, uint64_t generation,
		  uint64_t now_ms, struct dns_answer *a, uint32_t *age_s)
{
	struct stripe *s = stripe_of(c, key->hash);
	uint8_t *body = a->body;
	bool hit = false;

	see_generation(c, generation);
	(void)pthread_mutex_lock(&s->lock);
	uint16_t i = find(s, key);
	if (i) {
		struct node *n = &s->nodes[i];

		if (!is_live(c, n, now_ms)) {
			remove_node(c, s, i);
		} else if (n->generation == generation) {
			struct reader r = { s, n->blocks, 0 };
			uint8_t name[DNS_NAME_WIRE_MAX];

			read_chain(&r, name, n->name_len);
			read_chain(&r, body, n->answer.len);
			*a = n->answer;
			a->body = body;
			*age_s = (uint32_t)((now_ms - n->stored_ms) / 1000);
			n->used = atomic_fetch_add_explicit(&c->tick, 1, memory_order_relaxed);
			unlink_use(s, i);
			link_newest(s, i);
			hit = true;
		}
	}
	(void)pthread_mutex_unlock(&s->lock);
	count(hit ? &c->hits : &c->misses);
	return hit;
}

static uint16_t owner_of(const struct dnscache *c, struct ip owner)
{
	return (uint16_t)(str_hash(str_n(owner.b, sizeof(owner.b)), c->seed) % OWNERS);
}

static void insert(struct dnscache *c, struct stripe *s, const struct dnscache_key *key,
		   const struct dns_answer *a, const struct dnscache_origin *from)
{
	struct writer w = { .s = s };
	uint16_t i = s->node_free;
	struct node *n;

	if (i)
		s->node_free = s->nodes[i].bucket_next;
	else
		i = ++s->node_fresh;
	n = &s->nodes[i];
	write_chain(&w, key->name.wire, key->name.len);
	write_chain(&w, a->body, a->len);
	*n = (struct node){
		.hash = key->hash,
		.generation = from->generation,
		.used = atomic_fetch_add_explicit(&c->tick, 1, memory_order_relaxed),
		.stored_ms = from->now_ms,
		.expires_ms = from->now_ms + (uint64_t)a->ttl_s * 1000,
		.wall_us = clock_wall_us(),
		.blocks = w.first,
		.bucket_next = *bucket_of(s, key->hash),
		.owner = owner_of(c, from->owner),
		.type = key->type,
		.name_len = key->name.len,
		.dnssec_ok = key->dnssec_ok,
		.cd = key->cd,
		.answer = *a,
	};
	n->answer.body = NULL;
	*bucket_of(s, key->hash) = i;
	link_newest(s, i);
	(void)atomic_fetch_add_explicit(&c->owned[n->owner], 1, memory_order_relaxed);
	count(&c->entries);
}

void dnscache_put(struct dnscache *c, const struct dnscache_key *key, const struct dns_answer *a,
		  const struct dnscache_origin *from)
{
	struct stripe *s = stripe_of(c, key->hash);
	size_t blocks = blocks_for((size_t)key->name.len + a->len);

	see_generation(c, from->generation);
	if (a->ttl_s == 0 || a->len > DNSCACHE_MESSAGE_MAX ||
	    from->generation < atomic_load_explicit(&c->generation, memory_order_relaxed))
		return;		/* S007-W-42, W-43, X-001 */
	(void)pthread_mutex_lock(&s->lock);
	uint16_t i = find(s, key);
	if (i)
		remove_node(c, s, i);
	if (make_owner_room(c, s, owner_of(c, from->owner), from->now_ms) &&
	    make_room(c, s, blocks, from->now_ms))
		insert(c, s, key, a, from);
	(void)pthread_mutex_unlock(&s->lock);
}

/* ---- questions under way ---- */

static bool is_stale(const struct claim *q, uint64_t now_ms)
{
	return q->failed_ms && now_ms - q->failed_ms >= FAILURE_MS;
}

/* The claim on hash, else a free place, else NULL. */
static struct claim *claim_at(struct stripe *s, uint64_t hash, uint64_t now_ms)
{
	struct claim *place = NULL;

	for (size_t i = 0; i < CLAIMS; i++) {
		struct claim *q = &s->claims[i];

		if (is_stale(q, now_ms))
			*q = (struct claim){ 0 };
		if (q->hash == hash)
			return q;
		if (!q->hash && !place)
			place = q;
	}
	return place;
}

enum dnscache_claim dnscache_claim(struct dnscache *c, const struct dnscache_key *key,
				   unsigned worker, uint64_t now_ms)
{
	struct stripe *s = stripe_of(c, key->hash);
	enum dnscache_claim result = DNSCACHE_CLAIM_YOURS;

	(void)pthread_mutex_lock(&s->lock);
	struct claim *q = claim_at(s, key->hash, now_ms);
	if (q && q->hash) {
		result = q->failed_ms ? DNSCACHE_CLAIM_FAILED : DNSCACHE_CLAIM_WAIT;
		q->waiting |= UINT64_C(1) << (worker % DNSCACHE_WORKERS_MAX);
	} else if (q) {
		q->hash = key->hash;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return result;
}

uint64_t dnscache_release(struct dnscache *c, const struct dnscache_key *key, bool failed,
			  uint64_t now_ms)
{
	struct stripe *s = stripe_of(c, key->hash);
	uint64_t waiting = 0;

	(void)pthread_mutex_lock(&s->lock);
	struct claim *q = claim_at(s, key->hash, now_ms);
	if (q && q->hash) {
		waiting = q->waiting;
		*q = (struct claim){ 0 };
	}
	if (q && failed)
		*q = (struct claim){ .hash = key->hash, .failed_ms = MAX(now_ms, 1) };
	(void)pthread_mutex_unlock(&s->lock);
	return waiting;
}

/* ---- for the API ---- */

void dnscache_stats(struct dnscache *c, uint64_t now_ms, struct dnscache_stats *out)
{
	*out = (struct dnscache_stats){
		.max_entries = DNSCACHE_ENTRIES_MAX,
		.hits = atomic_load_explicit(&c->hits, memory_order_relaxed),
		.misses = atomic_load_explicit(&c->misses, memory_order_relaxed),
		.evictions = atomic_load_explicit(&c->evictions, memory_order_relaxed),
	};
	for (size_t k = 0; k < STRIPES; k++) {
		struct stripe *s = &c->stripes[k];

		(void)pthread_mutex_lock(&s->lock);
		for (uint16_t i = s->newest; i; i = s->nodes[i].older)
			out->entries += is_live(c, &s->nodes[i], now_ms);
		(void)pthread_mutex_unlock(&s->lock);
	}
}

static bool item_of(const struct stripe *s, const struct node *n, uint64_t now_ms,
		    struct arena *mem, struct dnscache_item *out)
{
	struct reader r = { s, n->blocks, 0 };
	char text[DNS_NAME_TEXT_MAX + 1];
	struct dns_name name = { .len = n->name_len };

	read_chain(&r, name.wire, n->name_len);
	*out = (struct dnscache_item){
		.hostname = arena_str(mem, dns_name_text(&name, text)),
		.type = n->type,
		.ttl_remaining_s = (uint32_t)((n->expires_ms - now_ms + 999) / 1000),
		.cached_wall_us = n->wall_us,
		.used = n->used,
	};
	return out->hostname.p != NULL;
}

static int by_use(const void *a, const void *b)
{
	const struct dnscache_item *x = a;
	const struct dnscache_item *y = b;

	return x->used > y->used ? -1 : x->used < y->used;
}

int dnscache_list(struct dnscache *c, uint64_t now_ms, struct arena *mem,
		  struct dnscache_items *out, struct err *e)
{
	struct dnscache_item *list = ARENA_NEW_N(mem, struct dnscache_item, DNSCACHE_ENTRIES_MAX);
	bool fits = list != NULL;
	size_t n = 0;

	for (size_t k = 0; k < STRIPES && fits; k++) {
		struct stripe *s = &c->stripes[k];

		(void)pthread_mutex_lock(&s->lock);
		for (uint16_t i = s->newest; i && fits && n < DNSCACHE_ENTRIES_MAX;
		     i = s->nodes[i].older)
			if (is_live(c, &s->nodes[i], now_ms))
				fits = item_of(s, &s->nodes[i], now_ms, mem, &list[n++]);
		(void)pthread_mutex_unlock(&s->lock);
	}
	if (!fits)
		return err_set(e, ERR_NOMEM, "no memory to list the DNS cache");
	qsort(list, n, sizeof(*list), by_use);
	*out = (struct dnscache_items){ list, n };
	return 0;
}

size_t dnscache_flush(struct dnscache *c, uint64_t now_ms)
{
	size_t flushed = 0;

	for (size_t k = 0; k < STRIPES; k++) {
		struct stripe *s = &c->stripes[k];

		(void)pthread_mutex_lock(&s->lock);
		while (s->oldest) {
			flushed += now_ms < s->nodes[s->oldest].expires_ms;
			remove_node(c, s, s->oldest);
		}
		(void)pthread_mutex_unlock(&s->lock);
	}
	return flushed;
}
