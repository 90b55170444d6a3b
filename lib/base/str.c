/* str.c - string views: compare, search, cut, hash
 *
 * Layer: base.  Input: hostile.  Memory: none.  Threads: pure functions.
 * Spec: S006-WR-014 (lengths everywhere, a NUL never ends a string).
 */
#include <string.h>

#include "base/str.h"

struct str str_of(const char *cstr)
{
	return (struct str){ cstr, cstr ? strlen(cstr) : 0 };
}

struct str str_n(const void *p, size_t len)
{
	return (struct str){ p, len };
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool str_eq_c(struct str a, const char *cstr)
{
	return str_eq(a, str_of(cstr));
}

bool str_case_eq(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.p[i]) != ascii_lower(b.p[i]))
			return false;
	return true;
}

bool str_case_eq_c(struct str a, const char *cstr)
{
	return str_case_eq(a, str_of(cstr));
}

int str_cmp(struct str a, struct str b)
{
	size_t n = MIN(a.len, b.len);
	int c = n ? memcmp(a.p, b.p, n) : 0;

	if (c != 0)
		return c;
	return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_first(s, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

bool str_case_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_case_eq(str_from(s, s.len - suffix.len), suffix);
}

size_t str_find(struct str s, struct str needle)
{
	const char *hit;

	if (needle.len == 0)
		return 0;
	if (needle.len > s.len)
		return SIZE_MAX;
	hit = memmem(s.p, s.len, needle.p, needle.len);
	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t str_find_byte(struct str s, char c)
{
	const char *hit = s.len ? memchr(s.p, c, s.len) : NULL;

	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

size_t str_rfind_byte(struct str s, char c)
{
	const char *hit = s.len ? memrchr(s.p, c, s.len) : NULL;

	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

struct str str_from(struct str s, size_t at)
{
	if (at >= s.len)
		return (struct str){ s.p ? s.p + s.len : NULL, 0 };
	return (struct str){ s.p + at, s.len - at };
}

struct str str_first(struct str s, size_t len)
{
	return (struct str){ s.p, MIN(len, s.len) };
}

struct str str_trim(struct str s)
{
	while (s.len && (s.p[0] == ' ' || s.p[0] == '\t'))
		s = str_from(s, 1);
	while (s.len && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	return s;
}

bool str_split(struct str *rest, char sep, struct str *part)
{
	size_t at;

	if (!rest->p)
		return false;
	at = str_find_byte(*rest, sep);
	*part = str_first(*rest, at);
	*rest = at == SIZE_MAX ? (struct str){ NULL, 0 } : str_from(*rest, at + 1);
	return true;
}

void str_lower(char *dst, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		dst[i] = ascii_lower(s.p[i]);
}

void str_upper(char *dst, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		dst[i] = ascii_upper(s.p[i]);
}

bool str_to_c(char *dst, size_t cap, struct str s)
{
	if (cap == 0)
		return false;
	dst[0] = '\0';
	if (s.len >= cap || str_find_byte(s, '\0') != SIZE_MAX)
		return false;
	if (s.len)
		memcpy(dst, s.p, s.len);
	dst[s.len] = '\0';
	return true;
}

int ascii_hex_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* SipHash-2-4, from its published description. */
struct sip {
	uint64_t v0, v1, v2, v3;
};

static uint64_t rotl(uint64_t x, unsigned n)
{
	return (x << n) | (x >> (64 - n));
}

static void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v2 = rotl(s->v2, 32);
}

static void sip_word(struct sip *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	sip_round(s);
	s->v0 ^= m;
}

uint64_t str_hash(struct str s, const uint64_t seed[2])
{
	struct sip h = { seed[0] ^ UINT64_C(0x736f6d6570736575),
			 seed[1] ^ UINT64_C(0x646f72616e646f6d),
			 seed[0] ^ UINT64_C(0x6c7967656e657261),
			 seed[1] ^ UINT64_C(0x7465646279746573) };
	size_t whole = s.len & ~(size_t)7;
	uint64_t m = (uint64_t)s.len << 56;

	for (size_t i = 0; i < whole; i += 8) {
		uint64_t word;

		memcpy(&word, s.p + i, 8);
		sip_word(&h, word);
	}
	for (size_t i = whole; i < s.len; i++)
		m |= (uint64_t)(uint8_t)s.p[i] << (8 * (i - whole));
	sip_word(&h, m);
	h.v2 ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(&h);
	return h.v0 ^ h.v1 ^ h.v2 ^ h.v3;
}
