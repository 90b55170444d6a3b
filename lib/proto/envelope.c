/* envelope.c - {"success":true,"data":...} and {"success":false,"error":"..."}
 *
 * Layer: proto.  Input: hostile.  Memory: the caller's buffer.  Threads: pure functions.
 * Spec: S000 section 4, S000-FR-005.
 */
#include "proto/envelope.h"

static const struct json_field envelope_fields[] = {
	JSON_REQ(struct envelope, success),
	JSON_OPT(struct envelope, data),
	JSON_OPT(struct envelope, error),
};
const struct json_shape envelope_shape = JSON_SHAPE(struct envelope, envelope_fields, false);

void envelope_ok(struct buf *b)
{
	buf_add_c(b, "{\"success\":true}");
}

struct jsonw envelope_begin(struct buf *b)
{
	struct jsonw w = jsonw_on(b);
	jsonw_object(&w);
	jsonw_add_bool(&w, "success", true);
	jsonw_name(&w, "data");
	return w;
}

void envelope_end(struct jsonw *w)
{
	jsonw_object_end(w);
}

void envelope_data(struct buf *b, const struct json_shape *sh, const void *obj)
{
	struct jsonw w = envelope_begin(b);
	shape_write(&w, sh, obj);
	envelope_end(&w);
}

void envelope_error(struct buf *b, const char *text)
{
	struct jsonw w = jsonw_on(b);
	jsonw_object(&w);
	jsonw_add_bool(&w, "success", false);
	jsonw_add_c(&w, "error", text);
	jsonw_object_end(&w);
}
