/* cur.h - bounded reader over foreign bytes, with sticky failure
 *
 * Layer: base.  Input: hostile.  Memory: none.  Threads: one owner.
 *
 * A read past the end gives zero values and sets failed; test cur_ok() before believing anything.
 */
#ifndef OC_BASE_CUR_H
#define OC_BASE_CUR_H

#include "base/str.h"

struct cur {
	const uint8_t *p;
	size_t len;
	size_t pos;
	bool failed;
};

struct cur cur_on(const void *p, size_t len);
bool cur_ok(const struct cur *c);
size_t cur_left(const struct cur *c);
uint8_t cur_u8(struct cur *c);
uint16_t cur_be16(struct cur *c);
uint32_t cur_be24(struct cur *c);
uint32_t cur_be32(struct cur *c);
/* View of the next len bytes; empty (p NULL) on failure. */
struct str cur_take(struct cur *c, size_t len);
/* A reader over the next len bytes, which are skipped in c. */
struct cur cur_sub(struct cur *c, size_t len);
void cur_skip(struct cur *c, size_t len);

#endif
