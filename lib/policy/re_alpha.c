/* re_alpha.c - classes of code points that no set of a regular expression tells apart
 *
 * Layer: policy.  Input: sets of a pattern.  Memory: arena of the caller.  Threads: one owner.
 * Spec: S003 3.10.
 *
 * The ends of all ranges cut the code points into intervals; each set in turn splits the classes
 * that it covers only in part.  What is left are classes that every set contains wholly or not at
 * all, usually a dozen, which makes tables small.
 */
#include <stdlib.h>
#include <string.h>

#include "policy/re_int.h"

struct partition {
	uint32_t *lo;		/* first code point of each interval */
	uint16_t *cls;
	uint32_t n;
	uint32_t cls_cnt;
	uint32_t *size;		/* per class: intervals */
	uint32_t *hits;		/* per class: intervals in the current set */
	uint16_t *split;	/* per class: the class that its part in the current set moves to */
};

static int cmp_u32(const void *a, const void *b)
{
	const uint32_t *x = a;
	const uint32_t *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* All beginnings of intervals, sorted, each once. */
static bool find_intervals(struct partition *part, const struct re_tree *t)
{
	uint32_t total = 1;
	uint32_t i, k, n = 0;

	for (i = 0; i < t->set_cnt; i++)
		total += 2 * t->sets[i].n;
	part->lo = ARENA_NEW_N(t->tmp, uint32_t, total);
	if (!part->lo)
		return false;
	part->lo[n++] = 0;
	for (i = 0; i < t->set_cnt; i++) {
		for (k = 0; k < t->sets[i].n; k++) {
			part->lo[n++] = t->sets[i].r[k].lo;
			if (t->sets[i].r[k].hi < RE_RUNE_MAX)
				part->lo[n++] = t->sets[i].r[k].hi + 1;
		}
	}
	qsort(part->lo, n, sizeof(*part->lo), cmp_u32);
	for (i = 1, k = 0; i < n; i++) {
		if (part->lo[i] != part->lo[k])
			part->lo[++k] = part->lo[i];
	}
	part->n = k + 1;
	return true;
}

static uint32_t interval_of(const struct partition *part, uint32_t rune)
{
	uint32_t from = 0;
	uint32_t to = part->n;

	while (to - from > 1) {
		uint32_t mid = from + (to - from) / 2;

		if (part->lo[mid] <= rune)
			from = mid;
		else
			to = mid;
	}
	return from;
}

static void refine(struct partition *part, struct re_set s)
{
	uint32_t k, i;

	for (k = 0; k < s.n; k++) {
		i = interval_of(part, s.r[k].lo);
		for (; i < part->n && part->lo[i] <= s.r[k].hi; i++) {
			part->hits[part->cls[i]]++;
			part->split[part->cls[i]] = 0;
		}
	}
	for (k = 0; k < s.n; k++) {
		i = interval_of(part, s.r[k].lo);
		for (; i < part->n && part->lo[i] <= s.r[k].hi; i++) {
			uint16_t old = part->cls[i];

			if (part->hits[old] == part->size[old])
				continue;
			if (!part->split[old])
				part->split[old] = (uint16_t)part->cls_cnt++;
			part->cls[i] = part->split[old];
			part->size[part->cls[i]]++;
		}
	}
	/* The old classes give up what moved; only classes met above can have hits. */
	for (k = 0; k < part->cls_cnt; k++) {
		if (part->hits[k] && part->split[k])
			part->size[k] -= part->hits[k];
		part->hits[k] = 0;
	}
}

static bool partition_make(struct partition *part, const struct re_tree *t)
{
	uint32_t i;

	if (!find_intervals(part, t) || part->n > UINT16_MAX)
		return false;
	part->cls = ARENA_NEW_N(t->tmp, uint16_t, part->n);
	part->split = ARENA_NEW_N(t->tmp, uint16_t, part->n);
	part->size = ARENA_NEW_N(t->tmp, uint32_t, part->n);
	part->hits = ARENA_NEW_N(t->tmp, uint32_t, part->n);
	if (!part->cls || !part->split || !part->size || !part->hits)
		return false;
	part->size[0] = part->n;
	part->cls_cnt = 1;
	for (i = 0; i < t->set_cnt; i++)
		refine(part, t->sets[i]);
	return true;
}

/* Joins neighbours of one class. */
static void publish(struct partition *part, struct re_alpha *a)
{
	uint32_t i, kept = 0;
	uint32_t c;

	for (i = 1; i < part->n; i++) {
		if (part->cls[i] == part->cls[kept])
			continue;
		kept++;
		part->cls[kept] = part->cls[i];
		part->lo[kept] = part->lo[i];
	}
	part->n = kept + 1;
	for (c = 0; c < ARRAY_LEN(a->ascii); c++)
		a->ascii[c] = part->cls[interval_of(part, c)];
	a->lo = part->lo;
	a->cls = part->cls;
	a->n = part->n;
	a->cls_cnt = part->cls_cnt;
}

uint16_t re_alpha_class(const struct re_alpha *a, uint32_t rune)
{
	uint32_t from = 0;
	uint32_t to = a->n;

	if (rune < ARRAY_LEN(a->ascii))
		return a->ascii[rune];
	while (to - from > 1) {
		uint32_t mid = from + (to - from) / 2;

		if (a->lo[mid] <= rune)
			from = mid;
		else
			to = mid;
	}
	return a->cls[from];
}

/* Sets the bits of the classes of every set. */
static bool publish_members(struct partition *part, const struct re_tree *t, struct re_prog *out)
{
	const uint32_t words = (part->cls_cnt + 63) / 64;
	uint64_t *m = arena_array(t->tmp, (size_t)t->set_cnt * words + 1, sizeof(*m));
	uint32_t s, k, i;

	if (!m)
		return false;
	for (s = 0; s < t->set_cnt; s++) {
		uint64_t *row = m + (size_t)s * words;

		for (k = 0; k < t->sets[s].n; k++) {
			i = interval_of(part, t->sets[s].r[k].lo);
			for (; i < part->n && part->lo[i] <= t->sets[s].r[k].hi; i++)
				row[part->cls[i] >> 6] |= (uint64_t)1 << (part->cls[i] & 63);
		}
	}
	out->members = m;
	out->row_words = words;
	return true;
}

bool re_alpha_make(const struct re_tree *t, struct re_prog *out)
{
	struct partition part = { 0 };

	if (!partition_make(&part, t) || !publish_members(&part, t, out))
		return false;
	publish(&part, &out->alpha);
	return true;
}
