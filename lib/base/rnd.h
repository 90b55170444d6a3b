/* rnd.h - random bytes from the operating system; there is no fallback (S000-X-008)
 *
 * Layer: base.  Threads: any.
 */
#ifndef OC_BASE_RND_H
#define OC_BASE_RND_H

#include "base/err.h"

int rnd_bytes(void *out, size_t len, struct err *e) NODISCARD;
/* 2 * bytes lower-case hex digits and a NUL into out. */
int rnd_hex(char *out, size_t bytes, struct err *e) NODISCARD;

/* Buffered generator of one thread: refilled from getrandom in blocks, for DNS ids and letter
 * case. */
struct rnd {
	uint8_t block[512];
	size_t left;
};
int rnd_u16(struct rnd *r, uint16_t *out, struct err *e) NODISCARD;
int rnd_u64(struct rnd *r, uint64_t *out, struct err *e) NODISCARD;

#endif
