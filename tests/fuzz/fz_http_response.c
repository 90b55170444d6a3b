/* fz_http_response.c - response heads: bounds, and one length at which a head is complete */
#include "wire/http1.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http1_field fields[256];
	struct str in = { (const char *)data, size };
	struct http1_head h;
	uint64_t len;

	http1_init(&h, fields, 256, 65536);
	if (http1_parse_response(&h, in) != PARSE_DONE)
		return 0;
	CHECK(h.len <= size && h.status >= 100 && h.status <= 599 && h.minor <= 1 &&
	      h.field_cnt <= 256);
	(void)http1_content_length(&h, true, &len);
	CHECK(http1_parse_response(&h, str_first(in, h.len - 1)) == PARSE_MORE);
	return 0;
}
