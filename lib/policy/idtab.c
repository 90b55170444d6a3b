/* idtab.c - immutable table: source address -> managed container or jail
 *
 * Layer: policy.  Input: trusted.  Memory: one sealed arena for the entries, one page for the
 * header with the reference count.  Threads: built by one, read by any.
 * Spec: S013, S015-X-005.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/idtab.h"

#define HOLDER_SLACK 256	/* the arena's own header and alignment */

struct holder {
	struct idtab tab;	/* first: the snapshot is the holder */
	struct arena self;	/* the mapping that this struct lies in */
};

static int addr_cmp(const struct ip *a, const struct ip *b)
{
	int c = memcmp(a->b, b->b, sizeof(a->b));

	return c != 0 ? c : (int)a->v4 - (int)b->v4;
}

static int ident_cmp(const void *a, const void *b)
{
	return addr_cmp(&((const struct ident *)a)->addr, &((const struct ident *)b)->addr);
}

static void destroy(struct snap *s)
{
	struct holder *h = container_of(s, struct holder, tab.snap);
	struct arena self = h->self;

	arena_fini(&h->tab.arena);
	arena_fini(&self);
}

/* Removes every entry whose address occurs more than once; returns how many are left. An address
 * that two claim is nobody's: guessing would lend one of them the other's rights. */
static size_t drop_doubles(struct ident *v, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count && ident_cmp(&v[i], &v[next]) == 0; next++)
			continue;
		if (next == i + 1)
			v[kept++] = v[i];
	}
	return kept;
}

static int fill(struct idtab *t, const struct ident *entries, size_t count)
{
	struct ident *v;

	if (count == 0)
		return 0;
	if (count > UINT32_MAX)
		return -1;
	v = ARENA_NEW_N(&t->arena, struct ident, count);
	if (!v)
		return -1;
	memcpy(v, entries, count * sizeof(*v));
	qsort(v, count, sizeof(*v), ident_cmp);
	t->count = (uint32_t)drop_doubles(v, count);
	t->sorted = v;
	return arena_seal(&t->arena);
}

struct idtab *idtab_new(const struct ident *entries, size_t count)
{
	struct arena self;
	struct holder *h;

	if (arena_init_fixed(&self, sizeof(*h) + HOLDER_SLACK) < 0)
		return NULL;
	h = ARENA_NEW(&self, struct holder);
	if (!h) {
		arena_fini(&self);
		return NULL;
	}
	h->self = self;
	h->tab.snap.destroy = destroy;
	atomic_init(&h->tab.snap.refs, 1);
	arena_init(&h->tab.arena, SIZE_MAX);
	if (fill(&h->tab, entries, count) < 0) {
		destroy(&h->tab.snap);
		return NULL;
	}
	return &h->tab;
}

const struct ident *idtab_find(const struct idtab *t, struct ip addr)
{
	uint32_t lo = 0;
	uint32_t hi = t ? t->count : 0;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		int c = addr_cmp(&t->sorted[mid].addr, &addr);

		if (c == 0)
			return &t->sorted[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
