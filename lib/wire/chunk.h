/* chunk.h - decoder of chunked bodies (RFC 9112 section 7.1), strict, any split of the input
 *
 * Layer: wire.  Input: hostile.  Memory: the caller's struct.  Threads: pure functions.
 * Spec: S006-WR-067.
 */
#ifndef OC_WIRE_CHUNK_H
#define OC_WIRE_CHUNK_H

#include "base/buf.h"
#include "wire/parse.h"

#define CHUNK_LINE_MAX 1024	/* size line with extensions */
#define CHUNK_TRAILER_MAX 8192	/* all trailer fields together */

/* Longest prefix and suffix that chunk_frame() adds. */
#define CHUNK_FRAME_MAX 20
#define CHUNK_LAST STR("0\r\n\r\n")

struct chunk {		/* zeroed = before the first size line */
	uint8_t state;
	uint8_t digits;
	uint32_t line_len;
	uint64_t left;	/* of the current chunk */
};

/* Takes bytes off the front of *in. PARSE_MORE: *data is the next piece of the body, empty only
 * when *in is used up. PARSE_DONE: the body ends; what is left in *in does not belong to it.
 * Extensions and trailers are skipped. */
enum parse chunk_next(struct chunk *c, struct str *in, struct str *data);

/* Appends data (not empty) as one chunk. */
void chunk_frame(struct buf *out, struct str data);

#endif
