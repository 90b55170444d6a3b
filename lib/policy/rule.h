/* rule.h - one compiled rule, and what is counted about it
 *
 * Layer: policy.  Memory: the sealed arena of its set; counters in the set's writable part.
 * Threads: rules are immutable; counters are relaxed atomics.
 * Spec: S003-FR-003, S010-O-030, S010-O-031.
 */
#ifndef OC_POLICY_RULE_H
#define OC_POLICY_RULE_H

#include "policy/cel.h"
#include "policy/ruleset.h"

struct rule_egress {
	bool set;		/* the rule has an `egress` block */
	enum egress_mode mode;
	bool allow_private_ips;
	bool match_body;
	uint8_t port_cnt;	/* at least 1 when set */
	uint16_t ports[EGRESS_PORTS_MAX];
};

struct rule {
	struct str id;			/* all texts are followed by a NUL */
	struct str file;		/* base name */
	struct str description;		/* p NULL: none */
	struct str condition;		/* expanded */
	const struct cel_prog *prog;
	uint32_t fields;		/* facts that the condition names: mask of FACT_FIELD_* */
	unsigned namespaces;		/* the same as mask of enum fact_ns */
	uint32_t line;			/* in the file */
	int32_t priority;
	enum verdict_kind action;
	bool log;
	struct rule_egress egress;
};

struct unused_def {	/* a definition that no rule leads to */
	struct str file, name;
	uint32_t line;
};

struct rule_warnings {
	const struct str *v;
	uint32_t cnt;
	const struct unused_def *unused;	/* by file and line */
	uint32_t unused_cnt;
};

struct rule_counters {		/* times: microseconds since 1970, 0 = never */
	_Atomic uint64_t hits;		/* evaluations that this rule decided */
	_Atomic uint64_t errors;	/* evaluations in which its condition failed */
	_Atomic uint64_t last_hit_us;
	_Atomic uint64_t last_error_us;
	_Atomic uint64_t last_error;	/* packed; see ruleset_error_text */
};

/* Makes a set of rules (already in evaluation order) that lie with all they need in *a; takes over
 * and seals *a. NULL without memory: *a is then still the caller's. One reference. */
struct ruleset *ruleset_new(struct arena *a, const struct rule *rules, uint32_t count,
			    uint32_t files, const struct rule_warnings *warnings) NODISCARD;

/* Counters of the rule at position order; RULE_NONE: of the built-in default block. */
const struct rule_counters *ruleset_counters(const struct ruleset *set, uint32_t order);
/* Text of the last error of a rule ("" when there was none): kind and position, never a value. */
void ruleset_error_text(const struct ruleset *set, uint32_t order, struct buf *out);
/* Continues the counts of old where id and expanded condition are the same (S010-O-031). */
void ruleset_adopt_counters(struct ruleset *fresh, const struct ruleset *old);
/* Sets all counters to zero; returns the number of rules (S010: POST counters/reset). */
uint32_t ruleset_reset_counters(const struct ruleset *set);

/* Position of the rule with that id, or RULE_NONE. */
uint32_t ruleset_find(const struct ruleset *set, struct str id);

#endif
