/* pool.c - fixed slab of equal objects addressed by slot and generation
 *
 * Layer: base.  Input: trusted.  Memory: one mapping.  Threads: one owner.
 * Spec: design section 6 (class connection).
 *
 * Layout: objects, generations, free list.  A generation is odd while its slot is in use; both
 * giving out and taking back add one, so a stale handle never matches.  Free slots are chained
 * through next_free only as far as they were ever used: fresh slots come from a high-water mark.
 */
#include <string.h>
#include <sys/mman.h>

#include "base/pool.h"

int pool_init(struct pool *p, uint32_t cap, size_t obj_size)
{
	size_t objs, index, total;
	char *mem;

	*p = (struct pool){ 0 };
	obj_size = (obj_size + 15) & ~(size_t)15;
	if (MUL_OVERFLOWS(obj_size, cap, &objs) ||
	    MUL_OVERFLOWS(2 * sizeof(uint32_t), cap, &index) ||
	    ADD_OVERFLOWS(objs, index, &total) || cap == 0)
		return -1;
	mem = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		   -1, 0);
	if (mem == MAP_FAILED)
		return -1;
	p->mem = mem;
	p->mapped = total;
	p->obj_size = obj_size;
	p->cap = cap;
	p->gens = (uint32_t *)(void *)(mem + objs);
	p->next_free = p->gens + cap;
	p->free_head = POOL_NONE;
	return 0;
}

void pool_fini(struct pool *p)
{
	if (p->mem)
		(void)munmap(p->mem, p->mapped);
	*p = (struct pool){ 0 };
}

static void *object(const struct pool *p, uint32_t slot)
{
	return p->mem + p->obj_size * slot;
}

static void *take(struct pool *p, uint32_t *slot, uint32_t *gen, bool clear)
{
	uint32_t s = p->free_head;
	bool fresh = s == POOL_NONE;

	if (fresh) {
		if (p->fresh == p->cap)
			return NULL;
		s = p->fresh++;
	} else {
		p->free_head = p->next_free[s];
	}
	p->gens[s]++;
	p->used++;
	*slot = s;
	*gen = p->gens[s];
	if (clear && !fresh)
		memset(object(p, s), 0, p->obj_size);
	return object(p, s);
}

void *pool_get(struct pool *p, uint32_t *slot, uint32_t *gen)
{
	return take(p, slot, gen, true);
}

void *pool_get_raw(struct pool *p, uint32_t *slot, uint32_t *gen)
{
	return take(p, slot, gen, false);
}

void *pool_at(const struct pool *p, uint32_t slot, uint32_t gen)
{
	if (slot >= p->cap || !(gen & 1) || ((p->gens[slot] ^ gen) & POOL_GEN_MASK))
		return NULL;
	return object(p, slot);
}

void *pool_peek(const struct pool *p, uint32_t slot)
{
	return slot < p->cap && (p->gens[slot] & 1) ? object(p, slot) : NULL;
}

uint32_t pool_gen(const struct pool *p, uint32_t slot)
{
	return p->gens[slot];
}

void pool_put(struct pool *p, uint32_t slot)
{
	CHECK(slot < p->cap && (p->gens[slot] & 1));
	p->gens[slot]++;
	p->next_free[slot] = p->free_head;
	p->free_head = slot;
	p->used--;
}
