/* load.h - rule files -> one compiled, immutable rule set, or the reason why not
 *
 * Layer: policy.  Memory: the set's own.  Threads: control thread (libyaml uses the heap).
 * Spec: S003-FR-014, S003-FR-015, S003-FR-016, S003-FR-030.
 */
#ifndef OC_POLICY_LOAD_H
#define OC_POLICY_LOAD_H

#include "policy/ruleset.h"

/* S003 1.1 */
#define MAX_RULE_FILES 1024
#define MAX_RULE_FILE_BYTES 1048576
#define MAX_RULES_TOTAL_BYTES 67108864
#define MAX_RULES 100000
#define RULE_PRIORITY_DEFAULT 100

struct rule_source {
	const char *name;	/* base name: what messages and verdicts call the file */
	struct str text;
};

struct load_opts {
	bool ca_loaded;		/* egress.mode: intercept can be served (D7) */
	bool no_proxy;		/* rules that need the proxy are refused (--no-proxy) */
	bool body_cap_zero;	/* --match-body-cap 0: match_body never sees a body */
	const char *note;	/* a warning of the caller's that goes first, or NULL */
	bool submission;	/* one file proposed by an agent: texts of S004 */
};

/* Parses, checks and compiles all files, in the order given (the caller sorts by name). Nothing of
 * a live set is touched. On failure *e names file, line, rule and cause. *out has one reference. */
int ruleset_load(const struct rule_source *files, size_t cnt, const struct load_opts *opts,
		 struct ruleset **out, struct err *e) NODISCARD;

#endif
