/* fz_tlshello.c - ClientHello: bounds, one complete length, a canonical name */
#include <string.h>

#include "wire/tlshello.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct tlshello h, again;
	struct url_host host;

	if (tlshello_parse(in, &h) != PARSE_DONE)
		return 0;
	CHECK(h.len <= size && h.len <= TLSHELLO_MAX);
	if (h.has_sni)
		CHECK(url_host_parse(url_host_str(&h.sni), &host) && url_host_eq(&host, &h.sni) &&
		      !host.literal);
	CHECK(tlshello_parse(str_first(in, h.len - 1), &again) == PARSE_MORE);
	CHECK(tlshello_parse(str_first(in, h.len), &again) == PARSE_DONE);
	return 0;
}
