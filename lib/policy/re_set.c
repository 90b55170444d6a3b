/* re_set.c - sets of code points while a regular expression is compiled
 *
 * Layer: policy.  Input: hostile patterns.  Memory: arena of the caller.  Threads: one owner.
 * Spec: S003 3.10.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/re_int.h"
#include "policy/re_uni.h"

#define ORBIT_MAX 4	/* no case orbit has more members, so no chain of images is longer */

void re_build_start(struct re_build *b, bool fold)
{
	b->n = 0;
	b->fold = fold;
}

static void push(struct re_build *b, uint32_t lo, uint32_t hi)
{
	if (b->failed || b->spent >= RE_MAX_RANGES) {
		b->failed = true;
		return;
	}
	if (b->n == b->cap) {
		uint32_t cap = b->cap ? b->cap * 2 : 32;
		struct re_range *r = ARENA_NEW_N(b->tmp, struct re_range, cap);

		if (!r) {
			b->failed = true;
			return;
		}
		if (b->n)
			memcpy(r, b->r, b->n * sizeof(*r));
		b->r = r;
		b->cap = cap;
	}
	b->r[b->n++] = (struct re_range){ lo, hi };
	b->spent++;
}

/* Pushes an image unless the range it comes from, at index home, holds it already. */
static void push_image(struct re_build *b, uint32_t home, int64_t lo, int64_t hi)
{
	if (lo < b->r[home].lo || hi > b->r[home].hi)
		push(b, (uint32_t)lo, (uint32_t)hi);
}

/* The first entry that may hold code points from lo upwards. */
static size_t first_fold(uint32_t lo)
{
	size_t from = 0;
	size_t to = re_uni_folds_len;

	while (from < to) {
		size_t mid = from + (to - from) / 2;

		if (re_uni_folds[mid].lo + re_uni_folds_span < lo)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* Pushes the images of range i under one step through the case orbits. */
static void push_images(struct re_build *b, uint32_t home, uint32_t i)
{
	const struct re_range r = b->r[i];
	size_t k;

	for (k = first_fold(r.lo); k < re_uni_folds_len && re_uni_folds[k].lo <= r.hi; k++) {
		const struct re_uni_fold *f = &re_uni_folds[k];
		uint32_t last = MIN(f->lo + (f->n - 1u) * f->stride, r.hi);
		uint32_t c = MAX(f->lo, r.lo);

		c += (c - f->lo) % f->stride;
		if (c > last)
			continue;
		if (f->stride == 1) {
			push_image(b, home, (int64_t)c + f->delta, (int64_t)last + f->delta);
			continue;
		}
		for (; c <= last && !b->failed; c += f->stride)
			push_image(b, home, (int64_t)c + f->delta, (int64_t)c + f->delta);
	}
}

void re_build_add(struct re_build *b, uint32_t lo, uint32_t hi)
{
	const uint32_t home = b->n;
	uint32_t i = b->n;
	unsigned round;

	push(b, lo, hi);
	for (round = 1; b->fold && round < ORBIT_MAX; round++) {
		uint32_t to = b->n;

		for (; i < to && !b->failed; i++)
			push_images(b, home, i);
	}
}

void re_build_add_set(struct re_build *b, struct re_set s)
{
	uint32_t i;

	for (i = 0; i < s.n; i++)
		push(b, s.r[i].lo, s.r[i].hi);
}

static int cmp_range(const void *a, const void *b)
{
	const struct re_range *x = a;
	const struct re_range *y = b;

	return x->lo < y->lo ? -1 : x->lo > y->lo;
}

static void merge(struct re_build *b)
{
	uint32_t i, kept = 0;

	if (b->n == 0)
		return;
	qsort(b->r, b->n, sizeof(b->r[0]), cmp_range);
	for (i = 1; i < b->n; i++) {
		if (b->r[i].lo > b->r[kept].hi + 1)
			b->r[++kept] = b->r[i];
		else if (b->r[i].hi > b->r[kept].hi)
			b->r[kept].hi = b->r[i].hi;
	}
	b->n = kept + 1;
}

/* Writes the complement behind the merged ranges (push may move them), then over them. */
static void complement(struct re_build *b)
{
	const uint32_t n = b->n;
	uint32_t next = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint32_t lo = b->r[i].lo;
		uint32_t hi = b->r[i].hi;

		if (lo > next)
			push(b, next, lo - 1);
		next = hi + 1;
	}
	if (next <= RE_RUNE_MAX)
		push(b, next, RE_RUNE_MAX);
	b->n -= n;
	if (b->n)
		memmove(b->r, b->r + n, b->n * sizeof(b->r[0]));
}

struct re_set re_build_finish(struct re_build *b, bool negate)
{
	merge(b);
	if (negate)
		complement(b);
	return (struct re_set){ b->r, b->failed ? 0 : b->n };
}
