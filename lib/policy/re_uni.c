/* re_uni.c - looks general categories and scripts up in the packed Unicode tables
 *
 * Layer: policy.  Input: names from patterns.  Memory: constant tables.  Threads: pure functions.
 * Spec: S003 3.10 (\pL, \p{Greek}).
 */
#include <string.h>

#include "policy/re_uni.h"

#define RUNE_MAX 0x10ffffu

static uint32_t take_varint(const uint8_t *p, size_t *at)
{
	uint32_t v = 0;
	unsigned shift = 0;
	uint8_t b;

	do {
		b = p[(*at)++];
		v |= (uint32_t)(b & 127) << shift;
		shift += 7;
	} while (b & 128);
	return v;
}

/* wanted: one bit per category. Neighbours are reported as one range. */
static void walk_gc(uint32_t wanted, re_uni_range_fn *fn, void *arg)
{
	uint32_t first = 0;	/* of the range at hand; empty when first == lo */
	uint32_t lo = 0;
	size_t at = 0;

	while (at < re_uni_gc_len) {
		uint8_t head = re_uni_gc[at++];
		uint32_t n = head & 7 ? head & 7u : take_varint(re_uni_gc, &at);
		bool in = wanted >> (head >> 3) & 1;

		if (!in && first < lo)
			fn(arg, first, lo - 1);
		lo += n;
		if (!in)
			first = lo;
	}
	if (first < lo)
		fn(arg, first, lo - 1);
}

static void walk_sc(unsigned wanted, re_uni_range_fn *fn, void *arg)
{
	uint32_t lo = 0;
	size_t at = 0;

	while (at < re_uni_sc_len) {
		uint8_t value = re_uni_sc[at++];
		uint32_t n = take_varint(re_uni_sc, &at);

		if (value == wanted)
			fn(arg, lo, lo + n - 1);
		lo += n;
	}
}

/* One letter names all categories that begin with it; C leaves the unassigned out, as RE2 does. */
static uint32_t gc_bits(struct str name)
{
	uint32_t bits = 0;
	unsigned i;

	if (name.len != 1 && name.len != 2)
		return 0;
	for (i = 0; re_uni_gc_names[2 * i]; i++) {
		const char *gc = re_uni_gc_names + (size_t)2 * i;

		if (memcmp(gc, name.p, name.len) == 0 &&
		    (name.len == 2 || memcmp(gc, "Cn", 2) != 0))
			bits |= 1u << i;
	}
	return bits;
}

bool re_uni_class(struct str name, re_uni_range_fn *fn, void *arg)
{
	struct str rest = str_of(re_uni_sc_names);
	struct str part;
	uint32_t bits = gc_bits(name);
	unsigned i;

	if (str_eq_c(name, "Any")) {
		fn(arg, 0, RUNE_MAX);
		return true;
	}
	if (bits) {
		walk_gc(bits, fn, arg);
		return true;
	}
	for (i = 0; name.len && str_split(&rest, ' ', &part); i++) {
		if (!str_eq(part, name))
			continue;
		walk_sc(i, fn, arg);
		return true;
	}
	return false;
}
