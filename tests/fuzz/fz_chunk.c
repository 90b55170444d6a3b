/* fz_chunk.c - chunked bodies: any split of the input gives the same body, and our frames decode to it */
#include <string.h>

#include "wire/chunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct run {
	enum parse r;
	size_t used;
	struct buf body;
};

static void decode(struct run *run, const uint8_t *data, size_t size, size_t step)
{
	struct chunk c = { 0 };

	run->r = PARSE_MORE;
	for (size_t at = 0; at < size && run->r == PARSE_MORE; at += step) {
		size_t n = MIN(step, size - at);
		struct str in = { (const char *)data + at, n }, piece;

		do {
			run->r = chunk_next(&c, &in, &piece);
			buf_add_str(&run->body, piece);
		} while (run->r == PARSE_MORE && in.len);
		run->used = at + n - in.len;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char one[65536], two[65536], framed[131072], three[65536];
	struct run whole = { .body = BUF_OF(one) }, bytes = { .body = BUF_OF(two) },
		   back = { .body = BUF_OF(three) };
	struct buf out = BUF_OF(framed);

	if (size > sizeof(one))
		return 0;
	decode(&whole, data, size, size ? size : 1);
	decode(&bytes, data, size, 1);
	CHECK(whole.r == bytes.r);
	if (whole.r != PARSE_BAD)
		CHECK(whole.used == bytes.used &&
		      str_eq(buf_str(&whole.body), buf_str(&bytes.body)));
	if (whole.r != PARSE_DONE || !whole.body.len)
		return 0;
	chunk_frame(&out, buf_str(&whole.body));
	buf_add_str(&out, CHUNK_LAST);
	CHECK(buf_ok(&out));
	decode(&back, (const uint8_t *)out.p, out.len, 7);
	CHECK(back.r == PARSE_DONE && str_eq(buf_str(&back.body), buf_str(&whole.body)));
	return 0;
}
