/* expand.h - `definitions:` of one rule file and the expansion of $name in conditions
 *
 * Layer: policy.  Memory: the caller's arena.  Threads: one owner.
 * Spec: S003-FR-006.
 */
#ifndef OC_POLICY_EXPAND_H
#define OC_POLICY_EXPAND_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "wire/yaml.h"

#define MAX_DEFINITION_DEPTH 64
#define MAX_EXPANDED_CONDITION_BYTES 1048576

struct def;

struct defs {			/* zeroed: no definitions */
	const char *file;	/* what messages call the file */
	struct def *v;		/* in file order */
	struct def **by_name;
	uint32_t cnt;
};

struct def {
	struct str name, text;
	uint32_t line;
	uint16_t height;	/* levels below this one; valid when state is DEF_DONE */
	enum { DEF_NEW = 0, DEF_OPEN, DEF_DONE } state;
	bool used;		/* reachable from a rule */
};

/* From the mapping under `definitions:`, whose values are text. Keeps views into the tree. */
int defs_init(struct defs *d, const char *file, const struct yaml_node *map, struct arena *a,
	      struct err *e) NODISCARD;

/* Checks all references that text leads to: defined, without a cycle, at most 64 deep. from_rule
 * marks what is reached as used. */
int defs_check(struct defs *d, struct str text, bool from_rule, struct err *e) NODISCARD;
/* The same for the definitions that no rule reached. *line is that of the one that failed. */
int defs_check_rest(struct defs *d, uint32_t *line, struct err *e) NODISCARD;

/* Appends text with every $name replaced by "(" expansion ")"; $ in literals and comments stays.
 * text must have passed defs_check. -1: out is full. */
int defs_expand(const struct defs *d, struct str text, struct buf *out) NODISCARD;

/* The first name of a definition that stands behind a $ inside a literal, where it is not expanded;
 * empty when there is none. */
struct str defs_in_literal(const struct defs *d, struct str text);

#endif
