/* trial.h - evaluates a block rule on an empty request of each layer, to warn about silent failures
 *
 * Layer: policy.  Memory: scratch of the caller.  Threads: one owner.
 * Spec: S003-FR-016 (addition), D4.
 */
#ifndef OC_POLICY_TRIAL_H
#define OC_POLICY_TRIAL_H

#include "policy/rule.h"

enum trial_layer { TRIAL_DNS = 0, TRIAL_HTTP, TRIAL_AGENT, TRIAL_LAYER_COUNT };

/* True when r is a block rule that concerns the layer, and an absent value makes it fail there;
 * what is absent is appended to expr. scratch is a fixed arena; budget is shared by all trials of a
 * load, so that a costly set only loses its warnings. */
bool trial_fails(const struct rule *r, enum trial_layer layer, struct arena *scratch,
		 struct cel_budget *budget, struct buf *expr);
/* "a dns", "an http", "an agent". */
const char *trial_layer_text(enum trial_layer layer);

#endif
