/* buf.c - bounded writer over memory of the caller, with sticky overflow
 *
 * Layer: base.  Input: any.  Memory: the caller's.  Threads: one owner.
 * Spec: design section 6.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"

struct buf buf_on(void *mem, size_t cap)
{
	return (struct buf){ mem, 0, cap, false };
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->overflow = false;
}

void buf_add(struct buf *b, const void *p, size_t len)
{
	if (b->overflow || len > b->cap - b->len) {
		b->overflow = true;
		return;
	}
	if (len)
		memcpy(b->p + b->len, p, len);
	b->len += len;
}

void buf_add_str(struct buf *b, struct str s)
{
	buf_add(b, s.p, s.len);
}

void buf_add_c(struct buf *b, const char *cstr)
{
	buf_add(b, cstr, strlen(cstr));
}

void buf_add_byte(struct buf *b, uint8_t byte)
{
	buf_add(b, &byte, 1);
}

void buf_add_be16(struct buf *b, uint16_t v)
{
	uint8_t w[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	buf_add(b, w, sizeof(w));
}

void buf_add_be32(struct buf *b, uint32_t v)
{
	uint8_t w[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

	buf_add(b, w, sizeof(w));
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	size_t room = b->cap - b->len;
	char spare[1];
	char *at = room ? b->p + b->len : spare;
	int n;

	if (b->overflow)
		return;
	n = vsnprintf(at, room, fmt, ap);
	if (n < 0 || (size_t)n >= room) {	/* vsnprintf needs one byte more for its NUL */
		b->overflow = true;
		return;
	}
	b->len += (size_t)n;
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, digits + at, sizeof(digits) - at);
}

void buf_pad(struct buf *b, char c, size_t until_len)
{
	while (b->len < until_len && !b->overflow)
		buf_add(b, &c, 1);
}

void buf_put_be16(struct buf *b, size_t at, uint16_t v)
{
	CHECK(b->len >= 2 && at <= b->len - 2);
	b->p[at] = (char)(v >> 8);
	b->p[at + 1] = (char)v;
}

void buf_add_escaped(struct buf *b, struct str s, size_t max)
{
	static const char hex[] = "0123456789abcdef";

	s = str_first(s, max);
	for (size_t i = 0; i < s.len; i++) {
		uint8_t c = (uint8_t)s.p[i];

		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') {
			buf_add_byte(b, c);
			continue;
		}
		buf_add(b, (char[4]){ '\\', 'x', hex[c >> 4], hex[c & 15] }, 4);
	}
}

bool buf_ok(const struct buf *b)
{
	return !b->overflow;
}

struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->len };
}

char *buf_c(struct buf *b)
{
	CHECK(b->cap > 0);
	if (b->len == b->cap) {
		b->len--;
		b->overflow = true;
	}
	b->p[b->len] = '\0';
	return b->p;
}
