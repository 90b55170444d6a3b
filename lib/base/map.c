/* map.c - open-addressing map from byte strings to 32-bit values, fixed capacity, seeded hash
 *
 * Layer: base.  Input: hostile keys.  Memory: one mapping.  Threads: one owner, or immutable.
 * Spec: design section 1.
 */
#include <sys/mman.h>

#include "base/map.h"
#include "base/rnd.h"

int map_init(struct map *m, uint32_t entries)
{
	uint32_t cap = 16;
	struct err e;
	void *mem;

	*m = (struct map){ 0 };
	while (cap < entries * (uint64_t)2 && cap < UINT32_C(1) << 30)
		cap *= 2;
	if (rnd_bytes(m->seed, sizeof(m->seed), &e) < 0)
		return -1;
	mem = mmap(NULL, cap * sizeof(struct map_slot), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem == MAP_FAILED)
		return -1;
	m->slots = mem;
	m->cap = cap;
	return 0;
}

void map_fini(struct map *m)
{
	if (m->slots)
		(void)munmap(m->slots, m->cap * sizeof(struct map_slot));
	*m = (struct map){ 0 };
}

/* Index of the slot that holds key, or of the empty one where it would go. Entries never fill the
 * table, so the walk ends. */
static uint32_t find(const struct map *m, struct str key, uint64_t hash)
{
	uint32_t at = (uint32_t)hash & (m->cap - 1);

	while (m->slots[at].key.p && !(m->slots[at].hash == hash && str_eq(m->slots[at].key, key)))
		at = (at + 1) & (m->cap - 1);
	return at;
}

bool map_get(const struct map *m, struct str key, uint32_t *value)
{
	const struct map_slot *s;

	if (!m->cap)
		return false;
	s = &m->slots[find(m, key, str_hash(key, m->seed))];
	if (!s->key.p)
		return false;
	*value = s->value;
	return true;
}

bool map_put(struct map *m, struct str key, uint32_t value)
{
	uint64_t hash = str_hash(key, m->seed);
	struct map_slot *s = &m->slots[find(m, key, hash)];

	if (s->key.p) {
		s->value = value;
		return true;
	}
	if (m->used >= m->cap / 2 + m->cap / 4)
		return false;
	*s = (struct map_slot){ { key.p ? key.p : "", key.len }, hash, value };
	m->used++;
	return true;
}

bool map_del(struct map *m, struct str key)
{
	uint32_t mask = m->cap - 1;
	uint32_t hole, at;

	if (!m->cap)
		return false;
	hole = find(m, key, str_hash(key, m->seed));
	if (!m->slots[hole].key.p)
		return false;
	/* Moves followers of the run back, so that no mark is needed and runs stay unbroken. */
	for (at = (hole + 1) & mask; m->slots[at].key.p; at = (at + 1) & mask) {
		uint32_t home = (uint32_t)m->slots[at].hash & mask;

		if (((at - home) & mask) >= ((at - hole) & mask)) {
			m->slots[hole] = m->slots[at];
			hole = at;
		}
	}
	m->slots[hole] = (struct map_slot){ 0 };
	m->used--;
	return true;
}

void map_clear(struct map *m)
{
	for (uint32_t i = 0; i < m->cap; i++)
		m->slots[i] = (struct map_slot){ 0 };
	m->used = 0;
}
