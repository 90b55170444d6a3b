/* risk.h - what an operator should think about before approving a proposed rule file
 *
 * Layer: policy.  Memory: one struct of the caller.  Threads: pure functions.
 * Spec: S010-O-041.
 */
#ifndef OC_POLICY_RISK_H
#define OC_POLICY_RISK_H

#include "policy/rule.h"

#define RISK_MAX 8

struct risks {
	struct str v[RISK_MAX];
	size_t cnt;
	char priority[32], in_use[300];	/* texts that hold a value */
};

/* Judges the rules of set. live: the set in force, or NULL. agent: agent.name of who proposes, p
 * NULL when not known. A condition counts as limited only when it is seen to be: an equality or
 * membership in every branch of it. scratch is a fixed arena, left as found. */
void risk_judge(const struct ruleset *set, const struct ruleset *live, struct str agent,
		struct arena *scratch, struct risks *out);

#endif
