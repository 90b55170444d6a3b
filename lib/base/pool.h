/* pool.h - fixed slab of equal objects addressed by slot and generation
 *
 * Layer: base.  Memory: one mapping, sized at start.  Threads: one owner.
 *
 * A handle {slot, gen} that outlives its object is recognised as stale: pool_at() returns NULL.
 * Memory of a free slot is not touched until it is given out, so an idle pool costs no pages.
 */
#ifndef OC_BASE_POOL_H
#define OC_BASE_POOL_H

#include "base/defs.h"

struct pool {
	char *mem;
	uint32_t *gens;		/* odd = in use */
	uint32_t *next_free;
	size_t obj_size;
	uint32_t cap;
	uint32_t used;
	uint32_t free_head;
	uint32_t fresh;		/* slots below this were used before */
	size_t mapped;
};

#define POOL_NONE UINT32_MAX
/* Handles are compared in the bits that an epoll cookie keeps (sys/ev.h). */
#define POOL_GEN_MASK UINT32_C(0xffffff)

int pool_init(struct pool *p, uint32_t cap, size_t obj_size) NODISCARD;
void pool_fini(struct pool *p);
/* A zeroed object, its slot and generation; NULL when the pool is exhausted. */
void *pool_get(struct pool *p, uint32_t *slot, uint32_t *gen) NODISCARD;
/* The same, but the object holds what was there before: for buffers. */
void *pool_get_raw(struct pool *p, uint32_t *slot, uint32_t *gen) NODISCARD;
/* The object of that slot if it is in use under that generation, else NULL. */
void *pool_at(const struct pool *p, uint32_t slot, uint32_t gen);
/* Iteration: the object of slot if in use, else NULL. */
void *pool_peek(const struct pool *p, uint32_t slot);
uint32_t pool_gen(const struct pool *p, uint32_t slot);
void pool_put(struct pool *p, uint32_t slot);

#endif
