/* b64.h - base64 (RFC 4648 section 4)
 *
 * Layer: base.  Threads: pure functions.
 */
#ifndef OC_BASE_B64_H
#define OC_BASE_B64_H

#include "base/buf.h"

void b64_encode(struct buf *out, struct str in);
/* Strict alphabet; padding may be missing entirely but not partly. False on any other byte. */
bool b64_decode(struct buf *out, struct str in) NODISCARD;

#endif
