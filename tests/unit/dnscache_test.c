/* dnscache_test.c - answers kept, aged, replaced, dropped; questions under way */
#include <pthread.h>
#include <stdatomic.h>

#include "t.h"
#include "data/dnscache.h"

static struct err e;
static uint8_t body_in[DNSCACHE_MESSAGE_MAX + 1], body_out[DNSCACHE_MESSAGE_MAX];

static struct dnscache *cache_new(void)
{
	struct dnscache *c = dnscache_new(&e);

	OK(c != NULL);
	return c;
}

static struct dnscache_key key_of(struct dnscache *c, const char *name)
{
	struct dnscache_key k = { .type = 1 };

	OK(dns_name_from_text(str_of(name), &k.name));
	dnscache_hash(c, &k);
	return k;
}

static struct ip owner_ip = { .v4 = true };

static void put(struct dnscache *c, const char *name, uint16_t len, uint16_t ttl, uint64_t now,
		uint64_t gen)
{
	struct dnscache_key k = key_of(c, name);
	struct dns_answer a = { .type = 1,
				.an_cnt = 1,
				.name_len = k.name.len,
				.len = len,
				.ttl_s = ttl,
				.body = body_in };
	struct dnscache_origin from = { gen, now, owner_ip };

	for (size_t i = 0; i < len; i++)
		body_in[i] = (uint8_t)(i * 7 + (uint8_t)name[0]);
	dnscache_put(c, &k, &a, &from);
}

static bool get(struct dnscache *c, const char *name, uint64_t now, uint64_t gen,
		struct dns_answer *a, uint32_t *age)
{
	struct dnscache_key k = key_of(c, name);

	*a = (struct dns_answer){ .body = body_out };
	return dnscache_get(c, &k, gen, now, a, age);
}

static bool has(struct dnscache *c, const char *name, uint64_t now, uint64_t gen)
{
	struct dns_answer a;
	uint32_t age;

	return get(c, name, now, gen, &a, &age);
}

static struct dnscache_stats stats(struct dnscache *c, uint64_t now)
{
	struct dnscache_stats s;

	dnscache_stats(c, now, &s);
	return s;
}

T(answers_come_back_whole)		// S007-FR-016 W-43
{
	static const uint16_t lens[] = { 0, 1, 16, 100, 107, 108, 109, 124, 1000, 8191, 8192 };
	struct dnscache *c = cache_new();
	struct dns_answer a;
	uint32_t age;
	char name[300];

	memset(name, 'x', sizeof(name));
	for (size_t i = 63; i < sizeof(name); i += 64)
		name[i] = '.';
	for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
		for (size_t n = 11; n < 253; n += 60) {
			name[n] = '\0';
			put(c, name, lens[i], 60, 1000, 1);
			OK(get(c, name, 4500, 1, &a, &age));
			EQ(age, 3);
			EQ(a.len, lens[i]);
			MEM_EQ(a.body, a.len, body_in, lens[i]);
			name[n] = n % 64 == 63 ? '.' : 'x';
		}
	}
	put(c, "big.test", 8193, 60, 1000, 1);
	OK(!has(c, "big.test", 1000, 1));
	dnscache_free(c);
}

T(entries_age_and_die)			// S007-FR-017 W-42
{
	struct dnscache *c = cache_new();

	put(c, "a.test", 10, 60, 1000, 1);
	put(c, "zero.test", 10, 0, 1000, 1);
	OK(!has(c, "zero.test", 1000, 1));
	OK(has(c, "a.test", 60999, 1));
	EQ(stats(c, 60999).entries, 1);
	EQ(stats(c, 61000).entries, 0);	/* expired ones do not count */
	OK(!has(c, "a.test", 61000, 1));
	struct dnscache_stats s = stats(c, 61000);
	EQ(s.hits, 1);
	EQ(s.misses, 2);
	EQ(s.evictions, 0);
	dnscache_free(c);
}

T(keys_hold_type_do_and_cd)		// S007-W-40
{
	struct dnscache *c = cache_new();
	struct dnscache_key k = key_of(c, "a.test");
	struct dns_answer a = { .body = body_out };
	uint32_t age;

	put(c, "a.test", 10, 60, 1000, 1);
	k.dnssec_ok = true;
	dnscache_hash(c, &k);
	OK(!dnscache_get(c, &k, 1, 1000, &a, &age));
	k.dnssec_ok = false;
	k.cd = true;
	dnscache_hash(c, &k);
	OK(!dnscache_get(c, &k, 1, 1000, &a, &age));
	k.cd = false;
	k.type = 28;
	dnscache_hash(c, &k);
	OK(!dnscache_get(c, &k, 1, 1000, &a, &age));
	k.type = 1;
	dnscache_hash(c, &k);
	OK(dnscache_get(c, &k, 1, 1000, &a, &age));
	dnscache_free(c);
}

T(rules_of_another_generation)		// S007-X-001 FR-018
{
	struct dnscache *c = cache_new();

	put(c, "a.test", 10, 60, 1000, 4);
	OK(has(c, "a.test", 1000, 4));
	OK(!has(c, "a.test", 1000, 5));
	put(c, "a.test", 10, 60, 1000, 4);	/* a late answer judged by older rules */
	OK(!has(c, "a.test", 1000, 4));
	put(c, "a.test", 10, 60, 1000, 5);
	OK(!has(c, "a.test", 1000, 4));		/* a worker that lags sees nothing newer */
	OK(has(c, "a.test", 1000, 5));
	EQ(dnscache_flush(c, 1000), 1);
	OK(!has(c, "a.test", 1000, 5));
	EQ(stats(c, 1000).entries, 0);
	dnscache_free(c);
}

T(least_recently_used_goes)		// S007-FR-019 EC-007
{
	struct dnscache *c = cache_new();
	char name[32];

	for (unsigned i = 0; i < DNSCACHE_ENTRIES_MAX; i++) {
		snprintf(name, sizeof(name), "n%u.test", i);
		owner_ip.b[15] = (uint8_t)i;
		put(c, name, 16, 300, 1000, 1);
	}
	EQ(stats(c, 1000).entries, DNSCACHE_ENTRIES_MAX);
	EQ(stats(c, 1000).evictions, 0);
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(name, sizeof(name), "more%u.test", i);
		OK(has(c, "n0.test", 1000, 1));	/* in use: stays */
		put(c, name, 16, 300, 1000, 1);
	}
	struct dnscache_stats s = stats(c, 1000);
	EQ(s.entries, DNSCACHE_ENTRIES_MAX);
	EQ(s.evictions, 2000);
	OK(has(c, "n0.test", 1000, 1));
	OK(has(c, "more1999.test", 1000, 1));
	owner_ip.b[15] = 0;
	dnscache_free(c);
}

T(one_owner_has_half)			// S007-W-43
{
	struct dnscache *c = cache_new();
	char name[32];

	owner_ip.b[15] = 1;
	put(c, "other.test", 16, 300, 1000, 1);
	owner_ip.b[15] = 2;
	for (unsigned i = 0; i < 2 * DNSCACHE_ENTRIES_MAX; i++) {
		snprintf(name, sizeof(name), "n%u.test", i);
		put(c, name, 16, 300, 1000, 1);
	}
	OK(stats(c, 1000).entries <= DNSCACHE_ENTRIES_MAX / 2 + 1);
	OK(stats(c, 1000).entries > DNSCACHE_ENTRIES_MAX / 2 - 100);
	OK(has(c, "other.test", 1000, 1));
	dnscache_free(c);
}

T(memory_is_bounded)			// S007-W-43
{
	struct dnscache *c = cache_new();
	char name[32];

	for (unsigned i = 0; i < 6000; i++) {
		snprintf(name, sizeof(name), "n%u.test", i);
		owner_ip.b[15] = (uint8_t)i;
		put(c, name, 8192, 300, 1000, 1);
	}
	OK(stats(c, 1000).entries > 3000);
	OK(stats(c, 1000).entries < 4096);
	owner_ip.b[15] = 0;
	EQ(dnscache_flush(c, 1000) > 3000, true);
	put(c, "again.test", 8192, 300, 1000, 1);
	OK(has(c, "again.test", 1000, 1));
	dnscache_free(c);
}

T(list_newest_use_first)		// S007-IF-002
{
	struct dnscache *c = cache_new();
	struct dnscache_items items;
	struct arena mem;

	arena_init(&mem, 8 << 20);
	put(c, "a.test", 16, 60, 1000, 1);
	put(c, "b.test", 16, 300, 1000, 1);
	put(c, "gone.test", 16, 1, 1000, 1);
	OK(has(c, "a.test", 2000, 1));
	EQ(dnscache_list(c, 11000, &mem, &items, &e), 0);
	EQ(items.cnt, 2);
	VIEW_EQ(items.v[0].hostname, "a.test");
	EQ(items.v[0].ttl_remaining_s, 50);
	EQ(items.v[0].type, 1);
	VIEW_EQ(items.v[1].hostname, "b.test");
	arena_fini(&mem);
	dnscache_free(c);
}

static struct dnscache *shared;
static _Atomic unsigned claimed, broken;

static void *hammer(void *arg)
{
	unsigned who = (unsigned)(uintptr_t)arg;
	uint8_t in[64], out[DNSCACHE_MESSAGE_MAX];
	char name[32];

	for (unsigned i = 0; i < 3000; i++) {
		struct dnscache_key k = { .type = 1 };
		struct dns_answer a = { .len = 64, .ttl_s = 300, .body = in };
		struct dns_answer got = { .body = out };
		struct dnscache_origin from = { 1 + i / 1000, 1000, owner_ip };
		uint32_t age;

		snprintf(name, sizeof(name), "n%u.test", i % 50);
		(void)!dns_name_from_text(str_of(name), &k.name);
		dnscache_hash(shared, &k);
		memset(in, (int)(i % 50), sizeof(in));
		if (dnscache_get(shared, &k, from.generation, 1000, &got, &age))
			for (unsigned b = 0; b < 64; b++)
				broken += out[b] != i % 50;
		if (dnscache_claim(shared, &k, who, 1000) == DNSCACHE_CLAIM_YOURS) {
			claimed++;
			dnscache_put(shared, &k, &a, &from);
			(void)dnscache_release(shared, &k, false, 1000);
		}
		if (i % 700 == 699)
			(void)dnscache_flush(shared, 1000);
	}
	return NULL;
}

T(threads_share_it)
{
	pthread_t t[4];

	shared = cache_new();
	for (uintptr_t i = 0; i < 4; i++)
		OK(pthread_create(&t[i], NULL, hammer, (void *)i) == 0);
	for (unsigned i = 0; i < 4; i++)
		OK(pthread_join(t[i], NULL) == 0);
	EQ(broken, 0);
	OK(claimed > 0);
	dnscache_free(shared);
}

T(one_question_at_a_time)		// S007-W-23 W-30
{
	struct dnscache *c = cache_new();
	struct dnscache_key k = key_of(c, "a.test");
	struct dnscache_key other = key_of(c, "b.test");

	EQ(dnscache_claim(c, &k, 0, 1000), DNSCACHE_CLAIM_YOURS);
	EQ(dnscache_claim(c, &other, 0, 1000), DNSCACHE_CLAIM_YOURS);
	EQ(dnscache_claim(c, &k, 1, 1000), DNSCACHE_CLAIM_WAIT);
	EQ(dnscache_claim(c, &k, 3, 1000), DNSCACHE_CLAIM_WAIT);
	EQ(dnscache_release(c, &k, false, 1500), 10);
	EQ(dnscache_claim(c, &k, 1, 1500), DNSCACHE_CLAIM_YOURS);
	EQ(dnscache_release(c, &k, true, 2000), 0);
	EQ(dnscache_claim(c, &k, 1, 2999), DNSCACHE_CLAIM_FAILED);
	EQ(dnscache_claim(c, &k, 1, 3000), DNSCACHE_CLAIM_YOURS);
	dnscache_free(c);
}
