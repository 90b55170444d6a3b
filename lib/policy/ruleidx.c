/* ruleidx.c - which rules of a set can decide about a request: an index over their conditions
 *
 * Layer: policy.  Input: rules trusted, facts hostile.  Memory: the set's arena; a temporary one
 * while it is built.  Threads: immutable once built; no locks, no heap.
 * Spec: S003 section 2 (evaluation cost does not grow with the number of rules), S003-EC-019.
 *
 * Theory of operation: cel_keys_of() gives for each rule the tests of fields without which its
 * condition is surely false.  Every distinct test is an entry with the ascending list of its rules;
 * a hash table leads to the entries.  A request looks up its value of each field once for equality,
 * and once for each length of a prefix or suffix that rules use; the hash of a longer prefix goes
 * on from that of a shorter one, so a field is read once in each direction.  Rules without keys are
 * a list of their own that every request gets.  The lists are merged in ascending order.
 *
 * Hashes are not seeded: the keys are the operator's, and a request looks up a number of values
 * that does not depend on what it contains.  Equal hashes are followed by a comparison of texts.
 */
#include "policy/ruleidx.h"

#include <string.h>

#include "policy/cel_keys.h"

#define TEXT_MAX 255		/* host names end there; a longer key is no key */
#define BUILD_MEMORY_MAX ((size_t)1 << 30)
#define TEXT_FIELDS 5
#define NO_ENTRY 0		/* in slots: entries are numbered from 1 */

static const enum fact_field_id text_fields[TEXT_FIELDS] = {
	FACT_FIELD_HTTP_HOST, FACT_FIELD_DNS_QUERY, FACT_FIELD_NETWORK_HOSTNAME,
	FACT_FIELD_NETWORK_IP, FACT_FIELD_AGENT_NAME,
};

struct entry {
	struct str text;	/* empty for a number */
	int64_t number;
	uint32_t first, cnt;	/* its rules in postings */
	uint8_t kind;		/* enum cel_key_kind */
	uint8_t field;		/* enum fact_field_id */
};

struct slot {
	uint32_t hash;
	uint32_t entry;
};

struct lengths {		/* which lengths of prefixes or suffixes rules use */
	uint64_t bits[(TEXT_MAX + 1) / 64];
	uint32_t max;		/* 0: none */
};

struct field {
	bool equal;		/* some rule tests it for equality */
	struct lengths prefix, suffix;
};

struct ruleidx {
	const struct slot *slots;
	uint32_t mask;
	const struct entry *entries;
	const uint32_t *postings;
	struct field field[TEXT_FIELDS];
	bool ports;
	struct ruleidx_list always;
};

/* --- hashing ---------------------------------------------------------------------------------- */

#define HASH_START UINT64_C(0x9e3779b97f4a7c15)
#define HASH_STEP UINT64_C(0x100000001b3)

static uint64_t add_byte(uint64_t h, char c)
{
	return (h ^ (uint8_t)c) * HASH_STEP;
}

/* Every test has a hash of its own: kind and field are part of it. */
static uint32_t finish_hash(uint64_t h, enum cel_key_kind kind, enum fact_field_id field)
{
	h ^= ((uint64_t)kind << 8 | field) * UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 32;
	h *= UINT64_C(0xc4ceb9fe1a85ec53);
	return (uint32_t)(h >> 32);
}

static uint32_t hash_number(int64_t number, enum fact_field_id field)
{
	return finish_hash((uint64_t)number * HASH_START, CEL_KEY_NUMBER, field);
}

/* Suffixes are read from their end, so that a longer one goes on from a shorter one. */
static uint32_t hash_key(const struct cel_key *k)
{
	uint64_t h = HASH_START;

	if (k->kind == CEL_KEY_NUMBER)
		return hash_number(k->number, k->field);
	for (size_t i = 0; i < k->text.len; i++)
		h = add_byte(h, k->text.p[k->kind == CEL_KEY_SUFFIX ? k->text.len - 1 - i : i]);
	return finish_hash(h, k->kind, k->field);
}

/* --- building --------------------------------------------------------------------------------- */

struct use {			/* one rule that has one key */
	uint32_t entry, rule;
};

struct build {
	struct arena *a;
	struct arena tmp;
	struct ruleidx *x;
	struct cel_keys *keys;	/* of each rule; v NULL: always visited */
	size_t key_cnt;
	uint32_t always_cnt;
	struct slot *slots;
	struct entry *entries;
	uint32_t entry_cnt;
	uint32_t *last;		/* of each entry: the rule that was added last, plus 1 */
	struct use *uses;
	size_t use_cnt;
};

static bool is_indexable(const struct cel_keys *keys)
{
	for (size_t i = 0; i < keys->cnt; i++) {
		const struct cel_key *k = &keys->v[i];

		if (k->kind == CEL_KEY_NUMBER ? k->field != FACT_FIELD_NETWORK_PORT
					      : k->text.len > TEXT_MAX)
			return false;
	}
	return true;
}

static int collect_keys(struct build *b, const struct rule *rules, uint32_t count)
{
	b->keys = ARENA_NEW_N(&b->tmp, struct cel_keys, count + (size_t)1);
	if (!b->keys)
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		struct cel_keys *k = &b->keys[i];

		if (!cel_keys_of(rules[i].prog, &b->tmp, k) || !is_indexable(k)) {
			*k = (struct cel_keys){ NULL, 0 };
			b->always_cnt++;
		}
		b->key_cnt += k->cnt;
	}
	return b->key_cnt < UINT32_MAX / 4 ? 0 : -1;
}

static int make_tables(struct build *b)
{
	size_t cap = 16;

	while (cap < 2 * b->key_cnt)
		cap *= 2;
	b->slots = ARENA_NEW_N(&b->tmp, struct slot, cap);
	b->entries = ARENA_NEW_N(&b->tmp, struct entry, b->key_cnt + 1);
	b->last = ARENA_NEW_N(&b->tmp, uint32_t, b->key_cnt + 1);
	b->uses = ARENA_NEW_N(&b->tmp, struct use, b->key_cnt + 1);
	b->x->mask = (uint32_t)(cap - 1);
	return b->slots && b->entries && b->last && b->uses ? 0 : -1;
}

static bool entry_is(const struct entry *e, const struct cel_key *k)
{
	return e->kind == k->kind && e->field == k->field && e->number == k->number &&
	       str_eq(e->text, k->text);
}

static uint32_t entry_of(struct build *b, const struct cel_key *k)
{
	uint32_t hash = hash_key(k), at = hash & b->x->mask;

	for (; b->slots[at].entry != NO_ENTRY; at = (at + 1) & b->x->mask) {
		uint32_t n = b->slots[at].entry - 1;

		if (b->slots[at].hash == hash && entry_is(&b->entries[n], k))
			return n;
	}
	b->entries[b->entry_cnt] = (struct entry){ .text = k->text, .number = k->number,
						   .kind = (uint8_t)k->kind,
						   .field = (uint8_t)k->field };
	b->slots[at] = (struct slot){ hash, b->entry_cnt + 1 };
	return b->entry_cnt++;
}

static void add_keys(struct build *b, uint32_t rule)
{
	const struct cel_keys *keys = &b->keys[rule];

	for (size_t i = 0; i < keys->cnt; i++) {
		struct cel_key k = keys->v[i];
		uint32_t n;

		if (k.kind == CEL_KEY_NUMBER)
			k.text = (struct str){ NULL, 0 };
		else
			k.number = 0;
		n = entry_of(b, &k);
		if (b->last[n] == rule + 1)
			continue;
		b->last[n] = rule + 1;
		b->entries[n].cnt++;
		b->uses[b->use_cnt++] = (struct use){ n, rule };
	}
}

static void note_length(struct lengths *l, size_t len)
{
	l->bits[len / 64] |= UINT64_C(1) << (len % 64);
	l->max = MAX(l->max, (uint32_t)len);
}

static void note_field(struct ruleidx *x, const struct entry *e)
{
	x->ports |= e->kind == CEL_KEY_NUMBER;
	for (unsigned i = 0; i < TEXT_FIELDS; i++) {
		if (text_fields[i] != (enum fact_field_id)e->field)
			continue;
		x->field[i].equal |= e->kind == CEL_KEY_EQUAL;
		if (e->kind == CEL_KEY_PREFIX)
			note_length(&x->field[i].prefix, e->text.len);
		if (e->kind == CEL_KEY_SUFFIX)
			note_length(&x->field[i].suffix, e->text.len);
	}
}

/* Entries and slots move into the set, with texts of their own: those of the keys may be temporary.
 */
static int keep_entries(struct build *b)
{
	size_t cap = 16;
	struct slot *slots;
	struct entry *entries = ARENA_NEW_N(b->a, struct entry, b->entry_cnt + (size_t)1);
	uint32_t first = 0;

	while (cap < 2 * (size_t)b->entry_cnt)
		cap *= 2;
	slots = ARENA_NEW_N(b->a, struct slot, cap);
	if (!entries || !slots)
		return -1;
	for (uint32_t i = 0; i <= b->x->mask; i++) {
		uint32_t at = b->slots[i].hash & (uint32_t)(cap - 1);

		if (b->slots[i].entry == NO_ENTRY)
			continue;
		while (slots[at].entry != NO_ENTRY)
			at = (at + 1) & (uint32_t)(cap - 1);
		slots[at] = b->slots[i];
	}
	for (uint32_t i = 0; i < b->entry_cnt; i++) {
		entries[i] = b->entries[i];
		entries[i].text = arena_str(b->a, b->entries[i].text);
		if (!entries[i].text.p)
			return -1;
		entries[i].first = first;
		first += entries[i].cnt;
		note_field(b->x, &entries[i]);
	}
	b->x->slots = slots;
	b->x->mask = (uint32_t)(cap - 1);
	b->x->entries = entries;
	return 0;
}

/* Uses stand in the order of the rules, so every list is ascending. */
static int keep_postings(struct build *b, uint32_t count)
{
	uint32_t *postings = ARENA_NEW_N(b->a, uint32_t, b->use_cnt + b->always_cnt + 1);
	uint32_t *next = ARENA_NEW_N(&b->tmp, uint32_t, b->entry_cnt + (size_t)1);
	uint32_t *always;

	if (!postings || !next)
		return -1;
	for (size_t i = 0; i < b->use_cnt; i++) {
		const struct use *u = &b->uses[i];

		postings[b->x->entries[u->entry].first + next[u->entry]++] = u->rule;
	}
	always = postings + b->use_cnt;
	b->x->always.at = always;
	for (uint32_t i = 0; i < count; i++) {
		if (!b->keys[i].v)
			*always++ = i;
	}
	b->x->always.end = always;
	b->x->postings = postings;
	return 0;
}

static int build(struct build *b, const struct rule *rules, uint32_t count)
{
	b->x = ARENA_NEW(b->a, struct ruleidx);
	if (!b->x || collect_keys(b, rules, count) < 0 || make_tables(b) < 0)
		return -1;
	for (uint32_t i = 0; i < count; i++)
		add_keys(b, i);
	return keep_entries(b) < 0 ? -1 : keep_postings(b, count);
}

const struct ruleidx *ruleidx_new(struct arena *a, const struct rule *rules, uint32_t count)
{
	struct build b = { .a = a };
	int rc;

	arena_init(&b.tmp, BUILD_MEMORY_MAX);
	rc = build(&b, rules, count);
	arena_fini(&b.tmp);
	return rc < 0 ? NULL : b.x;
}

/* --- looking up ------------------------------------------------------------------------------- */

static void add_list(struct ruleidx_walk *walk, struct ruleidx_list l)
{
	if (l.at == l.end)
		return;
	if (walk->cnt == RULEIDX_LISTS_MAX)
		walk->all = true;
	else
		walk->list[walk->cnt++] = l;
}

static void look_up(const struct ruleidx *x, uint32_t hash, const struct cel_key *k,
		    struct ruleidx_walk *walk)
{
	uint32_t at = hash & x->mask;

	for (; x->slots[at].entry != NO_ENTRY; at = (at + 1) & x->mask) {
		const struct entry *e = &x->entries[x->slots[at].entry - 1];

		if (x->slots[at].hash != hash || !entry_is(e, k))
			continue;
		add_list(walk, (struct ruleidx_list){ x->postings + e->first,
						      x->postings + e->first + e->cnt });
		return;
	}
}

static bool uses_length(const struct lengths *l, size_t len)
{
	return l->bits[len / 64] >> (len % 64) & 1;
}

static void look_up_starts(const struct ruleidx *x, unsigned field, struct str s,
			   struct ruleidx_walk *walk)
{
	const struct field *f = &x->field[field];
	struct cel_key k = { .kind = CEL_KEY_PREFIX, .field = text_fields[field] };
	size_t len = f->equal && s.len <= TEXT_MAX ? s.len : MIN(s.len, (size_t)f->prefix.max);
	uint64_t h = HASH_START;

	for (size_t i = 1; i <= len; i++) {
		h = add_byte(h, s.p[i - 1]);
		if (i > f->prefix.max || !uses_length(&f->prefix, i))
			continue;
		k.text = str_first(s, i);
		look_up(x, finish_hash(h, k.kind, k.field), &k, walk);
	}
	if (!f->equal || s.len > TEXT_MAX)
		return;
	k.kind = CEL_KEY_EQUAL;
	k.text = s;
	look_up(x, finish_hash(h, k.kind, k.field), &k, walk);
}

static void look_up_ends(const struct ruleidx *x, unsigned field, struct str s,
			 struct ruleidx_walk *walk)
{
	const struct lengths *l = &x->field[field].suffix;
	struct cel_key k = { .kind = CEL_KEY_SUFFIX, .field = text_fields[field] };
	size_t len = MIN(s.len, (size_t)l->max);
	uint64_t h = HASH_START;

	for (size_t i = 1; i <= len; i++) {
		h = add_byte(h, s.p[s.len - i]);
		if (!uses_length(l, i))
			continue;
		k.text = str_from(s, s.len - i);
		look_up(x, finish_hash(h, k.kind, k.field), &k, walk);
	}
}

static struct str text_of(const struct facts *f, enum fact_field_id field)
{
	struct str s;

	memcpy(&s, (const char *)f + fact_table[field].offset, sizeof(s));
	return s;
}

void ruleidx_begin(const struct ruleidx *x, const struct facts *f, uint32_t count,
		   struct ruleidx_walk *walk)
{
	struct cel_key port = { .kind = CEL_KEY_NUMBER, .field = FACT_FIELD_NETWORK_PORT,
				.number = f->network.port };

	walk->cnt = 0;
	walk->all = !x;
	walk->count = count;
	if (x) {
		add_list(walk, x->always);
		for (unsigned i = 0; i < TEXT_FIELDS; i++) {
			struct str s = text_of(f, text_fields[i]);

			look_up_starts(x, i, s, walk);
			look_up_ends(x, i, s, walk);
		}
		if (x->ports)
			look_up(x, hash_number(port.number, port.field), &port, walk);
	}
	if (walk->all)
		walk->cnt = 0;
}

uint32_t ruleidx_next(struct ruleidx_walk *walk)
{
	uint32_t next = walk->count;

	if (walk->all)
		return walk->cnt < walk->count ? walk->cnt++ : walk->count;
	for (uint32_t i = 0; i < walk->cnt; i++)
		next = MIN(next, *walk->list[i].at);
	for (uint32_t i = 0; i < walk->cnt;) {
		struct ruleidx_list *l = &walk->list[i];

		if (*l->at == next)
			l->at++;
		if (l->at == l->end)
			*l = walk->list[--walk->cnt];
		else
			i++;
	}
	return next;
}
