/* num.c - strict decimal and hexadecimal parsing: whole string, range
 *
 * Layer: base.  Input: hostile.  Memory: none.  Threads: pure functions.
 * Spec: S000 section 9 (flags), S006-WR-015, S006-WR-022.
 */
#include "base/num.h"

bool num_u64(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!ascii_is_digit(s.p[i]))
			return false;
		if (MUL_OVERFLOWS(v, 10, &v) || ADD_OVERFLOWS(v, (uint64_t)(s.p[i] - '0'), &v))
			return false;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}

bool num_i64(struct str s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = s.len && s.p[0] == '-';
	uint64_t magnitude;
	int64_t v;

	if (!num_u64(negative ? str_from(s, 1) : s, (uint64_t)INT64_MAX + negative, &magnitude))
		return false;
	v = negative ? (int64_t)(UINT64_C(0) - magnitude) : (int64_t)magnitude;
	if (v < min || v > max)
		return false;
	*out = v;
	return true;
}

bool num_hex(struct str s, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;

	if (s.len == 0 || s.len > 16)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int digit = ascii_hex_value(s.p[i]);

		if (digit < 0)
			return false;
		v = v << 4 | (uint64_t)digit;
	}
	if (v > max)
		return false;
	*out = v;
	return true;
}
