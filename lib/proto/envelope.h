/* envelope.h - {"success":true,"data":...} and {"success":false,"error":"..."} (S000 section 4)
 *
 * Layer: proto.  Memory: the caller's buffer; views into the parsed text.  Threads: pure functions.
 * Spec: S000-FR-005.
 */
#ifndef OC_PROTO_ENVELOPE_H
#define OC_PROTO_ENVELOPE_H

#include "wire/shape.h"

/* {"success":true} - a success without a result. */
void envelope_ok(struct buf *b);
/* The caller writes exactly one value between the two. */
struct jsonw envelope_begin(struct buf *b);
void envelope_end(struct jsonw *w);
/* {"success":true,"data":<obj by its shape>} */
void envelope_data(struct buf *b, const struct json_shape *sh, const void *obj);
void envelope_error(struct buf *b, const char *text);

struct envelope {
	bool success;
	struct json_val data;	/* JSON_NONE when absent; null counts as absent */
	struct str error;	/* p NULL when absent */
};

extern const struct json_shape envelope_shape;

#endif
