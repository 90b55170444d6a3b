/* re_uni.h - Unicode classes and case orbits for regular expressions
 *
 * Layer: policy.  Memory: constant tables.  Threads: pure functions.
 */
#ifndef OC_POLICY_RE_UNI_H
#define OC_POLICY_RE_UNI_H

#include "base/str.h"

/* n code points from lo in steps of stride; each one's successor in its case orbit is at +delta. */
struct re_uni_fold {
	uint32_t lo;
	uint16_t n;
	uint16_t stride;
	int32_t delta;
};

extern const struct re_uni_fold re_uni_folds[];
extern const size_t re_uni_folds_len;	/* ascending by lo */
extern const uint32_t re_uni_folds_span;	/* no entry reaches further above its lo */

/* Receives a range of code points; ranges come in ascending order. */
typedef void re_uni_range_fn(void *arg, uint32_t lo, uint32_t hi);

/* Reports every range of a general category ("L", "Lu", "Any") or script ("Greek").
 * False when there is no such name. */
bool re_uni_class(struct str name, re_uni_range_fn *fn, void *arg) NODISCARD;

/* The generated tables (re_uni_data.c): runs of value and length over all code points. */
extern const char re_uni_gc_names[];
extern const uint8_t re_uni_gc[];
extern const size_t re_uni_gc_len;
extern const char re_uni_sc_names[];
extern const uint8_t re_uni_sc[];
extern const size_t re_uni_sc_len;

#endif
