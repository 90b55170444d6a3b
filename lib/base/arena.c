/* arena.c - bump allocator on mapped chunks; sealed read-only for immutable data
 *
 * Layer: base.  Input: sizes from parsers.  Memory: mmap.  Threads: one owner; sealed: all read.
 * Spec: design sections 4 and 6.
 *
 * Under AddressSanitizer everything that is not handed out is poisoned, so that an overrun inside a
 * chunk is found as well.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define RED_ZONE 16
#else
#define POISON(p, n) ((void)0)
#define UNPOISON(p, n) ((void)0)
#define RED_ZONE 0
#endif

#define CHUNK_MIN ((size_t)64 * 1024)
#define ALIGN ((size_t)16)

struct arena_chunk {
	struct arena_chunk *older;
	size_t size;	/* of the mapping */
	size_t used;	/* header included */
	size_t dirty;	/* bytes below this may be non-zero: cleared when handed out again */
};

#define HEADER ((sizeof(struct arena_chunk) + ALIGN - 1) & ~(ALIGN - 1))

void arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){ .max = max };
}

static struct arena_chunk *chunk_map(struct arena *a, size_t size)
{
	struct arena_chunk *c;

	if (size > a->max - a->mapped)
		return NULL;
	c = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (c == MAP_FAILED)
		return NULL;
	c->older = a->head;
	c->size = size;
	c->used = HEADER;
	c->dirty = HEADER;
	a->head = c;
	a->mapped += size;
	POISON((char *)c + HEADER, size - HEADER);
	return c;
}

int arena_init_fixed(struct arena *a, size_t size)
{
	size_t total;

	arena_init(a, SIZE_MAX);
	a->fixed = true;
	if (ADD_OVERFLOWS(size, HEADER + 4095, &total))
		return -1;
	return chunk_map(a, total & ~(size_t)4095) ? 0 : -1;
}

static void chunks_unmap(struct arena *a, struct arena_chunk *c)
{
	while (c) {
		struct arena_chunk *older = c->older;

		a->mapped -= c->size;
		UNPOISON(c, c->size);
		(void)munmap(c, c->size);
		c = older;
	}
}

void arena_fini(struct arena *a)
{
	chunks_unmap(a, a->head);
	*a = (struct arena){ 0 };
}

/* The size of the next chunk: doubles, so that a large set needs few mappings. */
static size_t next_chunk_size(const struct arena *a, size_t need)
{
	size_t size = a->head ? MIN(a->head->size * 2, (size_t)8 << 20) : CHUNK_MIN;

	if (size > a->max - a->mapped)
		size = a->max - a->mapped;
	need = (need + HEADER + 4095) & ~(size_t)4095;
	return MAX(size, need);
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_chunk *c = a->head;
	size_t need;
	char *at;

	if (a->sealed || size > SIZE_MAX / 4)
		return NULL;
	need = ((size + ALIGN - 1) & ~(ALIGN - 1)) + RED_ZONE;
	if (!c || need > c->size - c->used) {
		if (a->fixed)
			return NULL;
		c = chunk_map(a, next_chunk_size(a, need));
		if (!c)
			return NULL;
	}
	at = (char *)c + c->used;
	UNPOISON(at, size);
	if (c->used < c->dirty)
		memset(at, 0, MIN(size, c->dirty - c->used));
	c->used += need;
	c->dirty = MAX(c->dirty, c->used);
	a->used += need;
	return at;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t total;

	return MUL_OVERFLOWS(n, size, &total) ? NULL : arena_alloc(a, total);
}

struct str arena_str(struct arena *a, struct str s)
{
	char *p = s.len < SIZE_MAX / 4 ? arena_alloc(a, s.len + 1) : NULL;

	if (!p)
		return (struct str){ NULL, 0 };
	if (s.len)
		memcpy(p, s.p, s.len);
	return (struct str){ p, s.len };
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : arena_alloc(a, (size_t)n + 1);
	if (!p)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

void arena_reset(struct arena *a)
{
	struct arena_chunk *c = a->head;

	CHECK(!a->sealed);
	if (!c)
		return;
	chunks_unmap(a, c->older);
	c->older = NULL;
	c->used = HEADER;
	a->used = 0;
	POISON((char *)c + HEADER, c->size - HEADER);
}

size_t arena_mark(const struct arena *a)
{
	CHECK(a->fixed);
	return a->head->used;
}

void arena_rewind(struct arena *a, size_t mark)
{
	struct arena_chunk *c = a->head;

	CHECK(a->fixed && mark >= HEADER && mark <= c->used);
	a->used -= c->used - mark;
	c->used = mark;
	POISON((char *)c + mark, c->size - mark);
}

int arena_seal(struct arena *a)
{
	a->sealed = true;
	for (struct arena_chunk *c = a->head; c; c = c->older)
		if (mprotect(c, c->size, PROT_READ) < 0)
			return -1;
	return 0;
}
