/* chunk.c - decoder of chunked bodies (RFC 9112 section 7.1), strict, any split of the input
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's struct.  Threads: pure functions.
 * Spec: S006-WR-067.
 *
 * Theory of operation.  SIZE -> (EXT ->) SIZE_LF -> DATA -> DATA_CR -> DATA_LF -> SIZE ...; a size
 * of zero leads to TRAILER_START, where CR ends the body and anything else is a trailer line to
 * skip. Every line has a limit; a byte out of place ends it all.
 */
#include "wire/chunk.h"

enum state {
	SIZE = 0,
	EXT,
	SIZE_LF,
	DATA,
	DATA_CR,
	DATA_LF,
	TRAILER_START,
	TRAILER,
	TRAILER_LF,
	END_LF,
	END
};

static bool is_text(char b)
{
	return b == '\t' || (unsigned char)b >= 0x20;
}

/* Digits of the size line; false when the byte cannot stand there. */
static bool take_size(struct chunk *c, char b)
{
	int v = ascii_hex_value(b);

	if (v >= 0) {
		if (++c->digits > 15)	/* fits into 60 bits */
			return false;
		c->left = c->left << 4 | (unsigned)v;
		return true;
	}
	if (c->digits == 0)
		return false;
	if (b == '\r')
		c->state = SIZE_LF;
	else if (b == ';' || b == ' ' || b == '\t')
		c->state = EXT;
	else
		return false;
	return true;
}

/* One byte of a text line in state EXT or TRAILER; CR leads to next. */
static bool take_text(struct chunk *c, char b, enum state next, uint32_t max)
{
	if (b == '\r') {
		c->state = (uint8_t)next;
		return true;
	}
	return is_text(b) && ++c->line_len <= max;
}

static bool expect(struct chunk *c, char b, char want, enum state next)
{
	c->state = (uint8_t)next;
	return b == want;
}

static bool take_size_lf(struct chunk *c, char b)
{
	c->line_len = 0;
	c->digits = 0;
	return expect(c, b, '\n', c->left ? DATA : TRAILER_START);
}

static bool take(struct chunk *c, char b)
{
	switch ((enum state)c->state) {
	case SIZE:
		return take_size(c, b);
	case EXT:
		return take_text(c, b, SIZE_LF, CHUNK_LINE_MAX);
	case SIZE_LF:
		return take_size_lf(c, b);
	case DATA_CR:
		return expect(c, b, '\r', DATA_LF);
	case DATA_LF:
		return expect(c, b, '\n', SIZE);
	case TRAILER_START:
		if (b == '\r')
			return expect(c, b, '\r', END_LF);
		c->state = TRAILER;
		return take_text(c, b, TRAILER_LF, CHUNK_TRAILER_MAX);
	case TRAILER:
		return take_text(c, b, TRAILER_LF, CHUNK_TRAILER_MAX);
	case TRAILER_LF:
		return expect(c, b, '\n', TRAILER_START);
	case END_LF:
		return expect(c, b, '\n', END);
	case DATA:
	case END:
		break;
	}
	return false;
}

enum parse chunk_next(struct chunk *c, struct str *in, struct str *data)
{
	*data = (struct str){ NULL, 0 };
	for (size_t i = 0; i < in->len; i++) {
		if (c->state == DATA) {
			size_t n = c->left < in->len - i ? (size_t)c->left : in->len - i;

			*data = (struct str){ in->p + i, n };
			*in = str_from(*in, i + n);
			c->left -= n;
			if (c->left == 0)
				c->state = DATA_CR;
			return PARSE_MORE;
		}
		if (!take(c, in->p[i]))
			return PARSE_BAD;
		if (c->state == END) {
			*in = str_from(*in, i + 1);
			return PARSE_DONE;
		}
	}
	*in = str_from(*in, in->len);
	return c->state == END ? PARSE_DONE : PARSE_MORE;
}

void chunk_frame(struct buf *out, struct str data)
{
	static const char hex[] = "0123456789abcdef";
	char size[16];
	size_t at = sizeof(size);

	for (size_t n = data.len; n; n >>= 4)
		size[--at] = hex[n & 15];
	buf_add(out, size + at, sizeof(size) - at);
	buf_add(out, "\r\n", 2);
	buf_add_str(out, data);
	buf_add(out, "\r\n", 2);
}
