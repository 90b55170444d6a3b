/* buf.h - bounded writer over memory of the caller, with sticky overflow
 *
 * Layer: base.  Memory: the caller's, fixed capacity from birth.  Threads: one owner.
 *
 * After an overflow every append is a no-op and buf_ok() is false; callers test once at the end.
 */
#ifndef OC_BASE_BUF_H
#define OC_BASE_BUF_H

#include <stdarg.h>

#include "base/str.h"

struct buf {
	char *p;
	size_t len;
	size_t cap;
	bool overflow;
};

#define BUF_OF(array) ((struct buf){ (array), 0, sizeof(array), false })

struct buf buf_on(void *mem, size_t cap);
void buf_reset(struct buf *b);
void buf_add(struct buf *b, const void *p, size_t len);
void buf_add_str(struct buf *b, struct str s);
void buf_add_c(struct buf *b, const char *cstr);
void buf_add_byte(struct buf *b, uint8_t byte);
void buf_add_be16(struct buf *b, uint16_t v);
void buf_add_be32(struct buf *b, uint32_t v);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap) PRINTF(2, 0);
void buf_add_u64(struct buf *b, uint64_t v);
void buf_pad(struct buf *b, char c, size_t until_len);	/* appends c until len is until_len */
void buf_put_be16(struct buf *b, size_t at, uint16_t v);/* overwrite; at + 2 <= len */
/* Appends text from outside: control, '"', '\\' and non-ASCII bytes become \xNN; at most max bytes
 * of s. */
void buf_add_escaped(struct buf *b, struct str s, size_t max);
bool buf_ok(const struct buf *b);
struct str buf_str(const struct buf *b);
/* Terminates with NUL (not counted in len). On overflow the text is cut to fit. Returns b->p. */
char *buf_c(struct buf *b);

#endif
