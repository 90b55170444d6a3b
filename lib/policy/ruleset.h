/* ruleset.h - one immutable, compiled set of rules and its evaluation
 *
 * Layer: policy.  Memory: one sealed arena per set.  Threads: any number of evaluators.
 * Spec: S003-FR-008..010, -032, -040; decisions D4.
 */
#ifndef OC_POLICY_RULESET_H
#define OC_POLICY_RULESET_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "policy/facts.h"
#include "policy/snap.h"

#define RULE_ID_MAX 128
#define RULE_NONE UINT32_MAX

enum verdict_kind { VERDICT_BLOCK = 0, VERDICT_ALLOW };

enum verdict_why {
	WHY_NO_RULE = 0,	/* nothing matched: the built-in default */
	WHY_RULE,		/* rule_id decided */
	WHY_RULE_ERROR,		/* a block rule failed on a present value: blocks (D4) */
	WHY_COST,		/* cost limit of the evaluation exceeded: blocks */
	WHY_ENGINE,		/* no rule set, or no memory: blocks */
};

enum egress_mode { EGRESS_PROXY = 0, EGRESS_DIRECT_IP, EGRESS_INTERCEPT };

#define EGRESS_PORTS_MAX 16

struct verdict {		/* a value: outlives the set that gave it */
	enum verdict_kind kind;
	enum verdict_why why;
	enum egress_mode egress;
	bool log;
	bool allow_private_ips;
	uint32_t order;		/* position in evaluation order, RULE_NONE without a rule */
	uint64_t generation;	/* of the set that decided */
	uint8_t port_cnt;	/* EGRESS_DIRECT_IP: what to open; 0 otherwise */
	uint16_t ports[EGRESS_PORTS_MAX];
	char rule_id[RULE_ID_MAX + 1];	/* "" without a rule */
	char file[256];		/* base name of the rule's file, "" without a rule */
};

struct ruleset {
	struct snap snap;	/* first: published through a snap_box */
	struct arena arena;
	const struct rule *rules;	/* policy/rule.h; in evaluation order */
	uint32_t count;
	uint32_t files;
	const struct ruleidx *index;	/* NULL: every rule is looked at */
	const uint32_t *by_id;		/* hash table of positions + 1; 0: free */
	uint32_t by_id_mask;
	const struct rule_warnings *warnings;
	struct rule_counters *counters;	/* writable; [count]: the built-in default's */
	int64_t since_us;			/* when the counters started, as clock_wall_us */
};

/* Judges f. scratch is used for temporaries and left as found. Never fails: what goes wrong blocks.
 * set may be NULL (WHY_ENGINE). No heap allocation. */
void ruleset_eval(const struct ruleset *set, const struct facts *f, struct arena *scratch,
		  struct verdict *out);

/* The same without counting and logging errors: for questions (rule/evaluate, explain). */
void ruleset_probe(const struct ruleset *set, const struct facts *f, struct arena *scratch,
		   struct verdict *out);
/* Container create and image pull (D18): only block rules whose condition mentions docker. take
 * part. True: refused, *out says by what. No match goes on, a missing set refuses. */
bool ruleset_refuses(const struct ruleset *set, const struct facts *f, struct arena *scratch,
		     struct verdict *out);

/* Writes the line that S003-FR-020 and -FR-029 want about a verdict: info for a rule with log:
 * true, debug otherwise; rule, file, decision and agent only. */
void verdict_log(const struct verdict *v, struct str agent);

/* The short public reason of a verdict (D29): rule id, "no rule matched",
 * "rule \"x\": evaluation error", "evaluation cost limit exceeded", "rule engine unavailable". */
void verdict_reason(const struct verdict *v, struct buf *out);

#endif
