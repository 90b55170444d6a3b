/* cel_text.h - text under construction in the scratch memory of an evaluation; text forms of values
 *
 * Layer: policy.  Memory: scratch of the evaluation.  Threads: one evaluation.
 */
#ifndef OC_POLICY_CEL_TEXT_H
#define OC_POLICY_CEL_TEXT_H

#include "policy/cel_lib.h"

/* Grows by doubling. After a failure every append is a no-op and the result is the cost error. */
struct cel_text {
	struct cel_ctx *ctx;
	char *p;
	size_t len, cap;
	bool failed;
};

void cel_text_add(struct cel_text *t, struct str s);
void cel_text_byte(struct cel_text *t, char c);
void cel_text_printf(struct cel_text *t, const char *fmt, ...) PRINTF(2, 3);
/* The string value: what was appended is valid UTF-8. */
struct cel_value cel_text_done(struct cel_text *t);

/* RFC 3339 in UTC with as many digits of the fraction as it has, and "<seconds>[.<fraction>]s". */
void cel_timestamp_text(struct cel_value v, struct buf *out);
void cel_duration_text(struct cel_value v, struct buf *out);

/* (string).format(list): %s %d %f %e %b %o %x %X %%, precision for f and e. */
struct cel_value cel_format(struct cel_ctx *ctx, const struct cel_value *args, size_t n);

#endif
