/* b64.c - base64 (RFC 4648 section 4)
 *
 * Layer: base.  Input: hostile.  Memory: the caller's.  Threads: pure functions.
 * Spec: S003 section 3.9 (encoders).
 */
#include "base/b64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void b64_encode(struct buf *out, struct str in)
{
	for (size_t i = 0; i < in.len; i += 3) {
		size_t n = MIN(in.len - i, (size_t)3);
		uint32_t v = (uint32_t)(uint8_t)in.p[i] << 16;

		if (n > 1)
			v |= (uint32_t)(uint8_t)in.p[i + 1] << 8;
		if (n > 2)
			v |= (uint8_t)in.p[i + 2];
		buf_add_byte(out, (uint8_t)alphabet[v >> 18]);
		buf_add_byte(out, (uint8_t)alphabet[v >> 12 & 63]);
		buf_add_byte(out, n > 1 ? (uint8_t)alphabet[v >> 6 & 63] : '=');
		buf_add_byte(out, n > 2 ? (uint8_t)alphabet[v & 63] : '=');
	}
}

static int digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool b64_decode(struct buf *out, struct str in)
{
	size_t pad = 0;
	uint32_t v = 0;

	if (in.len % 4 == 0)
		while (pad < 2 && in.len && in.p[in.len - 1] == '=') {
			in.len--;
			pad++;
		}
	if (in.len % 4 == 1)
		return false;
	for (size_t i = 0; i < in.len; i++) {
		int d = digit_value(in.p[i]);

		if (d < 0)
			return false;
		v = v << 6 | (uint32_t)d;
		if (i % 4 == 3) {
			uint8_t octets[3] = { (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v };

			buf_add(out, octets, 3);
			v = 0;
		}
	}
	if (in.len % 4 == 2) {
		buf_add_byte(out, (uint8_t)(v >> 4));
	} else if (in.len % 4 == 3) {
		buf_add_byte(out, (uint8_t)(v >> 10));
		buf_add_byte(out, (uint8_t)(v >> 2));
	}
	return buf_ok(out);
}
