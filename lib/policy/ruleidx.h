/* ruleidx.h - which rules of a set can decide about a request: an index over their conditions
 *
 * Layer: policy.  Memory: the sealed arena of the set.  Threads: immutable; any number of readers,
 * each with its own cursors.
 * Spec: S003 section 2 (evaluation cost does not grow with the number of rules), S003-EC-019.
 *
 * A rule that the index leaves out is surely false: it neither matches nor fails (cel_keys.h).  Its
 * cost is not spent, so an evaluation may end by a rule where looking at every rule would end by
 * the cost limit.
 */
#ifndef OC_POLICY_RULEIDX_H
#define OC_POLICY_RULEIDX_H

#include "policy/rule.h"

struct ruleidx;

/* Lists that one request can be in; with more, every rule is visited. A host has at most one list
 * for equality and one for each length of a suffix or prefix that rules use and that fits. */
#define RULEIDX_LISTS_MAX 48

struct ruleidx_list {		/* positions in evaluation order, ascending */
	const uint32_t *at, *end;
};

struct ruleidx_walk {
	struct ruleidx_list list[RULEIDX_LISTS_MAX];
	uint32_t cnt;
	bool all;		/* visit every rule */
	uint32_t count;		/* of rules */
};

/* Indexes rules, which stand in evaluation order, into a. NULL without memory. */
const struct ruleidx *ruleidx_new(struct arena *a, const struct rule *rules,
				  uint32_t count) NODISCARD;
/* Looks up what f concerns. x NULL: every one of count rules. */
void ruleidx_begin(const struct ruleidx *x, const struct facts *f, uint32_t count,
		   struct ruleidx_walk *walk);
/* The next rule to look at, ascending, none twice; the count of rules at the end. */
uint32_t ruleidx_next(struct ruleidx_walk *walk);

#endif
