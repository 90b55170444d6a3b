/* cur.c - bounded reader over foreign bytes, with sticky failure
 *
 * Layer: base.  Input: hostile.  Memory: none.  Threads: one owner.
 * Spec: S007-FR-024 (every access bounds-checked).
 */
#include "base/cur.h"

struct cur cur_on(const void *p, size_t len)
{
	return (struct cur){ p, len, 0, false };
}

bool cur_ok(const struct cur *c)
{
	return !c->failed;
}

size_t cur_left(const struct cur *c)
{
	return c->failed ? 0 : c->len - c->pos;
}

/* Start of the next len bytes, or NULL. */
static const uint8_t *take(struct cur *c, size_t len)
{
	const uint8_t *at;

	if (len > cur_left(c)) {
		c->failed = true;
		return NULL;
	}
	at = c->p + c->pos;
	c->pos += len;
	return at;
}

uint8_t cur_u8(struct cur *c)
{
	const uint8_t *p = take(c, 1);

	return p ? p[0] : 0;
}

uint16_t cur_be16(struct cur *c)
{
	const uint8_t *p = take(c, 2);

	return p ? (uint16_t)((unsigned)p[0] << 8 | p[1]) : 0;
}

uint32_t cur_be24(struct cur *c)
{
	const uint8_t *p = take(c, 3);

	return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

uint32_t cur_be32(struct cur *c)
{
	const uint8_t *p = take(c, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3] : 0;
}

struct str cur_take(struct cur *c, size_t len)
{
	const uint8_t *p;

	if (c->failed)
		return (struct str){ NULL, 0 };
	p = take(c, len);
	return c->failed ? (struct str){ NULL, 0 } : str_n(p, len);
}

struct cur cur_sub(struct cur *c, size_t len)
{
	const uint8_t *p = take(c, len);

	return (struct cur){ p, c->failed ? 0 : len, 0, c->failed };
}

void cur_skip(struct cur *c, size_t len)
{
	(void)take(c, len);
}
