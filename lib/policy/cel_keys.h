/* cel_keys.h - tests of fields without which a condition is surely false: what an index over rules
 * needs
 *
 * Layer: policy.  Memory: keys lie in the caller's arena, their texts in the program or the arena.
 * Threads: pure functions.
 * Spec: S003 section 2 (evaluation cost does not grow with the number of rules), S003-EC-019.
 */
#ifndef OC_POLICY_CEL_KEYS_H
#define OC_POLICY_CEL_KEYS_H

#include "policy/cel.h"

enum cel_key_kind {
	CEL_KEY_EQUAL = 0,	/* the field is text */
	CEL_KEY_PREFIX,		/* the field starts with text */
	CEL_KEY_SUFFIX,		/* the field ends with text */
	CEL_KEY_NUMBER,		/* the field is number */
};

struct cel_key {
	enum cel_key_kind kind;
	enum fact_field_id field;	/* a host name, network.ip, network.port or agent.name */
	struct str text;
	int64_t number;
};

struct cel_keys {
	const struct cel_key *v;
	size_t cnt;
};

/* Keys such that, when none of them holds, the condition is false: it neither holds nor fails.  Of
 * the operands of && the most selective is taken.  No keys at all (cnt 0): the condition is always
 * false. False: there are no such keys, the condition must always be evaluated. */
bool cel_keys_of(const struct cel_prog *p, struct arena *a, struct cel_keys *out);
bool cel_key_holds(const struct cel_key *k, const struct facts *f);

/* A variable of a macro over literals that stands for one of them; the innermost first. */
struct cel_known {
	const struct cel_known *outer;
	uint32_t number;	/* as CEL_N_LOCAL refers to it */
	struct cel_value value;
};

/* The value of a literal, of a variable that stands for one, or of two texts joined by + (in a). */
bool cel_constant(const struct cel_node *n, const struct cel_known *vars, struct arena *a,
		  struct cel_value *out);

#endif
