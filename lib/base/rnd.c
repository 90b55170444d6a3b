/* rnd.c - random bytes from the operating system; there is no fallback
 *
 * Layer: base.  Input: none.  Memory: the caller's.  Threads: any; struct rnd: one owner.
 * Spec: S000-X-008, SEC-H6.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "base/rnd.h"

int rnd_bytes(void *out, size_t len, struct err *e)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = getrandom((char *)out + have, len - have, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "cannot read random bytes");
		have += (size_t)n;
	}
	return 0;
}

int rnd_hex(char *out, size_t bytes, struct err *e)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t raw[64];

	CHECK(bytes <= sizeof(raw));
	if (rnd_bytes(raw, bytes, e) < 0)
		return -1;
	for (size_t i = 0; i < bytes; i++) {
		out[2 * i] = hex[raw[i] >> 4];
		out[2 * i + 1] = hex[raw[i] & 15];
	}
	out[2 * bytes] = '\0';
	return 0;
}

static int take(struct rnd *r, void *out, size_t len, struct err *e)
{
	if (r->left < len) {
		if (rnd_bytes(r->block, sizeof(r->block), e) < 0)
			return -1;
		r->left = sizeof(r->block);
	}
	r->left -= len;
	memcpy(out, r->block + r->left, len);
	memset(r->block + r->left, 0, len);	/* used bytes are not kept */
	return 0;
}

int rnd_u16(struct rnd *r, uint16_t *out, struct err *e)
{
	return take(r, out, sizeof(*out), e);
}

int rnd_u64(struct rnd *r, uint64_t *out, struct err *e)
{
	return take(r, out, sizeof(*out), e);
}
