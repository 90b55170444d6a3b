/* utf8.c - UTF-8 validation and code points (RFC 3629)
 *
 * Layer: base.  Input: hostile.  Memory: none.  Threads: pure functions.
 * Spec: S000 section 6, S003 section 3.2.
 */
#include "base/utf8.h"

bool utf8_next(struct str s, size_t *pos, uint32_t *cp)
{
	static const uint32_t smallest[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t at = *pos;
	uint8_t first;
	size_t n;
	uint32_t v;

	if (at >= s.len)
		return false;
	first = (uint8_t)s.p[at];
	if (first < 0x80) {
		*cp = first;
		*pos = at + 1;
		return true;
	}
	n = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	if (first < 0xc2 || first > 0xf4 || n > s.len - at)
		return false;
	v = first & (0xffU >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		uint8_t c = (uint8_t)s.p[at + i];

		if ((c & 0xc0) != 0x80)
			return false;
		v = v << 6 | (c & 0x3f);
	}
	if (v < smallest[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return false;
	*cp = v;
	*pos = at + n;
	return true;
}

size_t utf8_valid_prefix(struct str s)
{
	size_t pos = 0;
	uint32_t cp;

	while (utf8_next(s, &pos, &cp))
		;
	return pos;
}

bool utf8_valid(struct str s)
{
	return utf8_valid_prefix(s) == s.len;
}

size_t utf8_count(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((uint8_t)s.p[i] & 0xc0) != 0x80;
	return n;
}

size_t utf8_encode(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | (cp >> 18 & 7));
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}
