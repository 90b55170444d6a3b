/* fz_http_request.c - request heads: what was accepted, written out anew, reads the same
 *
 * Properties: views lie inside the head; a head is complete at one length only (every prefix is MORE);
 * name and value of each field survive a second parse of what we would write.
 */
#include <string.h>

#include "base/buf.h"
#include "wire/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct str s, const uint8_t *data, size_t len)
{
	return (const uint8_t *)s.p >= data && s.len <= len &&
	       (size_t)((const uint8_t *)s.p - data) <= len - s.len;
}

static void write_out(struct buf *b, const struct http1_head *h)
{
	buf_add_str(b, h->method);
	buf_add_byte(b, ' ');
	buf_add_str(b, h->target);
	buf_add_c(b, h->minor ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
	for (size_t i = 0; i < h->field_cnt; i++) {
		buf_add_str(b, h->fields[i].name);
		buf_add_c(b, ": ");
		buf_add_str(b, h->fields[i].value);
		buf_add_c(b, "\r\n");
	}
	buf_add_c(b, "\r\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http1_field fields[128], again_fields[128];
	static char text[32768];
	struct http1_head h, again;
	struct buf b = BUF_OF(text);
	uint64_t len;

	http1_init(&h, fields, 128, 8192);
	if (http1_parse_request(&h, (struct str){ (const char *)data, size }) != PARSE_DONE)
		return 0;
	CHECK(h.len <= size && h.len <= 8192 && h.method.len <= HTTP1_METHOD_MAX && h.target.len);
	CHECK(inside(h.method, data, h.len) && inside(h.target, data, h.len));
	for (size_t i = 0; i < h.field_cnt; i++)
		CHECK(inside(fields[i].name, data, h.len) && inside(fields[i].value, data, h.len));
	(void)http1_content_length(&h, false, &len);
	(void)http1_names_end_to_end(&h);
	write_out(&b, &h);
	http1_init(&again, again_fields, 128, sizeof(text));
	CHECK(buf_ok(&b) && http1_parse_request(&again, buf_str(&b)) == PARSE_DONE);
	CHECK(again.len == b.len && again.field_cnt == h.field_cnt &&
	      str_eq(again.target, h.target));
	for (size_t i = 0; i < h.field_cnt; i++)
		CHECK(str_eq(fields[i].name, again_fields[i].name) &&
		      str_eq(fields[i].value, again_fields[i].value));
	http1_init(&again, again_fields, 128, 8192);
	CHECK(http1_parse_request(&again, (struct str){ (const char *)data, h.len - 1 }) ==
	      PARSE_MORE);
	return 0;
}
