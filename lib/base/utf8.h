/* utf8.h - UTF-8 validation and code points
 *
 * Layer: base.  Threads: pure functions.
 */
#ifndef OC_BASE_UTF8_H
#define OC_BASE_UTF8_H

#include "base/str.h"

/* Well-formed per RFC 3629: shortest form, no surrogates, at most U+10FFFF. */
bool utf8_valid(struct str s);
/* Length of the longest valid prefix. */
size_t utf8_valid_prefix(struct str s);
/* Decodes the code point at s[*pos] and advances; false at the end or on a bad sequence. */
bool utf8_next(struct str s, size_t *pos, uint32_t *cp);
/* Number of code points of a valid string. */
size_t utf8_count(struct str s);
/* Encodes cp (a scalar value) into out; 1..4 bytes. */
size_t utf8_encode(uint32_t cp, char out[4]);

#endif
