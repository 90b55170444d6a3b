/* jsonw.h - JSON writer on a bounded buffer
 *
 * Layer: wire.  Memory: the caller's buffer.  Threads: one owner.
 * Spec: S000 section 6 (never invalid UTF-8, controls escaped).
 *
 * The writer puts the commas; the caller opens and closes, and names members inside objects.  An
 * overflow sticks to the buffer: test buf_ok() once at the end.
 */
#ifndef OC_WIRE_JSONW_H
#define OC_WIRE_JSONW_H

#include "base/buf.h"

struct jsonw {
	struct buf *b;
	bool comma;	/* the next value or name needs one in front */
};

struct jsonw jsonw_on(struct buf *b);
void jsonw_object(struct jsonw *w);
void jsonw_object_end(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_array_end(struct jsonw *w);
void jsonw_name(struct jsonw *w, const char *name);
void jsonw_key(struct jsonw *w, struct str name);

void jsonw_null(struct jsonw *w);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_u64(struct jsonw *w, uint64_t v);
void jsonw_i64(struct jsonw *w, int64_t v);
/* Shortest text that reads back as the same double; null when not finite. */
void jsonw_double(struct jsonw *w, double v);
/* Bytes that are not UTF-8 become U+FFFD. */
void jsonw_str(struct jsonw *w, struct str v);
void jsonw_c(struct jsonw *w, const char *v);		/* NULL: null */
/* A value that is JSON already. */
void jsonw_raw(struct jsonw *w, struct str json);

/* Name and value in one. */
void jsonw_add_bool(struct jsonw *w, const char *name, bool v);
void jsonw_add_u64(struct jsonw *w, const char *name, uint64_t v);
void jsonw_add_i64(struct jsonw *w, const char *name, int64_t v);
void jsonw_add_str(struct jsonw *w, const char *name, struct str v);
void jsonw_add_c(struct jsonw *w, const char *name, const char *v);	/* NULL: null */

#endif
