/* map.h - open-addressing map from byte strings to 32-bit values, fixed capacity, seeded hash
 *
 * Layer: base.  Memory: one mapping.  Threads: one owner, or immutable after building.
 *
 * Keys are not copied: they must live as long as the entry.
 */
#ifndef OC_BASE_MAP_H
#define OC_BASE_MAP_H

#include "base/str.h"

struct map_slot {
	struct str key;		/* p NULL: empty */
	uint64_t hash;
	uint32_t value;
};

struct map {
	struct map_slot *slots;
	uint32_t cap;		/* power of two, at least twice the wanted entries */
	uint32_t used;
	uint64_t seed[2];
};

/* Room for entries; seed from the OS generator. 0 or -1. */
int map_init(struct map *m, uint32_t entries) NODISCARD;
void map_fini(struct map *m);
/* True and *value when found. */
bool map_get(const struct map *m, struct str key, uint32_t *value);
/* Inserts or replaces. False when full. */
bool map_put(struct map *m, struct str key, uint32_t value) NODISCARD;
bool map_del(struct map *m, struct str key);
void map_clear(struct map *m);

#endif
