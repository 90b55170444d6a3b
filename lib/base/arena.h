/* arena.h - bump allocator on mapped chunks; sealed read-only for immutable data
 *
 * Layer: base.  Memory: mmap.  Threads: one owner; a sealed arena may be read by all.
 *
 * Two uses: growing (arena_init: chunks are added up to a maximum, for rule sets) and fixed
 * (arena_init_fixed: one mapping, for per-event scratch).  Nothing is freed singly.
 */
#ifndef OC_BASE_ARENA_H
#define OC_BASE_ARENA_H

#include "base/str.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *head;	/* chunk in use, older ones behind it */
	size_t used;			/* bytes handed out, padding included */
	size_t mapped;			/* bytes mapped */
	size_t max;			/* mapped may not exceed this */
	bool sealed;
	bool fixed;
};

/* A growing arena of at most max bytes. Maps nothing until the first allocation. */
void arena_init(struct arena *a, size_t max);
/* One mapping of size bytes, made now. 0, or -1 without memory. */
int arena_init_fixed(struct arena *a, size_t size) NODISCARD;
void arena_fini(struct arena *a);
/* Zeroed, 16-byte aligned; NULL when the maximum or the memory is exhausted, or a is sealed. */
void *arena_alloc(struct arena *a, size_t size) NODISCARD;
/* n * size with overflow check. */
void *arena_array(struct arena *a, size_t n, size_t size) NODISCARD;
/* Copy of s with a NUL behind it; p is NULL on failure. */
struct str arena_str(struct arena *a, struct str s) NODISCARD;
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3) NODISCARD;
/* Forgets everything handed out; keeps the newest chunk. */
void arena_reset(struct arena *a);
/* Position for arena_rewind: gives scratch back to nested users. Fixed arenas only. */
size_t arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, size_t mark);
/* Makes all chunks read-only for the MMU. 0 or -1. */
int arena_seal(struct arena *a) NODISCARD;

#define ARENA_NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define ARENA_NEW_N(a, T, n) ((T *)arena_array((a), (n), sizeof(T)))

#endif
