/* num.h - strict decimal parsing: whole string, range, no sign or space unless said
 *
 * Layer: base.  Threads: pure functions.
 */
#ifndef OC_BASE_NUM_H
#define OC_BASE_NUM_H

#include "base/str.h"

/* Digits only, at least one, value <= max. Leading zeros are allowed. */
bool num_u64(struct str s, uint64_t max, uint64_t *out) NODISCARD;
/* Optional '-', digits. */
bool num_i64(struct str s, int64_t min, int64_t max, int64_t *out) NODISCARD;
/* Hex digits only, at most 16. */
bool num_hex(struct str s, uint64_t max, uint64_t *out) NODISCARD;

#endif
