/* rulefile.h - the closed schema of a rule file: YAML tree -> plain structs
 *
 * Layer: policy.  Memory: views into the tree; the caller's arena.  Threads: one owner.
 * Spec: S003 1.2, S003-FR-018.
 */
#ifndef OC_POLICY_RULEFILE_H
#define OC_POLICY_RULEFILE_H

#include "policy/rule.h"
#include "wire/yaml.h"

struct raw_rule {	/* as written: shape and types are right, meaning is not judged yet */
	uint32_t line;
	struct str id, condition, action, description;
	uint32_t condition_line;
	int32_t priority;
	bool log;
	bool enrich;			/* an `enrich` key that is not null */
	const struct yaml_node *egress_node;
	struct rule_egress egress;
};

struct rulefile {
	const char *name;		/* NULL: a submission */
	struct str version;
	const struct yaml_node *definitions;	/* mapping, or NULL */
	const struct yaml_node *rules_node;
	struct raw_rule *rules;
	uint32_t rule_cnt;
};

/* Parses text. Everything in *out lies in a. */
int rulefile_parse(struct str text, const char *name, struct arena *a, struct rulefile *out,
		   struct err *e) NODISCARD;

#endif
